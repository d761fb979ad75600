/** Stands between a station and its broker and counts the bytes of the connection, both ways. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export class CountingProxy {
  up = 0;
  down = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(port: number) {
    this.#server = createServer((near) => {
      const far = connect(port, "127.0.0.1");
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on("error", () => socket.destroy());
        socket.on("close", () => this.#sockets.delete(socket));
      }
      near.on("data", (chunk: Buffer) => {
        this.up += chunk.length;
        far.write(chunk);
      });
      far.on("data", (chunk: Buffer) => {
        this.down += chunk.length;
        near.write(chunk);
      });
      near.on("close", () => far.destroy());
      far.on("close", () => near.destroy());
    });
  }

  /** In front of a port of the loopback. */
  static async start(port: number): Promise<CountingProxy> {
    const proxy = new CountingProxy(port);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
