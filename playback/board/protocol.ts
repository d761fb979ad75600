/**
 * The words between the page that faces show and the server behind it. The page is parsed like a stranger: what a browser sends decides
 * about restarts, so nothing in it may grow without bound or be of another kind.
 */
import type { BoardScene } from "../model/board.ts";
import type { Instant, Millis } from "../model/units.ts";
import type { SeenFace } from "../ports/screen.ts";
import { LONGEST_WORDS, MOST_WORDS } from "./page/bounds.ts";

/** `now` is the station's wall clock when it was sent: the page has no other. */
export type ToPage =
  | { readonly kind: "scene"; readonly now: Instant; readonly scene: BoardScene }
  | { readonly kind: "time"; readonly now: Instant };

/** What the page says after every change, and once a second. */
export interface PageReport {
  readonly kind: "report";
  readonly paintedAt: Instant;
  readonly revision: number;
  readonly frames: number;
  readonly worstFrameMs: Millis;
  readonly faces: readonly SeenFace[];
}

/** The longest message of a page; eight faces of sixteen regions say less than a tenth of it. */
export const MOST_FROM_PAGE = 64 * 1024;
/** Close codes of the page's socket: another page took its place; it said something that is not in here. */
export const CLOSED = { replaced: 4001, malformed: 4002 } as const;

const MOST_FACES = 32;

/** What a page said, or `null` where it is none of its words. Unknown members are left out. */
export function parseFromPage(text: string): PageReport | null {
  if (text.length > MOST_FROM_PAGE) return null;
  const value = parseJson(text);
  if (!isRecord(value)) return null;
  const { kind, paintedAt, revision, frames, worstFrameMs, faces } = value;
  if (kind !== "report" || !Array.isArray(faces) || faces.length > MOST_FACES) return null;
  if (!isCount(revision) || !isCount(frames) || !isLength(paintedAt) || !isLength(worstFrameMs)) return null;
  const seen = faces.map(seenFace).filter((face) => face !== null);
  return seen.length === faces.length ? { kind, paintedAt, revision, frames, worstFrameMs, faces: seen } : null;
}

function seenFace(value: unknown): SeenFace | null {
  if (!isRecord(value)) return null;
  const { face, showing, items, faults } = value;
  return isWords(face) && isWords(showing) && isList(items) && isList(faults) ? { face, showing, items, faults } : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
function isLength(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
function isWords(value: unknown): value is string {
  return typeof value === "string" && value.length <= LONGEST_WORDS;
}
function isList(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= MOST_WORDS && value.every(isWords);
}
