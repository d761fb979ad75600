/** What a source can say of its stations from what they have sent. */
import type { Birth, Health } from "../../agent/contract/uplink.ts";
import { type Finding, inspect } from "./findings.ts";
import type { Death, Gap, StationEvent, StationHistory } from "./history.ts";
import type { Receiver } from "./receiver.ts";

/** One journal record with its text parsed. */
export interface ParsedRecord {
  readonly eventSeq: number;
  readonly class: StationEvent["class"];
  readonly at: string;
  readonly seq: number;
  readonly record: unknown;
}

/** Questions about stations, answered from the disk-backed histories. */
export class HeardStations {
  readonly #heard: Receiver;

  constructor(receiver: Receiver) {
    this.#heard = receiver;
  }

  /** Stations that were ever heard. */
  stations(): string[] {
    return this.#heard.stations();
  }

  births(station: string): readonly Birth[] {
    return this.#heard.history(station).births;
  }

  deaths(station: string): readonly Death[] {
    return this.#heard.history(station).deaths;
  }

  health(station: string): readonly Health[] {
    return this.#heard.history(station).health;
  }

  /** What the station last said of itself: its birth, or the will that the broker published for it. */
  presence(station: string): StationHistory["presence"] {
    return this.#heard.history(station).presence;
  }

  /** Event sequences that the station reported as dropped. */
  gaps(station: string): readonly Gap[] {
    return this.#heard.history(station).gaps;
  }

  /** Stored events in the order of their sequence, each once. */
  events(station: string): StationEvent[] {
    return [...this.#heard.history(station).events.values()].sort((a, b) => a.seq - b.seq);
  }

  /** The journal records of those events. @throws where a record's text is not JSON. */
  records(station: string): ParsedRecord[] {
    return this.events(station).map((event) => ({
      eventSeq: event.seq,
      class: event.class,
      at: event.at,
      seq: event.record.seq,
      record: JSON.parse(event.record.text) as unknown,
    }));
  }

  /** The cumulative sequence that is stored, which is what `ack` says. */
  stored(station: string): number {
    return this.#heard.history(station).cumulative;
  }

  /** Everything the station may be reproached with so far; empty for an honest one. */
  findings(station: string): Finding[] {
    return inspect(this.#heard.history(station));
  }
}
