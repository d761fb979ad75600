/**
 * Documents that no known key carried when they came. A broker sends what it keeps in no order: a schedule before the trust document that names
 * its key, a trust document before the root that signed it. They are tried again when keys change. Bounded; what does not fit comes again
 * with the next connection.
 */
import type { Refusal } from "../../playback/model/refusal.ts";
import type { DownlinkTopic } from "../contract/topics.ts";

/** A document and the topic that it came by. */
export interface Letter {
  readonly topic: DownlinkTopic;
  readonly bytes: Buffer;
}

/** Neither adopted nor refused for good: it waits for keys, and nobody need be alarmed. */
export interface Waiting extends Refusal {
  readonly waits: true;
}

const MOST = 64;
const MOST_BYTES = 4_000_000;
const FOR_KEYS: readonly Refusal["reason"][] = ["bad-signature", "threshold-not-reached", "out-of-scope"];

function nameOf({ topic }: Letter): string {
  return `${topic.address} ${topic.kind} ${topic.detail}`;
}

export class WaitingRoom {
  /** By topic: of each document only the last that came. */
  readonly #letters = new Map<string, Letter>();

  /** Keeps it where other keys might carry it. */
  keep(topic: DownlinkTopic, bytes: Buffer, why: Refusal): void {
    if (topic.kind === "root" || !FOR_KEYS.includes(why.reason)) return;
    this.#hold({ topic, bytes });
  }

  /** Those that were taken and could not be tried; where another of the same document came meanwhile, that one stays. */
  putBack(letters: readonly Letter[]): void {
    for (const letter of letters) if (!this.#letters.has(nameOf(letter))) this.#hold(letter);
  }

  #hold(letter: Letter): void {
    const name = nameOf(letter);
    this.#letters.delete(name);
    this.#letters.set(name, letter);
    let held = [...this.#letters.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
    for (const [oldest, { bytes }] of this.#letters) {
      if (this.#letters.size <= MOST && held <= MOST_BYTES) break;
      this.#letters.delete(oldest);
      held -= bytes.length;
    }
  }

  /** All that wait, trust first; the room is empty then. */
  take(): Letter[] {
    const letters = [...this.#letters.values()];
    this.#letters.clear();
    return letters.sort((a, b) => Number(b.topic.kind === "trust") - Number(a.topic.kind === "trust"));
  }
}
