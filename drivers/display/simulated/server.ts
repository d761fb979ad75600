/**
 * A simulated controller on TCP: the wire and its troubles. What is said on it is a `SimulatedProtocol`. For training and tests; an ordinary
 * driver is pointed at its port.
 */
import { createServer, type Server, type Socket } from "node:net";
import { setImmediate as breath, setTimeout as sleep } from "node:timers/promises";
import type { DisplayReport } from "../../../playback/ports/display-controller.ts";
import type { Taken } from "../../bus/connection.ts";
import { type DisplayBehaviour, WELL_BEHAVED_DISPLAY } from "./behaviour.ts";

/** One connection's view of a controller; the board behind it is shared. */
export interface SimulatedSession {
  /** Said first; empty where the computer begins. */
  readonly greeting: Uint8Array;
  /** Finds the next request and gives what is to be done about it: the answer, empty for none. @throws WireFault for what is none */
  take(bytes: Buffer): Taken<(behaviour: DisplayBehaviour) => Uint8Array>;
  /** The same answer with a wrong checksum; the same where there is none. */
  spoiled(answer: Uint8Array): Uint8Array;
}

export interface SimulatedProtocol {
  session(): SimulatedSession;
  /** What somebody before the board sees; `null` for what such a board has not. */
  truth(): DisplayReport;
}

const GATHERED_MS = 20;
/** Assumed: nothing a driver here sends is longer; a picture has at most 300 KiB, twice that when escaped. */
const LONGEST_REQUEST = 1_000_000;

export class SimulatedDisplay {
  readonly #protocol: SimulatedProtocol;
  readonly #server: Server;
  readonly #peers = new Set<Socket>();
  #behaviour = WELL_BEHAVED_DISPLAY;
  #port = 0;
  #connections = 0;

  constructor(protocol: SimulatedProtocol) {
    this.#protocol = protocol;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** Listens on the loopback; port 0 takes a free one, which is kept from then on. */
  async start(port = this.#port): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", resolve);
    });
    this.#port = (this.#server.address() as { port: number }).port;
  }

  get port(): number {
    return this.#port;
  }
  get isRunning(): boolean {
    return this.#server.listening;
  }
  /** Ever taken. */
  get connections(): number {
    return this.#connections;
  }

  /** From a well-behaved one, these differ. */
  behave(behaviour: Partial<DisplayBehaviour>): void {
    this.#behaviour = { ...WELL_BEHAVED_DISPLAY, ...behaviour };
  }

  truth(): DisplayReport {
    return this.#protocol.truth();
  }

  async stop(): Promise<void> {
    if (!this.isRunning) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.hangUp();
    await closed;
  }

  /** Ends every connection, as when the switch between loses its power. */
  hangUp(): void {
    for (const peer of this.#peers) peer.destroy();
  }

  #serve(socket: Socket): void {
    this.#connections += 1;
    this.#peers.add(socket);
    // A broken connection ends in `close`, which is all that matters here.
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#peers.delete(socket));
    socket.setNoDelay(true);
    const session = this.#protocol.session();
    const wire = new TroubledWire(socket);
    let kept: Buffer = Buffer.alloc(0);
    // One after the other, and nothing of a peer that gave up waiting.
    let turn = this.#say(wire, session, session.greeting);
    const then = (work: () => Promise<void>) => {
      turn = turn.then(work).catch(() => void socket.destroy());
    };
    socket.on("data", (chunk: Buffer) => {
      kept = Buffer.concat([kept, chunk]);
      if (kept.length > LONGEST_REQUEST) socket.destroy();
      try {
        for (;;) {
          const { used, message } = session.take(kept);
          kept = kept.subarray(used);
          if (message === null) return;
          then(() => this.#answer(wire, session, message));
        }
      } catch {
        // Not this protocol: the peer is cut off.
        socket.destroy();
      }
    });
  }

  async #answer(
    wire: TroubledWire,
    session: SimulatedSession,
    act: (behaviour: DisplayBehaviour) => Uint8Array,
  ): Promise<void> {
    if (this.#behaviour.slowMs > 0) await sleep(this.#behaviour.slowMs);
    if (wire.gone || this.#behaviour.silent) return;
    if (this.#behaviour.rubbish === "none") return this.#say(wire, session, act(this.#behaviour));
    await wire.rubbish(this.#behaviour.rubbish === "endless");
  }

  async #say(wire: TroubledWire, session: SimulatedSession, answer: Uint8Array): Promise<void> {
    const { badChecksum, cutsOff, pieces, silent } = this.#behaviour;
    if (answer.length === 0 || silent) return;
    const bytes = Buffer.from(badChecksum ? session.spoiled(answer) : answer);
    if (cutsOff) wire.cut(bytes);
    else if (pieces === "bytes") await wire.piecemeal(bytes);
    else if (pieces === "gathered") wire.gather(bytes);
    else wire.send(bytes);
  }
}

/** A socket's sending side, with what can go wrong on the way. */
class TroubledWire {
  readonly #socket: Socket;
  #gathered: Buffer = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get gone(): boolean {
    return this.#socket.destroyed;
  }

  send(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  async piecemeal(bytes: Uint8Array): Promise<void> {
    for (const byte of bytes) {
      if (this.gone) return;
      this.#socket.write(Uint8Array.of(byte));
      await breath();
    }
  }

  gather(bytes: Uint8Array): void {
    if (this.#gathered.length === 0) {
      setTimeout(() => {
        if (!this.gone) this.#socket.write(this.#gathered);
        this.#gathered = Buffer.alloc(0);
      }, GATHERED_MS);
    }
    this.#gathered = Buffer.concat([this.#gathered, bytes]);
  }

  cut(bytes: Uint8Array): void {
    this.#socket.end(bytes.subarray(0, Math.ceil(bytes.length / 2)));
  }

  /** The same every time: a fault that a test finds, it finds again. */
  async rubbish(endless: boolean): Promise<void> {
    const bytes = Buffer.alloc(64);
    let state = 0x2545;
    do {
      for (let index = 0; index < bytes.length; index++) {
        state = (state * 75 + 74) % 65_537;
        bytes[index] = state & 0xff;
      }
      this.#socket.write(Buffer.from(bytes));
      await breath();
    } while (endless && !this.gone);
  }
}
