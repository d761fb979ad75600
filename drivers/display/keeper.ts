/**
 * Keeps one board as it is wanted: tells it, asks it, tells it again after it was away or when it reports something else. The latest wish for
 * each aspect and each picture is all that waits, so nothing can pile up. One call of the controller at a time.
 *
 * Invariants: a failure is never the end, only a longer pause with full jitter; a new wish does not wait for that pause when the board is
 * online; after three misses the board is offline until it answers; a picture is sent again before the card takes it away, and never after
 * it is not wanted.
 */
import { StationError } from "../../playback/model/station-error.ts";
import type { Millis, Monotonic } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import {
  type BoardImage,
  DISPLAY_ASPECTS,
  type DisplayController,
  type DisplayStatus,
  type DisplayWish,
  SILENT_REPORT,
} from "../../playback/ports/display-controller.ts";
import {
  DEFAULT_KEEPER_TIMES,
  imageDueAt,
  type KeeperTimes,
  MISSES_UNTIL_OFFLINE,
  pauseAfter,
  showsImages,
  type WantedImage,
  wishToSend,
} from "./keeper-plan.ts";

/** `unknown` before the first answer or the third miss; `disobeys`: it answers and is not as it should be. */
export type BoardCondition = "unknown" | "online" | "disobeys" | "offline";

export interface KeeperPorts {
  readonly clock: Clock;
  /** Something of `condition` or `status` changed. */
  readonly onChange: () => void;
  /** Every failure, also those that are tried again. */
  readonly onFault: (error: StationError) => void;
  /** Between 0 and 1, for the jitter. */
  readonly random?: (() => number) | undefined;
}

