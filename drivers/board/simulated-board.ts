/**
 * The simulated board: relays behind a unix socket, with a log of its own. It is a process apart so that what the lines did when the agent
 * was killed is observed and not assumed. As with real lines, a peer that goes away changes nothing.
 */
import { appendFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type BoardAnswer, type BoardLogLine, type BoardRequest, boardMonotonic, lineSplitter } from "./protocol.ts";
import { SimulatedRelay } from "./simulated-relay.ts";

export class SimulatedBoard {
  readonly #log: string;
  readonly #server: Server;
  readonly #relays = new Map<string, SimulatedRelay>();
  readonly #peers = new Set<Socket>();
  /** Who moves the lines just now; changes happen one at a time. */
  #mover: number | null = null;

  private constructor(log: string) {
    this.#log = log;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** Listens on the socket, in place of an old one, and appends to the log file. */
  static async start(socket: string, log: string): Promise<SimulatedBoard> {
    const board = new SimulatedBoard(log);
    await rm(socket, { force: true });
    await new Promise<void>((resolve, reject) => {
      board.#server.once("error", reject);
      board.#server.listen(socket, resolve);
    });
    board.#write({ event: "start" });
    return board;
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const peer of this.#peers) peer.destroy();
    await closed;
  }

  #serve(socket: Socket): void {
    let pid: number | null = null;
    let turn: Promise<void> = Promise.resolve();
    this.#peers.add(socket);
    const split = lineSplitter((line) => {
      const request = JSON.parse(line) as BoardRequest;
      if (request.op === "hello") pid = request.pid;
      // One after the other, and nothing of a peer that gave up waiting: a late "on" must not follow an "off".
      turn = turn
        .then(() => this.#answer(socket, request, pid))
        .catch((error: unknown) => void socket.destroy(error as Error));
    });
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      try {
        split(chunk);
      } catch {
        // Not our protocol: the peer is cut off.
        socket.destroy();
      }
    });
    // A broken connection ends in `close`, which is all that matters here.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#peers.delete(socket);
      this.#write({ event: "peer-gone", pid });
    });
  }

  async #answer(socket: Socket, request: BoardRequest, pid: number | null): Promise<void> {
    const relay = this.#relay(request.amplifier);
    if (request.op === "behave") {
      relay.behave(request.behaviour);
      this.#write({ event: "behave", amplifier: relay.name, pid, behaviour: relay.behaviour });
    } else if (request.op !== "hello" && relay.behaviour.slowMs > 0) {
      await sleep(relay.behaviour.slowMs);
    }
    if (socket.destroyed || (relay.behaviour.unplugged && request.op !== "behave")) return;
    let lines = relay.lines;
    if (request.op === "hello") this.#write({ event: "peer", amplifier: relay.name, pid });
    if (request.op === "drive") {
      this.#mover = pid;
      lines = relay.drive(request.lines);
    }
    const answer: BoardAnswer = { id: request.id, ok: true, lines, sensed: relay.sensed, fault: relay.behaviour.fault };
    socket.write(`${JSON.stringify(answer)}\n`);
  }

  #relay(name: string): SimulatedRelay {
    const known = this.#relays.get(name);
    if (known !== undefined) return known;
    const relay = new SimulatedRelay(name, ({ lines, sensed }) => {
      this.#write({ event: "lines", amplifier: name, pid: this.#mover, ...lines, sensed });
    });
    this.#relays.set(name, relay);
    return relay;
  }

  #write(line: Omit<BoardLogLine, "at" | "monotonicMs">): void {
    const stamped: BoardLogLine = { at: new Date().toISOString(), monotonicMs: boardMonotonic(), ...line };
    // At once and whole: the log is the witness when something is killed in the next moment.
    appendFileSync(this.#log, `${JSON.stringify(stamped)}\n`);
  }
}
