/**
 * The reference provincial source: what a province's system has to do for its stations, and what it may hold against
 * them. One folder is one province; opening it again goes on where the last process stopped.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { DocumentKind } from "../../agent/contract/envelope.ts";
import type { Address } from "../../agent/contract/primitives.ts";
import { downlinkTopic } from "../../agent/contract/topics.ts";
import type { HandedAcceptance } from "../../agent/enrolment/enrolment-client.ts";
import { readIfPresent } from "../../storage/durable-file.ts";
import { Ceremony, type CeremonyOptions, type RootChange } from "./ceremony.ts";
import { type BodyInput, wireInstant } from "./envelope.ts";
import { Happenings } from "./happenings.ts";
import { HeardStations } from "./heard-stations.ts";
import type { StationHistory, UplinkMessage } from "./history.ts";
import { Link, type LinkIdentity, type Sending } from "./link.ts";
import { type Published, Publisher, type PublishOptions } from "./publisher.ts";
import { type Received, Receiver } from "./receiver.ts";
import { StandingCommands } from "./standing-commands.ts";
import { SourceState } from "./state.ts";

/** Records between two words on what is kept for good: each costs a station a write. */
const CHECKPOINT_EVERY = 100;
const CONNECT_TIMEOUT_MS = 10_000;

/** How the source behaves. */
export interface SourceOptions {
  /** URL of the broker, `mqtt://127.0.0.1:…`, or those of a cluster's nodes. */
  readonly broker: string | readonly string[];
  /** The broker speaks MQTT 3.1.1 only. */
  readonly older?: boolean;
  /** For a broker of the scheme `mqtts:`. */
  readonly tls?: LinkIdentity;
  /** Keys of the run: given, or made by these options, or those that the folder already holds. */
  readonly ceremony?: Ceremony | CeremonyOptions;
  /** From the first message on, for births that stand retained already. */
  readonly time?: Partial<TimeService>;
  readonly acknowledges?: boolean;
  /** Resolve without waiting for the broker. */
  readonly doNotWait?: boolean;
  /** Told of every new message once it is stored; `null` for one that could not be read. */
  readonly heard?: (station: string, message: UplinkMessage | null) => void;
}

/** The answer to a birth's nonce; tests turn it off or let it lie. */
export interface TimeService {
  answers: boolean;
  /** Added to the true time. */
  offsetMs: number;
}

/** A province. */
export class ProvincialSource extends HeardStations {
  readonly ceremony: Ceremony;
  readonly folder: string;
  readonly time: TimeService;
  /** Whether stored events are acknowledged; off, a station must keep everything. */
  acknowledges: boolean;
  readonly #receiver: Receiver;
  readonly #heard: SourceOptions["heard"];
  readonly #happenings = new Happenings();
  readonly #link: Link;
  readonly #publisher: Publisher;
  /** Only where the broker keeps no queue for stations. */
  readonly #standing: StandingCommands | null = null;
  readonly #unacknowledged = new Set<StationHistory>();
  #acknowledging = false;
  #stopped: Promise<void> | null = null;

