/**
 * From a plan to what is painted: of every item only what is approved, here and of a kind that a face can show; a region that keeps nothing is
 * left out, and a layout that keeps nothing is blank. Pure, given what the cache has.
 *
 * Invariant: nothing leaves here that a signature does not stand behind: media by digest, texts by digest or with their alert, cameras by pin.
 */

import type {
  AlertWords,
  Face,
  FaceScene,
  Region,
  SceneAlert,
  SceneItem,
  SceneRegion,
  Showing,
} from "../model/board.ts";
import type { Emergency } from "../model/emergency.ts";
import type { Facts } from "../model/facts.ts";
import type { Item, MediaItem } from "../model/schedule.ts";
import { type Millis, SECOND, type Sha256 } from "../model/units.ts";
import { textDigest } from "../sound/text-digest.ts";
import type { FacePlan } from "./decide.ts";

export interface SceneMeans {
  readonly facts: Facts;
  /** Whether the cache holds it, whole. */
  readonly has: (sha256: Sha256) => boolean;
}

/** An item that is not painted, and why. */
export interface Lacking {
  readonly region: string;
  readonly item: string;
  readonly why: string;
}

export interface Painted {
  readonly showing: Showing;
  readonly lacking: readonly Lacking[];
}

const SHORTEST: Millis = SECOND;
const primary = (language: string) => language.split("-")[0] ?? language;

/** What an item is to a face, or why it is nothing. */
function itemOf(item: Item, dwellMs: Millis, { facts, has }: SceneMeans): SceneItem | string {
  const { id, title } = item;
  switch (item.kind) {
    case "media": {
      const media = facts.approved.get(item.sha256);
      if (media === undefined) return "not approved";
      if (!has(item.sha256)) return "not in the cache yet";
      const { sha256 } = item;
      if (media.type.startsWith("image/")) return { kind: "image", id, title, sha256, ms: dwellMs };
      if (media.type.startsWith("video/")) {
        return { kind: "video", id, title, sha256, ms: Math.max(SHORTEST, media.durationMs) };
      }
      return `of type ${media.type}, which no face shows`;
    }
    case "text": {
      if (!facts.texts.has(textDigest(item.text))) return "a text that no content key approved";
      return { kind: "text", id, text: item.text, language: item.language, ms: dwellMs };
    }
    case "live": {
      const pin = facts.live.get(item.source);
      if (pin === undefined) return `'${item.source}' is no approved source`;
      if (pin.kind !== "rtsp") return `'${item.source}' is no camera`;
      return { kind: "camera", id, title, pin: item.source, ms: item.longestMs };
    }
    default:
      return `of kind ${item.kind}, which no face shows`;
  }
}

/** Clocks, `now-next` and alerts bring their own. */
const BY_ITSELF: readonly Region["kind"][] = ["clock", "now-next", "emergency"];

function regionOf(region: Region, means: SceneMeans): { region: SceneRegion | null; lacking: Lacking[] } {
  const { items: planned, dwellMs, ...rest } = region;
  const lacking: Lacking[] = [];
  const items = planned.flatMap((item) => {
    const painted = itemOf(item, dwellMs, means);
    if (typeof painted !== "string") return [painted];
    lacking.push({ region: region.id, item: item.title, why: painted });
    return [];
  });
  const stays = BY_ITSELF.includes(region.kind) || items.length > 0;
  return { region: stays ? { ...rest, items } : null, lacking };
}

/** What a suspension shows in place of a layout: its pictures, over the whole face. */
function replacing(items: readonly MediaItem[]): Region {
  const colours = { foreground: "#ffffff", background: "#000000" };
  return {
    ...{ id: "suspension", kind: "image", x: 0, y: 0, width: 100, height: 100 },
    ...{ items, dwellMs: 10 * SECOND, fit: "contain", pace: 1, ...colours },
  };
}

/** The alert in the face's languages, each once, in the face's order; in its own where it speaks none of them. */
export function alertWords(alert: Emergency, face: Face): readonly AlertWords[] {
  const said: AlertWords[] = [alert, ...(alert.translations ?? [])].map(({ language, headline, text }) => ({
    ...{ language, headline },
    text: text ?? null,
  }));
  const found = face.languages.flatMap(
    (wanted) => said.find(({ language }) => primary(language) === primary(wanted)) ?? [],
  );
  return found.length > 0 ? found : said.slice(0, 1);
}

function alertOf(alert: Emergency, face: Face): SceneAlert {
  const { identifier, severity, status, sent } = alert;
  return { identifier, severity, exercise: status === "exercise", sent, words: alertWords(alert, face) };
}

/** What the plan comes to on a face. */
export function showingOf(plan: FacePlan, face: Face, means: SceneMeans): Painted {
  if (plan.kind === "blank") {
    return { showing: { kind: "blank", why: plan.why?.detail ?? "nothing is planned" }, lacking: [] };
  }
  const alerts = plan.alerts.map((alert) => alertOf(alert, face));
  if (plan.kind === "alert") {
    const since = Math.min(...alerts.map(({ sent }) => sent));
    return { showing: { kind: "alert", since, alerts }, lacking: [] };
  }
  const { slot, playlist } = plan;
  const { key, start: since, programme, replacedBy } = slot;
  const layout =
    replacedBy === null ? playlist.layout : [replacing(programme.items.filter((item) => item.kind === "media"))];
  const made = layout.map((region) => regionOf(region, means));
  const regions = made.flatMap(({ region }) => region ?? []);
  const lacking = made.flatMap((one) => one.lacking);
  const bears = regions.some(({ kind, items }) => items.length > 0 || kind === "clock" || kind === "now-next");
  if (!bears && alerts.length === 0) {
    return { showing: { kind: "blank", why: `nothing of '${playlist.title}' can be shown yet` }, lacking };
  }
  return { showing: { kind: "layout", key, title: playlist.title, since, regions, alerts }, lacking };
}

/** A name for what a face shows, as the page and the journal use it. */
export function nameOfShowing({ showing }: Pick<FaceScene, "showing">): string {
  return showing.kind === "layout" ? showing.key : showing.kind;
}
