/**
 * A simulated Modbus relay board with its own troubles, on TCP (framed either way; a bridge makes a serial line of it). For training and tests; an
 * ordinary driver is pointed at its port. Input n says whether current flows through relay n.
 */
import { createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { checksumBytes } from "../bus/checksums.ts";
import type { Framing } from "./frame.ts";

export interface ModbusBehaviour {
  /** Each answer, and what it is about, comes so much later. */
  readonly slowMs: number;
  /** Hears, does nothing, says nothing. */
  readonly silent: boolean;
  /** Answers with a wrong checksum; on TCP, where there is none, with somebody else's exchange. */
  readonly wrongCheck: boolean;
  /** Only the first half of each answer arrives. */
  readonly half: boolean;
  /** Says that it did what it was told, and did not. */
  readonly lying: boolean;
  /** This many questions get no answer; then all do. */
  readonly misses: number;
  /** These relays do not move, and read back so; orders are answered as done. */
  readonly stuck: readonly number[];
  /** The contacts are welded: the current stays as it is. */
  readonly welded: boolean;
}

export const WELL_BEHAVED_MODBUS: ModbusBehaviour = {
  ...{ slowMs: 0, silent: false, wrongCheck: false, half: false, lying: false, misses: 0, stuck: [], welded: false },
};

const RELAYS = 8;
const FLASH_ON = 0x0200;

export class SimulatedModbus {
  readonly #framing: Framing;
  readonly #unit: number;
  readonly #server: Server;
  readonly #peers = new Set<Socket>();
  readonly #coils = new Array<boolean>(RELAYS).fill(false);
  readonly #current = new Array<boolean>(RELAYS).fill(false);
  readonly #flashes = new Map<number, NodeJS.Timeout>();
  /** Every question that was sound, oldest first. */
  readonly heard: { readonly code: number; readonly address: number; readonly value: number }[] = [];
  #behaviour = WELL_BEHAVED_MODBUS;
  #port = 0;

  constructor(framing: Framing, unit = 1) {
    this.#framing = framing;
    this.#unit = unit;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** Listens on the loopback, on the same port as before. */
  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(this.#port, "127.0.0.1", resolve);
    });
    this.#port = (this.#server.address() as { port: number }).port;
  }

  async stop(): Promise<void> {
    if (!this.isRunning) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const peer of this.#peers) peer.destroy();
    await closed;
  }

  get isRunning(): boolean {
    return this.#server.listening;
  }
  get port(): number {
    return this.#port;
  }
  get coils(): readonly boolean[] {
    return this.#coils;
  }

  /** From a well-behaved one, these differ. */
  behave(behaviour: Partial<ModbusBehaviour>): void {
    this.#behaviour = { ...WELL_BEHAVED_MODBUS, ...behaviour };
  }

  /** A finger on a relay. */
  put(coil: number, on: boolean): void {
    clearTimeout(this.#flashes.get(coil));
    this.#flashes.delete(coil);
    this.#coils[coil] = on;
    if (!this.#behaviour.welded) this.#current[coil] = on;
  }

  /** Loses its power: every relay opens. The line stays up. */
  reset(): void {
    for (const coil of this.#coils.keys()) this.put(coil, false);
  }

  #serve(socket: Socket): void {
    this.#peers.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#peers.delete(socket));
    let kept: Buffer = Buffer.alloc(0);
    let turn: Promise<void> = Promise.resolve();
    socket.on("data", (chunk: Buffer) => {
      kept = Buffer.concat([kept, chunk]);
      for (;;) {
        const { used, body, exchange } = this.#framing === "rtu" ? takeRtu(kept) : takeTcp(kept);
        if (used === 0) break;
        kept = kept.subarray(used);
        if (body === null || body[0] !== this.#unit) continue;
        turn = turn.then(() => this.#answer(socket, body, exchange)).catch(() => void socket.destroy());
      }
      if (kept.length > 300) socket.destroy();
    });
  }

  async #answer(socket: Socket, body: Buffer, exchange: number): Promise<void> {
    const { slowMs, silent, wrongCheck, half, misses } = this.#behaviour;
    if (slowMs > 0) await sleep(slowMs);
    // Nothing of a peer that gave up waiting: a late "on" must not follow an "off".
    if (socket.destroyed || silent) return;
    if (misses > 0) {
      this.#behaviour = { ...this.#behaviour, misses: misses - 1 };
      return;
    }
    const question = { code: body.readUInt8(1), address: body.readUInt16BE(2), value: body.readUInt16BE(4) };
    this.heard.push(question);
    const frame = this.#framed(this.#done(question, body), wrongCheck ? exchange ^ 1 : exchange);
    if (wrongCheck && this.#framing === "rtu")
      frame.writeUInt8(frame.readUInt8(frame.length - 1) ^ 0xff, frame.length - 1);
    socket.write(half ? frame.subarray(0, Math.ceil(frame.length / 2)) : frame);
  }

  #done({ code, address, value }: { code: number; address: number; value: number }, body: Buffer): Buffer {
    const refused = (why: number) => Buffer.from([this.#unit, code | 0x80, why]);
    if (code === 1 || code === 2) {
      if (value < 1 || address + value > RELAYS) return refused(2);
      const bits = (code === 1 ? this.#coils : this.#current).slice(address, address + value);
      const byte = bits.reduce((all, on, bit) => (on ? all | (1 << bit) : all), 0);
      return Buffer.from([this.#unit, code, 1, byte]);
    }
    if (code !== 5) return refused(1);
    const coil = address & 0xff;
    const timed = address - coil === FLASH_ON;
    if (coil >= RELAYS || (!timed && address !== coil)) return refused(2);
    if (!timed && value !== 0xff00 && value !== 0) return refused(3);
    if (this.#behaviour.lying || this.#behaviour.stuck.includes(coil)) return body;
    this.put(coil, timed || value === 0xff00);
    if (timed) this.#flashes.set(coil, setTimeout(() => this.put(coil, false), value * 100).unref());
    return body;
  }

  #framed(body: Buffer, exchange: number): Buffer {
    if (this.#framing === "rtu") return Buffer.concat([body, checksumBytes("crc16-modbus", body)]);
    const head = Buffer.alloc(6);
    head.writeUInt16BE(exchange, 0);
    head.writeUInt16BE(body.length, 4);
    return Buffer.concat([head, body]);
  }
}

interface TakenQuestion {
  readonly used: number;
  readonly body: Buffer | null;
  readonly exchange: number;
}

/** What is no question is passed over, byte after byte, as a board between two silences does. */
function takeRtu(bytes: Buffer): TakenQuestion {
  if (bytes.length < 8) return { used: 0, body: null, exchange: 0 };
  const body = Buffer.from(bytes.subarray(0, 6));
  const sound = checksumBytes("crc16-modbus", body).equals(bytes.subarray(6, 8));
  return sound ? { used: 8, body, exchange: 0 } : { used: 1, body: null, exchange: 0 };
}

function takeTcp(bytes: Buffer): TakenQuestion {
  if (bytes.length < 12) return { used: 0, body: null, exchange: 0 };
  return { used: 12, body: Buffer.from(bytes.subarray(6, 12)), exchange: bytes.readUInt16BE(0) };
}
