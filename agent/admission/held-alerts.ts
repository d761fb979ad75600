/**
 * Alerts in force that the disk does not have yet: a typhoon does not wait for a slow card, nor for a new one. What is lost where the power fails
 * first is still retained at the broker, and comes again.
 */
import type { StoredDocument } from "../../storage/documents.ts";
import type { Adopted } from "../adopted.ts";
import type { DocumentKey } from "./document.ts";
import { sameKey } from "./judging.ts";

/** More than ever stand at once; beyond it an alert is not adopted where it cannot be stored. */
const MOST = 64;

export class HeldAlerts {
  #alerts: readonly Adopted[] = [];
  /** Those that it has refused. */
  readonly #owed = new WeakSet<Adopted>();

  /** Oldest first. */
  get all(): readonly Adopted[] {
    return this.#alerts;
  }

  /** Those that it refused and must be offered again. */
  get owed(): readonly Adopted[] {
    return this.#alerts.filter((alert) => this.#owed.has(alert));
  }

  /** False where there is no room for one more. */
  keep(alert: Adopted): boolean {
    const others = this.#without(alert.key);
    if (others.length >= MOST) return false;
    this.#alerts = [...others, alert];
    return true;
  }

  owe(alert: Adopted): void {
    this.#owed.add(alert);
  }

  forget(key: DocumentKey): void {
    this.#alerts = this.#without(key);
  }

  /** Number of the one under this key; 0 where none is held. */
  seqOf(key: DocumentKey): number {
    return this.#alerts.find((alert) => sameKey(alert.key, key))?.claims.seq ?? 0;
  }

  /** What the disk would say, had it taken them. */
  over(stored: readonly StoredDocument[]): StoredDocument[] {
    const held = this.#alerts.map(({ key, claims, sha256, bytes, adoptedAt }) => {
      return { ...key, seq: claims.seq, issuer: claims.iss, sha256, bytes, adoptedAt };
    });
    return [...stored.filter((one) => !this.#alerts.some(({ key }) => sameKey(one, key))), ...held];
  }

  #without(key: DocumentKey): Adopted[] {
    return this.#alerts.filter((alert) => !sameKey(alert.key, key));
  }
}
