/**
 * Typing inside the headset: where the browser can show its own keyboard over the room, a hidden field
 * of the page takes the words.
 */

/** @param {any} session @returns {boolean} */
export const canType = (session) => session.isSystemKeyboardSupported === true;

/**
 * Asks for a line of text.
 * @param {HTMLInputElement} field
 * @param {(text: string) => void} said called once, if something was typed
 */
export function askForLine(field, said) {
  field.value = "";
  field.hidden = false;
  const done = () => {
    field.removeEventListener("change", done);
    field.removeEventListener("blur", done);
    field.hidden = true;
    if (field.value.trim()) said(field.value);
    field.value = "";
  };
  field.addEventListener("change", done);
  field.addEventListener("blur", done);
  field.focus();
}
