/**
 * A broker of MQTT 3.1.1 that does only what a test tells it, packet by packet: what no well-behaved broker can be made to do. It answers
 * CONNECT; all else is the test's.
 */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** Kinds of packet by the upper half of their first byte. Source: MQTT 3.1.1 §2.2.1. */
const KINDS: Readonly<Record<number, RawPacket["kind"]>> = { 1: "connect", 3: "publish", 8: "subscribe" };
/** Level 4 is MQTT 3.1.1; any other is refused as an unacceptable version, as a broker before MQTT 5 does it. */
const LEVEL = 4;
const REFUSED = 0x80;
/** Bit of the connect flags. Source: MQTT 3.1.1 §3.1.2.4. */
const CLEAN_SESSION = 2;

export interface RawPacket {
  readonly kind: "connect" | "publish" | "subscribe" | "other";
  /** 1 for the first connection. */
  readonly connection: number;
  readonly id: number;
  readonly topic: string;
  /** Of a CONNECT: nothing is kept of earlier connections. */
  readonly clean: boolean;
  /** Of a SUBSCRIBE, with the quality of service that is asked for. */
  readonly filters: Readonly<Record<string, number>>;
  readonly answer: (granted: boolean) => void;
  /** Ends the connection. */
  readonly drop: () => void;
}

export class RawBroker {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #connections = 0;

  private constructor(hear: (packet: RawPacket) => void) {
    this.#server = createServer((socket) => {
      this.#connections += 1;
      const connection = this.#connections;
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      socket.on("error", () => socket.destroy());
      let rest: Buffer = Buffer.alloc(0);
      socket.on("data", (chunk: Buffer) => {
        rest = Buffer.concat([rest, chunk]);
        for (let packet = split(rest); packet !== null; packet = split(rest)) {
          rest = packet.rest;
          const read = parse(packet.first, packet.body, connection, socket);
          const older = read.kind !== "connect" || packet.body[6] === LEVEL;
          if (read.kind === "connect") socket.write(Buffer.from([0x20, 2, 0, older ? 0 : 1]));
          if (older) hear(read);
          else socket.end();
        }
      });
    });
  }

  /** On a free port of the loopback; `hear` is told of every packet. */
  static async start(hear: (packet: RawPacket) => void): Promise<RawBroker> {
    const broker = new RawBroker(hear);
    broker.#server.listen(0, "127.0.0.1");
    await once(broker.#server, "listening");
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

/** The first whole packet of these bytes. */
export function split(bytes: Buffer): { first: number; body: Buffer; rest: Buffer } | null {
  let length = 0;
  for (let digit = 0; digit < 4; digit++) {
    const byte = bytes[1 + digit];
    if (byte === undefined) return null;
    length += (byte & 127) * 128 ** digit;
    if (byte > 127) continue;
    const from = 2 + digit;
    if (bytes.length < from + length) return null;
    return { first: bytes[0] ?? 0, body: bytes.subarray(from, from + length), rest: bytes.subarray(from + length) };
  }
  throw new Error("a packet without a length");
}

function parse(first: number, body: Buffer, connection: number, socket: Socket): RawPacket {
  const kind = KINDS[first >> 4] ?? "other";
  const topicEnd = kind === "publish" ? 2 + body.readUInt16BE(0) : 0;
  const numbered = kind === "subscribe" || (kind === "publish" && (first & 6) !== 0);
  const id = numbered ? body.readUInt16BE(topicEnd) : 0;
  const filters = kind === "subscribe" ? filtersIn(body.subarray(2)) : {};
  return {
    kind,
    connection,
    id,
    topic: body.toString("utf8", 2, Math.max(2, topicEnd)),
    clean: kind === "connect" && ((body[7] ?? 0) & CLEAN_SESSION) !== 0,
    filters,
    answer: (granted) => {
      const [high, low] = [id >> 8, id & 255];
      const codes = Object.values(filters).map((qos) => (granted ? qos : REFUSED));
      if (kind === "subscribe") socket.write(Buffer.from([0x90, 2 + codes.length, high, low, ...codes]));
      else if (granted) socket.write(Buffer.from([0x40, 2, high, low]));
    },
    drop: () => socket.destroy(),
  };
}

function filtersIn(bytes: Buffer): Record<string, number> {
  const filters: Record<string, number> = {};
  for (let at = 0; at < bytes.length; ) {
    const end = at + 2 + bytes.readUInt16BE(at);
    filters[bytes.toString("utf8", at + 2, end)] = bytes.readUInt8(end);
    at = end + 1;
  }
  return filters;
}
