/**
 * Proof of display: every minute a small picture of each face as it is presented, judged black or frozen where it should be neither, its
 * thumbnail kept for the last days, and the verdict joined to the record of what was shown.
 */
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FaceState } from "../../playback/board/board-conductor.ts";
import type { LookedAt } from "../../playback/board/ledger.ts";
import { decodePng } from "../../playback/board/picture.ts";
import { type FaceLook, judgeFace, lookAt } from "../../playback/board/picture-judge.ts";
import { nameOfShowing } from "../../playback/board/scene.ts";
import type { Rect, RegionKind, Showing } from "../../playback/model/board.ts";
import { MINUTE, type Millis, SECOND } from "../../playback/model/units.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Kiosk, Screenshot } from "../../playback/ports/kiosk.ts";
import { isRefusal } from "../../playback/ports/media.ts";
import { sha256Of } from "../sha256.ts";

export interface ProofPorts {
  readonly clock: Clock;
  readonly kiosk: Kiosk;
  readonly states: () => readonly FaceState[];
  readonly look: (face: string, look: LookedAt) => void;
  /** For thumbnails. */
  readonly folder: string;
  readonly log: (event: string, fields: object) => void;
}

const EVERY: Millis = MINUTE;
/** What was changed just now is still being decoded. */
const SETTLES: Millis = 5 * SECOND;
const WITHIN: Millis = 10 * SECOND;
/** Enough to see what it was; a picture of full size would hold up everything else while it is read. */
const WIDEST = 320;
/** A picture an hour for four days of four faces, at some ten kilobytes each. */
const KEPT = 400;
const KEEP_EVERY: Millis = 60 * MINUTE;

const MOVING: readonly RegionKind[] = ["ticker", "video", "live"];
const WRITTEN: readonly RegionKind[] = ["ticker", "text", "clock", "now-next", "emergency"];

function regionKinds(showing: Showing): readonly RegionKind[] {
  return showing.kind === "layout" ? showing.regions.map(({ kind }) => kind) : [];
}

export class Proof {
  readonly #ports: ProofPorts;
  readonly #before = new Map<string, { readonly name: string; readonly look: FaceLook }>();
  readonly #keptAt = new Map<string, number>();

  constructor(ports: ProofPorts) {
    this.#ports = ports;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, states, log } = this.#ports;
    while (!signal.aborted) {
      for (const state of states()) {
        if (signal.aborted) return;
        try {
          await this.#prove(state);
        } catch (error) {
          // A picture that cannot be read or kept is no reason to stop looking.
          log("proof", { face: state.face.name, error: String(error) });
        }
      }
      await clock.wait(EVERY, signal);
    }
  }

  async #prove(state: FaceState): Promise<void> {
    const { kiosk, clock, look } = this.#ports;
    const { face, showing, since } = state;
    const settled = clock.now() - since >= SETTLES && state.unconfirmedSince === null;
    if (face.rect === null || showing.kind === "blank" || showing.kind === "pattern" || !settled) return;
    const picture = await kiosk.screenshot(WITHIN, { rect: face.rect, scale: Math.min(1, WIDEST / face.rect.width) });
    if (isRefusal(picture)) return;
    const seen = lookAt(decodePng(picture.png), whole(picture));
    const name = nameOfShowing(state);
    const last = this.#before.get(face.name);
    const before = last?.name === name ? last.look : null;
    const kinds = regionKinds(showing);
    // A film may be dark for a moment: a face without words must be dark twice.
    const written = showing.kind === "alert" || kinds.some((kind) => WRITTEN.includes(kind));
    const light = written || (before !== null && before.dark > 0.99);
    const moving = showing.kind === "layout" && kinds.some((kind) => MOVING.includes(kind));
    const verdict = judgeFace(seen, before, { light, moving });
    this.#before.set(face.name, { name, look: seen });
    const thumbnail = await this.#keep(face.name, picture, verdict !== "alive");
    look(face.name, { at: picture.takenAt, verdict, pixels: seen.exact, thumbnail });
  }

  /** Keeps one an hour, and every one that shows trouble; gives the digest of what was kept. */
  async #keep(face: string, { png, takenAt }: Screenshot, always: boolean): Promise<string | null> {
    const { folder, clock } = this.#ports;
    const last = this.#keptAt.get(face);
    const now = clock.monotonic();
    if (!always && last !== undefined && now - last < KEEP_EVERY) return null;
    this.#keptAt.set(face, now);
    await mkdir(folder, { recursive: true, mode: 0o750 });
    await writeFile(join(folder, `${new Date(takenAt).toISOString().replace(/:/g, "")} ${face}.png`), png);
    const names = (await readdir(folder)).filter((name) => name.endsWith(".png")).sort();
    for (const name of names.slice(0, Math.max(0, names.length - KEPT))) await rm(join(folder, name));
    return sha256Of(png);
  }
}

function whole({ size }: Screenshot): Rect {
  return { x: 0, y: 0, ...size };
}
