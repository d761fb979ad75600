/** What one station has said, folded from its messages in the order in which they were stored. */
import { z } from "zod";
import { type Birth, birth, death, type Events, events, type Health, health } from "../../agent/contract/uplink.ts";
import { type BodyInput, wireInstant } from "./envelope.ts";

export type Death = z.infer<typeof death>;
export type UplinkMessage = Birth | Death | Health | Events;
export type StationEvent = Events["events"][number];
export type Gap = Events["gaps"][number];

/** A journal head as a birth or a health message told it, and the newest journal record that was here by then. */
export interface ToldHead {
  readonly from: "birth" | "health";
  /** Nothing of this session was here before. A later one of the same session may have been overtaken on its way by what it does not tell yet. */
  readonly opens: boolean;
  readonly at: string;
  readonly journal: Birth["journal"];
  readonly newestRecord: number;
  /** Highest event sequence the station says it ever issued; only births tell. */
  readonly lastEvent: number | null;
  readonly newestEvent: number;
}

/** Two messages that cannot both be true. */
export interface Contradiction {
  readonly seq: number;
  readonly kept: StationEvent;
  readonly other: StationEvent;
}

const SCHEMAS = { health, events } as const;

const commandResult = z.object({
  kind: z.literal("command-result"),
  body: z.object({ issuer: z.string(), jti: z.string() }),
});

const acceptanceRecord = z.object({
  kind: z.literal("acceptance"),
  body: z.object({ recordSha256: z.string().regex(/^[0-9a-f]{64}$/) }),
});

/** Reads one uplink message. @throws with the issues where it breaks the contract or names another station. */
export function parseUplink(station: string, topicKind: "birth" | "health" | "events", text: string): UplinkMessage {
  const value: unknown = JSON.parse(text);
  const schema = topicKind === "birth" ? birth.or(death) : SCHEMAS[topicKind];
  const message = schema.parse(value);
  if (message.station !== station) throw new Error(`says that it is ${message.station}`);
  return message;
}

/** The fold. */
export class StationHistory {
  readonly station: string;
  readonly births: Birth[] = [];
  readonly deaths: Death[] = [];
  readonly health: Health[] = [];
  readonly events = new Map<number, StationEvent>();
  readonly gaps: Gap[] = [];
  readonly heads: ToldHead[] = [];
  readonly contradictions: Contradiction[] = [];
  /** Why messages could not be read. */
  readonly malformed: string[] = [];
  /** The last thing said about being there. */
  presence: "online" | "offline" | "unheard" = "unheard";
  /** The life of the station's database that the events below belong to; `null` before the first. */
  stream: string | null = null;
  /** Streams that ended, oldest first, with what had been stored of them. */
  readonly earlier: { stream: string; events: number; cumulative: number }[] = [];
  /** Births and health messages in full; the broker repeats retained ones, and old ones after a power cut. */
  readonly #said = new Set<string>();
  readonly #sessions = new Set<string>();
  /** Issuer and `jti` of the commands whose result is here. */
  readonly #answered = new Set<string>();
  #newestRecord = 0;
  #newestEvent = 0;
  #cumulative = 0;
  #checkpointed = 0;

  constructor(station: string) {
    this.station = station;
  }

  /** The newest acceptance that is kept, by its events or by its enrolment; every acknowledgement countersigns it. */
  acceptance: BodyInput<"ack">["acceptance"];

  /** The first word on it stays. */
  keepAcceptance(sha256: string): void {
    if (this.acceptance?.sha256 !== sha256) this.acceptance = { sha256, at: wireInstant(Date.now()) };
  }

  /** Whether anything at all has come from it. */
  wasHeard(): boolean {
    return this.presence !== "unheard" || this.health.length + this.#newestEvent + this.malformed.length > 0;
  }

