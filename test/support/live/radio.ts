/** A radio station on the loopback: endless MP3 over HTTP at the pace of a real one, and a door that counts who knocks. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcp } from "node:net";

const SECONDS = 4;

/** A tone of four seconds as MP3, at −12 dBFS. */
export function toneMp3(hertz = 440): Buffer {
  const input = ["-f", "lavfi", "-i", `sine=frequency=${hertz}:sample_rate=48000:duration=${SECONDS}`];
  const output = ["-af", "volume=6dB", "-c:a", "libmp3lame", "-b:a", "64k", "-write_xing", "0", "-f", "mp3", "pipe:1"];
  return execFileSync("ffmpeg", ["-nostdin", "-v", "error", ...input, ...output]);
}

/** What a server on the loopback is asked, and by how many. */
export interface Door {
  readonly port: number;
  readonly asked: string[];
  connections: number;
  close(): Promise<void>;
}

/** Serves HTTP by this function. */
export async function door(serve: (request: IncomingMessage, response: ServerResponse) => void): Promise<Door> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    serve(request, response);
  });
  return open(server, asked);
}

/** Answers raw TCP by this text, once something came. */
export function rawDoor(answer: string): Promise<Door> {
  const asked: string[] = [];
  const server = createTcp((socket) => {
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      asked.push(chunk.toString("latin1").split("\r\n")[0] ?? "");
      socket.write(answer.replace("{CSeq}", /CSeq: *(\d+)/i.exec(chunk.toString("latin1"))?.[1] ?? "1"));
    });
  });
  return open(server, asked);
}

async function open(server: ReturnType<typeof createTcp>, asked: string[]): Promise<Door> {
  const sockets = new Set<{ destroy(): void }>();
  const found: Door = {
    port: 0,
    asked,
    connections: 0,
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  server.on("connection", (socket) => {
    found.connections += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(found, { port: (server.address() as AddressInfo).port });
}

/** Sends the tone at its own pace for as long as somebody listens, the first two seconds at once as Icecast does. */
export function broadcast(response: ServerResponse, mp3: Buffer): void {
  response.writeHead(200, { "Content-Type": "audio/mpeg" });
  const perMs = mp3.length / (SECONDS * 1_000);
  const began = performance.now() - 2_000;
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.floor((performance.now() - began) * perMs);
    for (; sent < due; sent += 400) {
      const at = sent % mp3.length;
      response.write(Buffer.concat([mp3, mp3]).subarray(at, at + Math.min(400, due - sent)));
      if (due - sent < 400) {
        sent = due;
        break;
      }
    }
  }, 50);
  response.on("close", () => clearInterval(timer));
}
