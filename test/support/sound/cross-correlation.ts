/** Normalised cross-correlation of a short sound with a long one, by FFT in blocks (overlap-save). */
import FFT from "fft.js";

/**
 * For each position of the long sound the likeness of what follows to the short one: 1 for the same at any volume, 0 for nothing alike.
 * Positions quieter than `floor` (RMS) give 0.
 */
export function correlate(long: Float32Array, short: Float32Array, floor = 1e-3): Float32Array {
  const count = long.length - short.length + 1;
  const likeness = new Float32Array(Math.max(0, count));
  const norm = Math.sqrt(energy(short));
  if (count <= 0 || norm === 0) return likeness;
  const size = 2 ** Math.ceil(Math.log2(Math.max(4_096, short.length * 4)));
  const fft = new FFT(size);
  const template = spectrum(fft, short, 0, short.length, size);
  const product = fft.createComplexArray() as number[];
  const back = fft.createComplexArray() as number[];
  const step = size - short.length + 1;
  const sums = prefixEnergy(long);
  for (let at = 0; at < count; at += step) {
    const block = spectrum(fft, long, at, Math.min(size, long.length - at), size);
    for (let i = 0; i < size * 2; i += 2) {
      // Product with the conjugate: correlation instead of convolution.
      const [a, b, c, d] = [block[i] ?? 0, block[i + 1] ?? 0, template[i] ?? 0, template[i + 1] ?? 0];
      product[i] = a * c + b * d;
      product[i + 1] = b * c - a * d;
    }
    fft.inverseTransform(back, product);
    for (let i = 0; i < step && at + i < count; i++) {
      const power = (sums[at + i + short.length] ?? 0) - (sums[at + i] ?? 0);
      if (power > floor * floor * short.length) likeness[at + i] = (back[i * 2] ?? 0) / (norm * Math.sqrt(power));
    }
  }
  return likeness;
}

/** Likeness at one position, computed directly. */
export function likenessAt(long: Float32Array, at: number, short: Float32Array): number {
  if (at < 0 || at + short.length > long.length) return 0;
  let dot = 0;
  let power = 0;
  let own = 0;
  for (let i = 0; i < short.length; i++) {
    const a = long[at + i] ?? 0;
    const b = short[i] ?? 0;
    dot += a * b;
    power += a * a;
    own += b * b;
  }
  return power > 0 && own > 0 ? dot / Math.sqrt(power * own) : 0;
}

/** Every sixth sample of a 48 kHz sound, smoothed: 8 kHz. */
export function decimate(samples: Float32Array): Float32Array {
  const out = new Float32Array(Math.floor(samples.length / 6));
  for (let i = 0; i < out.length; i++) {
    let sum = 0;
    for (let k = 0; k < 6; k++) sum += samples[i * 6 + k] ?? 0;
    out[i] = sum / 6;
  }
  return out;
}

function spectrum(fft: FFT, samples: Float32Array, from: number, length: number, size: number): number[] {
  const input = new Array<number>(size).fill(0);
  for (let i = 0; i < length; i++) input[i] = samples[from + i] ?? 0;
  const output = fft.createComplexArray() as number[];
  fft.realTransform(output, input);
  fft.completeSpectrum(output);
  return output;
}

function energy(samples: Float32Array): number {
  return samples.reduce((sum, value) => sum + value * value, 0);
}

function prefixEnergy(samples: Float32Array): Float64Array {
  const sums = new Float64Array(samples.length + 1);
  for (let i = 0; i < samples.length; i++) sums[i + 1] = (sums[i] ?? 0) + (samples[i] ?? 0) ** 2;
  return sums;
}