  /**
   * The newest journal record up to which every record is stored here, `every` records or more after the last one that was given; else
   * `null`. With a gap in it there is none: what was dropped on the way is not kept.
   */
  checkpoint(every: number): { seq: number; hash: string } | null {
    if (this.gaps.length > 0) return null;
    const record = this.events.get(this.#cumulative)?.record;
    if (record === undefined || record.seq - this.#checkpointed < every) return null;
    this.#checkpointed = record.seq;
    return { seq: record.seq, hash: record.hash };
  }

  /** Every event up to and including this sequence is here or covered by a gap. */
  get cumulative(): number {
    return this.#cumulative;
  }

  get newestEvent(): number {
    return this.#newestEvent;
  }

  /** Whether the message says anything that is not here yet; MQTT and the station's outbox deliver at least once. */
  isNew(message: UplinkMessage): boolean {
    // A will counts for the session that was last heard: a broker that lost power may bring an older one back.
    if (message.kind === "death") {
      const session = this.births.at(-1)?.session ?? message.session;
      return this.presence !== "offline" && session === message.session;
    }
    if (message.kind !== "events") return !this.#said.has(JSON.stringify(message));
    return (
      message.events.some((event) => !sameEvent(this.events.get(event.seq), event)) ||
      message.gaps.some((gap) => !this.gaps.some((known) => sameGap(known, gap)))
    );
  }

  /** Whether this command's result is here. */
  hasAnswered(issuer: string, jti: string): boolean {
    return this.#answered.has(`${issuer}\n${jti}`);
  }

  absorb(message: UplinkMessage): void {
    if (message.kind === "events") {
      this.#absorbEvents(message);
      return;
    }
    this.#said.add(JSON.stringify(message));
    if (message.kind === "death") {
      this.deaths.push(message);
      this.presence = "offline";
      return;
    }
    if (message.kind === "birth") {
      this.births.push(message);
      this.presence = "online";
    } else this.health.push(message);
    this.heads.push({
      from: message.kind,
      opens: this.#begins(message.session),
      at: message.at,
      journal: message.journal,
      newestRecord: this.#newestRecord,
      lastEvent: message.kind === "birth" ? message.lastEvent : null,
      newestEvent: this.#newestEvent,
    });
  }

  #begins(session: string): boolean {
    const begins = !this.#sessions.has(session);
    this.#sessions.add(session);
    return begins;
  }

  #absorbEvents(message: Events): void {
    this.#begins(message.session);
    if (this.stream !== message.stream) this.#beginStream(message.stream);
    for (const event of message.events) {
      const kept = this.events.get(event.seq);
      if (kept === undefined) this.events.set(event.seq, event);
      else if (!sameEvent(kept, event)) this.contradictions.push({ seq: event.seq, kept, other: event });
      this.#newestEvent = Math.max(this.#newestEvent, event.seq);
      this.#newestRecord = Math.max(this.#newestRecord, event.record.seq);
      if (event.class === "result" && kept === undefined) this.#noteResult(event.record.text);
    }
    for (const gap of message.gaps) {
      if (!this.gaps.some((known) => sameGap(known, gap))) this.gaps.push(gap);
      this.#newestEvent = Math.max(this.#newestEvent, gap.to);
    }
    for (let next = this.#reach(); next > this.#cumulative; next = this.#reach()) this.#cumulative = next;
  }

  #noteResult(text: string): void {
    // What the journal's text says is judged elsewhere; here only a result counts.
    const said = parsed(text);
    const { success, data } = commandResult.safeParse(said);
    if (success) this.#answered.add(`${data.body.issuer}\n${data.body.jti}`);
    const made = acceptanceRecord.safeParse(said);
    if (made.success) this.keepAcceptance(made.data.body.recordSha256);
  }

  /** A station whose database was lost counts from one again; what it said before stays told, not mixed in. */
  #beginStream(stream: string): void {
    if (this.stream !== null) {
      this.earlier.push({ stream: this.stream, events: this.events.size, cumulative: this.#cumulative });
    }
    this.stream = stream;
    this.events.clear();
    this.gaps.length = 0;
    this.#newestEvent = 0;
    this.#cumulative = 0;
    this.#checkpointed = 0;
  }

  /** How far the next event or gap carries the cumulative sequence. */
  #reach(): number {
    const next = this.#cumulative + 1;
    if (this.events.has(next)) return next;
    return Math.max(0, ...this.gaps.filter((gap) => gap.from <= next && next <= gap.to).map((gap) => gap.to));
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function sameEvent(a: StationEvent | undefined, b: StationEvent): boolean {
  return a !== undefined && JSON.stringify(a) === JSON.stringify(b);
}

function sameGap(a: Gap, b: Gap): boolean {
  return a.from === b.from && a.to === b.to;
}
