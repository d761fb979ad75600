/** The chain is judged by what the very decoder gives, with the real ffmpeg. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { AudioBuffer, OfflineAudioContext } from "node-web-audio-api";
import { describe, expect, it } from "vitest";
import {
  bandSections,
  fileFilters,
  HORN_BAND,
  lineFilters,
  liveFilters,
  measuringRecipe,
  type Treatment,
} from "../../../playback/sound/processing.ts";
import { through } from "../../../playback/sound/web-audio.ts";
import { randomFrom } from "../../source/random.ts";
import { decodeTreated, filtered } from "../../support/sound/decode.ts";
import { describeMedia, openTestMedia } from "../../support/sound/test-tone.ts";
import { encodeWav } from "../../support/sound/wav.ts";
import { temporaryFolder } from "../../support/storage/temporary.ts";

const RATE = 48_000;
const sine = (hertz: number, peak: number, seconds: number) =>
  Float32Array.from(
    { length: Math.round(seconds * RATE) },
    (_, n) => peak * Math.sin((2 * Math.PI * hertz * n) / RATE),
  );
const rms = (samples: Float32Array) =>
  Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);

async function treated(samples: Float32Array, treatment: Treatment, fromMs = 0): Promise<Float32Array> {
  const path = join(await temporaryFolder(), "in.wav");
  writeFileSync(path, encodeWav(samples, RATE));
  return decodeTreated(await openTestMedia(await describeMedia(path, "wav")), treatment, fromMs);
}

describe("the chain between decoder and graph", () => {
  it.each([
    { name: "without a band", treatment: { band: null, gain: 0, limited: true } },
    { name: "with the horn's band and a gain", treatment: { band: HORN_BAND, gain: 6, limited: true } },
  ])("gives as many samples as it gets, $name", async ({ treatment }) => {
    for (const length of [481, 4_799, 60_007, 131_071]) {
      const samples = sine(700, 0.2, length / RATE).subarray(0, length);
      expect((await treated(samples, treatment)).length).toBe(length);
    }
  });

  it("passes unchanged, from the first sample to the last, what stays below the ceiling", async () => {
    const samples = sine(700, 0.3, 60_007 / RATE);
    const out = await treated(samples, { band: null, gain: 0, limited: true });
    const worst = out.reduce((most, value, at) => Math.max(most, Math.abs(value - (samples[at] ?? 0))), 0);
    expect(worst).toBeLessThan(0.002);
    // Without the limiter to the bit, but for the file's own 16.
    const exact = await treated(samples, { band: null, gain: 0, limited: false });
    const error = exact.reduce((most, value, at) => Math.max(most, Math.abs(value - (samples[at] ?? 0))), 0);
    expect(error).toBeLessThanOrEqual(2 ** -15);
  });

  it("keeps a click where it was, also in its last milliseconds", async () => {
    for (const at of [0, 1_000, 59_900]) {
      const samples = new Float32Array(60_000);
      samples[at] = 0.5;
      const out = await treated(samples, { band: HORN_BAND, gain: 0, limited: true });
      const loudest = out.reduce((best, value, n) => (Math.abs(value) > Math.abs(out[best] ?? 0) ? n : best), 0);
      // A filter of the lowest order that cuts at 7 kHz is late by two samples itself.
      expect(loudest - at).toBeGreaterThanOrEqual(0);
      expect(loudest - at).toBeLessThanOrEqual(4);
    }
  });

  it("is the same from a position on as from the beginning: the filters have run in", async () => {
    const samples = sine(300, 0.3, 4);
    const whole = await treated(samples, { band: HORN_BAND, gain: 3, limited: true });
    const rest = await treated(samples, { band: HORN_BAND, gain: 3, limited: true }, 2_000);
    expect(rest.length).toBe(2 * RATE);
    const worst = rest.reduce((most, value, n) => Math.max(most, Math.abs(value - (whole[n + 2 * RATE] ?? 0))), 0);
    expect(worst).toBeLessThan(0.001);
  });

  it.each([
    { hertz: 50, least: -80, most: -45 },
    { hertz: 100, least: -30, most: -20 },
    { hertz: 200, least: -3.5, most: -2.5 },
    { hertz: 1_000, least: -0.2, most: 0.2 },
    { hertz: 7_000, least: -3.5, most: -2.5 },
    { hertz: 14_000, least: -40, most: -11 },
  ])("lets $hertz Hz through a horn at $least to $most dB", async ({ hertz, least, most }) => {
    const samples = sine(hertz, 0.3, 1);
    const out = await treated(samples, { band: HORN_BAND, gain: 0, limited: true });
    const level = 20 * Math.log10(rms(out.subarray(RATE / 4)) / rms(samples));
    expect(level).toBeGreaterThan(least);
    expect(level).toBeLessThan(most);
  });

  it("of a live source gives every sample too, tames what is loud and leaves what is quiet", async () => {
    const [loud, quiet] = [sine(700, 0.9, 2), sine(700, 0.005, 2)];
    for (const samples of [loud, quiet])
      expect((await filtered(samples, liveFilters(null))).length).toBe(samples.length);
    const gainOf = async (samples: Float32Array) =>
      20 * Math.log10(rms((await filtered(samples, liveFilters(null))).subarray(RATE)) / rms(samples));
    expect(await gainOf(quiet)).toBeCloseTo(0, 1);
    expect(await gainOf(loud)).toBeLessThan(-6);
  });

  it("ends with the limiter, whatever else is in it", () => {
    const limited = true;
    const files = [
      { band: null, gain: 0, limited },
      { band: HORN_BAND, gain: 12, limited },
    ];
    for (const chain of [...files.map(fileFilters), liveFilters(HORN_BAND)]) {
      expect(chain).toMatch(/aresample=192000,alimiter=limit=0\.8414:[^,]*level=false:latency=true,aresample=48000$/);
    }
  });

  it("is measured anew for another band", () => {
    expect(measuringRecipe(HORN_BAND)).not.toBe(measuringRecipe(null));
    expect(measuringRecipe({ ...HORN_BAND, lowHz: 300 })).not.toBe(measuringRecipe(HORN_BAND));
  });
});

describe("the same band in the graph, for what no decoder has time for", () => {
  it.each([HORN_BAND, { lowHz: 350, highHz: 4_000 }])(
    "lets out what ffmpeg's does, $lowHz–$highHz Hz",
    async (band) => {
      const random = randomFrom(7);
      const noise = Float32Array.from({ length: RATE }, () => 0.5 * (2 * random() - 1));
      const context = new OfflineAudioContext(1, noise.length, RATE);
      const buffer = new AudioBuffer({ length: noise.length, numberOfChannels: 1, sampleRate: RATE });
      buffer.copyToChannel(noise, 0);
      const source = context.createBufferSource();
      source.buffer = buffer;
      through(context, source, bandSections(band)).connect(context.destination);
      source.start();
      const inGraph = (await context.startRendering()).getChannelData(0);
      const byFfmpeg = await filtered(noise, fileFilters({ band, gain: 0, limited: false }));
      // Once in thousands of times the library renders its first block before the filters have their numbers. A microphone is silent then.
      const difference = inGraph.map((value, at) => value - (byFfmpeg[at] ?? 0)).subarray(RATE / 10);
      expect(20 * Math.log10(rms(difference) / rms(byFfmpeg))).toBeLessThan(-60);
    },
  );
});

describe("a line into the station", () => {
  const level = (samples: Float32Array) => 20 * Math.log10(rms(samples));
  /** As a receiver whose station has gone, or a line that nobody uses. */
  const hiss = (db: number, seconds: number) => {
    const random = randomFrom(11);
    return Float32Array.from({ length: seconds * RATE }, () => 10 ** (db / 20) * Math.sqrt(3) * (2 * random() - 1));
  };

  it("lets out nothing at all of what is below the detector", async () => {
    expect(level(await filtered(hiss(-46, 3), lineFilters(null)))).toBeLessThan(-100);
  });

  it("opens within 30 ms, and closes within 4 s after the last word", async () => {
    const samples = hiss(-50, 9);
    for (const [n, x] of sine(700, 0.3, 2).entries()) samples[2 * RATE + n] = (samples[2 * RATE + n] ?? 0) + x;
    const [out, open] = await Promise.all([lineFilters(null), liveFilters(null)].map((one) => filtered(samples, one)));
    const cut = (of: Float32Array | undefined, from: number, to: number) =>
      level((of ?? new Float32Array(0)).subarray(from * RATE, to * RATE));
    const between = (from: number, to: number) => cut(out, from, to);
    expect(between(0.5, 1.9)).toBeLessThan(-100);
    expect(cut(open, 0.5, 1.9)).toBeGreaterThan(-51);
    expect(Math.abs(between(2.03, 2.1) - cut(open, 2.03, 2.1))).toBeLessThan(0.5);
    expect(Math.abs(between(2.1, 4) - cut(open, 2.1, 4))).toBeLessThan(0.5);
    expect(between(8, 9)).toBeLessThan(-100);
  });

  it("keeps what a speaker says after a second's pause whole", async () => {
    const samples = hiss(-60, 4);
    const word = sine(700, 0.1, 1);
    samples.set(word, 0);
    samples.set(word, 2 * RATE);
    const out = await filtered(samples, lineFilters(null));
    const first = level(out.subarray(2 * RATE, 2.01 * RATE));
    expect(first - level(out.subarray(2.5 * RATE, 3 * RATE))).toBeGreaterThan(-2);
  });

  it("opens to no hum that the horn's band keeps back", async () => {
    expect(level(await filtered(sine(50, 0.2, 3), lineFilters(HORN_BAND)))).toBeLessThan(-100);
    expect(level(await filtered(sine(50, 0.2, 3), lineFilters(null)))).toBeGreaterThan(-25);
  });
});
