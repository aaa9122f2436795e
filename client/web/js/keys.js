/** The page's keys. Letters act only when nothing is being typed. */

/**
 * @param {Record<string, (...args: any[]) => any>} actions
 */
export function bindKeys(actions) {
  /** @type {Record<string, () => void>} */
  const keys = {
    "/": actions.focus,
    i: actions.focus,
    s: actions.toggle,
    v: actions.view,
    a: actions.align,
    o: actions.hud,
    p: actions.snap,
    r: actions.record,
    f: actions.full,
    "?": actions.help,
    1: () => actions.pick("camera"),
    2: () => actions.pick("screen"),
    3: () => actions.pick("file"),
    4: () => actions.pick("sample"),
    ArrowLeft: () => actions.nudge(-1),
    ArrowRight: () => actions.nudge(1),
    Escape: actions.stop,
  };
  listenForKeys(keys);
}

/** @param {Record<string, () => void>} keys what each does */
export function listenForKeys(keys) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    const { target } = event;
    const isTyping = target instanceof HTMLElement && target.matches("textarea, select, input");
    if (isTyping) {
      if (event.key === "Escape") target.blur();
      return;
    }
    const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
