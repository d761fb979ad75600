/** Holds one amplifier and drives it through playout; the only place where its lines are moved while the agent lives. */
import { senseProblem } from "./amplifier-sense.ts";
import { StationError } from "./model/station-error.ts";
import type { Millis } from "./model/units.ts";
import { advance, INITIAL_PLAYOUT, type Playout, type PlayoutPhase, type PlayoutTimes, type Want } from "./playout.ts";
import { type Amplifier, type AmplifierLines, type AmplifierReading, SAFE_LINES } from "./ports/amplifier.ts";
import type { Clock } from "./ports/clock.ts";
import type { Segment } from "./ports/play-log.ts";
import type { PowerOnTurns } from "./power-on-turns.ts";

/** A line did not obey, or the amplifier could not be reached. */
export type OnAmplifierFault = (error: unknown) => void;

/** Lines are read back this often while power is wanted. */
const READ_EVERY: Millis = 1_000;
/** And this often at rest: a relay whose contact is stuck, a cable that came off. */
const READ_AT_REST: Millis = 30_000;

export class AmplifierKeeper {
  readonly #amplifier: Amplifier;
  readonly #clock: Clock;
  readonly #times: PlayoutTimes;
  readonly #onChange: () => void;
  readonly #onFault: OnAmplifierFault;
  readonly #turns: PowerOnTurns | undefined;
  #playout: Playout = INITIAL_PLAYOUT;
  #want: Want = "silence";
  #reading: AmplifierReading | null = null;
  #readAt = Number.NEGATIVE_INFINITY;
  /** In which phase that was: what is sensed belongs to it. */
  #readIn: PlayoutPhase = "settling";
  #busy: Promise<void> = Promise.resolve();
  #stepping = false;
  #isolator: () => boolean = () => false;

  constructor(
    amplifier: Amplifier,
    clock: Clock,
    times: PlayoutTimes,
    onChange: () => void,
    onFault: OnAmplifierFault,
    turns?: PowerOnTurns,
  ) {
    this.#amplifier = amplifier;
    this.#clock = clock;
    this.#times = times;
    this.#onChange = onChange;
    this.#onFault = onFault;
    this.#turns = turns;
  }

  /** Takes the lines, safe first; an amplifier that cannot be reached is a fault that is retried, not an end. */
  async open(): Promise<void> {
    try {
      await this.#amplifier.open();
    } catch (error) {
      this.#fail(error);
    }
  }

  get phase(): PlayoutPhase {
    return this.#playout.phase;
  }
  get reading(): AmplifierReading | null {
    return this.#reading;
  }
  /** Sound may start: the amplifier is open, or broken in a way that waiting would not mend. */
  get ready(): boolean {
    return this.#playout.phase === "on-air" || this.#playout.phase === "fault";
  }
  /** For the record of what sounded. */
  get evidence(): Segment["amplifier"] {
    if (this.#playout.phase === "fault" || this.isolated || this.problem !== null) return "fault";
    return this.#reading?.sensed === true ? "sensed" : "driven";
  }
  /** Who knows whether a hand has cut the horns off; until then nobody does. */
  hear(isolator: () => boolean): void {
    this.#isolator = isolator;
  }
  /** A hand has cut the horns off: whatever the lines say, nothing is heard. */
  get isolated(): boolean {
    return this.#isolator();
  }
  /** What is sensed does not go with what was driven; `null` while it does, nothing is wired to tell, or the horns are cut off by hand. */
  get problem(): string | null {
    return this.#reading === null || this.isolated ? null : senseProblem(this.#reading, this.#readIn);
  }

  /** Says what is wanted and moves on as far as time allows. Never rejects. */
  want(want: Want): void {
    this.#want = want;
    this.tick();
  }

  /** Moves on; call it at `wakeAt`. */
  tick(): void {
    if (this.#stepping) return;
    this.#stepping = true;
    this.#busy = this.#step().finally(() => {
      this.#stepping = false;
    });
  }

