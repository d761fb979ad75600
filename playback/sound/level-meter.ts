/** What was audible: levels at the last node of the graph, gathered in windows of a tenth of a second. */
import type { Decibels, Millis } from "../model/units.ts";
import type { SoundLevel } from "../ports/sound.ts";
import { levelOf, millisOf, RATE, type Samples } from "./units.ts";

/** The window that levels are taken over: a tenth of a second. */
export const LEVEL_WINDOW: Samples = RATE / 10;
const AUDIBLE: Decibels = -50;

/** Nothing to hear. */
export const SILENT: SoundLevel = { rms: Number.NEGATIVE_INFINITY, peak: Number.NEGATIVE_INFINITY };

interface Power {
  readonly squares: number;
  readonly peak: number;
}

/** Level of the newest `length` samples of a window. */
export function levelIn(window: Float32Array, length: Samples = window.length): SoundLevel {
  const { squares, peak } = powerIn(window, length);
  return { rms: levelOf(Math.sqrt(squares / Math.max(1, length))), peak: levelOf(peak) };
}

/** Adds up what one sound let be heard. */
export class LevelMeter {
  #squares = 0;
  #samples: Samples = 0;
  #peak = 0;
  #audible: Samples = 0;

  /** The newest `advanced` samples of the window were rendered since the last call; more than the window stand for themselves. */
  add(window: Float32Array, advanced: Samples): void {
    const length = Math.min(window.length, Math.round(advanced));
    if (length <= 0) return;
    const power = powerIn(window, length);
    this.#squares += (power.squares / length) * advanced;
    this.#samples += advanced;
    this.#peak = Math.max(this.#peak, power.peak);
    if (levelOf(Math.sqrt(power.squares / length)) > AUDIBLE) this.#audible += advanced;
  }

  /** Level over everything added. */
  level(): SoundLevel {
    if (this.#samples === 0) return SILENT;
    return { rms: levelOf(Math.sqrt(this.#squares / this.#samples)), peak: levelOf(this.#peak) };
  }

  /** Time above −50 dBFS. */
  audibleMs(): Millis {
    return millisOf(this.#audible);
  }
}

function powerIn(window: Float32Array, length: Samples): Power {
  let squares = 0;
  let peak = 0;
  for (let at = window.length - length; at < window.length; at++) {
    const value = window[at] ?? 0;
    squares += value * value;
    peak = Math.max(peak, Math.abs(value));
  }
  return { squares, peak };
}
