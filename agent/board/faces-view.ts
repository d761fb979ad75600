/** What the control socket and the CLI say of the faces. */
import type { FaceState } from "../../playback/board/board-conductor.ts";
import type { Showing } from "../../playback/model/board.ts";
import type { Instant, Monotonic } from "../../playback/model/units.ts";
import type { FaceStation } from "./face-station.ts";

const wire = (at: Instant) => new Date(at).toISOString();

/** In one line what a face has on it. */
export function titleOf(showing: Showing): string {
  switch (showing.kind) {
    case "blank":
      return showing.why;
    case "layout":
      return showing.title;
    case "pattern":
      return showing.pattern;
    case "alert":
      return showing.alerts.map(({ words }) => words[0]?.headline ?? "").join(" · ");
  }
}

function faceView(state: FaceState, station: FaceStation, now: Monotonic) {
  const { face, showing, light, lacking, decision, unconfirmedSince, lastLook, since } = state;
  return {
    name: face.name,
    at: face.rect,
    size: face.size,
    rotation: face.rotation,
    languages: face.languages,
    showing: showing.kind,
    title: titleOf(showing),
    since: wire(since),
    /** How long the page has not confirmed it; `null` where it does. */
    unconfirmedMs: unconfirmedSince === null ? null : Math.round(now - unconfirmedSince),
    lacking,
    waiting: decision.waiting,
    next: decision.next === null ? null : { title: decision.next.title, at: wire(decision.next.at) },
    light: { lit: light.lit, percent: Math.round(light.percent) },
    controller: station.controllerOf(face.name),
    look: lastLook === null ? null : { ...lastLook, at: wire(lastLook.at) },
  };
}
export type FaceView = ReturnType<typeof faceView>;

export function facesView(station: FaceStation, now: Monotonic) {
  const { report } = station;
  return {
    kiosk: station.kiosk?.state ?? null,
    page:
      report === null
        ? null
        : { ageMs: Math.round(now - report.heardAt), frames: report.frames, worstFrameMs: report.worstFrameMs },
    faces: station.states.map((state) => faceView(state, station, now)),
  };
}
export type FacesView = ReturnType<typeof facesView>;
