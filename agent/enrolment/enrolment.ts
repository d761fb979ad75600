/**
 * How a station comes by its certificate and keeps one: enrols with a one-time claim, renews in good time, and lets the old pair go only when
 * the new one has carried two connections. Nothing here stops playback: a station that is not enrolled plays what it was commissioned with.
 */

import { createPublicKey, X509Certificate } from "node:crypto";
import { isTrusted } from "../../playback/model/clock-trust.ts";
import { messageOf } from "../../playback/model/station-error.ts";
import { HOUR, MINUTE, type Millis, type Monotonic, SECOND } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import { commonName, parseCertificates, renewAt, validity } from "./certificates.ts";
import { EnrolmentRefused, type EnrolmentRequest, type HandedAcceptance, type Issued } from "./enrolment-client.ts";
import type { IdentityStore, Pair, PairSlot } from "./identity-store.ts";
import { newPair } from "./new-pair.ts";

export interface Credentials {
  readonly slot: PairSlot;
  readonly key: string;
  readonly certificate: string;
}

export interface EnrolmentPorts {
  readonly identities: IdentityStore;
  readonly clock: Clock;
  readonly station: string;
  /** The one-time claim of the commissioning bundle; `null` where there is none, or it was used. */
  readonly claim: () => Promise<string | null>;
  /** The certificate is on the disk: the claim has done its duty. */
  readonly claimUsed: (claim: string) => Promise<void>;
  /** @throws EnrolmentRefused, Error */
  readonly ask: (what: "enrol" | "renew", body: EnrolmentRequest, own: Credentials | null) => Promise<Issued>;
  /** What the province is to countersign; `null` where no acceptance was made. */
  readonly acceptance: () => HandedAcceptance | null;
  /** Hands a signed document to the door, where it is adopted or refused. */
  readonly deliver: (topic: string, bytes: Buffer) => Promise<void>;
  /** In [0, 1), fixed for the station. */
  readonly spread: number;
  readonly random: () => number;
  /** For the journal: `enrolled`, `renewed`, `key-retired`. */
  readonly record: (kind: string, body: object) => Promise<void>;
  /** There is a certificate that no connection has shown yet. */
  readonly onIssued: () => void;
}

export const ENROLMENT_STATES = ["pending", "enrolled", "renewing", "expired"] as const;
export type EnrolmentState = (typeof ENROLMENT_STATES)[number];

const FIRST_PAUSE: Millis = 10 * SECOND;
const LONGEST_PAUSE: Millis = HOUR;
/** A next pair that was turned away is tried again after this; the old one serves meanwhile. */
const DISTRUST_NEXT: Millis = 10 * MINUTE;
const WORKED_ENOUGH = 2;

export class Enrolment {
  readonly #ports: EnrolmentPorts;
  #failures = 0;
  #notBefore: Monotonic = Number.NEGATIVE_INFINITY;
  #nextFailedAt: Monotonic = Number.NEGATIVE_INFINITY;
  #problem: string | null = null;
  #wanted = false;
  #typed = false;

  constructor(ports: EnrolmentPorts) {
    this.#ports = ports;
  }

