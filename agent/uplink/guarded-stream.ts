/**
 * Cuts an MQTT connection at the fixed header of a packet that is too large, before its body is read. MQTT.js ignores its own
 * `maximumPacketSize` on the way in: a 256 MB packet would be held in memory whole.
 *
 * Source: MQTT 5 §2.1.4 (remaining length, a variable byte integer of at most four bytes).
 */
import { Duplex } from "node:stream";

export class GuardedStream extends Duplex {
  readonly #below: Duplex;
  readonly #largest: number;
  /** Bytes of the current packet's body still to come. */
  #body = 0;
  /** Length digits read so far; `null` outside the length field. */
  #length: { value: number; digits: number } | null = null;

  /** `largest`: bytes of remaining length that are let through. */
  constructor(below: Duplex, largest: number) {
    super();
    this.#below = below;
    this.#largest = largest;
    below.on("data", (chunk: Buffer) => {
      const problem = this.#inspect(chunk);
      if (problem !== null) this.destroy(new Error(problem));
      else if (!this.push(chunk)) below.pause();
    });
    below.on("end", () => this.push(null));
    below.on("error", (error) => this.destroy(error));
    below.on("close", () => this.destroy());
  }

  /** Follows packet borders; the first header that announces too much is the problem. */
  #inspect(chunk: Buffer): string | null {
    let at = 0;
    while (at < chunk.length) {
      if (this.#body > 0) {
        const step = Math.min(this.#body, chunk.length - at);
        this.#body -= step;
        at += step;
      } else if (this.#length === null) {
        this.#length = { value: 0, digits: 0 };
        at += 1;
      } else {
        const byte = chunk[at] ?? 0;
        at += 1;
        const { value, digits } = this.#length;
        const next = value + (byte & 127) * 128 ** digits;
        if (digits === 3 && byte > 127) return "the broker sent a malformed packet length";
        if (next > this.#largest) return `the broker sent a packet of ${next} bytes; at most ${this.#largest} are read`;
        if (byte > 127) this.#length = { value: next, digits: digits + 1 };
        else {
          this.#length = null;
          this.#body = next;
        }
      }
    }
    return null;
  }

  override _read(): void {
    this.#below.resume();
  }
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#below.write(chunk, done);
  }
  override _final(done: (error?: Error | null) => void): void {
    this.#below.end(done);
  }
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#below.destroy();
    done(error);
  }
}
