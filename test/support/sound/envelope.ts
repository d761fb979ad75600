/** How late something is heard somewhere else, told by its loudness alone: codecs and resamplers change samples, not the rhythm of speech. */
const RATE = 48_000;
const STEP = RATE / 100;

/** RMS of every hundredth of a second. */
export function envelope(samples: Float32Array): Float64Array {
  return Float64Array.from({ length: Math.floor(samples.length / STEP) }, (_, n) => {
    let squares = 0;
    for (let at = n * STEP; at < (n + 1) * STEP; at++) squares += (samples[at] ?? 0) ** 2;
    return Math.sqrt(squares / STEP);
  });
}

/** Milliseconds by which `later` follows `earlier`, from 0 on, to 10 ms; `likeness` 1 is the same rhythm. Both begin at the same instant. */
export function lagBetween(
  earlier: Float32Array,
  later: Float32Array,
  mostMs: number,
): { readonly lagMs: number; readonly likeness: number } {
  const [a, b] = [envelope(earlier), envelope(later)];
  let best = { lagMs: 0, likeness: -1 };
  for (let lag = 0; lag * 10 <= mostMs; lag++) {
    const length = Math.min(a.length, b.length - lag);
    if (length < 100) break;
    const likeness = pearson(a.subarray(0, length), b.subarray(lag, lag + length));
    if (likeness > best.likeness) best = { lagMs: lag * 10, likeness };
  }
  return best;
}

function pearson(x: Float64Array, y: Float64Array): number {
  const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  let [xy, xx, yy] = [0, 0, 0];
  for (let n = 0; n < x.length; n++) {
    const [dx, dy] = [(x[n] ?? 0) - mx, (y[n] ?? 0) - my];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xx === 0 || yy === 0 ? 0 : xy / Math.sqrt(xx * yy);
}
