/**
 * A relay to the one host of an SRT source. SRT leads nobody elsewhere, but ffmpeg would look the name up by itself, as often as it likes, and
 * could be led to this machine; the relay looks it up for each connection and passes datagrams on to what it judged, and back from nowhere else.
 */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";
import type { LivePin } from "../../model/live.ts";
import { type Endpoint, endpointOf } from "./allowed-hosts.ts";
import { outwardAddress } from "./dial.ts";
import type { Refuse } from "./gate.ts";

/** @throws Error where the loopback gives no port */
export async function datagramGate(pin: LivePin, refuse: Refuse): Promise<{ port: number; close(): Promise<void> }> {
  const to = endpointOf(new URL(pin.url));
  const inside = createSocket("udp4");
  inside.bind(0, "127.0.0.1");
  await once(inside, "listening");
  /** ffmpeg's present attempt, which has a port of its own. */
  let caller: Caller | null = null;
  inside.on("error", ({ message }) => refuse(message, false));
  inside.on("message", (datagram, { port }) => {
    if (caller?.port !== port) {
      caller?.leave();
      caller = new Caller(port, to, { refuse, answer: (answered) => inside.send(answered, port, "127.0.0.1") });
    }
    caller.send(datagram);
  });
  return {
    port: inside.address().port,
    async close() {
      caller?.leave();
      await new Promise<void>((resolve) => inside.close(() => resolve()));
    },
  };
}

/** The way out of one attempt. */
class Caller {
  readonly port: number;
  #outside: Socket | null = null;
  #connected = false;
  #left = false;

  constructor(port: number, to: Endpoint, on: { refuse: Refuse; answer: (datagram: Buffer) => void }) {
    this.port = port;
    outwardAddress(to.host).then(
      (address) => {
        if (!this.#left) this.#connect(address, to.port, on);
      },
      ({ message }: Error) => on.refuse(message, false),
    );
  }

  /** Before the way is open a datagram is lost, and SRT sends it again. */
  send(datagram: Buffer): void {
    if (this.#connected && !this.#left) this.#outside?.send(datagram);
  }

  leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.#outside?.close();
  }

  #connect(address: string, port: number, on: { refuse: Refuse; answer: (datagram: Buffer) => void }): void {
    const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
    this.#outside = socket;
    // A source that is not there answers each datagram by an error, and may be there later.
    socket.on("error", ({ message }) => on.refuse(message, false));
    socket.on("message", (datagram) => {
      if (!this.#left) on.answer(datagram);
    });
    socket.once("connect", () => {
      this.#connected = true;
    });
    socket.connect(port, address);
  }
}
