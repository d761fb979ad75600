/** Looks at a live source ten times a second and says how it stands, whether it is heard or not. Follows its pin, and ends with it. */
import type { LivePin, LiveState } from "../model/live.ts";
import type { Refusal } from "../model/refusal.ts";
import type { Millis } from "../model/units.ts";
import type { Clock } from "../ports/clock.ts";
import type { LiveInput, LiveSignal, SoundOutput } from "../ports/sound.ts";
import { advance, connecting, happeningOf, isHeard, type Live, type LiveLimits, lossOf } from "./states.ts";

const LOOK: Millis = 100;

export interface WatchPorts {
  readonly sound: Pick<SoundOutput, "listen">;
  readonly clock: Clock;
  readonly limits: LiveLimits;
  /** The pin in force, or `null` where none is approved any more. */
  readonly pin: () => LivePin | null;
}

export class LiveWatch {
  readonly #ports: WatchPorts;
  readonly #closing = new AbortController();
  readonly #watching: Promise<void>;
  #pin: LivePin;
  #input: LiveInput;
  #live: Live;
  #before: LiveSignal | null = null;
  #aired = false;
  #withdrawn = false;
  #loss: Refusal | null = null;
  #changed = Promise.withResolvers<void>();

  constructor(pin: LivePin, ports: WatchPorts) {
    this.#ports = ports;
    this.#pin = pin;
    this.#input = ports.sound.listen(pin);
    this.#live = connecting(ports.clock.monotonic());
    this.#watching = this.#watch();
  }

  get state(): LiveState {
    return this.#live.state;
  }
  /** The source itself is, or may be, what sounds. */
  get heard(): boolean {
    return isHeard(this.#live.state);
  }
  get input(): LiveInput {
    return this.#input;
  }
  /** Its pin is gone: nothing of it may sound any more. */
  get withdrawn(): boolean {
    return this.#withdrawn;
  }
  /** Why it was given up last; `null` while it is heard. */
  get loss(): Refusal | null {
    return this.heard ? null : this.#loss;
  }

  /** From now on it is listened to: silence before that was nobody's loss. */
  air(): void {
    this.#aired = true;
  }

  get heldMs(): Millis {
    return this.#input.signal().heldMs;
  }

  /** Resolves at the next change of the state. */
  change(): Promise<void> {
    return this.#changed.promise;
  }

  /** Resolves when nothing is received any more. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#watching;
    await this.#input.close();
  }

  async #watch(): Promise<void> {
    const { clock } = this.#ports;
    while (!this.#closing.signal.aborted && !this.#withdrawn) {
      await clock.wait(LOOK, this.#closing.signal);
      await this.#follow();
      this.#look();
    }
  }

  /** Another address under the same name is another source. */
  async #follow(): Promise<void> {
    const pin = this.#ports.pin();
    if (pin === null) {
      this.#withdrawn = true;
      this.#tell();
    } else if (pin !== this.#pin && JSON.stringify(pin) !== JSON.stringify(this.#pin)) {
      await this.#input.close();
      this.#pin = pin;
      this.#input = this.#ports.sound.listen(pin);
      this.#before = null;
      this.#step("lost");
      this.#tell();
    }
  }

  #look(): void {
    const signal = this.#input.signal();
    const happening = happeningOf(signal, this.#before, this.#ports.limits);
    this.#before = signal;
    this.#step(happening === "quiet" && !this.#aired ? "loud" : happening);
  }

  #step(happening: Parameters<typeof advance>[1]): void {
    const now = this.#ports.clock.monotonic();
    const before = this.#live;
    this.#live = advance(before, happening, now, this.#ports.limits);
    if (this.#live.state === before.state) return;
    if (this.#live.state === "fallback")
      this.#loss = lossOf(before, now, this.#input.signal().problem, this.#ports.limits);
    this.#tell();
  }

  #tell(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }
}
