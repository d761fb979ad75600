/**
 * Where a slot stands among its items, and the opening of the next one that can play. What cannot is remembered as refused, to be written
 * down by the run.
 */
import { isDeepStrictEqual } from "node:util";
import type { Candidate } from "./arbiter/candidate.ts";
import { openLiveOfSlot, type SlotContext } from "./live/in-slot.ts";
import type { LiveSegment } from "./live/stretches.ts";
import { type Refusal, refusal } from "./model/refusal.ts";
import type { Item } from "./model/schedule.ts";
import { StationError } from "./model/station-error.ts";
import type { Millis, Sha256 } from "./model/units.ts";
import { isRefusal } from "./ports/media.ts";
import type { Segment, SlotProgress } from "./ports/play-log.ts";
import type { Cue } from "./ports/sound.ts";
import { type Cursor, following, itemsOf, pauseAt, resumePoint } from "./run-order.ts";
import type { RunPorts } from "./run-ports.ts";
import { refusedSegment } from "./segments.ts";
import { contentMark } from "./slot-content.ts";

/** An item made ready to sound. */
export interface Ready {
  readonly cursor: Cursor;
  readonly item: Item;
  readonly fromMs: Millis;
  readonly sha256: Sha256 | null;
  readonly cue: Cue;
}

/** What the items need of the run they are part of. */
export interface OwnRun extends Pick<SlotContext, "run"> {
  /** Writes a stretch of a live item down. */
  readonly write: (segment: LiveSegment & Pick<Segment, "round">) => Promise<void>;
  /** Aborted when nobody wants them any more: what is being opened is given up, and the place stands where it is. */
  readonly leaving: AbortSignal;
}

/** Rounds that may still be asked about: the one that sounds and the one that is opened ahead. */
const ROUNDS_KEPT = 3;

export class SlotItems {
  /** Noted with every place. */
  readonly content: string;
  readonly #candidate: Candidate;
  readonly #ports: RunPorts;
  readonly #own: OwnRun;
  readonly #rounds = new Map<number, readonly Item[]>();
  /** Of an alert's round: what was composed, and could not be opened. */
  readonly #silent = new Map<number, readonly Item[]>();
  #refused: Segment[] = [];
  #cursor: Cursor | null;
  #fromMs: Millis;
  #blocked: Refusal | null = null;

  constructor(candidate: Candidate, progress: SlotProgress | null, ports: RunPorts, own: OwnRun) {
    this.#candidate = candidate;
    this.#ports = ports;
    this.#own = own;
    this.content = contentMark(candidate);
    const other = progress?.content !== undefined && progress.content !== this.content;
    const { round, itemIndex, positionMs } = resumePoint(candidate, other ? null : progress);
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
  /** Of the items that stand refused and were not taken to be written, why the last is; `null` where none is. */
  get refusal(): Refusal | null {
    return this.#refused.at(-1)?.refusal ?? null;
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

  /** The first one from the cursor on that can play. Gives up after a whole round without one. */
  async next(): Promise<Ready | null> {
    this.#blocked = null;
    this.#beginRoundAgain();
    const firstRound = this.#cursor?.round ?? 0;
    while (this.#cursor !== null && this.#cursor.round <= firstRound + 1) {
      const cursor = this.#cursor;
      const fromMs = this.#fromMs;
      // The pause is known without asking what follows it, which may still change while it lasts.
      const item = pauseAt(this.#candidate, cursor) ?? this.at(cursor);
      const opened = item === null ? null : await this.#open(item, cursor, fromMs);
      if (this.#own.leaving.aborted) {
        if (opened !== null && !isRefusal(opened)) opened.cue.cancel();
        return null;
      }
      if (item !== null && opened !== null && !isRefusal(opened)) return { cursor, item, fromMs, ...opened };
      if (item !== null && opened !== null && isRefusal(opened)) {
        if (opened.reason === "no-output") {
          this.#blocked = opened;
          return null;
        }
        const stretch = { item, round: cursor.round, fromMs, sha256: item.kind === "media" ? item.sha256 : null };
        this.#refused.push(refusedSegment(stretch, opened, this.#ports.amplifier()));
        this.leaveOut({ item, cursor });
      }
      this.goTo(this.following(cursor), 0);
    }
    return null;
  }

  /**
   * An alert is never silent because one of its items is: what takes its place in a round without it follows what has had its turn. What else
   * is played goes on without it.
   */
  leaveOut({ item, cursor: { round, itemIndex } }: Pick<Ready, "item" | "cursor">): void {
    if (this.#candidate.header.kind !== "emergency") return;
    const silent = [...(this.#silent.get(round) ?? []), item];
    this.#silent.set(round, silent);
    const had = this.#round(round).slice(0, itemIndex + 1);
    const composed = itemsOf(this.#candidate, round, this.#ports.compose(this.#candidate, round, silent));
    this.#rounds.set(round, [
      ...had,
      ...composed.filter((one) => !had.some((before) => isDeepStrictEqual(before, one))),
    ]);
  }

  /** The items of a round, as they were when it was first asked for. */
  #round(round: number): readonly Item[] {
    const known = this.#rounds.get(round);
    if (known !== undefined) return known;
    const items = itemsOf(this.#candidate, round, this.#ports.compose(this.#candidate, round));
    this.#rounds.set(round, items);
    for (const kept of [this.#rounds, this.#silent]) kept.delete(round - ROUNDS_KEPT);
    return items;
  }

  /** An alert that is taken up where its round, made of other items by now, has none: that round is heard from its beginning. */
  #beginRoundAgain(): void {
    if (this.#candidate.header.kind !== "emergency" || this.#cursor === null) return;
    // What follows a pause is not asked for before it is over.
    if (pauseAt(this.#candidate, this.#cursor) !== null || this.at(this.#cursor) !== null) return;
    const first = { round: this.#cursor.round, itemIndex: 0 };
    this.goTo(pauseAt(this.#candidate, first) === null ? first : { ...first, itemIndex: 1 }, 0);
  }

  /** A disk that cannot be read costs the item, not the slot. */
  async #open(item: Item, cursor: Cursor, fromMs: Millis): Promise<Pick<Ready, "cue" | "sha256"> | Refusal> {
    try {
      return await this.#opened(item, cursor, fromMs);
    } catch (error) {
      if (error instanceof StationError || ofTheSystem(error)) return refusal("media-unplayable", error.message);
      throw error;
    }
  }

  async #opened(item: Item, { round }: Cursor, fromMs: Millis): Promise<Pick<Ready, "cue" | "sha256"> | Refusal> {
    const { sound, media, speech } = this.#ports;
    if (item.kind === "live") {
      const write: SlotContext["write"] = (segment) => this.#own.write({ ...segment, round });
      const context = { ...this.#own, candidate: this.#candidate, ports: this.#ports, write };
      const cue = await openLiveOfSlot(item, { fromMs, signal: this.#own.leaving }, context);
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

/** What the kernel refused, as the file functions of Node throw it. */
function ofTheSystem(error: unknown): error is Error {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).errno === "number";
}
