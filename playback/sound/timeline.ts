/** Three clocks seen as one: the wall, the monotonic one, and the samples of one open card. */
import type { Instant, Millis, Monotonic } from "../model/units.ts";
import type { Clock } from "../ports/clock.ts";
import { Breaks } from "./breaks.ts";
import { ClockEstimate } from "./clock-estimate.ts";
import { PeriodMeter } from "./period-meter.ts";
import { millisOf, type Samples, samplesOf } from "./units.ts";
import { WallOffset } from "./wall-offset.ts";
import type { AudioGraph } from "./web-audio.ts";

/** Beyond the period that may be in the making, for the way of a new node to the audio thread. */
const HANDOVER: Samples = samplesOf(4);

export class Timeline {
  readonly graph: AudioGraph;
  readonly estimate = new ClockEstimate();
  readonly #clock: Clock;
  readonly #correction: Millis;
  readonly #periods = new PeriodMeter();
  readonly #wall = new WallOffset();
  readonly #breaks = new Breaks();

  /** `correction` is added to what the card states as its latency. */
  constructor(graph: AudioGraph, clock: Clock, correction: Millis) {
    this.graph = graph;
    this.#clock = clock;
    this.#correction = correction;
  }

  /** A reading of the audio clock, for the first seconds every few milliseconds. */
  observe(at: Monotonic, rendered: Samples): void {
    this.#periods.observe(at, rendered);
    this.#wall.observe(at, this.#clock.now());
    const period = this.#periods.period();
    this.estimate.observe(
      at,
      millisOf(rendered),
      this.graph.outputLatency(),
      period > 0 ? millisOf(period) : undefined,
    );
    this.#breaks.observe(at, this.estimate.jumps(), this.graph.underruns());
  }

  /** Times something that was due was not heard, since opening. */
  breaks(): number {
    return this.#breaks.count();
  }

  /** Estimated time from a rendered sample to the ear. */
  latency(): Millis {
    return this.estimate.latency() + this.#behind();
  }

  /** The first sample that something new can still be put on, also when the card has taken so many periods more. */
  soonest(more = 0): Samples {
    return Math.ceil(this.graph.rendered() + (1 + more) * this.#periods.period() + HANDOVER);
  }

  /** Whether what was just put on this sample is sure to sound from it: the period in the making may not have seen it. */
  isFree(sample: Samples): boolean {
    return this.graph.rendered() + this.#periods.period() <= sample;
  }

  /** The sample heard now; stands still when the card does. */
  heard(): Samples {
    return Math.min(this.sampleAt(this.#clock.monotonic()), this.graph.rendered());
  }

  /** The sample heard at a monotonic time. */
  sampleAt(at: Monotonic): Samples {
    return samplesOf(at - this.#offset(at));
  }

  /** The sample heard together with what another way onto the same card lets sound after `latency`: what lies behind the card delays both. */
  heardAfter(latency: Millis): Samples {
    return this.sampleAt(this.#clock.monotonic() + latency + this.#correction);
  }

  /** Wall time at which a sample is or was heard, by the wall clock of now. */
  wallTimeOf(sample: Samples): Instant {
    const now = this.#clock.monotonic();
    const offset = this.#offset(now);
    // Drawn out by the rate of the card, so that what will be heard in seconds is told as well as what is heard now.
    const at = now + (offset + millisOf(sample) - now) / (1 - this.estimate.slope);
    return at + this.wallOffset();
  }

  /** Wall time minus monotonic time, free of the steps in which the wall clock is read. */
  wallOffset(): Millis {
    return this.#wall.offset() ?? this.#clock.now() - this.#clock.monotonic();
  }

  #offset(at: Monotonic): Millis {
    const rendered = millisOf(this.graph.rendered());
    return (this.estimate.offset(at) ?? this.#clock.monotonic() - rendered) + this.#behind();
  }

  /**
   * What the stated latency leaves out: the card states it before it takes a period, for that period's first sample; the audio clock
   * then stands at its last.
   */
  #behind(): Millis {
    return millisOf(this.#periods.period()) + this.#correction;
  }
}
