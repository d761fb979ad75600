/** The page's end of its socket: comes back for ever after short pauses, and never holds up what is painted. */
import type { PageReport, ToPage } from "../protocol.ts";
import { parseToPage } from "./to-page.ts";

const PAUSES_MS = [100, 250, 500, 1_000, 2_000];
/** Another page is the page now; this one only waits for that to end. */
const REPLACED = 4001;
const REPLACED_PAUSE_MS = 60_000;
/** A server that takes nothing gets nothing more. */
const MOST_WAITING = 256 * 1024;

export class Connection {
  readonly #hear: (message: ToPage) => void;
  #socket: WebSocket | null = null;
  #failures = 0;

  constructor(hear: (message: ToPage) => void) {
    this.#hear = hear;
    this.#open();
  }

  say(report: PageReport): void {
    const socket = this.#socket;
    if (socket?.readyState === WebSocket.OPEN && socket.bufferedAmount < MOST_WAITING)
      socket.send(JSON.stringify(report));
  }

  #open(): void {
    const socket = new WebSocket(new URL("socket", document.baseURI.replace(/^http/, "ws")));
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const message = parseToPage(data);
      if (message === null) return;
      this.#failures = 0;
      this.#hear(message);
    });
    // A connection that fails says "error" and then "close".
    socket.addEventListener("close", ({ code }) => {
      const pause = code === REPLACED ? REPLACED_PAUSE_MS : (PAUSES_MS[this.#failures] ?? 2_000);
      this.#failures += 1;
      setTimeout(() => this.#open(), pause);
    });
  }
}
