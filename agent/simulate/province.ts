/**
 * The provincial source of a scenario: signs, holds what a broker would retain, answers births with signed time and events with signed
 * acknowledgements. It counts what arrives, so that nothing can be lost between the journal and the province unseen.
 */
import type { Instant } from "../../playback/model/units.ts";
import type { Birth, Events } from "../contract/uplink.ts";
import type { Planned } from "./scenario.ts";
import type { Signed, Signer } from "./signer.ts";

/** Kinds that a broker does not keep for who was away. */
const NOT_RETAINED: readonly string[] = ["command", "time", "ack"];

export class Province {
  readonly #signer: Signer;
  readonly #station: string;
  readonly #now: () => Instant;
  readonly #retained = new Map<string, Signed>();
  /** Commands given while nobody listened: a broker queues them until they expire. */
  #queued: Signed[] = [];
  #stream = "";
  #next = 1;
  readonly #lost: string[] = [];

  constructor(signer: Signer, station: string, now: () => Instant) {
    this.#signer = signer;
    this.#station = station;
    this.#now = now;
  }

  /** Numbers that came twice or not at all; events received. */
  get received(): { readonly events: number; readonly problems: readonly string[] } {
    return { events: this.#next - 1, problems: this.#lost };
  }

  /** Signs a document now and keeps what is retained. */
  async publish({ kind, by, to, body, detail }: Planned): Promise<Signed> {
    return this.#keep(await this.#signer.sign(by, kind, to, body, this.#now(), detail));
  }
  async publishTrust(): Promise<void> {
    this.#keep(await this.#signer.trust(this.#now()));
  }

  /** What waits for a station that connects now. */
  waiting(): readonly Signed[] {
    const waiting = [...this.#retained.values(), ...this.#queued].filter(({ expires }) => expires > this.#now());
    this.#queued = [];
    return waiting;
  }

  time({ nonce }: Birth): Promise<Signed> {
    const now = this.#now();
    return this.#signer.sign(
      "province",
      "time",
      `station/${this.#station}`,
      { nonce, time: new Date(now).toISOString() },
      now,
    );
  }

  /** Takes events in order of their numbers and acknowledges what it has. */
  acknowledge({ events, gaps, stream }: Events): Promise<Signed> {
    if (stream !== this.#stream) [this.#stream, this.#next] = [stream, 1];
    const spans = [...events.map(({ seq }) => ({ from: seq, to: seq })), ...gaps].sort((a, b) => a.from - b.from);
    for (const { from, to } of spans) {
      if (from > this.#next) this.#lost.push(`${this.#next} to ${from - 1} never came`);
      this.#next = Math.max(this.#next, to + 1);
    }
    const body = { station: this.#station, stream, events: this.#next - 1 };
    return this.#signer.sign("province", "ack", `station/${this.#station}`, body, this.#now());
  }

  /** For a station that is connected a command is not kept. */
  delivered(signed: Signed): void {
    this.#queued = this.#queued.filter((other) => other !== signed);
  }

  #keep(signed: Signed): Signed {
    if (NOT_RETAINED.includes(signed.kind)) this.#queued.push(signed);
    else this.#retained.set(signed.topic, signed);
    return signed;
  }
}
