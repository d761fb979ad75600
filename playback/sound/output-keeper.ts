/**
 * Keeps one card open: opens it, watches its clock, gives it up when it is dead and opens another with growing pauses.
 * Moved along by `tick`; holds no timer of its own.
 */
import { messageOf } from "../model/station-error.ts";
import type { Millis, Monotonic } from "../model/units.ts";
import type { Clock } from "../ports/clock.ts";
import type { SoundState } from "../ports/sound.ts";
import { StallWatch } from "./stall-watch.ts";
import { Timeline } from "./timeline.ts";
import { type AudioCards, AudioGraph, type CardChoice } from "./web-audio.ts";

const FIRST_PAUSE: Millis = 500;
const LONGEST_PAUSE: Millis = 10_000;
const CLOSE_LIMIT: Millis = 1_000;

/** How to reach the card. */
export interface OutputChoice {
  readonly clock: Clock;
  readonly cards: AudioCards;
  readonly card: CardChoice;
  readonly latencyCorrectionMs: Millis;
}

/** What the keeper tells. */
export interface OutputEvents {
  /** The state is another one. */
  changed(): void;
  /** This card is dead; nothing on it will be heard any more. */
  lost(timeline: Timeline, detail: string): void;
  log(event: string, fields: object): void;
}

export class OutputKeeper {
  readonly #choice: OutputChoice;
  readonly #events: OutputEvents;
  #card: { readonly timeline: Timeline; readonly watch: StallWatch } | null = null;
  #state: SoundState["state"] = "absent";
  #detail = "not opened yet";
  #stalls = 0;
  #breaks = 0;
  #pause: Millis = FIRST_PAUSE;
  #retryAt: Monotonic | null = null;
  #closed = false;
  #firstAttempt = Promise.withResolvers<void>();

  constructor(choice: OutputChoice, events: OutputEvents) {
    this.#choice = choice;
    this.#events = events;
  }

  /** Opens the card; resolves when its clock runs or the attempt has failed. */
  async open(): Promise<void> {
    await this.#attempt();
    await this.#firstAttempt.promise;
  }

  /** The open card; `null` while there is none whose clock ever ran. */
  timeline(): Timeline | null {
    return this.#state === "absent" ? null : (this.#card?.timeline ?? null);
  }

  /** Whether a card was opened whose clock is not steady yet: then `tick` wants to be called every two milliseconds. */
  isOpening(): boolean {
    return this.#card !== null && this.#state === "absent";
  }

  state(): Omit<SoundState, "following"> {
    const timeline = this.timeline();
    return {
      state: this.#state,
      detail: this.#detail,
      latencyMs: timeline?.latency() ?? 0,
      driftPpm: timeline?.estimate.driftPpm() ?? null,
      stalls: this.#stalls,
      breaks: this.#breaks,
    };
  }

  /** Reads the clock of the card and acts on it. */
  tick(): void {
    const at = this.#choice.clock.monotonic();
    if (this.#retryAt !== null && at >= this.#retryAt) void this.#attempt();
    const card = this.#card;
    if (!card) return;
    const rendered = card.timeline.graph.rendered();
    const health = card.watch.observe(at, rendered);
    this.#observe(card.timeline, at, rendered);
    if (health === "running") this.#runs(card.timeline);
    else if (health === "stalled") this.#stands();
    else if (health === "dead") this.#bury(card.timeline);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#retryAt = null;
    const { timeline } = this.#card ?? {};
    const running = this.#state === "running";
    this.#card = null;
    this.#become("absent", "closed");
    this.#firstAttempt.resolve();
    // A card that died in this very moment would never let its graph close.
    if (running && timeline) await Promise.race([timeline.graph.close(), this.#choice.clock.wait(CLOSE_LIMIT)]);
    else timeline?.graph.abandon();
  }

  async #attempt(): Promise<void> {
    this.#retryAt = null;
    const { clock, cards, card, latencyCorrectionMs } = this.#choice;
    try {
      const graph = await AudioGraph.open(cards, card);
      if (this.#closed) return graph.abandon();
      this.#detail = `opening ${card.label ?? "the default output"}`;
      const timeline = new Timeline(graph, clock, latencyCorrectionMs);
      this.#card = { timeline, watch: new StallWatch(clock.monotonic()) };
    } catch (error) {
      // No card is a state, not a fault of the program: it is told and tried again.
      this.#fail(messageOf(error));
    }
  }

  #observe(timeline: Timeline, at: Monotonic, rendered: number): void {
    const [breaks, jumps] = [timeline.breaks(), timeline.estimate.jumps()];
    timeline.observe(at, rendered);
    const jumped = timeline.estimate.jumps() > jumps;
    if (!jumped && timeline.breaks() === breaks) return;
    this.#breaks += timeline.breaks() - breaks;
    const told = { breaks: this.#breaks };
    if (!jumped) this.#events.log("sound-underrun", told);
    else {
      const movedMs = Number(timeline.estimate.lastJump().toFixed(1));
      this.#events.log("sound-clock-jump", { ...told, movedMs });
    }
  }

  #runs(timeline: Timeline): void {
    if (this.#state === "running") return;
    this.#pause = FIRST_PAUSE;
    this.#become("running", this.#choice.card.label ?? "default output");
    this.#events.log("sound-running", { latencyMs: timeline.latency() });
    this.#firstAttempt.resolve();
  }

  #stands(): void {
    if (this.#state !== "running") return;
    this.#stalls += 1;
    this.#become("stalled", "the audio clock stands still");
    this.#events.log("sound-stalled", { stalls: this.#stalls });
  }

  #bury(timeline: Timeline): void {
    this.#card = null;
    timeline.graph.abandon();
    this.#fail("the audio clock stands still: the card is gone");
    this.#events.lost(timeline, this.#detail);
  }

  #fail(detail: string): void {
    this.#events.log("sound-absent", { detail, retryInMs: this.#pause });
    this.#retryAt = this.#closed ? null : this.#choice.clock.monotonic() + this.#pause;
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
    this.#become("absent", detail);
    this.#firstAttempt.resolve();
  }

  #become(state: SoundState["state"], detail: string): void {
    const before = this.#state;
    this.#state = state;
    this.#detail = detail;
    if (before !== state) this.#events.changed();
  }
}
