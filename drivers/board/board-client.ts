/** The other end of the simulated board's socket: connects when there is something to say, gives up after a second, connects again. */
import { connect, type Socket } from "node:net";
import { StationError } from "../../playback/model/station-error.ts";
import type { Millis } from "../../playback/model/units.ts";
import type { AmplifierLines } from "../../playback/ports/amplifier.ts";
import { type Behaviour, type BoardAnswer, lineSplitter } from "./protocol.ts";

export type BoardOrder =
  | { readonly op: "drive"; readonly lines: AmplifierLines }
  | { readonly op: "read" }
  | { readonly op: "behave"; readonly behaviour: Partial<Behaviour> };

export type BoardState = BoardAnswer & { readonly ok: true };

interface Pending {
  readonly resolve: (answer: BoardAnswer) => void;
  readonly reject: (error: Error) => void;
}

export class BoardClient {
  readonly #path: string;
  readonly #amplifier: string;
  readonly #timeoutMs: Millis;
  readonly #pending = new Map<number, Pending>();
  #socket: Socket | null = null;
  #lastId = 0;

  constructor(path: string, amplifier: string, timeoutMs: Millis = 1_000) {
    this.#path = path;
    this.#amplifier = amplifier;
    this.#timeoutMs = timeoutMs;
  }

  /** @throws StationError `amplifier-unreachable`: no board, no answer in time, or it refused */
  async request(order: BoardOrder): Promise<BoardState> {
    const answer = await this.#send(order).catch((error: unknown) => {
      throw new StationError("amplifier-unreachable", `simulated board ${this.#path}: ${(error as Error).message}`, {
        cause: error,
      });
    });
    if (!answer.ok) throw new StationError("amplifier-unreachable", `simulated board ${this.#path}: ${answer.error}`);
    return answer;
  }

  /** Drops the connection; a later request connects again. */
  close(): void {
    this.#drop(new Error("closed"));
  }

  #send(order: BoardOrder): Promise<BoardAnswer> {
    return new Promise((resolve, reject) => {
      const socket = this.#connected();
      const id = ++this.#lastId;
      const timer = setTimeout(() => {
        // What was asked must not happen later: the board forgets the requests of a connection that is gone.
        this.#drop(new Error(`no answer within ${this.#timeoutMs} ms`));
      }, this.#timeoutMs);
      const settled = (settle: () => void) => {
        clearTimeout(timer);
        this.#pending.delete(id);
        settle();
      };
      this.#pending.set(id, {
        resolve: (answer) => settled(() => resolve(answer)),
        reject: (error) => settled(() => reject(error)),
      });
      socket.write(`${JSON.stringify({ id, amplifier: this.#amplifier, ...order })}\n`);
    });
  }

  #connected(): Socket {
    if (this.#socket !== null) return this.#socket;
    const socket = connect(this.#path);
    this.#socket = socket;
    socket.setEncoding("utf8");
    const split = lineSplitter((line) => {
      const answer = JSON.parse(line) as BoardAnswer;
      this.#pending.get(answer.id)?.resolve(answer);
    });
    socket.on("data", (chunk: string) => {
      try {
        split(chunk);
      } catch (error) {
        this.#drop(error as Error);
      }
    });
    socket.on("error", (error) => this.#drop(error, socket));
    socket.on("close", () => this.#drop(new Error("the board closed the connection"), socket));
    socket.write(`${JSON.stringify({ id: 0, amplifier: this.#amplifier, op: "hello", pid: process.pid })}\n`);
    return socket;
  }

  #drop(error: Error, of: Socket | null = this.#socket): void {
    // An old connection's last words do not concern the new one.
    if (of === null || of !== this.#socket) return;
    this.#socket = null;
    of.destroy();
    for (const { reject } of [...this.#pending.values()]) reject(error);
  }
}
