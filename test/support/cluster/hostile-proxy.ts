/**
 * Stands between a station and its broker and is the broker in the wrong hands: it keeps all that ever went down, withholds it, says it again,
 * and says what nobody published. It speaks MQTT 5, whole packet by whole packet, and never faster than the station reads.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { split } from "../processes/raw-broker.ts";

const PUBLISH = 3;
/** The largest remaining length there is. Source: MQTT 5 §1.5.5. */
const LARGEST_PACKET = 268_435_455;
const PIECE = Buffer.alloc(65_536, 0x41);

export interface SeenLetter {
  readonly topic: string;
  readonly payload: Buffer;
}

export class HostileProxy {
  /** What the broker ever sent down, each document once. */
  readonly letters = new Map<string, SeenLetter>();
  /** Keeps documents from the station. */
  withholds = false;
  /** Letters said by this proxy alone, and their bytes. */
  said = { letters: 0, bytes: 0 };
  withheld = 0;
  readonly #server: Server;
  #near: Socket | null = null;

  private constructor(port: number) {
    this.#server = createServer((near) => {
      const far = connect(port, "127.0.0.1");
      this.#near = near;
      for (const socket of [near, far]) socket.setNoDelay(true).on("error", () => socket.destroy());
      near.pipe(far);
      let rest: Buffer = Buffer.alloc(0);
      far.on("data", (chunk: Buffer) => {
        rest = Buffer.concat([rest, chunk]);
        for (let packet = split(rest); packet !== null; packet = split(rest)) {
          const whole = rest.subarray(0, rest.length - packet.rest.length);
          rest = packet.rest;
          if (this.#passes(packet.first, packet.body)) near.write(whole);
        }
      });
      near.on("close", () => {
        far.destroy();
        if (this.#near === near) this.#near = null;
      });
      far.on("close", () => near.destroy());
    });
  }

  /** In front of a port of the loopback. */
  static async start(port: number): Promise<HostileProxy> {
    const proxy = new HostileProxy(port);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connected(): boolean {
    return this.#near !== null;
  }

  /** Sends a message to the station as if somebody had published it; resolves when there is room for the next. */
  async say({ topic, payload }: SeenLetter, retain = false): Promise<void> {
    const name = Buffer.from(topic);
    const length = 2 + name.length + 1 + payload.length;
    const header = Buffer.from([
      (PUBLISH << 4) | (retain ? 1 : 0),
      ...variable(length),
      name.length >> 8,
      name.length & 255,
    ]);
    this.said = { letters: this.said.letters + 1, bytes: this.said.bytes + payload.length };
    await this.#write(Buffer.concat([header, name, Buffer.from([0]), payload]));
  }

  /** Begins a packet of 256 MB and goes on until the station has had enough. Bytes it took, at least as far as the kernel. */
  async overfill(): Promise<number> {
    const near = this.#near;
    await this.#write(Buffer.from([PUBLISH << 4, ...variable(LARGEST_PACKET)]));
    let sent = 0;
    while (this.#near === near && near !== null && sent < LARGEST_PACKET) {
      await this.#write(PIECE);
      sent += PIECE.length;
    }
    return sent;
  }

  async stop(): Promise<void> {
    this.#near?.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #write(bytes: Buffer): Promise<void> {
    const near = this.#near;
    if (near === null || near.destroyed || near.write(bytes)) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        near.off("drain", done).off("close", done);
        resolve();
      };
      near.on("drain", done).on("close", done);
    });
  }

  /** Remembers a message on its way down. */
  #passes(first: number, body: Buffer): boolean {
    if (first >> 4 !== PUBLISH) return true;
    const topicEnd = 2 + body.readUInt16BE(0);
    const properties = topicEnd + ((first & 6) === 0 ? 0 : 2);
    const payload = body.subarray(afterProperties(body, properties));
    const topic = body.toString("utf8", 2, topicEnd);
    this.letters.set(`${topic} ${payload.toString("latin1")}`, { topic, payload: Buffer.from(payload) });
    if (this.withholds) this.withheld += 1;
    return !this.withholds;
  }
}

/** A variable byte integer. Source: MQTT 5 §1.5.5. */
function variable(value: number): number[] {
  const digits: number[] = [];
  let left = value;
  do {
    digits.push((left % 128) + (left > 127 ? 128 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return digits;
}

function afterProperties(body: Buffer, at: number): number {
  let [length, digit] = [0, 0];
  for (;;) {
    const byte = body[at + digit] ?? 0;
    length += (byte & 127) * 128 ** digit;
    digit += 1;
    if (byte < 128) return at + digit + length;
  }
}
