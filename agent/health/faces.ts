/** Looks at the faces and says what is not well. */
import type { Clock } from "../../playback/ports/clock.ts";
import type { KioskPhase } from "../../playback/ports/kiosk.ts";
import type { FaceStation } from "../board/face-station.ts";
import type { ConcernCode, Observations } from "./concerns.ts";

/** What a phase of the browser means to whoever looks after the board. */
const KIOSK_TROUBLE: Readonly<Record<KioskPhase, ConcernCode | null>> = {
  off: null,
  showing: null,
  "no-connector": "face-no-connector",
  // Where it takes longer than the concern is patient.
  starting: "face-browser",
  frozen: "face-browser",
  resting: "face-browser",
};

export function ofFaces(faces: FaceStation | null, clock: Clock): Observations {
  if (faces === null) return {};
  const found: Partial<Record<ConcernCode, string[]>> = {};
  const say = (code: ConcernCode, detail: string) => {
    found[code] = [...(found[code] ?? []), detail];
  };
  const kiosk = faces.kiosk?.state;
  if (kiosk !== undefined) {
    const code = KIOSK_TROUBLE[kiosk.phase];
    if (code !== null) say(code, kiosk.detail);
  }
  for (const { face, unconfirmedSince, lacking, lastLook } of faces.states) {
    if (unconfirmedSince !== null) {
      say("face-unconfirmed", `${face.name}, for ${Math.round((clock.monotonic() - unconfirmedSince) / 1_000)} s`);
    }
    if (lastLook?.verdict === "black") say("face-black", face.name);
    if (lastLook?.verdict === "frozen") say("face-frozen", face.name);
    const [first] = lacking;
    if (first !== undefined)
      say("face-lacks", `${face.name}: ${lacking.length}, first '${first.item}' is ${first.why}`);
    const controller = faces.controllerOf(face.name);
    if (controller?.condition === "offline" || controller?.condition === "disobeys") {
      say("face-controller", `${face.name}: ${controller.condition}`);
    }
    for (const { part, severity, at } of controller?.status?.faults ?? []) {
      say("face-fault", `${face.name}: ${part}${at === null ? "" : ` ${at}`} (${severity})`);
    }
  }
  return Object.fromEntries(Object.entries(found).map(([code, details]) => [code, details.join("; ")]));
}
