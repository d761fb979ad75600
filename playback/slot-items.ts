/**
 * Where a slot stands among its items, and the opening of the next one that can play. What cannot is remembered as refused, to be written
 * down by the run.
 */
import type { Candidate } from "./arbiter/candidate.ts";
import { openLiveOfSlot, type SlotContext } from "./live/in-slot.ts";
import type { LiveSegment } from "./live/stretches.ts";
import type { Refusal } from "./model/refusal.ts";
import type { Item } from "./model/schedule.ts";
import type { Millis, Sha256 } from "./model/units.ts";
import { isRefusal } from "./ports/media.ts";
import type { Segment, SlotProgress } from "./ports/play-log.ts";
import type { Cue } from "./ports/sound.ts";
import { type Cursor, following, itemsOf, pauseAt, resumePoint } from "./run-order.ts";
import type { RunPorts } from "./run-ports.ts";
import { refusedSegment } from "./segments.ts";

/** An item made ready to sound. */
export interface Ready {
  readonly cursor: Cursor;
  readonly item: Item;
  readonly fromMs: Millis;
  readonly sha256: Sha256 | null;
  readonly cue: Cue;
}

/** What a live item needs of the run it is part of. */
export interface LiveRun extends Pick<SlotContext, "run"> {
  /** Writes a stretch of a live item down. */
  readonly write: (segment: LiveSegment & Pick<Segment, "round">) => Promise<void>;
}

/** Rounds that may still be asked about: the one that sounds and the one that is opened ahead. */
const ROUNDS_KEPT = 3;

export class SlotItems {
  readonly #candidate: Candidate;
  readonly #ports: RunPorts;
  readonly #live: LiveRun;
  readonly #rounds = new Map<number, readonly Item[]>();
  readonly #unwanted = new AbortController();
  #refused: Segment[] = [];
  #cursor: Cursor | null;
  #fromMs: Millis;
  #blocked: Refusal | null = null;

  constructor(candidate: Candidate, progress: SlotProgress | null, ports: RunPorts, live: LiveRun) {
    this.#candidate = candidate;
    this.#ports = ports;
    this.#live = live;
    const { round, itemIndex, positionMs } = resumePoint(candidate, progress);
    this.#cursor = { round, itemIndex };
    this.#fromMs = positionMs;
  }

  /** `null` after the last item. */
  get cursor(): Cursor | null {
    return this.#cursor;
  }
  /** Position in the item at the cursor. */
  get fromMs(): Millis {
    return this.#fromMs;
  }
  /** Why the output could not be had when the next item was looked for. */
  get blocked(): Refusal | null {
    return this.#blocked;
  }
  /** Whether items stand refused that were not taken to be written. */
  get anyRefused(): boolean {
    return this.#refused.length > 0;
  }

  takeRefused(): readonly Segment[] {
    const refused = this.#refused;
    this.#refused = [];
    return refused;
  }

  goTo(cursor: Cursor | null, fromMs: Millis): void {
    this.#cursor = cursor;
    this.#fromMs = fromMs;
  }

  following(cursor: Cursor): Cursor | null {
    return following(this.#candidate, cursor, this.#round(cursor.round).length);
  }

  at({ round, itemIndex }: Cursor): Item | null {
    return this.#round(round)[itemIndex] ?? null;
  }

  /** Nobody wants them any more: what is being opened is given up. */
  abandon(): void {
    this.#unwanted.abort();
  }

  /** The first one from the cursor on that can play. Gives up after a whole round without one. */
  async next(): Promise<Ready | null> {
    this.#blocked = null;
    const firstRound = this.#cursor?.round ?? 0;
    while (this.#cursor !== null && this.#cursor.round <= firstRound + 1) {
      const cursor = this.#cursor;
      const fromMs = this.#fromMs;
      // The pause is known without asking what follows it, which may still change while it lasts.
      const item = pauseAt(this.#candidate, cursor) ?? this.at(cursor);
      const opened = item === null ? null : await this.#open(item, cursor, fromMs);
      if (item !== null && opened !== null && !isRefusal(opened)) return { cursor, item, fromMs, ...opened };
      if (item !== null && opened !== null && isRefusal(opened)) {
        if (opened.reason === "no-output") {
          this.#blocked = opened;
          return null;
        }
        const stretch = { item, round: cursor.round, fromMs, sha256: item.kind === "media" ? item.sha256 : null };
        this.#refused.push(refusedSegment(stretch, opened, this.#ports.amplifier()));
      }
      this.goTo(this.following(cursor), 0);
    }
    return null;
  }

  /** The items of a round, as they were when it was first asked for. */
  #round(round: number): readonly Item[] {
    const known = this.#rounds.get(round);
    if (known !== undefined) return known;
    const items = itemsOf(this.#candidate, round, this.#ports.compose(this.#candidate, round));
    this.#rounds.set(round, items);
    this.#rounds.delete(round - ROUNDS_KEPT);
    return items;
  }

  async #open(item: Item, { round }: Cursor, fromMs: Millis): Promise<Pick<Ready, "cue" | "sha256"> | Refusal> {
    const { sound, media, speech } = this.#ports;
    if (item.kind === "live") {
      const write: SlotContext["write"] = (segment) => this.#live.write({ ...segment, round });
      const context = { ...this.#live, candidate: this.#candidate, ports: this.#ports, write };
      const cue = await openLiveOfSlot(item, { fromMs, signal: this.#unwanted.signal }, context);
      return isRefusal(cue) ? cue : { cue, sha256: null };
    }
    if (item.kind === "silence" || item.kind === "tone" || item.kind === "microphone") {
      const cue = await sound.prepare(item);
      return isRefusal(cue) ? cue : { cue, sha256: null };
    }
    const opened = await (item.kind === "text" ? speech.open(item.text, item.language) : media.open(item.sha256));
    if (isRefusal(opened)) return opened;
    const { sha256 } = opened;
    const cue = await sound.prepare({ kind: "media", media: opened, fromMs, loudness: this.#candidate.loudness });
    return isRefusal(cue) ? cue : { cue, sha256 };
  }
}
