/**
 * Lets a horn sound its test tones and listens whether they come out. It asks for the output as an announcement does, so the amplifier, mute,
 * quiet hours and emergencies are looked after as ever; it never takes the output from anybody.
 */
import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { z } from "zod";
import { candidateOfAnnouncement } from "../../playback/arbiter/candidate.ts";
import { blockedBy } from "../../playback/arbiter/gates.ts";
import type { Announcement } from "../../playback/model/announcement.ts";
import { type Instant, type Millis, parseSha256, SECOND, type Sha256 } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Ear } from "../../playback/ports/ear.ts";
import { isRefusal } from "../../playback/ports/media.ts";
import { TEST_TONES, TEST_TONES_MS } from "../../playback/sound/tones.ts";
import { samplesOf } from "../../playback/sound/units.ts";
import type { Store } from "../../storage/store.ts";
import type { FactBoard } from "../fact-board.ts";
import { busyOf } from "../outputs/busy.ts";
import type { Output } from "../outputs/output.ts";
import { calibrates, type HeardTone, heardTone, judgeSpeaker, SPEAKER_VERDICTS, type SpeakerVerdict } from "./judge.ts";

export interface SpeakerPorts {
  readonly clock: Clock;
  readonly store: Pick<Store, "transaction" | "journal" | "notes">;
  readonly board: Pick<FactBoard, "announce" | "stopAnnouncement" | "facts">;
  readonly outputs: readonly Pick<Output, "name" | "conductor" | "gainDb">[];
  /** `null` where no microphone is wired. */
  readonly ear: Ear | null;
}

export interface SpeakerResult {
  readonly output: string;
  readonly verdict: SpeakerVerdict;
  readonly detail: string;
  readonly at: Instant;
}

export interface SpeakerRequest {
  readonly output: string;
  /** What is heard this time is how it should sound. */
  readonly baseline: boolean;
  readonly by: string;
  readonly signal?: AbortSignal;
}

/** The issuer that the play record names: nobody signed these tones, they come with the program. */
export const ISSUER = "speaker-test";
const NOTE = "speakers";
/** Heard before the tones. */
const BACKGROUND: Millis = 2_000;
/** Sound is on its way for so long at most. */
const ECHO: Millis = 700;
const LONGEST: Millis = 40 * SECOND;
const POLL: Millis = 100;
/** What an ear brings comes a little later; an ear that is this much behind has stopped. */
const DEAF: Millis = 1_500;
/** Nothing was signed, so nothing has a digest. */
const NO_DOCUMENT = parseSha256("0".repeat(64)) as Sha256;

const memory = z
  .record(
    z.string(),
    z.object({
      baseline: z
        .object({ gainDb: z.number(), tones: z.array(z.object({ hertz: z.number(), toneDb: z.number() })) })
        .nullable(),
      last: z.object({ at: z.number(), verdict: z.enum(SPEAKER_VERDICTS), detail: z.string() }).nullable(),
    }),
  )
  .catch({});
type Page = z.infer<typeof memory>[string];

export class SpeakerTests {
  readonly #ports: SpeakerPorts;
  #running = false;

  constructor(ports: SpeakerPorts) {
    this.#ports = ports;
  }

  get outputs(): readonly string[] {
    return this.#ports.outputs.map(({ name }) => name);
  }

  /** The last verdict that says something of the horn; `null` where there is none. */
  last(output: string): Page["last"] {
    return this.#page(output).last;
  }

  /** Tests one horn now, or says why not (`deferred`, `no-ear`). Journalled. @throws StationError `storage-failed` */
  async test(request: SpeakerRequest): Promise<SpeakerResult> {
    const { ear, clock } = this.#ports;
    const result = (verdict: SpeakerVerdict, detail: string) => ({
      ...{ output: request.output, verdict, detail, at: clock.now() },
    });
    if (ear === null) return result("no-ear", "no microphone is wired within hearing: name one under hardware.ear");
    const busy = this.#running ? "another test runs" : this.#busy(request.output);
    if (busy !== null) return result("deferred", busy);
    this.#running = true;
    try {
      return await this.#run(request, ear, result);
    } finally {
      this.#running = false;
    }
  }

