/** The live measurements, kept for the wrist: the same ones as the flat page shows, from the same meter. */

/** @typedef {"fps" | "age" | "first" | "instruct" | "drops"} Name */
/** @typedef {import("../../static/js/hud.js").HowKnown} HowKnown */

export class Figures {
  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    /** @type {Record<Name, number>} NaN: not known */
    this.values = { fps: NaN, age: NaN, first: NaN, instruct: NaN, drops: NaN };
    /** @type {HowKnown} */
    this.howAge = "measured";
    /** @type {{atMs: number, ageMs: number}[]} */
    this.points = [];
  }

  clear() {
    for (const name of /** @type {Name[]} */ (Object.keys(this.values))) this.values[name] = NaN;
    this.points = [];
    this.onChange();
  }

  /** @param {number} fps */
  fps(fps) {
    this.#put("fps", fps);
  }

  /** @param {number} ms @param {HowKnown} how */
  age(ms, how) {
    this.howAge = how;
    this.#put("age", ms);
  }

  /** @param {number} ms @param {HowKnown} _how */
  firstFrame(ms, _how) {
    this.#put("first", ms);
  }

  get knowsFirst() {
    return Number.isFinite(this.values.first);
  }

  /** @param {number} ms */
  instruct(ms) {
    this.#put("instruct", ms);
  }

  /** @param {number} count */
  drops(count) {
    this.#put("drops", count);
  }

  /** @param {{atMs: number, ageMs: number}[]} points */
  draw(points) {
    this.points = points;
    this.onChange();
  }

  /** @param {Name} name @param {number} value */
  #put(name, value) {
    this.values[name] = value;
    this.onChange();
  }
}
