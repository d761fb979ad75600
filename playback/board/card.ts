/**
 * What an asynchronous card keeps at an instant: one thing after the other, because it is too small for regions. Pure. Films and cameras are not
 * for cards, and are left out.
 */

import { timeAt } from "../agenda/zone.ts";
import type {
  AlertWords,
  FaceScene,
  Fit,
  OnAir,
  Region,
  SceneAlert,
  SceneItem,
  SceneRegion,
  Size,
} from "../model/board.ts";
import { type Instant, MINUTE, type Millis, SECOND, type Sha256 } from "../model/units.ts";
import { layoutText, type Measure } from "./card-text.ts";
import { wordsFor } from "./page/words.ts";

export type CardPicture =
  | {
      readonly kind: "text";
      readonly lines: readonly string[];
      readonly fontPx: number;
      readonly foreground: string;
      readonly background: string;
    }
  | { readonly kind: "image"; readonly sha256: Sha256; readonly fit: Fit; readonly background: string };

export interface Card {
  /** `null`: nothing. */
  readonly picture: CardPicture | null;
  /** When another follows; `null` where none does. */
  readonly until: Instant | null;
}

export interface CardFacts {
  readonly scene: FaceScene;
  /** IANA name. */
  readonly zone: string;
  readonly onAir: OnAir;
  readonly at: Instant;
  readonly measure: Measure;
  /** How long a page stands. */
  readonly pageMs?: Millis;
}

/** Assumed: a page of a card is read in five seconds. */
const PAGE_MS: Millis = 5 * SECOND;
const ALERT = { foreground: "#ffffff", background: "#c00000" } as const;
const PATTERNS: Readonly<Record<string, string>> = {
  ...{ red: "#ff0000", green: "#00ff00", blue: "#0000ff", white: "#ffffff", black: "#000000", grey: "#808080" },
};

type Colours = Pick<Region, "foreground" | "background">;
type Part =
  | ({ readonly kind: "words"; readonly text: string; readonly language: string } & Colours)
  | Extract<CardPicture, { kind: "image" }>;

export function cardOf(facts: CardFacts): Card {
  const { scene, at, measure, pageMs = PAGE_MS } = facts;
  const box = turned(scene);
  const { parts, since, until } = partsOf(facts);
  const pictures = parts.flatMap((part) => picturesOf(part, box, measure));
  if (pictures.length === 0) return { picture: null, until };
  const turn = Math.max(0, Math.floor((at - since) / pageMs));
  const next = pictures.length === 1 ? null : since + (turn + 1) * pageMs;
  const picture = pictures[turn % pictures.length] ?? null;
  return { picture, until: next === null || until === null ? (next ?? until) : Math.min(next, until) };
}

/** As the content sees it, before it is turned into the face. */
function turned({ face: { size, rotation } }: FaceScene): Size {
  return rotation === 90 || rotation === 270 ? { width: size.height, height: size.width } : size;
}

function partsOf(facts: CardFacts): {
  readonly parts: readonly Part[];
  readonly since: Instant;
  readonly until: Instant | null;
} {
  const { scene, at } = facts;
  const { showing, face } = scene;
  switch (showing.kind) {
    case "blank":
      return { parts: [], since: at, until: null };
    case "alert":
      return { parts: showing.alerts.flatMap(alertParts), since: showing.since, until: null };
    case "pattern": {
      const plain = PATTERNS[showing.pattern];
      const text = plain === undefined ? `${face.name} ${face.size.width}×${face.size.height}` : "";
      const part = {
        kind: "words",
        text,
        language: "en",
        foreground: "#ffffff",
        background: plain ?? "#202020",
      } as const;
      return { parts: [part], since: at, until: null };
    }
    case "layout": {
      const hasTime = showing.regions.some(({ kind }) => kind === "clock");
      const parts = [
        ...showing.alerts.flatMap(alertParts),
        ...showing.regions.flatMap((region) => regionParts(region, facts)),
      ];
      return { parts, since: showing.since, until: hasTime ? Math.floor(at / MINUTE + 1) * MINUTE : null };
    }
  }
}

function alertParts({ words, exercise }: SceneAlert): readonly Part[] {
  return words.map(({ language, headline, text }: AlertWords) => {
    const marked = exercise ? `${wordsFor(language).exercise}: ${headline}` : headline;
    return { kind: "words", text: text === null ? marked : `${marked}\n${text}`, language, ...ALERT };
  });
}

function regionParts(region: SceneRegion, { zone, at, onAir }: CardFacts): readonly Part[] {
  const { foreground, background, fit } = region;
  const words = (text: string, language = "vi"): Part => ({ kind: "words", text, language, foreground, background });
  switch (region.kind) {
    case "clock":
      return [words(timeAt(at, zone).slice(0, 5))];
    case "now-next": {
      const next = onAir.next.map((one) => `${timeAt(one.at, zone).slice(0, 5)} ${one.title}`);
      const lines = [...(onAir.airing === null ? [] : [onAir.airing]), ...next];
      return lines.length === 0 ? [] : [words(lines.join("\n"))];
    }
    case "text":
    case "ticker":
    case "image":
      return region.items.flatMap((item: SceneItem): readonly Part[] => {
        if (item.kind === "text") return [words(item.text, item.language)];
        return item.kind === "image" ? [{ kind: "image", sha256: item.sha256, fit, background }] : [];
      });
    case "video":
    case "live":
    case "emergency":
      return [];
  }
}

function picturesOf(part: Part, box: Size, measure: Measure): readonly CardPicture[] {
  if (part.kind === "image") return [part];
  const { foreground, background } = part;
  const { fontPx, pages } = layoutText(part.text, part.language, box, measure);
  return pages.map((lines) => ({ kind: "text", lines, fontPx, foreground, background }));
}