  async #run(
    request: SpeakerRequest,
    ear: Ear,
    result: (verdict: SpeakerVerdict, detail: string) => SpeakerResult,
  ): Promise<SpeakerResult> {
    const { clock } = this.#ports;
    const listening = ear.listen(LONGEST + BACKGROUND + ECHO);
    await clock.wait(BACKGROUND, request.signal);
    const began = listening.heardMs();
    const at = clock.monotonic();
    const busy = this.#busy(request.output);
    const outcome = busy ?? (await this.#sound(request));
    await clock.wait(ECHO, request.signal);
    const missedMs = clock.monotonic() - at - (listening.heardMs() - began);
    const heard = await listening.stop();
    if (isRefusal(heard)) return result("no-ear", heard.detail);
    // An ear that went deaf in the middle says nothing of the horn.
    if (missedMs > DEAF) return result("no-ear", `the microphone gave nothing for ${(missedMs / SECOND).toFixed(1)} s`);
    if (outcome !== null) return result("deferred", outcome);
    const border = Math.round(samplesOf(began));
    const tones: HeardTone[] = [];
    for (const hertz of TEST_TONES) {
      tones.push(heardTone(heard.subarray(0, border), heard.subarray(border), hertz));
      // Others have their turn in between.
      await setImmediate();
    }
    return this.#judge(request, tones, result);
  }

  async #judge(
    { output, baseline, by }: SpeakerRequest,
    tones: readonly HeardTone[],
    result: (verdict: SpeakerVerdict, detail: string) => SpeakerResult,
  ): Promise<SpeakerResult> {
    const gainDb = this.#gain(output);
    const known = this.#page(output);
    const stored = baseline && calibrates(tones) === "ok";
    const fresh = stored ? { gainDb, tones: tones.map(({ hertz, toneDb }) => ({ hertz, toneDb })) } : known.baseline;
    const judged = baseline ? { verdict: calibrates(tones), losses: [] } : judgeSpeaker(tones, fresh, gainDb);
    const said = tones.map(({ hertz, toneDb, backgroundDb }, at) => {
      const loss = judged.losses[at]?.lossDb ?? null;
      const heard = `${hertz} Hz ${toneDb.toFixed(1)} dB over ${backgroundDb.toFixed(1)}`;
      return loss === null ? heard : `${heard}, ${loss.toFixed(1)} below`;
    });
    const detail = `${stored ? "stored as baseline: " : ""}${said.join("; ")}`;
    const made = result(judged.verdict, detail);
    const { store, clock } = this.#ports;
    // Those say nothing of the horn: what was known of it stands.
    const nothing = made.verdict === "not-calibrated" || made.verdict === "noisy";
    const last = nothing ? known.last : { at: made.at, verdict: made.verdict, detail };
    await store.transaction(async (tx) => {
      const pages = memory.parse(store.notes.get(NOTE) ?? {});
      await store.notes.set(tx, NOTE, { ...pages, [output]: { baseline: fresh, last } });
      const body = { output, by, baseline, verdict: made.verdict, tones, losses: judged.losses };
      await store.journal.append(tx, clock.now(), "speaker-test", body, "result");
    });
    return made;
  }

  /** Plays the tones; `null` when they were heard whole, else why not. */
  async #sound({ output, signal }: SpeakerRequest): Promise<string | null> {
    const { board, clock } = this.#ports;
    const announcement = this.#announcement(output);
    const { id } = announcement;
    board.announce(announcement);
    const until = clock.monotonic() + LONGEST;
    let sounded = 0;
    let last = clock.monotonic();
    while (clock.monotonic() < until && signal?.aborted !== true) {
      await clock.wait(POLL);
      const now = clock.monotonic();
      const onAir = this.#of(output)?.conductor.onAir() ?? null;
      if (onAir?.candidate.header.id === id && onAir.now?.sounding === true) sounded += now - last;
      last = now;
      if (!board.facts.announcements.some(({ announcement: one, ended }) => one.id === id && ended === null)) break;
    }
    board.stopAnnouncement(id);
    if (sounded === 0) return "the tones were not let through, or no card or amplifier took them";
    return sounded < TEST_TONES_MS * 0.8 ? "something else took the output while the tones sounded" : null;
  }

  /** Why the horns cannot be tested now: whoever is on air, on whichever output, would be heard too. */
  #busy(output: string): string | null {
    const { board, clock, outputs } = this.#ports;
    const { facts } = board;
    const taken = busyOf(facts, outputs, clock.now());
    if (taken !== null) return taken;
    const candidate = candidateOfAnnouncement(this.#announcement(output), facts.policy);
    return blockedBy(candidate, { facts, now: clock.now(), trust: clock.trust() })?.detail ?? null;
  }

  #announcement(output: string): Announcement {
    const item = { kind: "tone", id: "tones", title: "Kiểm tra loa", tone: "speaker-test", durationMs: TEST_TONES_MS };
    return {
      id: `speaker-${randomUUID()}`,
      title: "Kiểm tra loa",
      items: [item as Announcement["items"][number]],
      volume: 100,
      longestMs: LONGEST,
      outputs: [output],
      origin: {
        ...{ issuer: ISSUER, adoptedAt: this.#ports.clock.now(), address: "station", documentSha256: NO_DOCUMENT },
        keys: [],
      },
    };
  }

  #gain(output: string): number {
    const place = this.#of(output);
    // As the output plays it: in a period of the day it is quieter.
    const policy = place?.conductor.facts.policy ?? this.#ports.board.facts.policy;
    return candidateOfAnnouncement(this.#announcement(output), policy).gain + (place?.gainDb ?? 0);
  }

  #of(output: string) {
    return this.#ports.outputs.find(({ name }) => name === output);
  }

  #page(output: string): Page {
    return memory.parse(this.#ports.store.notes.get(NOTE) ?? {})[output] ?? { baseline: null, last: null };
  }
}
