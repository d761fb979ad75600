/**
 * What a run writes down: every stretch when it has ended, where it stands meanwhile, what could not be opened. What the outcome of the slot is
 * told from is counted here.
 */
import type { Candidate } from "./arbiter/candidate.ts";
import { LivePlay } from "./live/live-play.ts";
import type { LiveSegment } from "./live/stretches.ts";
import type { Instant, Millis, Sha256 } from "./model/units.ts";
import type { ClockQuality } from "./ports/clock.ts";
import type { Segment, SlotProgress } from "./ports/play-log.ts";
import type { Playing, PlayResult } from "./ports/sound.ts";
import type { RunPorts } from "./run-ports.ts";
import { identityOf, playedSegment } from "./segments.ts";
import type { Ready, SlotItems } from "./slot-items.ts";

/** An item that was given to the output. */
export interface OnAir extends Ready {
  readonly playing: Playing;
  /** When it was started. */
  readonly clock: ClockQuality | null;
}

/** What is late by less is told by the record alone. */
const LATE: Millis = 100;

export class RunRecord {
  readonly #key: string;
  readonly #ports: RunPorts;
  readonly #items: SlotItems;
  readonly #progress: () => SlotProgress;
  #played = 0;
  readonly #whole: Sha256[] = [];
  #failed = 0;
  /** When its first sound was meant to begin, until it has. */
  #meantAt: Instant | null = null;

  constructor({ header }: Candidate, ports: RunPorts, items: SlotItems, progress: () => SlotProgress) {
    this.#key = header.key;
    this.#ports = ports;
    this.#items = items;
    this.#progress = progress;
  }

  /** Recordings that were heard to their end. */
  get whole(): readonly Sha256[] {
    return this.#whole;
  }
  /** Every item that was written down so far was whole. */
  get faultless(): boolean {
    return this.#failed === 0;
  }
  get heardAnything(): boolean {
    return this.#played > 0;
  }

  /** Its first sound is meant to begin then; `null`: as soon as it can. */
  meant(at: Instant | null): void {
    this.#meantAt = at;
  }

  note(current: OnAir): Promise<void> {
    const { item, fromMs, sha256, playing } = current;
    const amplifier = this.#ports.amplifier();
    const sounding = playing instanceof LivePlay ? playing.sounding() : identityOf(item, fromMs, sha256);
    const noted = { ...this.#progress(), ...(sounding === null ? {} : { sounding: { ...sounding, amplifier } }) };
    return this.#ports.log.note(this.#key, noted);
  }

  /** A live item writes its stretches itself. */
  live(segment: LiveSegment & Pick<Segment, "round">): Promise<void> {
    if (segment.outcome === "failed" || segment.live?.state === "fallback") this.#failed += 1;
    const amplifier = this.#ports.amplifier();
    return this.#ports.log.addSegment(this.#key, { ...segment, amplifier }, this.#progress());
  }

  /** What could not be opened. */
  async refused(): Promise<void> {
    for (const segment of this.#items.takeRefused()) {
      this.#failed += 1;
      await this.#ports.log.addSegment(this.#key, segment, this.#progress());
    }
  }

  /** A stretch has ended, and the place is where the slot goes on: at `next`, if that was made ready. `leaving`: it is to make place. */
  async ended(current: OnAir, result: PlayResult, next: OnAir | null, leaving: () => boolean): Promise<void> {
    const { item, cursor, fromMs, sha256 } = current;
    if (result.startedAt !== null) this.#began(result.startedAt, result.delayedMs);
    // Where its source gave nothing, what follows is not late.
    if (item.kind === "live") this.#meantAt = null;
    // Without an output it is taken up again where it stands.
    const lost = result.refusal?.reason === "no-output";
    if (result.outcome === "failed" && !lost) this.#failed += 1;
    const whole = result.outcome === "completed";
    if (whole && sha256 !== null) this.#whole.push(sha256);
    const place = (whole ? (next?.cursor ?? this.#items.following(cursor)) : cursor) ?? cursor;
    const at = this.#ports.clock.now();
    const { content } = this.#items;
    const progress: SlotProgress = { ...place, positionMs: whole ? 0 : result.positionMs, at, content };
    this.#items.goTo({ round: progress.round, itemIndex: progress.itemIndex }, progress.positionMs);
    const segment = playedSegment({ item, round: cursor.round, fromMs, sha256 }, result, {
      amplifier: this.#ports.amplifier(),
      clock: current.clock,
    });
    const { log } = this.#ports;
    // A live item has written its stretches itself.
    await (item.kind === "live" ? log.note(this.#key, progress) : log.addSegment(this.#key, segment, progress));
    // What was found missing beyond the place where it will be taken up is looked for again then.
    const passed = whole && next !== null;
    if (passed || (!leaving() && !lost)) await this.refused();
    else this.#items.takeRefused();
  }

  #began(startedAt: Instant, delayedMs: Millis): void {
    this.#played += 1;
    const lateMs = this.#meantAt === null ? 0 : startedAt - delayedMs - this.#meantAt;
    this.#meantAt = null;
    if (lateMs > LATE) this.#ports.onLateStart(this.#key, lateMs);
  }
}
