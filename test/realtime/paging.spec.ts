/**
 * Somebody at the pole speaks over a programme: the real program, heard. A second sink stands for the room; its monitor is the microphone.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashToken } from "../../agent/control/officer-token.ts";
import type { Recording } from "../../agent/recordings/recording-file.ts";
import { fileFilters, HORN_BAND } from "../../playback/sound/processing.ts";
import { toneSamples } from "../../playback/sound/tones.ts";
import type { MediaFile } from "../source/media.ts";
import { cli } from "../support/cluster/agent-process.ts";
import { localParts, SHORT_TIMES, STATION } from "../support/cluster/cluster.ts";
import { HeardCluster } from "../support/cluster/heard-cluster.ts";
import { findHead } from "../support/sound/correlate.ts";
import { decodeFile, filtered } from "../support/sound/decode.ts";
import { Recorder } from "../support/sound/recorder.ts";
import { encodeWav } from "../support/sound/wav.ts";

const TOKEN = ["--token", "thon-1-2026"];
const MICROPHONE_BOUND = 120;
/** What a room hums with, and no horn can take. */
const HUM_HZ = 60;

let heard: HeardCluster;
let room: Recorder;
let roomEnv: NodeJS.ProcessEnv;
let news: MediaFile;
let spoken: MediaFile;
let folder: string;
/** What is spoken, as the horn's band lets it out. */
let banded: Float32Array;
let at: number;

beforeAll(async () => {
  heard = await HeardCluster.open({ environment: { PULSE_SOURCE: "room.monitor" } });
  folder = await mkdtemp(join(tmpdir(), "loa-paging-"));
  const { cluster, card } = heard;
  const sink = await card.addSink("room");
  roomEnv = sink.env;
  room = await Recorder.start(sink);
  await cluster.configure({
    limits: { officerToken: await hashToken("thon-1-2026") },
    hardware: {
      amplifier: { kind: "simulated", socket: cluster.board.socket },
      amplifierTimes: SHORT_TIMES.amplifierTimes,
      sound: { latencyHint: 0.01 },
      microphone: {},
    },
  });
  news = await heard.media(
    { kind: "speech", text: "Bản tin buổi sáng của xã, mời bà con theo dõi. ".repeat(10), voice: "north" },
    "flac",
    "Bản tin",
  );
  spoken = await heard.speech("Mời bà con ra nhà văn hoá họp thôn, đúng bảy giờ tối nay.", "wav");
  banded = await filtered(heard.samplesOf(spoken), fileFilters({ band: HORN_BAND, gain: 0, limited: false }));
  const hum = Float32Array.from({ length: 57_600 }, (_, n) => 0.3 * Math.sin((2 * Math.PI * HUM_HZ * n) / 48_000));
  await writeFile(join(folder, "hum.wav"), encodeWav(hum, 48_000));
  await cluster.source.publish(
    "config",
    { policy: { quietHours: [], page: {}, recordings: {} } },
    { address: "province/01" },
  );
  const agent = await cluster.startAgent();
  await cluster.approve([news]);
  await cluster.cached();
  await agent.until("signed time", ({ clock }) => clock.trust === "attested");
  at = Math.ceil((Date.now() + 4_000) / 1_000) * 1_000;
  const { date, time } = localParts(at);
  const items = [{ kind: "media" as const, id: "i", title: news.title, sha256: news.sha256 }];
  const recurrence = { kind: "once" as const, date };
  await cluster.schedule([{ id: "tin", title: "Bản tin", class: "normal", recurrence, start: time, items }]);
}, 90_000);

afterAll(async () => {
  await heard?.close();
  await room?.stop();
  await rm(folder, { recursive: true, force: true });
});

const rms = (samples: Float32Array) => 10 * Math.log10(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);

/** How loud the programme is heard in this second of it, against the file. */
function gainAt(second: number, lengthMs = 700): number {
  const source = heard.samplesOf(news);
  const from = second * 48_000;
  const part = source.subarray(from, from + lengthMs * 48);
  const around = { sample: heard.recorder.sampleAt(at) + from, within: 4_800 };
  const { sample } = findHead(heard.recorder.samples(), part, around);
  const recorded = heard.recorder.samples(sample, sample + part.length);
  // By its power: filters and keeping in step turn phases, and nobody speaks at these seconds.
  return rms(recorded) - rms(part);
}

