/** A controller in the network. */
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Millis } from "../../playback/model/units.ts";
import { WireFault } from "./wire-fault.ts";

export interface TcpLinkConfig {
  /** Name or address. */
  readonly host: string;
  readonly port: number;
}

export class TcpLink {
  readonly address: string;
  readonly #config: TcpLinkConfig;

  constructor(config: TcpLinkConfig) {
    this.#config = config;
    this.address = `${config.host}:${config.port}`;
  }

  connect(timeoutMs: Millis): Promise<Duplex> {
    const { host, port } = this.#config;
    return new Promise((resolve, reject) => {
      const socket: Socket = connect({ host, port, noDelay: true });
      const fail = (why: string) => {
        clearTimeout(timer);
        // Its last words, if any, are of no interest; an `error` without a listener would end the process.
        socket.on("error", () => undefined);
        socket.destroy();
        reject(new WireFault(`${this.address}: ${why}`));
      };
      // The name's resolution counts too.
      const timer = setTimeout(() => fail(`no connection within ${timeoutMs} ms`), timeoutMs);
      const onError = (error: Error) => fail(error.message);
      socket.once("error", onError);
      socket.once("connect", () => {
        clearTimeout(timer);
        socket.off("error", onError);
        resolve(socket);
      });
    });
  }
}
