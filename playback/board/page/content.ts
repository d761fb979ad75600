/** What a face shows at a time: nothing, a layout of regions, alerts, or a pattern. */
import type { Face, SceneRegion, Showing } from "../../model/board.ts";
import { AlertPanel } from "./alert-panel.ts";
import { ClockRegion } from "./clock-region.ts";
import { DrawnRegion } from "./drawn-region.ts";
import { EmergencyRegion } from "./emergency-region.ts";
import type { FaceTools } from "./face-view.ts";
import { GuardedRegion } from "./guarded-region.ts";
import { NowNextRegion } from "./now-next-region.ts";
import { pixelsOf } from "./part.ts";
import { paintPattern } from "./pattern-view.ts";
import type { Moment, Place, RegionView } from "./region-view.ts";
import { TextRegion } from "./text-region.ts";
import { TickerRegion } from "./ticker-region.ts";

export interface Content {
  readonly element: HTMLElement;
  /** Two contents of the same key look the same. */
  readonly key: string;
  /** As the station is told. */
  readonly showing: string;
  readonly ready: boolean;
  /** It stands in the document now and can be measured. */
  begin(): void;
  frame(moment: Moment): boolean;
  seen(): readonly string[];
  faults(): readonly string[];
  measureAgain(): void;
  close(): void;
}

export interface ContentPlan {
  readonly key: string;
  readonly face: Face;
  readonly number: number;
  readonly showing: Showing;
  /** Of the turned face, in pixels. */
  readonly width: number;
  readonly height: number;
}

/** Letters smaller than this share of the face's shorter side, or than so many pixels, cannot be read from the street. Assumed. */
const LEAST = { share: 0.045, pixels: 12 };

export function makeContent(plan: ContentPlan, tools: FaceTools): Content {
  const element = document.createElement("div");
  element.className = "content";
  const { showing } = plan;
  const still = { element, key: plan.key, ready: true, frame: () => false, seen: () => [], faults: () => [] };
  const nothing = { begin: () => {}, measureAgain: () => {}, close: () => {} };
  if (showing.kind === "blank") return { ...still, ...nothing, showing: "blank" };
  if (showing.kind === "pattern") {
    const begin = () =>
      paintPattern(element.appendChild(document.createElement("div")), showing.pattern, {
        ...plan,
        name: plan.face.name,
      });
    return { ...still, ...nothing, showing: "pattern", seen: () => [showing.pattern], begin };
  }
  const place = placeOf(plan, plan);
  if (showing.kind === "alert") {
    const panel = new AlertPanel(showing.alerts, showing.since, place);
    element.append(panel.element);
    return {
      ...still,
      ...nothing,
      showing: "alert",
      frame: ({ now }) => panel.frame(now),
      seen: () => panel.seen(),
      measureAgain: () => panel.measureAgain(),
    };
  }
  const regions = showing.regions.map((region) => ({
    region,
    view: new GuardedRegion(viewOf(region, showing, plan, tools)),
  }));
  element.append(...regions.map(({ view }) => view.element));
  return {
    element,
    key: plan.key,
    showing: showing.key,
    get ready() {
      return regions.every(({ view }) => view.ready);
    },
    begin: () => {},
    // Every region, not only the first that changed.
    frame: (moment) => regions.map(({ view }) => view.frame(moment)).includes(true),
    seen: () => regions.flatMap(({ region, view }) => view.seen().map((item) => `${region.id}/${item}`)),
    faults: () => regions.flatMap(({ region, view }) => view.faults().map((fault) => `${region.id}/${fault}`)),
    measureAgain: () => regions.forEach(({ view }) => void view.measureAgain()),
    close: () => regions.forEach(({ view }) => void view.close()),
  };
}

function viewOf(
  region: SceneRegion,
  layout: Extract<Showing, { kind: "layout" }>,
  plan: ContentPlan,
  { pool, local, onAir }: FaceTools,
): RegionView {
  const { left, top, right, bottom } = pixelsOf(region, plan.width, plan.height);
  const place = placeOf({ width: Math.max(1, right - left), height: Math.max(1, bottom - top) }, plan);
  const { since } = layout;
  const make: Readonly<Record<SceneRegion["kind"], () => RegionView>> = {
    image: () => new DrawnRegion(region, since, place, pool),
    video: () => new DrawnRegion(region, since, place, pool),
    live: () => new DrawnRegion(region, since, place, pool),
    text: () => new TextRegion(region, since, place),
    ticker: () => new TickerRegion(region, since, place),
    clock: () => new ClockRegion(place, local),
    "now-next": () => new NowNextRegion(place, local, onAir),
    emergency: () => new EmergencyRegion(place, layout.alerts),
  };
  const view = make[region.kind]();
  view.element.classList.add("region");
  Object.assign(view.element.style, {
    inset: "auto",
    left: `${left}px`,
    top: `${top}px`,
    width: `${place.width}px`,
    height: `${place.height}px`,
    color: region.foreground,
    background: region.background,
  });
  return view;
}

function placeOf(size: { width: number; height: number }, { width, height, face }: ContentPlan): Place {
  const least = Math.max(LEAST.pixels, Math.round(Math.min(width, height) * LEAST.share));
  return {
    width: size.width,
    height: size.height,
    least,
    languages: face.languages.length > 0 ? face.languages : ["vi"],
  };
}