  /** When `tick` is next worth calling; `null` while nothing changes by time alone. */
  wakeAt(): number | null {
    const { phase, until, restUntil } = this.#playout;
    if (phase === "silent") return this.#want === "silence" ? this.#restReadAt() : restUntil;
    return until ?? this.#readAt + READ_EVERY;
  }

  /** Not before the rest of the relay is over: what still stands in the amplifier's supply is no fault. */
  #restReadAt(): number {
    const { restUntil } = this.#playout;
    return this.#readAt < restUntil ? restUntil : this.#readAt + READ_AT_REST;
  }

  #advanced() {
    return advance(this.#playout, { kind: "wanted", want: this.#want }, this.#clock.monotonic(), this.#times);
  }

  async #step(): Promise<void> {
    for (;;) {
      const before = this.#playout.phase;
      if (this.#turns !== undefined && before === "silent" && this.#advanced().lines?.power === true) {
        await this.#turns.turn(() => this.#want === "urgent");
      }
      // What is wanted may have changed while it waited.
      const { playout, lines } = this.#advanced();
      this.#playout = playout;
      if (before === "fault") {
        if (lines !== null && (await this.#recover())) continue;
        return;
      }
      if (lines !== null) {
        try {
          await this.#amplifier.drive(lines);
        } catch (error) {
          this.#fail(error);
          return;
        }
        // Phase times count from the moment the lines obeyed, however slow the board is.
        this.#restart(playout);
      }
      if (this.#playout.phase === before) return this.#read();
      // Told before it is read: nothing that sounds waits for a slow board.
      this.#onChange();
    }
  }

  /**
   * Moves the lines for a hand that feels the relay, or gives them back (`null`); only in silence, which any sound ends by driving its own. Gives what
   * reads back, or why it cannot be. @throws StationError `amplifier-unreachable`, `amplifier-disobeys`
   */
  async feel(lines: AmplifierLines | null): Promise<AmplifierReading | string> {
    if (this.#playout.phase !== "silent" || this.#want !== "silence") return `the amplifier is ${this.#playout.phase}`;
    // Asked for at once, so that whatever is wanted next is driven after it.
    await this.#amplifier.drive(lines ?? SAFE_LINES);
    return this.#amplifier.read();
  }

  #restart(playout: Playout): void {
    const { settleMs, guardMs } = this.#times;
    const forMs = playout.phase === "settling" ? settleMs : playout.phase === "opening" ? guardMs : null;
    if (forMs !== null) this.#playout = { ...playout, until: this.#clock.monotonic() + forMs };
  }

  async #recover(): Promise<boolean> {
    try {
      await this.#amplifier.open();
      await this.#amplifier.drive(SAFE_LINES);
    } catch (error) {
      this.#onFault(error);
      return false;
    }
    this.#playout = advance(this.#playout, { kind: "safe" }, this.#clock.monotonic(), this.#times).playout;
    this.#onChange();
    return true;
  }

  async #read(): Promise<void> {
    const now = this.#clock.monotonic();
    const { phase } = this.#playout;
    if (phase === "silent" ? now < this.#restReadAt() : phase === this.#readIn && now < this.#readAt + READ_EVERY)
      return;
    this.#readIn = phase;
    this.#readAt = now;
    try {
      this.#reading = await this.#amplifier.read();
      const { commanded, driven } = this.#reading;
      // The guard, or a hand on the board, moved the lines under our feet: begin again from safe.
      if (commanded !== null && (driven.power !== commanded.power || driven.muted !== commanded.muted)) {
        throw new StationError("amplifier-disobeys", "the amplifier's lines do not read back as they were driven");
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#playout = advance(this.#playout, { kind: "failed" }, this.#clock.monotonic(), this.#times).playout;
    this.#onFault(error);
    this.#onChange();
  }

  /** Mutes and cuts power at once. */
  async close(): Promise<void> {
    this.#want = "silence";
    await this.#busy;
    await this.#amplifier.makeSafe();
    this.#playout = INITIAL_PLAYOUT;
    await this.#amplifier.close();
  }
}
