/** The real deciding and conducting on a virtual clock, with a sound output and an amplifier that only remember. */
import { MemoryAmplifier } from "../../../agent/simulate/memory-amplifier.ts";
import { VirtualClock } from "../../../agent/simulate/virtual-clock.ts";
import { VirtualSound } from "../../../agent/simulate/virtual-sound.ts";
import { VirtualSpeech } from "../../../agent/simulate/virtual-speech.ts";
import type { Session } from "../../../playback/arbiter/sessions.ts";
import { BEAT, Conductor } from "../../../playback/conductor.ts";
import type { Emergency } from "../../../playback/model/emergency.ts";
import type { Facts } from "../../../playback/model/facts.ts";
import { DEFAULT_POLICY } from "../../../playback/model/policy.ts";
import { type RefusalReason, refusal } from "../../../playback/model/refusal.ts";
import type { ApprovedMedia, MediaItem, Origin, Programme } from "../../../playback/model/schedule.ts";
import { StationError } from "../../../playback/model/station-error.ts";
import type { Instant, Millis, Sha256 } from "../../../playback/model/units.ts";
import type { MediaLibrary } from "../../../playback/ports/media.ts";
import type { PlayLog } from "../../../playback/ports/play-log.ts";
import { MemoryPlayLog } from "./memory-play-log.ts";

export const ZONE = "Asia/Ho_Chi_Minh";
/** The instant of a local time in the station's zone. */
export const local = (text: string): Instant => Date.parse(`${text.replace(" ", "T")}+07:00`);

export const ORIGIN: Origin = {
  issuer: "province-01",
  address: "all",
  adoptedAt: 0,
  documentSha256: "d".repeat(64) as Sha256,
  keys: ["k"],
};

/** A digest that can be read in a test's output. */
export function digest(name: string): Sha256 {
  return Buffer.from(name).toString("hex").padEnd(64, "0").slice(0, 64) as Sha256;
}
export function nameOf(sha256: string): string {
  return Buffer.from(sha256.replace(/(00)+$/, ""), "hex").toString();
}

export function item(name: string): MediaItem {
  return { kind: "media", id: name, title: name, sha256: digest(name) };
}

export function programme(id: string, change: Partial<Programme> = {}): Programme {
  return {
    id,
    title: id,
    level: "commune",
    class: "normal",
    filler: false,
    order: 100,
    recurrence: { kind: "weekly", weekdays: ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] },
    start: "05:00",
    loop: false,
    outputs: [],
    lateness: { word: "play-next" },
    interruption: "resume",
    overrun: "finish-item",
    repeats: { count: 1, gapMs: 0 },
    items: [item(id)],
    origin: ORIGIN,
    ...change,
  };
}

export function alert(identifier: string, change: Partial<Emergency> = {}): Emergency {
  return {
    identifier,
    sent: 0,
    status: "actual",
    severity: "extreme",
    headline: identifier,
    language: "vi",
    items: [item(identifier)],
    repeat: { rounds: 1, gapMs: 0 },
    expires: Number.MAX_SAFE_INTEGER,
    longestMs: 3_600_000,
    outputs: [],
    origin: ORIGIN,
    ...change,
  };
}

export const TIMES = { settleMs: 800, guardMs: 120, tailMs: 150, holdMs: 20_000, minimumOffMs: 4_000 };

interface More {
  readonly log?: MemoryPlayLog;
  /** What stands between the conductor and the log. */
  readonly wrap?: (log: MemoryPlayLog, clock: VirtualClock) => PlayLog;
  /** Longer where days pass; the loop still wakes at every instant that matters. */
  readonly beat?: Millis;
  /** What an earlier run of the agent knows to have sounded. */
  readonly sessions?: readonly Session[];
}

export class VirtualCluster {
  readonly clock: VirtualClock;
  readonly sound: VirtualSound;
  readonly speech = new VirtualSpeech();
  readonly amplifier: MemoryAmplifier;
  readonly log: MemoryPlayLog;
  readonly conductor: Conductor;
  readonly faults: string[] = [];
  /** Names of media that cannot be opened, and why. */
  readonly bad = new Map<string, RefusalReason>();
  /** Names of media that are here, and whose bytes the disk does not give. */
  readonly unreadable = new Set<string>();
  /** Names of media that take so long to open. */
  readonly slow = new Map<string, Millis>();
  /** Names of media whose approval was taken back, from the next change on; all others that are named anywhere are approved. */
  readonly withdrawn = new Set<string>();
  #facts: Facts;

