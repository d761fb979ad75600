/** Three clocks seen as one: the wall, the monotonic one, and the samples of one open card. */
import type { Instant, Millis, Monotonic } from "../model/units.ts";
import type { Clock } from "../ports/clock.ts";
import { ClockEstimate } from "./clock-estimate.ts";
import { millisOf, RATE, type Samples, samplesOf } from "./units.ts";
import type { AudioGraph } from "./web-audio.ts";

/**
 * How far ahead of the rendered sample something new is put. The card takes whole periods (13–16 ms), and the reading of its clock may be
 * that old: less would lose the beginning of a sound.
 */
const SAFE: Samples = Math.round(samplesOf(20));

export class Timeline {
  readonly graph: AudioGraph;
  readonly estimate = new ClockEstimate();
  readonly #clock: Clock;
  readonly #correction: Millis;

  /** `correction` is added to what the card states as its latency. */
  constructor(graph: AudioGraph, clock: Clock, correction: Millis) {
    this.graph = graph;
    this.#clock = clock;
    this.#correction = correction;
  }

  /** Feeds the estimate; call it just after the audio clock moved. */
  observe(at: Monotonic, rendered: Samples): void {
    this.estimate.observe(at, millisOf(rendered), this.graph.outputLatency());
  }

  /** Estimated time from a rendered sample to the ear. */
  latency(): Millis {
    return this.estimate.latency() + this.#correction;
  }

  /** The first sample that something new can still be put on. */
  soonest(): Samples {
    return Math.ceil(this.graph.rendered()) + SAFE;
  }

  /** The sample heard now; stands still when the card does. */
  heard(): Samples {
    return Math.min(this.sampleAt(this.#clock.monotonic()), this.graph.rendered());
  }

  /** The sample heard at a monotonic time. */
  sampleAt(at: Monotonic): Samples {
    return samplesOf(at - this.#offset());
  }

  /** Wall time at which a sample is or was heard, by the wall clock of now. */
  wallTimeOf(sample: Samples): Instant {
    return this.#clock.now() + (this.#offset() + millisOf(sample) - this.#clock.monotonic());
  }

  #offset(): Millis {
    const rendered = (this.graph.rendered() / RATE) * 1_000;
    return (this.estimate.offset() ?? this.#clock.monotonic() - rendered) + this.#correction;
  }
}
