/**
 * A relay to the one host of an SRT source. SRT leads nobody elsewhere, but ffmpeg would look the name up by itself, as often as it likes, and
 * could be led to this machine; the relay looks it up for each connection and passes datagrams on to what it judged, and back from nowhere else.
 */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { isIPv6 } from "node:net";
import type { LivePin } from "../../model/live.ts";
import { endpointOf } from "./allowed-hosts.ts";
import { outwardAddress } from "./dial.ts";
import type { Refuse } from "./gate.ts";

/** @throws Error where the loopback gives no port */
export async function datagramGate(pin: LivePin, refuse: Refuse): Promise<{ port: number; close(): Promise<void> }> {
  const to = endpointOf(new URL(pin.url));
  const inside = createSocket("udp4");
  inside.bind(0, "127.0.0.1");
  await once(inside, "listening");
  /** The port of ffmpeg's present attempt, and its own way out. */
  let caller = 0;
  let outside: Socket | null = null;
  inside.on("error", ({ message }) => refuse(message, false));
  inside.on("message", (datagram, { port }) => {
    if (port !== caller) {
      caller = port;
      outside?.close();
      outside = null;
      void open(port);
    }
    // Before the way out is open a datagram is lost, and SRT asks again.
    outside?.send(datagram);
  });

  async function open(port: number): Promise<void> {
    try {
      const address = await outwardAddress(to.host);
      if (port !== caller) return;
      const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
      socket.on("error", ({ message }) => {
        refuse(message, false);
        // A source that is not there answers each datagram by an error, and may be there later.
        if (outside !== socket) socket.close();
      });
      socket.on("message", (datagram) => {
        if (port === caller) inside.send(datagram, port, "127.0.0.1");
      });
      socket.once("connect", () => {
        if (port === caller) outside = socket;
        else socket.close();
      });
      socket.connect(to.port, address);
    } catch (error) {
      refuse(error instanceof Error ? error.message : String(error), false);
    }
  }

  return {
    port: inside.address().port,
    async close() {
      caller = 0;
      outside?.close();
      await new Promise<void>((resolve) => inside.close(() => resolve()));
    },
  };
}
