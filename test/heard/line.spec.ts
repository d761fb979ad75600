/**
 * Between the old wires and the horns, the real program, heard: an FM receiver on a capture device is a live source in a schedule, and a second
 * output without an amplifier feeds a wired line. A sink stands for the receiver; its monitor is what the card captures.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fileFilters, HORN_BAND } from "../../playback/sound/processing.ts";
import { approveMedia, MediaLibrary } from "../source/library.ts";
import type { MediaFile } from "../source/media.ts";
import { Cluster, localParts, SHORT_TIMES, STATION } from "../support/cluster/cluster.ts";
import { ended } from "../support/live/live-rig.ts";
import { findHead } from "../support/sound/correlate.ts";
import { decodeFile, filtered } from "../support/sound/decode.ts";
import { lagBetween } from "../support/sound/envelope.ts";
import { levelBetween } from "../support/sound/levels.ts";
import { Recorder } from "../support/sound/recorder.ts";
import { type SinkPlace, VirtualSoundCard } from "../support/sound/virtual-sound-card.ts";
import { encodeWav } from "../support/sound/wav.ts";

const DEVICE = "fm.monitor";
const LONGEST = 28_000;
const LINE_GAIN = -12;
/** A receiver is never quite silent. */
const HISS_DB = -50;

let folder: string;
let card: VirtualSoundCard;
let fm: SinkPlace;
let recorders: { readonly horn: Recorder; readonly line: Recorder; readonly air: Recorder };
let cluster: Cluster;
let music: MediaFile;
let words: Float32Array;
let at: number;
let transmitter: ChildProcess | null = null;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-line-"));
  card = await VirtualSoundCard.start({ channels: 2 });
  fm = await card.addSink("fm");
  const [horn, line, air] = await Promise.all([
    Recorder.start(card, "front-left"),
    Recorder.start(card, "front-right"),
    Recorder.start(fm),
  ]);
  recorders = { horn, line, air };
  cluster = await Cluster.open({ environment: card.env, folder: join(folder, "cluster") });
  const { amplifierTimes } = SHORT_TIMES;
  await cluster.configure({
    output: "loa",
    hardware: {
      ...{ amplifier: { kind: "simulated", socket: cluster.board.socket }, amplifierTimes },
      sound: { channel: 1, channels: 2 },
      furtherOutputs: [{ name: "day", sound: { band: "off", channel: 2, channels: 2, gainDb: LINE_GAIN } }],
      lineInputs: { fm: { kind: "pulse", device: DEVICE } },
    },
  });
  const library = await MediaLibrary.open(join(folder, "media"));
  const speech = (text: string) =>
    library.get({ recipe: { kind: "speech", text, voice: "north" }, format: "flac", title: text });
  music = await speech("Nguồn tiếp sóng đang gián đoạn, mời bà con theo dõi chương trình thay thế của xã.");
  const spoken = await speech("Đây là đài phát thanh huyện, mời bà con nghe bản tin thời sự trưa nay.");
  words = await decodeFile(spoken.file);
  const agent = await cluster.startAgent();
  const live = [{ id: "dai-huyen", kind: "line" as const, url: "line:fm" }];
  const media = [approveMedia(music, [cluster.mediaServer.add(music)], false)];
  await cluster.source.publish("content", { level: "province", media, live }, { address: "province/01" });
  await agent.until("the fallback", ({ media: { present } }) => present === 1);
  await agent.until("signed time", ({ clock }) => clock.trust === "attested");
  at = Math.ceil((Date.now() + 19_000) / 1_000) * 1_000;
  const { date, time } = localParts(at);
  const fallback = [{ kind: "media" as const, id: "thay", title: music.title, sha256: music.sha256 }];
  const item = { id: "i", title: "Tiếp sóng", source: "dai-huyen", longestMs: LONGEST, fallback };
  const recurrence = { kind: "once" as const, date };
  const relay = { id: "tiep-song", title: "Tiếp sóng đài huyện", class: "normal" as const, recurrence, start: time };
  await cluster.schedule([{ ...relay, items: [{ kind: "live", ...item }] }]);
}, 90_000);