  /** `lengths`: media by name, in milliseconds; 10 s where not named. */
  constructor(start: Instant, facts: Partial<Facts>, lengths: Record<string, Millis> = {}, more: More = {}) {
    const log = more.log ?? new MemoryPlayLog();
    // Adopted an hour before the story begins, unless the test says otherwise.
    const adopted = { ...ORIGIN, adoptedAt: start - 3_600_000 };
    const programmes = (facts.programmes ?? []).map((one) =>
      one.origin === ORIGIN ? { ...one, origin: adopted } : one,
    );
    this.clock = new VirtualClock(start);
    this.sound = new VirtualSound(this.clock);
    this.amplifier = new MemoryAmplifier(() => this.clock.monotonic());
    this.log = log;
    const approved = new Map<Sha256, ApprovedMedia>();
    for (const [name, durationMs] of Object.entries(lengths)) {
      const sha256 = digest(name);
      approved.set(sha256, {
        sha256,
        sizeBytes: 1,
        type: "audio/flac",
        durationMs,
        title: name,
        urls: [],
        pinned: false,
      });
    }
    const media: MediaLibrary = {
      has: (sha256) => !this.bad.has(nameOf(sha256)) && !this.withdrawn.has(nameOf(sha256)),
      open: async (sha256) => {
        const takes = this.slow.get(nameOf(sha256));
        if (takes !== undefined) await this.clock.wait(takes);
        if (this.unreadable.has(nameOf(sha256))) throw new StationError("storage-failed", `${nameOf(sha256)}: EIO`);
        const reason = this.withdrawn.has(nameOf(sha256)) ? "digest-not-approved" : this.bad.get(nameOf(sha256));
        if (reason !== undefined) return refusal(reason, nameOf(sha256));
        const durationMs = lengths[nameOf(sha256)] ?? 10_000;
        return { sha256, fd: -1, type: "audio/flac", durationMs, close: () => Promise.resolve() };
      },
    };
    this.#facts = {
      zone: ZONE,
      outputs: ["horn"],
      approved,
      live: new Map(),
      suspensions: [],
      playlists: [],
      texts: new Set(),
      emergencies: [],
      announcements: [],
      policy: { ...DEFAULT_POLICY, quietHours: [] },
      muted: false,
      ...facts,
      programmes,
    };
    this.conductor = new Conductor(
      {
        clock: this.clock,
        sound: this.sound,
        speech: this.speech,
        media,
        log: more.wrap?.(log, this.clock) ?? log,
        amplifier: this.amplifier,
        sessions: () => Promise.resolve(more.sessions ?? []),
        onAmplifierFault: (error) => this.faults.push(`amplifier: ${String(error)}`),
        onSlotEnd: () => undefined,
        onLateStart: (key, lateMs) => this.faults.push(`late start: ${key}, ${lateMs} ms`),
        onFault: (step, error) => this.faults.push(`${step}: ${String(error)}`),
      },
      this.#approving(),
      TIMES,
      more.beat ?? BEAT,
    );
  }

  change(facts: Partial<Facts>): void {
    this.#facts = { ...this.#facts, ...facts };
    this.conductor.update(this.#approving());
  }

  /** The facts, with an approval of everything that they name; what is approved without a length has none that was announced. */
  #approving(): Facts {
    const { programmes, suspensions, emergencies, announcements } = this.#facts;
    const items = [
      ...programmes.flatMap((one) => one.items),
      ...suspensions.flatMap(({ replaceBy }) => replaceBy),
      ...emergencies.flatMap(({ emergency }) => emergency.items),
      ...announcements.flatMap(({ announcement }) => announcement.items),
    ].flatMap((one) => (one.kind === "live" ? one.fallback : one.kind === "media" ? [one] : []));
    const chimes = programmes.flatMap(({ chime }) => chime ?? []).map((sha256) => ({ sha256, title: "chime" }));
    const plain = { sizeBytes: 1, type: "audio/flac", durationMs: 0, urls: [], pinned: false };
    const named = [...items, ...chimes].map(({ sha256, title }) => ({ ...plain, sha256, title }));
    const approved = new Map<Sha256, ApprovedMedia>(named.map((one) => [one.sha256, one]));
    for (const [sha256, one] of this.#facts.approved) approved.set(sha256, one);
    for (const name of this.withdrawn) approved.delete(digest(name));
    return { ...this.#facts, approved };
  }

  /** What was heard: name, local start time, and the stretch in seconds. */
  heard(): string[] {
    return this.sound.heard.map(({ what, startedAt, fromMs, toMs, endedAt }) => {
      const time = new Date(startedAt + 7 * 3_600_000).toISOString().slice(5, 19).replace("T", " ");
      return `${time} ${nameOf(what)} ${round(fromMs)}–${endedAt === null ? "…" : round(toMs)}`;
    });
  }

  /** Records: key, outcome and reason. */
  records(): string[] {
    return this.log.records.map(
      ({ header, outcome, why }) => `${header.id} ${outcome}${why === null ? "" : ` ${why.reason}`}`,
    );
  }
}

const round = (ms: Millis) => Math.round(ms / 100) / 10;
