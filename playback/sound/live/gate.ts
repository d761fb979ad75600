/**
 * The gate that ffmpeg receives a live source through. ffmpeg follows every redirect, playlist and key that a source hands it; the gate
 * lets it come to the pinned hosts only, so that no source can make the station knock at its own doors or those of the network around it.
 *
 * HTTP and HLS go through a forward proxy on the loopback, RTSP and RTMP through a tunnel to the one pinned host, SRT through a relay to it. RTP
 * arrives by itself, and a line leads nowhere.
 */
import { once } from "node:events";
import type { Server } from "node:net";
import type { LivePin } from "../../model/live.ts";
import { datagramGate } from "./datagram-gate.ts";
import { httpGate } from "./http-gate.ts";
import { tunnelGate } from "./tunnel-gate.ts";

export interface Gate {
  /** What ffmpeg is told to open. */
  readonly url: string;
  /** Its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** What was refused since the last time this was asked, in words without secrets. */
  takeRefusal(): string | null;
  close(): Promise<void>;
}

export interface Listening {
  readonly server: Server;
  readonly port: number;
  close(): Promise<void>;
}

/** A source has a handful of connections at a time: playlist, segment, key. */
const MOST_CONNECTIONS = 16;

/** Told what was turned away, in words without secrets; `forbidden` where it was the source that led astray. */
export type Refuse = (why: string, forbidden: boolean) => void;

/** Opens the gate of a source. `onForbidden`: it led where its pin does not allow. @throws Error where the loopback gives no port */
export async function openGate(pin: LivePin, onForbidden: () => void = () => {}): Promise<Gate> {
  let refused: string | null = null;
  const refuse: Refuse = (why, forbidden) => {
    refused = why;
    if (forbidden) onForbidden();
  };
  const takeRefusal = () => {
    const why = refused;
    refused = null;
    return why;
  };
  if (pin.kind === "rtp" || pin.kind === "line") return { url: pin.url, env: {}, takeRefusal, close: async () => {} };
  if (pin.kind === "rtsp" || pin.kind === "rtmp") {
    const { port, close } = await listen(tunnelGate(pin, refuse));
    const url = new URL(pin.url);
    const authority = `${url.username}${url.password === "" ? "" : `:${url.password}`}${url.username === "" ? "" : "@"}`;
    return {
      url: `${url.protocol}//${authority}127.0.0.1:${port}${url.pathname}${url.search}`,
      env: {},
      takeRefusal,
      close,
    };
  }
  if (pin.kind === "srt") {
    const { port, close } = await datagramGate(pin, refuse);
    return { url: `srt://127.0.0.1:${port}`, env: {}, takeRefusal, close };
  }
  const { port, close } = await listen(httpGate(pin, refuse));
  // ffmpeg takes the proxy from its environment for all it opens, over TLS too; as an option it would forget it for segments.
  return { url: pin.url, env: { http_proxy: `http://127.0.0.1:${port}` }, takeRefusal, close };
}

async function listen(server: Server): Promise<Listening> {
  const sockets = new Set<{ destroy(): void }>();
  server.maxConnections = MOST_CONNECTIONS;
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the loopback gave no port");
  return {
    server,
    port: address.port,
    async close() {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
