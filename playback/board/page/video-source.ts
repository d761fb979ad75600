/**
 * A video of the scene, in a player taken from a small stock. It starts with its turn, keeps to the time since then, and holds its last frame
 * until the turn ends. Muted: what sounds is decided elsewhere.
 */
import { problemOf, type Source } from "./source.ts";

/** As many as a board can decode at once is fewer; more are a fault of the layout. */
const MOST_PLAYERS = 8;
const idle: HTMLVideoElement[] = [];
let players = 0;

/** Further off than that is put right by a jump, but not more often than every so many milliseconds. */
const DRIFT_S = 0.5;
const JUMP_EVERY_MS = 10_000;

export class VideoSource implements Source {
  version = 0;
  drawable: VideoFrame | null = null;
  fault: string | null = null;
  readonly #player: HTMLVideoElement | null;
  readonly #failed = () => {
    this.fault ??= this.#player?.error?.message || "the video cannot be decoded";
  };
  #callback = 0;
  #fresh = false;
  #playing = false;
  #jumpedAt = Number.NEGATIVE_INFINITY;

  constructor(address: string) {
    this.#player = take();
    if (this.#player === null) {
      this.fault = `more than ${MOST_PLAYERS} videos at a time`;
      return;
    }
    this.#player.addEventListener("error", this.#failed);
    this.#player.src = address;
    this.#await(this.#player);
  }

  get width(): number {
    return this.drawable?.displayWidth ?? 0;
  }
  get height(): number {
    return this.drawable?.displayHeight ?? 0;
  }

  frame(now: number, began: number | null): void {
    const player = this.#player;
    if (player === null) return;
    if (this.#fresh && player.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
      this.#fresh = false;
      this.drawable?.close();
      // One frame for everybody who draws it now; the player may be further by the next.
      this.drawable = new VideoFrame(player);
      this.version += 1;
    }
    if (began === null || player.readyState < HTMLMediaElement.HAVE_METADATA) return;
    const wanted = (now - began) / 1_000;
    const off = Math.abs(wanted - player.currentTime) > DRIFT_S && wanted < player.duration;
    if (off && now - this.#jumpedAt > JUMP_EVERY_MS) {
      this.#jumpedAt = now;
      player.currentTime = Math.max(0, wanted);
    }
    if (this.#playing) return;
    this.#playing = true;
    player.play().catch((error: unknown) => {
      this.fault ??= problemOf(error);
    });
  }

  close(): void {
    this.drawable?.close();
    this.drawable = null;
    const player = this.#player;
    if (player === null) return;
    player.removeEventListener("error", this.#failed);
    player.cancelVideoFrameCallback(this.#callback);
    player.pause();
    player.removeAttribute("src");
    player.load();
    idle.push(player);
  }

  #await(player: HTMLVideoElement): void {
    this.#callback = player.requestVideoFrameCallback(() => {
      this.#fresh = true;
      this.#await(player);
    });
  }
}

function take(): HTMLVideoElement | null {
  const free = idle.pop();
  if (free !== undefined) return free;
  if (players >= MOST_PLAYERS) return null;
  players += 1;
  const player = document.createElement("video");
  player.muted = true;
  player.preload = "auto";
  player.disablePictureInPicture = true;
  return player;
}
