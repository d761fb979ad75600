/**
 * A camera of the scene: MPEG-1 from the server's socket, decoded here. Its parts of jsmpeg are driven from the page's one frame loop; the
 * package's own player brings timers, listeners and a reconnecting of its own.
 */
import type JSMpeg from "./jsmpeg.js";
import { problemOf, type Source } from "./source.ts";

/** The picture is called lost after this. Source: a frozen camera is told within 6 s; the report takes up to one. */
const LOST_MS = 4_000;
const AGAIN_MS = 1_000;
/** Two seconds of the highest rate. */
const BUFFER_BYTES = 1024 * 1024;
/** Decoded in one frame of the page to catch up after it stood still. */
const MOST_AT_ONCE = 3;

export class CameraSource implements Source {
  version = 0;
  drawable: HTMLCanvasElement | null = null;
  fault: string | null = null;
  readonly #canvas = document.createElement("canvas");
  readonly #address: string;
  #decode: (() => boolean) | null = null;
  #write: ((data: ArrayBuffer) => void) | null = null;
  #socket: WebSocket | null = null;
  #paintedAt = performance.now();
  #closed = false;

  constructor(address: string) {
    this.#address = address;
    this.#begin().catch((error: unknown) => {
      this.fault = problemOf(error);
    });
  }

  get width(): number {
    return this.#canvas.width;
  }
  get height(): number {
    return this.#canvas.height;
  }

  frame(): void {
    const now = performance.now();
    for (let times = 0; times < MOST_AT_ONCE && this.#decode?.(); times++) {
      this.version += 1;
      this.#paintedAt = now;
      this.drawable = this.#canvas;
      this.fault = null;
    }
    if (now - this.#paintedAt > LOST_MS) {
      this.drawable = null;
      this.fault ??= "the camera gives no picture";
    }
  }

  close(): void {
    this.#closed = true;
    this.#decode = null;
    this.#socket?.close();
  }

  async #begin(): Promise<void> {
    const { default: parts } = await import("./jsmpeg.js");
    if (!this.#closed) this.#open(parts);
  }

  #open(parts: typeof JSMpeg): void {
    const socket = new WebSocket(this.#address);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      // A word, not bytes: the stream begins anew.
      if (typeof data === "string" || this.#write === null) this.#renew(parts);
      if (data instanceof ArrayBuffer) this.#write?.(data);
    });
    socket.addEventListener("close", () => {
      setTimeout(() => {
        if (!this.#closed) this.#open(parts);
      }, AGAIN_MS);
    });
  }

  #renew({ Demuxer, Decoder, Renderer }: typeof JSMpeg): void {
    const options = {
      canvas: this.#canvas,
      streaming: true,
      decodeFirstFrame: false,
      videoBufferSize: BUFFER_BYTES,
    } as const;
    const demuxer = new Demuxer.TS(options);
    const decoder = new Decoder.MPEG1Video(options);
    demuxer.connect(Demuxer.TS.STREAM.VIDEO_1, decoder);
    decoder.connect(new Renderer.Canvas2D(options));
    this.#write = (data) => demuxer.write(data);
    this.#decode = () => decoder.decode();
  }
}