  private constructor(
    folder: string,
    options: SourceOptions,
    ceremony: Ceremony,
    state: SourceState,
    receiver: Receiver,
  ) {
    super(receiver);
    this.folder = folder;
    this.ceremony = ceremony;
    this.#receiver = receiver;
    this.#heard = options.heard;
    this.time = { answers: true, offsetMs: 0, ...options.time };
    this.acknowledges = options.acknowledges ?? true;
    this.#link = new Link({
      urls: [options.broker].flat(),
      clientId: state.clientId,
      tls: options.tls,
      older: options.older,
      receive: (topic, payload) => this.#receive(topic, payload),
      connected: () => this.#happenings.happened(),
      failed: (error) => this.#fail(error),
    });
    this.#publisher = new Publisher(this.#link, state, ceremony);
    if (options.older === true) {
      this.#standing = new StandingCommands({
        state,
        send: ({ topic, document }) =>
          this.#publisher.publishBytes(topic, Buffer.from(document, "base64"), { retain: false }),
        onFault: (error) => this.#fail(error),
      });
    }
  }

  /** Starts a source, or goes on with the one that used this folder. */
  static async open(folder: string, options: SourceOptions): Promise<ProvincialSource> {
    await mkdir(folder, { recursive: true });
    const ceremony = await ceremonyOf(folder, options.ceremony);
    const [state, receiver] = await Promise.all([SourceState.open(folder), Receiver.open(folder)]);
    const source = new ProvincialSource(folder, options, ceremony, state, receiver);
    if (options.doNotWait !== true) {
      try {
        await source.connected();
      } catch (error) {
        await source.stop();
        throw error;
      }
    }
    return source;
  }

  /** Resolves when the broker is there and the subscription stands. */
  async connected(timeoutMs = CONNECT_TIMEOUT_MS): Promise<void> {
    const why = () => `the broker is not there: ${this.#link.lastError?.message ?? "no answer"}`;
    await this.#happenings.waitFor(() => this.#link.isReady(), timeoutMs, why);
  }

  /** Crashes: no farewell to the broker, nothing written that was not written already. */
  stop(): Promise<void> {
    this.#stopped ??= (async () => {
      this.#happenings.fail(new Error("the source was stopped"));
      this.#standing?.close();
      await this.#link.close();
      // The next process may open this folder as soon as we are through.
      await this.#publisher.idle();
      await this.#receiver.close();
    })();
    return this.#stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Signs with the right role and publishes as the contract's table says. Resolves when the broker has it. */
  publish<K extends DocumentKind>(kind: K, body: BodyInput<K>, options?: PublishOptions): Promise<Published> {
    return kind === "emergency"
      ? this.#publisher.publishEmergency(body as BodyInput<"emergency">, options)
      : this.#publisher.publish(kind, body, options);
  }

  /** Publishes the ceremony's delegations, or those given. */
  publishTrust(body = this.ceremony.trustBody(), options?: PublishOptions): Promise<Published> {
    return this.#publisher.publish("trust", body, options);
  }

  /** Every document that stands retained for these addresses, trust first, for a stick. */
  retainedFor(addresses: readonly string[]): { topic: string; document: string }[] {
    return this.#publisher.retainedFor(addresses);
  }

  /** What the time service answers over plain HTTP: the chain of trust, and signed time for this nonce. */
  async answerTime(station: string, nonce: string): Promise<{ topic: string; document: string }[]> {
    const address: Address = `station/${station}`;
    const time = wireInstant(Date.now() + this.time.offsetMs);
    const signed = await this.#publisher.sign("time", { nonce, time, versions: this.versions() }, { address });
    const document = Buffer.from(signed).toString("base64");
    return [...this.#publisher.trustChain(), { topic: downlinkTopic("time", address), document }];
  }

  /** What the enrolment service answers beside the certificate: the chain of trust, and the word under the acceptance handed in. */
  async countersign(station: string, { sha256, stream }: HandedAcceptance) {
    const address: Address = `station/${station}`;
    const history = this.#receiver.history(station);
    history.keepAcceptance(sha256);
    const signed = await this.#publisher.sign("ack", acknowledgement(history, stream, null), { address });
    const document = Buffer.from(signed).toString("base64");
    return [...this.#publisher.trustChain(), { topic: downlinkTopic("ack", address), document }];
  }

  /**
   * Replaces the root keys. First the trust document goes out again, signed by the old root and the new, so that no station is without one
   * between the two.
   */
  async rotateRoot(change: RootChange = {}, trust = this.ceremony.trustBody()): Promise<Published> {
    const { body, keys } = await this.ceremony.rotateRoot(change);
    await this.ceremony.save(this.folder);
    await this.#publisher.publish("trust", trust, { keys });
    return this.#publisher.publish("root", body, { keys });
  }

  /** Sends a command; `expiresInMs` bounds both its claims and its life in the broker. */
  command(address: Address, body: BodyInput<"command">, options: PublishOptions & { expiresInMs?: number } = {}) {
    const { expiresInMs, ...rest } = options;
    const exp = expiresInMs === undefined ? {} : { exp: Date.now() + expiresInMs };
    return this.#publisher.publish("command", body, { ...exp, ...rest, address });
  }

  /** Ends an active alert and clears it from the broker. */
  async cancelEmergency(identifier: string, options?: PublishOptions): Promise<Published> {
    return this.#publisher.cancelEmergency(identifier, options);
  }

  /** Publishes these very bytes: forgeries, replays, rubbish. */
  publishBytes(topic: string, bytes: Uint8Array, sending: Sending = { retain: false }): Promise<void> {
    return this.#publisher.publishBytes(topic, bytes, sending);
  }

  /** Sends all retained documents again; for a broker that was wiped. */
  republish(): Promise<void> {
    return this.#publisher.republish();
  }

  /** Newest sequence per retained document, as `time` tells it. */
  versions(): Record<string, number> {
    return this.#publisher.versions();
  }

  /** Asks now and after every message until the answer is something. @throws after `timeoutMs`. */
  waitFor<T>(predicate: (source: this) => T | undefined | null | false, timeoutMs: number): Promise<T> {
    const heard = () => `heard: ${JSON.stringify(this.stations().map((station) => [station, this.stored(station)]))}`;
    return this.#happenings.waitFor(() => predicate(this), timeoutMs, heard);
  }

  async #receive(topic: string, payload: Buffer): Promise<void> {
    const received = await this.#receiver.receive(topic, payload);
    if (received === null) return;
    this.#answer(received);
    if (received.isNew) this.#heard?.(received.history.station, received.message);
    this.#happenings.happened();
  }

  /** Not awaited by `#receive`: the broker's PUBACK for an answer could not be read before this message is done. */
  #answer({ history, message }: Received): void {
    if (message?.kind === "birth" && this.time.answers) {
      const body = {
        nonce: message.nonce,
        time: wireInstant(Date.now() + this.time.offsetMs),
        versions: this.versions(),
      };
      const address: Address = `station/${history.station}`;
      this.#publisher.publish("time", body, { address }).catch((error: unknown) => this.#fail(error));
    }
    if (message?.kind === "birth") {
      this.#standing
        ?.arrived(history.station, (issuer, jti) => history.hasAnswered(issuer, jti))
        .catch((error: unknown) => this.#fail(error));
    }
    if (message?.kind !== "events" || !this.acknowledges) return;
    this.#unacknowledged.add(history);
    if (!this.#acknowledging) this.#acknowledge().catch((error: unknown) => this.#fail(error));
  }

  /** One after the other, and only the newest sequence of each station: an older one would say nothing. */
  async #acknowledge(): Promise<void> {
    this.#acknowledging = true;
    try {
      for (const history of this.#unacknowledged) {
        this.#unacknowledged.delete(history);
        if (history.stream === null) continue;
        const body = acknowledgement(history, history.stream, history.checkpoint(CHECKPOINT_EVERY));
        await this.#publisher.publish("ack", body, { address: `station/${history.station}` });
      }
    } finally {
      this.#acknowledging = false;
    }
  }

  /** A source that cannot store or sign stops at once: stations then keep what they have. */
  #fail(error: unknown): void {
    if (this.#stopped !== null) return;
    this.#happenings.fail(error);
    this.stop().catch((second: unknown) => {
      throw new AggregateError([error, second], "the source failed and could not be stopped");
    });
  }
}

/** What is kept of one life of a station's database, and of its acceptance. */
function acknowledgement(
  { station, stream, cumulative, acceptance }: StationHistory,
  of: string,
  checkpoint: ReturnType<StationHistory["checkpoint"]>,
): BodyInput<"ack"> {
  return {
    ...{ station, stream: of, events: stream === of ? cumulative : 0 },
    ...(checkpoint === null ? {} : { checkpoint }),
    ...(acceptance === undefined ? {} : { acceptance }),
  };
}

async function ceremonyOf(folder: string, given: SourceOptions["ceremony"]): Promise<Ceremony> {
  const held = (await readIfPresent(join(folder, "ceremony.json"))) !== null;
  if (held && !(given instanceof Ceremony)) return Ceremony.load(folder);
  const ceremony = given instanceof Ceremony ? given : await Ceremony.hold(given);
  await ceremony.save(folder);
  return ceremony;
}
