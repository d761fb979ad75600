/**
 * Opens the microphone that station.yaml names, and moves along what is spoken into it. The library ends the whole program where a capture
 * cannot be opened, so each first opening is tried by a child; and it has no way to close one, so an open capture is kept, muted, for the next
 * page of the same card.
 */
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { type Refusal, refusal } from "../model/refusal.ts";
import { type Decibels, type Millis, SECOND } from "../model/units.ts";
import type { Clock } from "../ports/clock.ts";
import { isRefusal } from "../ports/media.ts";
import type { Cue, StartTime } from "../ports/sound.ts";
import type { Supervisor } from "../ports/supervisor.ts";
import { GraphSound } from "./graph-sound.ts";
import { MicrophoneSound, type MicrophoneSource } from "./microphone-sound.ts";
import { type Band, bandSections } from "./processing.ts";
import { StartPlan } from "./start-plan.ts";
import type { Timeline } from "./timeline.ts";
import type { Microphone } from "./web-audio.ts";

export interface MicrophoneDeskPorts {
  readonly clock: Clock;
  readonly supervisor: Supervisor;
  /** The open card at this moment. */
  readonly timeline: () => Timeline | null;
  /** `null`: this station has none. `label`: as the sound library lists it, else the default. */
  readonly device: { readonly label: string | undefined } | null;
  /** What of the spectrum is let out; `null`: all of it. */
  readonly band: Band | null;
}

interface OpenMicrophone {
  readonly timeline: Timeline;
  readonly microphone: Microphone;
}

/** A small board takes some seconds to start a program. */
const TRIED_WITHIN: Millis = 15 * SECOND;
const PROBE = fileURLToPath(new URL(`./microphone-probe${extname(import.meta.url)}`, import.meta.url));

export class MicrophoneDesk {
  /**
   * One opening at a time, whichever card it is for: on a device that opens only once a second one finds it taken, and what fails outside of a probe
   * ends the program.
   */
  static #turn: Promise<unknown> = Promise.resolve();
  readonly #ports: MicrophoneDeskPorts;
  readonly #sounds = new Set<MicrophoneSound>();
  #open: OpenMicrophone | null = null;

  constructor(ports: MicrophoneDeskPorts) {
    this.#ports = ports;
  }

  /** Opens it where it is not open yet. `unsupported`, `no-output` or `source-lost` where it cannot be. */
  async open(): Promise<Refusal | null> {
    const opened = await this.#microphone();
    return isRefusal(opened) ? opened : null;
  }

  /** Ready to speak into, or why not. */
  async prepare(source: MicrophoneSource): Promise<Cue | Refusal> {
    if (this.#sounds.size > 0) return refusal("source-lost", "somebody speaks into the microphone already");
    const opened = await this.#microphone();
    if (isRefusal(opened)) return opened;
    const { timeline, microphone } = opened;
    return {
      durationMs: source.longestMs,
      start: (when, gain) => this.#start(source, microphone, timeline, when, gain),
      cancel: () => undefined,
    };
  }

  /** `metered`: a tenth of a second has passed. */
  tick(metered: boolean): void {
    for (const sound of this.#sounds) {
      sound.tick();
      if (metered) sound.meter(this.#ports.clock.monotonic());
    }
  }

  /** The card is gone (`null`: all are): ends with the position that was reached. */
  async abandon(timeline: Timeline | null, detail: string): Promise<void> {
    const theirs = [...this.#sounds].filter((sound) => timeline === null || sound.timeline === timeline);
    for (const sound of theirs) sound.abandon(detail);
    if (timeline === null || this.#open?.timeline === timeline) this.#open = null;
    await Promise.all(theirs.map(({ ended }) => ended));
  }

  async #microphone(): Promise<OpenMicrophone | Refusal> {
    const { device } = this.#ports;
    if (device === null) return refusal("unsupported", "station.yaml names no microphone (hardware.microphone)");
    const known = this.#known();
    if (known !== null) return known;
    const opened = MicrophoneDesk.#turn.then(() => this.#known() ?? this.#openNew(device.label));
    MicrophoneDesk.#turn = opened.catch(() => undefined);
    return opened;
  }

  /** The one that is open on the card of this moment. */
  #known(): OpenMicrophone | null {
    return this.#open !== null && this.#open.timeline === this.#ports.timeline() ? this.#open : null;
  }

  async #openNew(label: string | undefined): Promise<OpenMicrophone | Refusal> {
    const problem = await this.#try(label);
    if (problem !== null) return refusal("source-lost", `the microphone cannot be opened: ${problem}`);
    const timeline = this.#ports.timeline();
    if (timeline === null) return refusal("no-output", "no card is open");
    this.#open = {
      timeline,
      microphone: await timeline.graph.microphone(label, bandSections(this.#ports.band)),
    };
    return this.#open;
  }

  /** Why it cannot be opened, or `null`. */
  async #try(label: string | undefined): Promise<string | null> {
    const { supervisor, clock } = this.#ports;
    const args = [PROBE, ...(label === undefined ? [] : [label])];
    const child = supervisor.run({ name: "microphone probe", command: process.execPath, args });
    const done = new AbortController();
    const late = clock.wait(TRIED_WITHIN, done.signal).then(() => (done.signal.aborted ? null : child.stop()));
    const drained = drain(child.stdout);
    const { code, stderr } = await child.exited;
    done.abort();
    await Promise.all([late, drained]);
    if (code === 0) return null;
    return (
      stderr
        .trim()
        .split("\n")
        .findLast((line) => line.startsWith("microphone: "))
        ?.slice(12) ?? "it does not open"
    );
  }

  #start(
    source: MicrophoneSource,
    microphone: Microphone,
    timeline: Timeline,
    when: StartTime,
    gain: Decibels,
  ): MicrophoneSound {
    const after = typeof when === "object" && "after" in when ? when.after : null;
    const joined = after instanceof GraphSound && after.timeline === timeline;
    const plan = new StartPlan(when, joined ? after : { joint: () => "over" as const }, this.#ports.clock, 0);
    const sound = new MicrophoneSound(source, microphone, timeline, { plan, gain });
    this.#sounds.add(sound);
    void sound.ended.then(({ refusal: fault }) => {
      this.#sounds.delete(sound);
      // What gave nothing may have been pulled out: it is opened anew. One that works stays open: another opening may find the device taken by it.
      if (fault?.reason === "source-lost") this.#open = null;
    });
    return sound;
  }
}

async function drain(output: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of output);
}