export class DisplayKeeper {
  readonly #controller: DisplayController;
  readonly #ports: KeeperPorts;
  readonly #times: KeeperTimes;
  readonly #images = new Map<number, WantedImage>();
  readonly #cleared = new Set<number>();
  #wanted: DisplayWish = {};
  #taken: DisplayWish = {};
  #status: DisplayStatus | null = null;
  #condition: BoardCondition = "unknown";
  #isOpen = false;
  #misses = 0;
  #failures = 0;
  #stopped = new AbortController();
  #awake = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(controller: DisplayController, ports: KeeperPorts, times: KeeperTimes = DEFAULT_KEEPER_TIMES) {
    this.#controller = controller;
    this.#ports = ports;
    this.#times = times;
  }

  get name(): string {
    return this.#controller.name;
  }
  get condition(): BoardCondition {
    return this.#condition;
  }
  /** As it last said; `null` while it is away. */
  get status(): DisplayStatus | null {
    return this.#status;
  }
  /** What is wanted now. */
  get wanted(): DisplayWish {
    return this.#wanted;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** What is not named stays as wanted before. @throws RangeError for what this board cannot be told */
  want(wish: DisplayWish): void {
    for (const aspect of Object.keys(wish)) {
      if (!(this.#controller.can.aspects as ReadonlySet<string>).has(aspect))
        throw new RangeError(`${this.name} has no ${aspect}`);
    }
    // What was covered or switched off may have lost its pictures.
    if (!showsImages({ ...this.#wanted, ...wish })) this.#forgetImages();
    this.#wanted = { ...this.#wanted, ...wish };
    this.#wake();
  }

  /** Wanted until it is replaced, cleared, or the keeper stops; the card takes it away within its time-out after that. @throws RangeError */
  show(image: BoardImage): void {
    const { images } = this.#controller.can;
    if (images === null || !(image.area >= 0 && image.area < images.areas)) {
      throw new RangeError(`${this.name} has no area ${image.area} for pictures`);
    }
    this.#cleared.delete(image.area);
    this.#images.set(image.area, { image, takenAt: null });
    this.#wake();
  }

  /** @throws RangeError */
  clear(area: number): void {
    const areas = this.#controller.can.images?.areas ?? 0;
    if (!(area >= 0 && area < areas)) throw new RangeError(`${this.name} has no area ${area} for pictures`);
    this.#images.delete(area);
    this.#cleared.add(area);
    this.#wake();
  }

  /** Leaves the board as it is. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#wake();
    await this.#controller.close();
    await this.#running;
  }

  #wake(): void {
    this.#awake.abort();
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      this.#awake = new AbortController();
      const pause = await this.#round();
      if (this.#stopped.signal.aborted) return;
      // Who is away is not asked faster because more is wanted of it.
      const patient = this.#misses > 0;
      await this.#ports.clock.wait(pause, patient ? this.#stopped.signal : this.#awake.signal);
    }
  }

  /** Everything that is due; gives the pause until the next round. */
  async #round(): Promise<Millis> {
    try {
      await this.#open();
      // One thing that it refuses must not keep the others from it: black comes after a brightness that it does not take.
      const refusals = [...(await this.#settle()), ...(await this.#sendImages())];
      const status = await this.#call(() => this.#controller.status());
      this.#status = status;
      const [refusal] = refusals;
      if (refusal !== undefined) throw refusal;
      this.#answered(status);
      return this.#pause();
    } catch (error) {
      if (!(error instanceof StationError)) throw error;
      if (!this.#stopped.signal.aborted) this.#failed(error);
      return pauseAfter(this.#failures, this.#times, (this.#ports.random ?? Math.random)());
    }
  }

  async #open(): Promise<void> {
    if (this.#isOpen) return;
    await this.#call(() => this.#controller.open());
    this.#isOpen = true;
  }

  /** Tells what is due, aspect by aspect; gives what was refused. @throws StationError `display-unreachable` */
  async #settle(): Promise<readonly StationError[]> {
    const reported = this.#status?.reported ?? SILENT_REPORT;
    const wish = wishToSend(this.#wanted, this.#taken, reported, this.#controller.can);
    const refusals: StationError[] = [];
    for (const aspect of DISPLAY_ASPECTS) {
      if (wish[aspect] === undefined) continue;
      const part: DisplayWish = { [aspect]: wish[aspect] };
      const refusal = await this.#refusalOf(() => this.#controller.apply(part));
      if (refusal === null) this.#taken = { ...this.#taken, ...part };
      else refusals.push(refusal);
      // What has no power takes nothing else.
      if (refusal !== null && aspect === "power") break;
    }
    return refusals;
  }

  /** Takes away and shows what is due. Gives what was refused. @throws StationError `display-unreachable` */
  async #sendImages(): Promise<readonly StationError[]> {
    const refusals: StationError[] = [];
    const tell = async (work: () => Promise<void>): Promise<boolean> => {
      const refusal = await this.#refusalOf(work);
      if (refusal !== null) refusals.push(refusal);
      return refusal === null;
    };
    for (const area of [...this.#cleared]) {
      if (await tell(() => this.#controller.clear(area))) this.#cleared.delete(area);
    }
    if (!showsImages(this.#wanted)) return refusals;
    for (const [area, wanted] of [...this.#images]) {
      if (imageDueAt(wanted) > this.#ports.clock.monotonic() || this.#images.get(area) !== wanted) continue;
      const taken = await tell(() => this.#controller.show(wanted.image));
      // It may have been replaced or cleared while it was sent.
      if (!taken || this.#images.get(area) !== wanted) continue;
      this.#images.set(area, { ...wanted, takenAt: this.#ports.clock.monotonic() });
    }
    return refusals;
  }

  /** A refusal as a value; whoever is not reached is not asked further. @throws StationError `display-unreachable` */
  async #refusalOf(work: () => Promise<void>): Promise<StationError | null> {
    try {
      await this.#call(work);
      return null;
    } catch (error) {
      if (error instanceof StationError && error.code === "display-disobeys") return error;
      throw error;
    }
  }

  #answered(status: DisplayStatus): void {
    const strays = wishToSend(this.#wanted, this.#taken, status.reported, this.#controller.can);
    this.#misses = 0;
    this.#failures = 0;
    this.#turn(Object.keys(strays).length === 0 ? "online" : "disobeys");
  }

  #failed(error: StationError): void {
    this.#failures += 1;
    this.#ports.onFault(error);
    if (error.code === "display-disobeys") {
      // It answers, so it is there.
      this.#misses = 0;
      this.#turn("disobeys");
      return;
    }
    this.#misses += 1;
    // Who was away may have lost everything, and begins anew.
    this.#taken = {};
    this.#status = null;
    this.#forgetImages();
    if (this.#misses >= MISSES_UNTIL_OFFLINE) this.#turn("offline");
  }

  /** Until something is due without a new wish. */
  #pause(): Millis {
    const now: Monotonic = this.#ports.clock.monotonic();
    const shown = showsImages(this.#wanted) ? [...this.#images.values()] : [];
    const untilImage = Math.min(...shown.map(imageDueAt)) - now;
    // What it reports otherwise is told again soon, but not without a breath.
    const poll = this.#condition === "disobeys" ? this.#times.backOffMs : this.#times.pollMs;
    return Math.max(0, Math.min(poll, untilImage));
  }

  #turn(condition: BoardCondition): void {
    const changed = this.#condition !== condition;
    this.#condition = condition;
    if (changed || condition === "online") this.#ports.onChange();
  }

  #forgetImages(): void {
    for (const [area, { image }] of this.#images) this.#images.set(area, { image, takenAt: null });
  }

  /** A controller that breaks its promise to end is closed, and counts as away. */
  async #call<T>(work: () => Promise<T>): Promise<T> {
    const done = new AbortController();
    const over = AbortSignal.any([done.signal, this.#stopped.signal]);
    const late = this.#ports.clock.wait(this.#times.callMs, over).then(() => null);
    try {
      const result = await Promise.race([work().then((value) => ({ value })), late]);
      if (result !== null) return result.value;
      // Not opened and closed otherwise: a relay would switch.
      this.#isOpen = false;
      await this.#controller.close();
      throw new StationError("display-unreachable", `${this.name}: no end within ${this.#times.callMs} ms`);
    } finally {
      done.abort();
    }
  }
}
