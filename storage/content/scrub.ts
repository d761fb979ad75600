/**
 * Reads every object again once in a while, because a card forgets silently: little by little, with pauses, so that neither playing nor the
 * card notices. One object at a time, the one that was read the longest ago; so a restart goes on where the last run stopped.
 * Limit: what the kernel still has in memory is read from there.
 */
import { createHash } from "node:crypto";
import { isTrusted } from "../../playback/model/clock-trust.ts";
import { StationError } from "../../playback/model/station-error.ts";
import { type Instant, MINUTE, type Millis, type Sha256 } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import { codeOf } from "../faults.ts";
import type { ObjectStore, Stored } from "./object-store.ts";

const CHUNK = 64 * 1024;
/** 3 MB a second at most. */
const PAUSE: Millis = 20;
/** Between two looks at whether something is due. */
const LONGEST_WAIT: Millis = 10 * MINUTE;

export interface ScrubPorts {
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly everyMs: () => Millis;
  readonly onSpoilt: (sha256: Sha256, problem: string) => Promise<void>;
  readonly onFault: (problem: string) => void;
}

/** How long until the next object is due: its turn among all, at once where the last reading is longer ago than a round may take. */
export function scrubWait(
  next: Stored | undefined,
  count: number,
  everyMs: Millis,
  sinceLast: Millis,
  now: Instant | null,
): Millis {
  if (next === undefined) return Number.POSITIVE_INFINITY;
  const turn = everyMs / count - sinceLast;
  // A reading in the future was dated by a wrong clock: then only the turn counts.
  const overdue = now === null || next.scrubbedAt > now ? Number.POSITIVE_INFINITY : next.scrubbedAt + everyMs - now;
  return Math.max(0, Math.min(turn, overdue));
}

export class Scrub {
  readonly #ports: ScrubPorts;

  constructor(ports: ScrubPorts) {
    this.#ports = ports;
  }

  /** Goes on until the signal aborts. Never rejects for the disk's sake. */
  async run(signal: AbortSignal): Promise<void> {
    const { objects, clock, everyMs, onFault } = this.#ports;
    let last = clock.monotonic();
    while (!signal.aborted) {
      const all = objects.list();
      const next = all.reduce<Stored | undefined>((a, b) => (a === undefined || b.scrub < a.scrub ? b : a), undefined);
      const wait = scrubWait(
        next,
        all.length,
        everyMs(),
        clock.monotonic() - last,
        isTrusted(clock.trust()) ? clock.now() : null,
      );
      if (next === undefined || wait > 0) {
        await clock.wait(Math.min(wait, LONGEST_WAIT), signal);
        continue;
      }
      last = clock.monotonic();
      try {
        await this.#read(next, signal);
      } catch (error) {
        // A disk that fails today is looked at again at the next turn; a bug goes on up.
        if (!(error instanceof StationError) && codeOf(error) === "") throw error;
        onFault(`scrub ${next.sha256}: ${(error as Error).message}`);
        await clock.wait(MINUTE, signal);
      }
    }
  }

  async #read({ sha256, bytes }: Stored, signal: AbortSignal): Promise<void> {
    const { objects, onSpoilt } = this.#ports;
    const digest = await this.#slowDigest(sha256, signal).catch((error: unknown) => {
      // The card itself says that it cannot read it.
      if (codeOf(error) === "EIO") return "unreadable";
      throw error;
    });
    if (signal.aborted || objects.bytesOf(sha256) === null) return;
    if (digest === sha256) return objects.scrubbed(sha256);
    objects.doubt(sha256);
    // Once more from the beginning: what was replaced under our hands is not spoilt, and a bit that flipped in memory is not on the disk.
    const again = digest === "unreadable" ? "altered" : await objects.openVerified({ sha256, sizeBytes: bytes });
    if (typeof again === "object") {
      await again.close();
      return objects.scrubbed(sha256);
    }
    await onSpoilt(sha256, digest === "unreadable" ? "the card cannot read it" : "its bytes rotted on the disk");
  }

  async #slowDigest(sha256: Sha256, signal: AbortSignal): Promise<string | null> {
    const file = await this.#ports.objects.openUnverified(sha256);
    if (file === null) return null;
    const hash = createHash("sha256");
    const buffer = Buffer.allocUnsafe(CHUNK);
    try {
      for (let at = 0; !signal.aborted; ) {
        const { bytesRead } = await file.read(buffer, 0, CHUNK, at);
        if (bytesRead === 0) return hash.digest("hex");
        hash.update(buffer.subarray(0, bytesRead));
        at += bytesRead;
        await this.#ports.clock.wait(PAUSE, signal);
      }
      return null;
    } finally {
      await file.close();
    }
  }
}
