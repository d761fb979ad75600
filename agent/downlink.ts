/** Sends each document that the broker brings where it belongs. Resolves when it is adopted, acted upon or refused for good. */

import { type Refusal, refusal } from "../playback/model/refusal.ts";
import type { Millis, Monotonic } from "../playback/model/units.ts";
import type { Clock } from "../playback/ports/clock.ts";
import { isRefusal } from "../playback/ports/media.ts";
import type { Admission } from "./admission/admission.ts";
import type { Examined } from "./admission/document.ts";
import type { Adopted } from "./adopted.ts";
import type { Commands } from "./commands/commands.ts";
import type { AckBody, TimeBody } from "./contract/replies.ts";
import { type DownlinkTopic, parseDownlinkTopic } from "./contract/topics.ts";
import type { TrustedClock } from "./trusted-clock.ts";

export interface DownlinkPorts {
  readonly admission: Admission;
  readonly commands: Commands;
  readonly clock: Clock & Pick<TrustedClock, "attest">;
  readonly station: string;
  /** The nonce of the last birth and when it was sent; `null` before the first. */
  readonly nonce: () => { readonly value: string; readonly sentAt: Monotonic } | null;
  readonly onAdopted: (document: Adopted) => void;
  /** An alert is in force, and is not on the disk yet. `onAdopted` follows. */
  readonly onAlert: () => void;
  /** The disk refused in the middle of an adoption: other keys, and other documents, may be in force all the same. */
  readonly onTorn?: () => void;
  /** A signed answer to the birth that was sent at this time came over the broker's present connection. */
  readonly onSourceHeard: (since: Monotonic) => Promise<void>;
  readonly onAck: (ack: AckBody) => Promise<void>;
  /** The source keeps the journal up to here, as these signed bytes say. Resolves with why that cannot be so. */
  readonly onCheckpoint?: (ack: AckBody, evidence: Buffer) => Promise<Refusal | null>;
  /** The source countersigns an acceptance of this station. Resolves with why that cannot be so. */
  readonly onCountersigned?: (examined: Examined) => Promise<Refusal | null>;
  readonly onRefused: (topic: string, reason: string, detail: string) => void;
}

/** What comes by another way, a time service or a stick, says nothing about the broker. */
export type Way = "link" | "elsewhere";

/** An answer to a nonce that took longer says too little about the time now. */
const SLOWEST_TIME: Millis = 10_000;

export class Downlink {
  readonly #ports: DownlinkPorts;
  /** One document at a time, in the order of arrival: numbers and keys are judged against what came before. */
  #queue: Promise<void> = Promise.resolve();

  constructor(ports: DownlinkPorts) {
    this.#ports = ports;
  }

  /** @throws StationError `storage-failed`; then the document is neither adopted nor refused */
  async receive(topicName: string, bytes: Buffer, way: Way): Promise<void> {
    await this.take(topicName, bytes, way);
  }

  /** The same, and says why it was refused; or waits; `null` where it was adopted or acted upon. @throws as `receive` */
  take(topicName: string, bytes: Buffer, way: Way): Promise<Refusal | null> {
    const turn = this.#queue.then(() => this.#receive(topicName, bytes, way));
    this.#queue = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  async #receive(topicName: string, bytes: Buffer, way: Way): Promise<Refusal | null> {
    // An empty retained message is how a broker forgets one; it says nothing to a station, which forgets only by signed words.
    if (bytes.length === 0) return null;
    const topic = parseDownlinkTopic(topicName);
    if (topic === null) return this.#told(topicName, refusal("unsupported", "no topic of the contract"));
    if (topic.kind === "command" || topic.kind === "time" || topic.kind === "ack") return this.#act(topic, bytes, way);
    if (topic.kind === "release") {
      const why = this.#told(topicName, refusal("unsupported", "this version does not update itself"));
      await this.#ports.admission.refuse(topic, bytes, why);
      return why;
    }
    const outcome = await this.#adopt(topic, bytes);
    if (!isRefusal(outcome)) {
      this.#ports.onAdopted(outcome);
      return null;
    }
    // What waits for its keys was neither adopted nor refused: no alarm, but whoever brought it hears why it is not in force.
    return outcome.reason === "duplicate" || "waits" in outcome ? outcome : this.#told(topicName, outcome);
  }

  async #adopt(topic: DownlinkTopic, bytes: Buffer) {
    try {
      return await this.#ports.admission.adopt(topic, bytes, this.#ports.onAlert);
    } catch (error) {
      // When it comes again it is known already, and nobody would look at what is in force.
      this.#ports.onTorn?.();
      throw error;
    }
  }

  #told(topicName: string, why: Refusal): Refusal {
    this.#ports.onRefused(topicName, why.reason, why.detail);
    return why;
  }

  async #act(topic: DownlinkTopic, bytes: Buffer, way: Way): Promise<Refusal | null> {
    const { admission, commands } = this.#ports;
    const examined = await admission.examine(topic, bytes);
    if (isRefusal(examined)) {
      return (await this.#isLate(topic, bytes, examined)) ? examined : this.#refuse(topic, bytes, examined);
    }
    const { body } = examined;
    if (body.kind === "command") {
      const refused = await commands.execute(examined);
      if (refused !== null) return this.#refuse(topic, bytes, refused);
    }
    if (body.kind === "time") await this.#takeTime(body.value, way);
    if (body.kind === "ack") {
      const refused = await this.#takeAck(examined, body.value);
      if (refused !== null) return this.#refuse(topic, bytes, refused);
    }
    return null;
  }

  async #takeAck(examined: Examined, ack: AckBody): Promise<Refusal | null> {
    const { onAck, onCheckpoint, onCountersigned, station } = this.#ports;
    if (ack.station !== station) return refusal("wrong-audience", `acknowledges what ${ack.station} said`);
    await onAck(ack);
    return (await onCheckpoint?.(ack, examined.bytes)) ?? (await onCountersigned?.(examined)) ?? null;
  }

  async #refuse(topic: DownlinkTopic, bytes: Buffer, why: Refusal): Promise<Refusal> {
    await this.#ports.admission.refuse(topic, bytes, this.#told(`${topic.address}/${topic.kind}`, why));
    return why;
  }

  /**
   * An answer to an earlier birth that a broker had kept for a station that was away, or one that was longer on its way than it lives: refused,
   * but no alarm, else each failing or slow broker would raise one at every station. One that answers the present nonce soon and has ended all
   * the same is: somebody's clock is wrong.
   */
  async #isLate(topic: DownlinkTopic, bytes: Buffer, why: Refusal): Promise<boolean> {
    if (topic.kind !== "time" || why.reason !== "expired") return false;
    const { admission, clock, nonce } = this.#ports;
    const signed = await admission.readmit(topic, bytes);
    if (isRefusal(signed) || signed.body.kind !== "time") return false;
    const sent = nonce();
    return sent === null || signed.body.value.nonce !== sent.value || clock.monotonic() - sent.sentAt > SLOWEST_TIME;
  }

  async #takeTime({ nonce, time, versions }: TimeBody, way: Way): Promise<void> {
    const { clock, admission } = this.#ports;
    const sent = this.#ports.nonce();
    const roundTrip = sent === null ? Number.POSITIVE_INFINITY : clock.monotonic() - sent.sentAt;
    // A broker that came back repeats an old birth, and the source answers it: nothing to learn, and nothing to worry about.
    if (sent === null || nonce !== sent.value || roundTrip > SLOWEST_TIME) return;
    await clock.attest(time, roundTrip);
    admission.noteVersions(versions);
    if (way === "link") await this.#ports.onSourceHeard(sent.sentAt);
  }
}
