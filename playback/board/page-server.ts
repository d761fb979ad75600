/**
 * The screen of a board: a local server, and the page that a browser keeps open at it. What is shown is told to the page at once and again
 * whenever it comes back; what it painted comes back as a round trip, which is the only proof that faces show anything.
 *
 * Invariants: the loopback only; a token of this start in every address (doors.ts); one page at a time is the page, the newer one; nothing
 * grows: connections, messages, open files and what waits to be sent are bounded.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { BoardScene } from "../model/board.ts";
import type { Millis } from "../model/units.ts";
import type { Clock } from "../ports/clock.ts";
import type { MediaLibrary } from "../ports/media.ts";
import type { Screen, ScreenReport } from "../ports/screen.ts";
import type { Cameras } from "./camera/cameras.ts";
import { type Door, judge } from "./doors.ts";
import { MediaShelf, pinsOf } from "./media-shelf.ts";
import { readPageFiles } from "./page-files.ts";
import { CLOSED, MOST_FROM_PAGE, parseFromPage, type ToPage } from "./protocol.ts";
import { answer, refuseUpgrade } from "./responses.ts";

export interface PageServerPorts {
  readonly clock: Clock;
  readonly media: MediaLibrary;
  /** Without it, regions with a camera show that it is not there. */
  readonly cameras?: Cameras;
  readonly log?: (event: string, fields: object) => void;
  /** 0, the default: any that is free. */
  readonly port?: number;
}

const MOST_CONNECTIONS = 48;
/** The page's wall clock is the station's: how often it is set. */
const TIME_EVERY: Millis = 5_000;
/** A page that takes nothing for so long that this much waits is not there any more. */
const MOST_WAITING = 8 * 1024 * 1024;

export class PageServer implements Screen {
  readonly #ports: PageServerPorts;
  readonly #shelf: MediaShelf;
  readonly #token = randomBytes(24).toString("base64url");
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_FROM_PAGE, perMessageDeflate: false });
  readonly #listeners: ((report: ScreenReport | null) => void)[] = [];
  readonly #ending = new AbortController();
  readonly #onFault = (error: unknown) => this.#ports.log?.("page-fault", { error });
  #server: Server | null = null;
  #authority = "";
  #scene: BoardScene | null = null;
  #page: WebSocket | null = null;
  #report: ScreenReport | null = null;

  constructor(ports: PageServerPorts) {
    this.#ports = ports;
    this.#shelf = new MediaShelf(ports.media, this.#onFault);
  }

  /** What a browser on this machine opens. Whoever has it may watch what is shown: it stands in no log. @throws Error before `open` */
  get url(): string {
    if (this.#authority === "") throw new Error("the page server is not open");
    return `http://${this.#authority}/${this.#token}/`;
  }

  get report(): ScreenReport | null {
    return this.#report;
  }

  onReport(listener: (report: ScreenReport | null) => void): void {
    this.#listeners.push(listener);
  }

  show(scene: BoardScene): void {
    this.#scene = scene;
    this.#shelf.set(scene);
    if (this.#page === null) this.#shelf.settle();
    this.#ports.cameras?.set(pinsOf(scene));
    this.#tell({ kind: "scene", now: this.#ports.clock.now(), scene });
  }

  /** @throws Error where the loopback gives no port, or the installation is incomplete */
  async open(): Promise<void> {
    const files = await readPageFiles();
    const server = createServer({
      maxHeaderSize: 8 * 1024,
      headersTimeout: 3_000,
      requestTimeout: 5_000,
      // Without it, whoever only connects would hold a place for half a minute.
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: 5_000,
    });
    server.maxConnections = MOST_CONNECTIONS;
    // What is sent and not taken for so long: a browser that still wants it asks again for the rest.
    server.setTimeout(60_000, (socket) => socket.destroy());
    server.on("request", (request, response) => {
      void answer(request, response, this.#judge(request, false), {
        files,
        shelf: this.#shelf,
        onFault: this.#onFault,
      });
    });
    server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#upgrade(request, socket, head);
    });
    server.on("clientError", (_, socket) => socket.destroy());
    server.listen(this.#ports.port ?? 0, "127.0.0.1");
    await once(server, "listening");
    // No descriptor for a caller: it comes again, and the faces go on.
    server.on("error", (error) => this.#ports.log?.("page-server", { error: error.message }));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the loopback gave no port");
    this.#server = server;
    this.#authority = `127.0.0.1:${address.port}`;
    void this.#keepTime();
  }

  async close(): Promise<void> {
    this.#ending.abort();
    for (const socket of this.#sockets.clients) socket.terminate();
    const server = this.#server;
    this.#server = null;
    if (server !== null) {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    }
    await this.#ports.cameras?.close();
    await this.#shelf.close();
  }

  #judge(request: IncomingMessage, upgrade: boolean): Door {
    return judge(request, this.#token, this.#authority, upgrade);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    const door = this.#judge(request, true);
    const [room, pin] = door.open ? door.path : [];
    const { cameras } = this.#ports;
    if (!door.open) refuseUpgrade(socket, door.status);
    else if (room === "socket" && door.path.length === 1) {
      this.#sockets.handleUpgrade(request, socket, head, (page) => this.#welcome(page));
    } else if (room === "camera" && pin !== undefined && door.path.length === 2 && cameras?.has(pin)) {
      this.#sockets.handleUpgrade(request, socket, head, (viewer) => cameras.watch(pin, viewer));
    } else refuseUpgrade(socket, 404);
  }

  #welcome(page: WebSocket): void {
    const before = this.#page;
    this.#page = page;
    before?.close(CLOSED.replaced);
    // `close` follows and tells.
    page.on("error", (error) => this.#ports.log?.("page-socket", { error: error.message }));
    page.on("message", (data, isBinary) => {
      const said = isBinary ? null : parseFromPage(String(data));
      if (said === null) {
        this.#ports.log?.("page-malformed", {});
        page.close(CLOSED.malformed);
      } else if (page === this.#page) {
        const { kind: _, ...report } = said;
        this.#heard({ heardAt: this.#ports.clock.monotonic(), ...report });
      }
    });
    page.on("close", () => {
      if (this.#page !== page) return;
      this.#page = null;
      this.#heard(null);
    });
    const now = this.#ports.clock.now();
    if (this.#scene === null) this.#tell({ kind: "time", now });
    else this.#tell({ kind: "scene", now, scene: this.#scene });
  }

  #heard(report: ScreenReport | null): void {
    this.#report = report;
    if (report === null || report.revision >= (this.#scene?.revision ?? 0)) this.#shelf.settle();
    for (const listener of this.#listeners) listener(report);
  }

  #tell(message: ToPage): void {
    const page = this.#page;
    if (page === null) return;
    if (page.bufferedAmount > MOST_WAITING) page.terminate();
    else page.send(JSON.stringify(message));
  }

  async #keepTime(): Promise<void> {
    const { clock } = this.#ports;
    const { signal } = this.#ending;
    while (!signal.aborted) {
      await clock.wait(TIME_EVERY, signal);
      this.#tell({ kind: "time", now: clock.now() });
    }
  }
}
