/** Which of two tones sounds when, in a recording at 48 kHz. */

const RATE = 48_000;
const WINDOW = RATE / 20;

export type Heard = "live" | "fallback" | "nothing";

/** One letter per twentieth of a second: which tone is the stronger, where either is above −45 dBFS. */
export function tonesIn(samples: Float32Array, live: number, fallback: number): Heard[] {
  const heard: Heard[] = [];
  for (let from = 0; from + WINDOW <= samples.length; from += WINDOW) {
    const window = samples.subarray(from, from + WINDOW);
    const [a, b] = [amplitudeOf(window, live), amplitudeOf(window, fallback)];
    const stronger = a > b ? "live" : "fallback";
    heard.push(Math.max(a, b) < 10 ** (-45 / 20) ? "nothing" : stronger);
  }
  return heard;
}

/** Stretches of one kind, those shorter than `shortest` windows left out; in seconds. */
export function stretchesIn(heard: readonly Heard[], shortest = 4): { what: Heard; from: number; to: number }[] {
  const found: { what: Heard; from: number; to: number }[] = [];
  let at = 0;
  while (at < heard.length) {
    const what = heard[at] ?? "nothing";
    let end = at;
    while (heard[end] === what) end += 1;
    const last = found.at(-1);
    if (end - at >= shortest) {
      if (last?.what === what) last.to = end / 20;
      else found.push({ what, from: at / 20, to: end / 20 });
    }
    at = end;
  }
  return found;
}

function amplitudeOf(window: Float32Array, hertz: number): number {
  let real = 0;
  let imaginary = 0;
  for (let at = 0; at < window.length; at++) {
    const phase = (2 * Math.PI * hertz * at) / RATE;
    real += (window[at] ?? 0) * Math.cos(phase);
    imaginary += (window[at] ?? 0) * Math.sin(phase);
  }
  return (2 * Math.hypot(real, imaginary)) / window.length;
}
