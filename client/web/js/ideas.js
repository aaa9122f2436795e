/** Instructions to begin with: what a button says, and what it sends. */

/** @type {[string, string][]} */
export const WHOLE_SCENE = [
  ["pencil sketch", "turn it into a pencil sketch"],
  ["night", "make it night"],
  ["sunset", "make it look like sunset"],
  ["snow", "make it snow"],
  ["fog", "add fog"],
  ["cartoon", "turn it into a cartoon"],
  ["pixel art", "turn it into pixel art"],
  ["sepia", "make it sepia"],
  ["black and white", "make it black and white"],
  ["invert", "invert the colours"],
  ["blueprint", "turn it into a blueprint"],
  ["thermal camera", "show it as a thermal camera would"],
  ["underwater", "make it underwater"],
  ["warmer", "make it warmer"],
  ["colder", "make it colder"],
];

/** @type {[string, string][]} */
export const ONE_THING = [
  ["make the cup red", "make the cup red"],
  ["make the cup gold", "make the cup gold"],
  ["turn the cup into wood", "turn the cup into wood"],
  ["remove the cup", "remove the cup"],
];
