/** Commands about faces: a pattern to look at them by, and a picture of what is really on one. */
import { isFor } from "../../playback/agenda/for-output.ts";
import { SECOND } from "../../playback/model/units.ts";
import { isRefusal } from "../../playback/ports/media.ts";
import type { FaceStation } from "../board/face-station.ts";
import { done, type Family, failed } from "./family.ts";
import { type PutPorts, put } from "./put.ts";

export interface FaceCommandPorts extends PutPorts {
  /** `null` where this station has no faces. */
  readonly faces?: Pick<FaceStation, "states" | "pattern" | "screenshot"> | null;
}

const PATTERN_FOR = 30 * SECOND;

export function faceCommands(ports: FaceCommandPorts): Family {
  const { faces } = ports;
  if (faces === undefined || faces === null) return {};
  const mine = (outputs: readonly string[]) =>
    faces.states.map(({ face }) => face.name).filter((name) => isFor(outputs, name));
  return {
    "face-test": async ({ outputs }, { by }) => {
      const names = mine(outputs);
      if (names.length === 0) return failed(`none of the faces ${outputs.join(", ")} is here`);
      await faces.pattern(names, "identify", PATTERN_FOR, by);
      return done(`${names.join(", ")}: identified for ${PATTERN_FOR / SECOND} s`);
    },
    screenshot: async ({ face, putTo }, { signal, progress }) => {
      if (!mine([face]).includes(face)) return failed(`there is no face '${face}' here`);
      const picture = await faces.screenshot(face);
      if (isRefusal(picture)) return failed(picture.detail);
      await progress({ step: "sending", bytes: picture.png.length });
      return put(ports, putTo, { type: "image/png", bytes: Buffer.from(picture.png) }, signal);
    },
  };
}
