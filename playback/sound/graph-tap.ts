/**
 * What the card is given, copied off the graph. The graph remembers the last 0.68 s, so nothing is lost while it is read more often than that;
 * what was is counted. Another card goes on where it stands.
 */
import { type Millis, SECOND } from "../model/units.ts";
import type { Tap } from "../ports/sound.ts";
import type { Timeline } from "./timeline.ts";
import { millisOf, type Samples, samplesOf } from "./units.ts";
import { REMEMBERED } from "./web-audio.ts";

/** Begins this long before it is asked for: whoever asks has learnt of the sound when it was heard. */
const REACH_BACK: Millis = 0.4 * SECOND;
/** Tried again where a period was rendered between the two looks. */
const LOOKS = 4;

export class GraphTap implements Tap {
  readonly #timeline: () => Timeline | null;
  #from: Timeline | null = null;
  /** The first sample that was not read. */
  #next: Samples = 0;

  constructor(timeline: () => Timeline | null) {
    this.#timeline = timeline;
  }

  read(): { readonly samples: Float32Array; readonly lostMs: Millis } {
    const timeline = this.#timeline();
    if (timeline === null) return { samples: new Float32Array(0), lostMs: 0 };
    const { graph } = timeline;
    if (timeline !== this.#from) {
      this.#next = Math.max(0, graph.rendered() - (this.#from === null ? samplesOf(REACH_BACK) : 0));
      this.#from = timeline;
    }
    const window = new Float32Array(REMEMBERED);
    let rendered = graph.rendered();
    for (let look = 0; look < LOOKS; look++) {
      graph.recent(window);
      const after = graph.rendered();
      if (after === rendered) break;
      rendered = after;
    }
    const fresh = Math.round(rendered - this.#next);
    const taken = Math.max(0, Math.min(fresh, REMEMBERED));
    this.#next += fresh;
    return { samples: window.slice(REMEMBERED - taken), lostMs: millisOf(fresh - taken) };
  }
}
