/** Says who and how the station is: births at every connection, health in between. */
import { randomBytes } from "node:crypto";
import type { Monotonic } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Store } from "../../storage/store.ts";
import type { Admission } from "../admission/admission.ts";
import type { Birth, Health } from "../contract/uplink.ts";

export interface ReporterPorts {
  readonly station: string;
  readonly session: string;
  readonly version: string;
  readonly store: Store;
  readonly admission: Admission;
  readonly clock: Clock;
}

const wire = (at: number) => new Date(at).toISOString();

export class Reporter {
  readonly #ports: ReporterPorts;
  #nonce: { value: string; sentAt: Monotonic } | null = null;

  constructor(ports: ReporterPorts) {
    this.#ports = ports;
  }

  /** What the signed time must answer. */
  get nonce(): { readonly value: string; readonly sentAt: Monotonic } | null {
    return this.#nonce;
  }

  /** Takes the place of the one before: only one answer is waited for. */
  freshNonce(): string {
    const value = randomBytes(16).toString("base64url");
    this.#nonce = { value, sentAt: this.#ports.clock.monotonic() };
    return value;
  }

  /** A birth with a fresh nonce. @throws StationError `storage-failed` */
  async birth(): Promise<Birth> {
    const { station, session, version, store, admission, clock } = this.#ports;
    const { stream, issued } = await store.outbox.stats();
    return {
      kind: "birth",
      station,
      session,
      at: wire(clock.now()),
      agent: version,
      clock: clock.trust(),
      nonce: this.freshNonce(),
      documents: admission.documents.map(({ key, claims, sha256 }) => ({ ...key, seq: claims.seq, sha256 })),
      journal: store.journal.head(),
      stream,
      lastEvent: issued,
    };
  }

  /** @throws StationError `storage-failed` */
  async health(
    facts: Omit<Health, "kind" | "station" | "session" | "at" | "clock" | "outbox" | "journal">,
  ): Promise<Health> {
    const { station, session, store, clock } = this.#ports;
    const { rows, bytes } = await store.outbox.stats();
    return {
      kind: "health",
      station,
      session,
      at: wire(clock.now()),
      clock: clock.trust(),
      ...facts,
      outbox: { rows, bytes },
      journal: store.journal.head(),
    };
  }
}