afterAll(async () => {
  await ended(transmitter);
  await cluster?.close();
  for (const recorder of Object.values(recorders ?? {})) await recorder.stop();
  await card?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Transmits the words, and then nothing but hiss. */
async function transmit(): Promise<void> {
  const sent = Float32Array.from(
    { length: 60 * 48_000 },
    () => 10 ** (HISS_DB / 20) * Math.sqrt(3) * (2 * Math.random() - 1),
  );
  for (const [n, x] of words.entries()) sent[n] = (sent[n] ?? 0) + x;
  const path = join(folder, "sent.wav");
  await writeFile(path, encodeWav(sent, 48_000));
  transmitter = spawn("paplay", [path], { env: fm.env, stdio: "ignore" });
}

/** How many of the agent's children capture the receiver. */
async function capturing(): Promise<number> {
  const pids = (await cluster.agent?.children()) ?? [];
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return lines.filter((line) => line.includes(DEVICE)).length;
}

const rms = (recorder: Recorder, from: number, to: number) =>
  levelBetween(recorder.samples(), recorder.sampleAt(from), recorder.sampleAt(to)).rms;
const agent = () => {
  if (cluster.agent === null) throw new Error("no agent runs");
  return cluster.agent;
};

let wordsAt: number;

describe("a receiver in a schedule", { timeout: 60_000 }, () => {
  it("is captured by nobody before its programme comes near", async () => {
    await agent().until("the schedule", ({ next }) => next.some(({ title }) => title.startsWith("Tiếp sóng")));
    expect(Date.now()).toBeLessThan(at - 15_500);
    expect(await capturing()).toBe(0);
  });

  it("is heard at the horn, through its band, and not where nothing was sent yet", async () => {
    await recorders.horn.until(at + 1_000);
    await transmit();
    await agent().until("the station on the air", ({ onAir }) => onAir?.live?.state === "playing");
    await recorders.horn.until(at + 3_000 + words.length / 48);
    const { horn, air } = recorders;
    const sent = findHead(air.samples(), words, { sample: air.sampleAt(at + 2_000), within: 96_000 });
    wordsAt = air.wallTimeOf(sent.sample);
    const banded = await filtered(words, fileFilters({ band: HORN_BAND, gain: 0, limited: false }));
    const from = horn.sampleAt(wordsAt);
    const heard = horn.samples(from, from + banded.length + 96_000);
    const { lagMs, likeness } = lagBetween(banded, heard, 2_000);
    process.stdout.write(`receiver to horn ${lagMs.toFixed(0)} ms, likeness ${likeness.toFixed(2)}\n`);
    expect(likeness).toBeGreaterThan(0.7);
    expect(lagMs).toBeLessThan(1_000);
    expect(rms(horn, at + 200, at + 900)).toBeLessThan(-90);
    expect(await capturing()).toBe(2);
  });

  it("feeds the wired line by its own gain, without an amplifier", async () => {
    const { horn, line } = recorders;
    const [from, to] = [wordsAt + 500, wordsAt + words.length / 48];
    const difference = rms(line, from, to) - rms(horn, from, to);
    process.stdout.write(`line ${difference.toFixed(1)} dB against the horn\n`);
    // The line takes all of the spectrum, and below 200 Hz there is some of this voice.
    expect(difference).toBeGreaterThan(LINE_GAIN - 1);
    expect(difference).toBeLessThan(LINE_GAIN + 2);
  });

  it("is squelched when its station has nothing more to say: not even hiss comes out", async () => {
    const over = wordsAt + words.length / 48;
    await recorders.horn.until(over + 6_500);
    const { horn, line, air } = recorders;
    expect(rms(air, over + 5_500, over + 6_400)).toBeGreaterThan(HISS_DB - 2);
    expect(rms(horn, over + 5_500, over + 6_400)).toBeLessThan(-90);
    expect(rms(line, over + 5_500, over + 6_400)).toBeLessThan(-90);
    expect((await agent().status()).onAir?.live?.state).toBe("silent");
  });

  it("that gives nothing any more makes place for the fallback within 5 s", async () => {
    const stoodAt = Date.now();
    await card.pactl("suspend-sink", "fm", "1");
    await agent().until("the fallback", ({ onAir }) => onAir?.live?.state === "fallback");
    await recorders.horn.until(stoodAt + 8_000);
    const { horn } = recorders;
    const banded = await filtered(
      await decodeFile(music.file),
      fileFilters({ band: HORN_BAND, gain: 0, limited: false }),
    );
    const found = findHead(horn.samples(), banded, { sample: horn.sampleAt(stoodAt + 4_000), within: 192_000 });
    const late = horn.wallTimeOf(found.sample) - stoodAt;
    process.stdout.write(`fallback ${late.toFixed(0)} ms after the receiver stood still\n`);
    expect(found.score).toBeGreaterThan(0.7);
    expect(late).toBeLessThan(5_000);
  });

  it("is let go when its programme is over, and the records say what was heard", async () => {
    // A device that stands still holds its child until it is killed, after 2 s.
    await recorders.horn.until(at + LONGEST + 3_500);
    expect(await capturing()).toBe(0);
    interface Slot {
      output: string;
      segments: {
        itemId: string;
        live?: { source: string; state: string };
        refusal?: { reason: string };
        audibleMs: number;
      }[];
    }
    const slots = () =>
      cluster.source
        .records(STATION)
        .map(({ record }) => record as { kind: string; body: Slot })
        .filter(({ kind }) => kind === "slot");
    await cluster.source.waitFor(() => (slots().length === 2 ? true : null), 10_000);
    for (const { body } of slots()) {
      const [first, ...rest] = body.segments.map(({ itemId, live, refusal }) => [itemId, live?.state, refusal?.reason]);
      expect(first).toEqual(["i", "stalled", "source-lost"]);
      expect(new Set(rest.map(String))).toEqual(new Set(["thay,fallback,"]));
      expect(body.segments[0]?.audibleMs).toBeGreaterThan(3_000);
    }
    const board = (await readFile(cluster.board.logFile, "utf8"))
      .trim()
      .split("\n")
      .map((one) => JSON.parse(one) as { event: string; amplifier?: string });
    expect(new Set(board.flatMap(({ amplifier }) => amplifier ?? []))).toEqual(new Set(["amplifier"]));
  });
});
