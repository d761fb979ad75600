/** One output of the cluster: its card, its amplifier, and the conductor that holds both. It knows of no other. */
import { createAmplifier } from "../../drivers/amplifier/create.ts";
import type { Buses } from "../../drivers/bus/bus.ts";
import { Conductor, type ConductorPorts } from "../../playback/conductor.ts";
import type { Facts } from "../../playback/model/facts.ts";
import { messageOf } from "../../playback/model/station-error.ts";
import type { Decibels, Millis, Monotonic } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { PlayLog } from "../../playback/ports/play-log.ts";
import type { SoundOutput } from "../../playback/ports/sound.ts";
import type { PowerOnTurns } from "../../playback/power-on-turns.ts";
import type { Journal } from "../../storage/journal.ts";
import type { OutputFile } from "../config/hardware-file.ts";
import type { Logger } from "../logger.ts";
import type { Recordings } from "../recordings/recordings.ts";
import { sessionsOf } from "../sessions.ts";
import { isStorageFailed } from "../unwritten.ts";
import { factsNow } from "./output-facts.ts";
import { OutputKeys, OutputLog } from "./output-log.ts";

/** Faults that no component keeps a state of, for the concerns. */
export interface OutputTrouble {
  amplifier: string | null;
  conductor: { at: Monotonic; what: string } | null;
  /** The last sound that began late. */
  late: { at: Monotonic; what: string } | null;
  /** Breaks of the sound counted so far, and when the last one was noticed. */
  breaks: { at: Monotonic; count: number };
}

export interface OutputPorts extends Pick<ConductorPorts, "clock" | "media" | "speech" | "onSlotEnd"> {
  readonly sound: SoundOutput;
  readonly log: Logger;
  /** Shared by all outputs. */
  readonly playLog: PlayLog;
  readonly journal: Journal;
  readonly onStorageFault: (message: string) => void;
  readonly recordings: Pick<Recordings, "begin" | "end">;
  /** Shared by all amplifiers: lines with several relay boards, and turns to be switched on. */
  readonly buses?: Buses;
  readonly powerOnTurns?: PowerOnTurns;
}

export class Output {
  readonly name: string;
  readonly sound: SoundOutput;
  /** Of everything it plays. */
  readonly gainDb: Decibels;
  readonly conductor: Conductor;
  readonly #clock: Clock;
  readonly #staggerMs: Millis;
  /** As the guard needs to know it; `null` where no line is wired. */
  readonly amplifier: (OutputFile["amplifier"] & { readonly name?: string }) | null;
  readonly trouble: OutputTrouble = { amplifier: null, conductor: null, late: null, breaks: { at: 0, count: 0 } };

  /** `first`: its slots keep their plain keys. Nothing is opened. */
  constructor(declared: OutputFile, first: boolean, ports: OutputPorts, facts: Facts) {
    const { clock, sound, media, speech, log, playLog, journal, recordings, onSlotEnd, onStorageFault } = ports;
    const { trouble } = this;
    const keys = new OutputKeys(declared.name, first);
    // The first one keeps the driver's default name, which a board that was wired before knows.
    const amplifier = first ? declared.amplifier : { ...declared.amplifier, name: declared.name };
    this.name = declared.name;
    this.sound = sound;
    this.#clock = clock;
    this.#staggerMs = declared.sound.staggerMs;
    this.gainDb = declared.sound.gainDb;
    this.amplifier = amplifier.kind === "none" ? null : amplifier;
    this.conductor = new Conductor(
      {
        ...{ clock, sound, media, speech },
        log: new OutputLog(playLog, keys),
        amplifier: createAmplifier(amplifier, ports.buses),
        powerOnTurns: amplifier.kind === "none" ? undefined : ports.powerOnTurns,
        sessions: () => sessionsOf(journal, clock.now(), keys),
        onAmplifierFault: (error) => {
          trouble.amplifier = messageOf(error);
          log.error("amplifier", { output: declared.name, error });
        },
        onSlotEnd,
        onLive: ({ key, ...header }, item, on) => {
          const live = { header: { ...header, key: keys.written(key) }, item, output: declared.name };
          if (on) recordings.begin(live, sound.tap());
          else void recordings.end(live);
        },
        onLateStart: (key: string, lateMs: Millis) => {
          trouble.late = { at: clock.monotonic(), what: `${key} began ${Math.round(lateMs)} ms late` };
          log.warn("late start", { output: declared.name, key, lateMs });
        },
        onFault: (step, error) => {
          if (isStorageFailed(error)) onStorageFault(messageOf(error));
          else trouble.conductor = { at: clock.monotonic(), what: `${step}: ${messageOf(error)}` };
          log.error(`conductor ${step}`, { output: declared.name, error });
        },
      },
      this.#mine(facts),
      declared.amplifierTimes,
    );
  }

  /** Takes what is for it out of the facts. */
  update(facts: Facts): void {
    this.conductor.update(this.#mine(facts));
  }

  #mine(facts: Facts): Facts {
    return { ...factsNow(facts, this.name, this.#clock), staggerMs: this.#staggerMs };
  }

  /** Whether it has still to play, or to refuse, an announcement of this slot key. */
  awaits(key: string): boolean {
    return this.conductor.facts.announcements.some(
      ({ announcement: { id, origin } }) => key === `announcement ${origin.issuer} ${id}`,
    );
  }
}