  state(): EnrolmentState {
    const endsAt = this.endsAt();
    if (endsAt === null) return "pending";
    if (isTrusted(this.#ports.clock.trust()) && this.#ports.clock.now() > endsAt) return "expired";
    return this.#ports.identities.get("next") === null ? "enrolled" : "renewing";
  }

  /** What the last attempt met; `null` after one that succeeded. */
  get problem(): string | null {
    return this.#problem;
  }

  /** End of life of the certificate that lives longest; `null` while there is none. */
  endsAt(): number | null {
    const { identities } = this.#ports;
    const ends = [identities.get("current"), identities.get("next")].flatMap((pair) =>
      pair === null || pair.certificate === "" ? [] : [lifeOf(pair).to],
    );
    return ends.length === 0 ? null : Math.max(...ends);
  }

  /** What to show the broker now; `null` while not enrolled. */
  credentials(): Credentials | null {
    const { identities, clock } = this.#ports;
    const next = identities.get("next");
    const failedLately = clock.monotonic() - this.#nextFailedAt < DISTRUST_NEXT;
    if (next !== null && next.certificate !== "" && !failedLately) return { slot: "next", ...next };
    const current = identities.get("current");
    return current === null || current.certificate === "" ? null : { slot: "current", ...current };
  }

  /** A connection stood with this pair. */
  async worked(shown: Credentials): Promise<void> {
    const { identities } = this.#ports;
    const next = identities.get("next");
    if (next === null || !isOf(shown, next)) return;
    await identities.put("next", { ...next, worked: next.worked + 1 });
    if (next.worked + 1 >= WORKED_ENOUGH) await this.#promote(next);
  }

  /** The other side did not accept this pair. */
  turnedAway(shown: Credentials): void {
    const { identities, clock } = this.#ports;
    const next = identities.get("next");
    if (next !== null && isOf(shown, next)) this.#nextFailedAt = clock.monotonic();
  }

  /** Renews at the next tick whatever the age. */
  renewNow(): void {
    this.#wanted = true;
    this.#retry();
  }

  /** A technician typed a claim: at the next tick it is shown, whatever there is already. */
  claimTyped(): void {
    this.#typed = true;
    this.#retry();
  }

  #retry(): void {
    this.#failures = 0;
    this.#notBefore = Number.NEGATIVE_INFINITY;
  }

  /** Does what is due, once; never rejects for the network's sake. Call it every few seconds. @throws Error where the disk fails */
  async tick(): Promise<void> {
    const { identities, clock } = this.#ports;
    if (clock.monotonic() < this.#notBefore) return;
    if (!isIssued(identities.get("current"))) return this.#attempt(() => this.#enrol("current"));
    await this.#makeWay();
    const [current, next] = [identities.get("current"), identities.get("next")];
    const due = this.#asked || (isIssued(current) && this.#isDue(current));
    if (next?.certificate === "" || (next === null && due)) return this.#attempt(() => this.#renew());
  }

  /** Somebody wants another certificate whatever the age of what is there. */
  get #asked(): boolean {
    return this.#wanted || this.#typed;
  }

  #isDue(pair: Pair): boolean {
    const { clock, spread } = this.#ports;
    return isTrusted(clock.trust()) && clock.now() >= renewAt(lifeOf(pair), spread);
  }