const slots = () =>
  heard.cluster.source
    .records(STATION)
    .map(
      ({ record }) =>
        record as {
          kind: string;
          body: {
            id: string;
            by?: string;
            outcome: string;
            segments: { startedAt: string; endedAt: string; audibleMs: number }[];
          };
        },
    )
    .filter(({ kind }) => kind === "slot")
    .map(({ body }) => body);

const hasKind = (record: unknown, kind: string) => (record as { kind: string }).kind === kind;

let paging: Promise<{ code: number | null; stdout: string; stderr: string }>;
let chimeAt: number;
let wordsAt: number;
let humAt: number;

/** Level of one frequency over a second of a recording, against full scale. */
function level(recorder: Recorder, hertz: number, from: number): number {
  const samples = recorder.samples(recorder.sampleAt(from), recorder.sampleAt(from) + 48_000);
  let [re, im] = [0, 0];
  for (const [n, x] of samples.entries()) {
    re += x * Math.cos((2 * Math.PI * hertz * n) / 48_000);
    im += x * Math.sin((2 * Math.PI * hertz * n) / 48_000);
  }
  return 20 * Math.log10((2 * Math.hypot(re, im)) / samples.length);
}

describe("a page over a programme", { timeout: 60_000 }, () => {
  it("begins with a chime, and brings what is spoken to the horn within 120 ms", async () => {
    await heard.recorder.until(at + 4_000);
    const asked = Date.now();
    paging = cli(heard.cluster.place, ["page", ...TOKEN]);
    const agent = heard.cluster.agent;
    await agent?.until("the microphone", ({ over }) => over?.item?.startsWith("page") === true && over.sounding);
    // A word is a word only where the programme alone was heard for a while.
    await heard.recorder.until(Date.now() + 1_500);
    humAt = Date.now();
    for (const file of [join(folder, "hum.wav"), spoken.file]) {
      const mouth: ChildProcess = spawn("paplay", [file], { env: roomEnv, stdio: "ignore" });
      await new Promise((resolve) => mouth.once("exit", resolve));
    }
    await heard.recorder.until(Date.now() + 700);
    const inRoom = findHead(room.samples(), heard.samplesOf(spoken), {
      sample: room.sampleAt(asked),
      within: 12 * 48_000,
    });
    wordsAt = room.wallTimeOf(inRoom.sample);
    const around = { sample: heard.recorder.sampleAt(wordsAt), within: 24_000 };
    const atHorn = findHead(heard.recorder.samples(), banded, around);
    const late = heard.recorder.wallTimeOf(atHorn.sample) - wordsAt;
    const chime = toneSamples("chime", 1_200);
    const first = findHead(heard.recorder.samples(), chime, {
      sample: heard.recorder.sampleAt(asked + 4_000),
      within: 240_000,
    });
    chimeAt = heard.recorder.wallTimeOf(first.sample);
    process.stdout.write(
      `chime ${(chimeAt - asked).toFixed(0)} ms after asking, mouth to horn ${late.toFixed(1)} ms (likeness ${atHorn.score.toFixed(2)}, of the chime ${first.score.toFixed(2)})\n`,
    );
    expect([inRoom.score > 0.9, atHorn.score > 0.7, first.score > 0.8]).toEqual([true, true, true]);
    expect(late).toBeGreaterThan(0);
    expect(late).toBeLessThanOrEqual(MICROPHONE_BOUND);
  });

  it("lets nothing out that is below the horn's band", () => {
    // The hum lasts 1.2 s, and begins some tenths of a second after it was asked for.
    const starts = [0, 100, 200, 300, 400, 500, 600].map((late) => humAt + late);
    const [inRoom, atHorn] = [room, heard.recorder].map((one) =>
      Math.max(...starts.map((from) => level(one, HUM_HZ, from))),
    );
    if (inRoom === undefined || atHorn === undefined) throw new Error("not measured");
    process.stdout.write(`hum in the room ${inRoom.toFixed(1)} dB, at the horn ${atHorn.toFixed(1)} dB\n`);
    expect(inRoom).toBeGreaterThan(-14);
    expect(atHorn - inRoom).toBeLessThan(-30);
  });

  it("puts the programme down by 18 dB meanwhile, and lets it come back", async () => {
    const { code } = await cli(heard.cluster.place, ["page", "stop", ...TOKEN]);
    expect(code).toBe(0);
    const { code: ended, stdout } = await paging;
    expect([ended, stdout]).toEqual([0, expect.stringContaining("played")]);
    const over = Date.now();
    await heard.recorder.until(over + 3_000);
    const second = (wall: number) => Math.ceil((wall - at) / 1_000);
    const [before, during, after] = [2, second(chimeAt + 1_400), second(over + 600)].map((one) => gainAt(one));
    if (before === undefined || during === undefined || after === undefined) throw new Error("not measured");
    process.stdout.write(
      `programme ${before.toFixed(1)} dB, under the page ${(during - before).toFixed(1)} dB, after ${(after - before).toFixed(1)} dB\n`,
    );
    // The horn's band takes a little more of one second of speech than of another.
    expect(during - before).toBeGreaterThan(-21);
    expect(during - before).toBeLessThan(-15);
    expect(Math.abs(after - before)).toBeLessThan(2);
    expect(rms(heard.recorder.samples().subarray(-24_000))).toBeGreaterThan(-60);
  });

  it("has a record that names its speaker, beside the programme's", async () => {
    await heard.cluster.source.waitFor(() => (slots().some(({ id }) => id.startsWith("page-")) ? true : null), 10_000);
    const page = slots().find(({ id }) => id.startsWith("page-"));
    expect(page).toMatchObject({
      outcome: "played",
      by: expect.stringContaining("cli "),
      segments: [
        { itemId: "chime", outcome: "completed" },
        { itemId: "microphone", outcome: "stopped", audibleMs: expect.any(Number), rms: expect.any(Number) },
      ],
    });
    const [chime, microphone] = page?.segments ?? [];
    // Whoever speaks when the chime has ended is heard from his first word.
    expect(Math.abs(Date.parse(microphone?.startedAt ?? "") - Date.parse(chime?.endedAt ?? ""))).toBeLessThan(30);
    expect(microphone?.audibleMs).toBeGreaterThan(2_000);
  });

  it("is recorded as it was heard, and the journal holds the recording's digest", async () => {
    const journalled = () =>
      heard.cluster.source
        .records(STATION)
        .map(({ record }) => record as { kind: string; body: Recording })
        .find(({ kind }) => kind === "recording")?.body ?? null;
    const recording = await heard.cluster.source.waitFor(journalled, 15_000);
    const listed = await cli(heard.cluster.place, ["recordings", "--lang", "vi"]);
    expect([listed.code, listed.stdout]).toEqual([0, expect.stringContaining(`${recording.id}  `)]);
    const file = join(folder, "page.ogg");
    const without = await cli(heard.cluster.place, ["recordings", "export", recording.id, file]);
    expect([without.code, without.stderr]).toEqual([65, expect.stringContaining("--token")]);
    const none = await cli(heard.cluster.place, ["recordings", "export", "../state", file, ...TOKEN]);
    expect(none.code).toBe(65);
    const { code } = await cli(heard.cluster.place, ["recordings", "export", recording.id, file, ...TOKEN]);
    expect(code).toBe(0);
    const taken = () =>
      heard.cluster.source.records(STATION).some(({ record }) => hasKind(record, "recording-exported"));
    await heard.cluster.source.waitFor(() => (taken() ? true : null), 10_000);
    expect(
      createHash("sha256")
        .update(await readFile(file))
        .digest("hex"),
    ).toBe(recording.sha256);
    const kept = await decodeFile(file);
    const [words, emitted] = [findHead(kept, banded), heard.recorder.samples()];
    // Word for word what the horn gave, the programme underneath included.
    const part = kept.subarray(words.sample, words.sample + 48_000);
    const same = findHead(emitted, part, { sample: heard.recorder.sampleAt(wordsAt), within: 24_000 });
    process.stdout.write(
      `recording ${recording.durationMs} ms, lost ${recording.lostMs} ms, like the horn ${same.score.toFixed(2)}, like the words ${words.score.toFixed(2)}\n`,
    );
    expect([words.score > 0.7, same.score > 0.9]).toEqual([true, true]);
    expect([recording.lostMs, recording.cutOff]).toEqual([0, false]);
    expect(Math.abs(kept.length / 48 - recording.durationMs)).toBeLessThan(60);
  });
});
