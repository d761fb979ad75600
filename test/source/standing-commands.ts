/**
 * Commands over a broker that keeps no queue: what has not ended goes out again when a station that has not answered it says that it is there.
 * Stations execute each at most once, so whoever has it already only repeats its answer.
 */
import type { SourceState, StandingCommand } from "./state.ts";

/** A group's command rests so long after it was sent again, then twice as long each time: all of the group hear it, and answer. */
const FIRST_REST_MS = 10_000;

export interface StandingCommandPorts {
  readonly state: SourceState;
  readonly send: (command: StandingCommand) => Promise<void>;
  /** A group's command could not be sent again. */
  readonly onFault: (error: unknown) => void;
}

interface Rest {
  readonly timer: NodeJS.Timeout;
  /** A station came meanwhile that has not answered. */
  asked: boolean;
}

export class StandingCommands {
  readonly #ports: StandingCommandPorts;
  readonly #resting = new Map<string, Rest>();

  constructor(ports: StandingCommandPorts) {
    this.#ports = ports;
  }

  /** Called at every birth. `hasAnswered` gets issuer and `jti`. */
  async arrived(station: string, hasAnswered: (issuer: string, jti: string) => boolean): Promise<void> {
    const now = Date.now();
    for (const [key, command] of this.#ports.state.commands) {
      if (command.expires <= now || hasAnswered(command.issuer, command.jti)) continue;
      if (command.address === `station/${station}`) await this.#ports.send(command);
      // Which stations belong to a group is theirs to know, not this source's.
      else if (!command.address.startsWith("station/")) await this.#sendToGroup(key, command);
    }
  }

  close(): void {
    for (const { timer } of this.#resting.values()) clearTimeout(timer);
    this.#resting.clear();
  }

  async #sendToGroup(key: string, command: StandingCommand, restMs = FIRST_REST_MS): Promise<void> {
    const resting = this.#resting.get(key);
    if (resting !== undefined) {
      resting.asked = true;
      return;
    }
    const timer = setTimeout(() => this.#rested(key, command, restMs), restMs);
    this.#resting.set(key, { timer, asked: false });
    await this.#ports.send(command);
  }

  #rested(key: string, command: StandingCommand, restMs: number): void {
    const asked = this.#resting.get(key)?.asked === true;
    this.#resting.delete(key);
    if (asked && command.expires > Date.now()) this.#sendToGroup(key, command, 2 * restMs).catch(this.#ports.onFault);
  }
}