  #hasEnded(pair: Pair): boolean {
    const { clock } = this.#ports;
    return isTrusted(clock.trust()) && clock.now() > lifeOf(pair).to;
  }

  /**
   * A next pair that is to be renewed itself is in the way of its successor. One that has carried a connection is the better of the two and takes
   * the place of the old one; one that has not goes, but not before its end: until then it may be all that lets this station in.
   */
  async #makeWay(): Promise<void> {
    const { identities } = this.#ports;
    const next = identities.get("next");
    if (!isIssued(next)) return;
    const proven = next.worked > 0;
    const current = identities.get("current");
    // One that may let the station in where the other does not is shown first.
    const spare = (isIssued(current) && !this.#hasEnded(current)) || Number.isFinite(this.#nextFailedAt);
    const asked = this.#asked && (proven || spare);
    if (!asked && !(proven ? this.#isDue(next) : this.#hasEnded(next))) return;
    if (proven) await this.#promote(next);
    else await identities.drop("next");
  }

  /** `next` takes the place of the current pair, whose key is gone then. */
  async #promote(next: Pair): Promise<void> {
    const { identities, record } = this.#ports;
    await identities.promote();
    await record("key-retired", { ends: new Date(lifeOf(next).to).toISOString() });
  }

  async #enrol(slot: PairSlot): Promise<void> {
    const { identities, station, claim, claimUsed, ask, acceptance, deliver, record } = this.#ports;
    const secret = await claim();
    if (secret === null) throw new EnrolmentRefused("there is no claim: type one with `loa enrol CLAIM`");
    const pair = identities.get(slot) ?? (await newPair(identities, slot, station));
    const made = acceptance();
    const body = { station, request: pair.request, claim: secret, ...(made === null ? {} : { acceptance: made }) };
    const { certificate, documents } = await ask("enrol", body, null);
    await this.#take(slot, pair, certificate);
    await claimUsed(secret);
    await record("enrolled", { station, ends: new Date(lifeOf({ certificate }).to).toISOString() });
    // One that the door refuses takes nothing from the enrolment: the source says it again with its next acknowledgement.
    for (const { topic, bytes } of documents) await deliver(topic, bytes);
  }

  async #renew(): Promise<void> {
    if (this.#typed) return this.#enrol("next");
    try {
      await this.#renewByCertificate();
    } catch (error) {
      // What it holds lets it in no more: then a claim may.
      const shutOut = error instanceof EnrolmentRefused || this.state() === "expired";
      if (!shutOut || (await this.#ports.claim()) === null) throw error;
      await this.#enrol("next").catch((second: unknown) => {
        throw second instanceof EnrolmentRefused
          ? new EnrolmentRefused(`${messageOf(error)}; ${messageOf(second)}`)
          : second;
      });
    }
  }

  async #renewByCertificate(): Promise<void> {
    const { identities, station, ask, record } = this.#ports;
    const pair = identities.get("next") ?? (await newPair(identities, "next", station));
    const current = identities.get("current");
    const own: Credentials | null = current === null ? null : { slot: "current", ...current };
    const { certificate } = await ask("renew", { station, request: pair.request }, own);
    await this.#take("next", pair, certificate);
    await record("renewed", { station, ends: new Date(lifeOf({ certificate }).to).toISOString() });
  }

  /** On the disk when it resolves. @throws Error where it is for another key or station */
  async #take(slot: PairSlot, pair: Pair, certificate: string): Promise<void> {
    await this.#ports.identities.put(slot, { ...pair, certificate: this.#checked(pair, certificate) });
    [this.#wanted, this.#typed] = [false, false];
    // Whatever was turned away, it was not this one.
    this.#nextFailedAt = Number.NEGATIVE_INFINITY;
  }

  #checked(pair: Pair, certificate: string): string {
    const [leaf] = parseCertificates(certificate);
    if (leaf === undefined) throw new Error("the service answered without a certificate");
    const own = createPublicKey(pair.key).export({ type: "spki", format: "der" });
    if (!leaf.publicKey.export({ type: "spki", format: "der" }).equals(own))
      throw new Error("the certificate is for another key");
    if (commonName(leaf) !== this.#ports.station) throw new Error(`the certificate is for ${commonName(leaf)}`);
    return certificate;
  }

  /** `work` resolves with a certificate on the disk, and what came with it at the door. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    const { identities, clock, random, onIssued } = this.#ports;
    try {
      await work();
      this.#failures = 0;
      this.#problem = null;
      const fresh = identities.get("next") ?? identities.get("current");
      // One that is due again when it comes says that a clock is wrong, here or there: no reason to ask without rest.
      if (isIssued(fresh) && this.#isDue(fresh)) this.#notBefore = clock.monotonic() + LONGEST_PAUSE;
      onIssued();
    } catch (error) {
      const refused = error instanceof EnrolmentRefused;
      this.#problem = messageOf(error);
      this.#failures = refused ? 30 : this.#failures + 1;
      // A claim that was refused is not shown again and again in place of what the station holds.
      if (refused) this.#typed = false;
      const most = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(this.#failures, 20));
      this.#notBefore = clock.monotonic() + most * (0.5 + random() / 2);
    }
  }
}

const isIssued = (pair: Pair | null): pair is Pair => pair !== null && pair.certificate !== "";

/** Whether this was shown of the pair: another one may have taken its place since. */
const isOf = (shown: Credentials, { key }: Pair) => shown.slot === "next" && shown.key === key;

function lifeOf({ certificate }: Pick<Pair, "certificate">) {
  return validity(new X509Certificate(certificate));
}
