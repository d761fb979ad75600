/** What the control socket is asked about faces. */
import { z } from "zod";
import { FACE_PATTERNS } from "../../playback/model/board.ts";
import { SECOND } from "../../playback/model/units.ts";
import { isRefusal } from "../../playback/ports/media.ts";
import type { FaceStation } from "../board/face-station.ts";
import { facesView } from "../board/faces-view.ts";
import { identifier, percent } from "../contract/primitives.ts";
import type { Parts } from "../station.ts";
import { named, parseRequest, who } from "./requests.ts";
import { BadRequest, type Routes } from "./server.ts";

const face = identifier.nullable().default(null);
const patternRequest = z.strictObject({
  face,
  pattern: z.enum(FACE_PATTERNS),
  seconds: z.number().min(1).max(600).default(30),
  by: who,
});
const lightRequest = z.strictObject({ face, percent: percent.nullable(), by: who });
const pictureRequest = z.strictObject({ face });

export function faceRoutes({ faces, clock }: Pick<Parts, "faces" | "clock">): Routes {
  const station = (): FaceStation => {
    if (faces === null) throw new BadRequest("this cluster has no faces: station.yaml names no `hardware.board`");
    return faces;
  };
  /** The face that was named, or all of them. */
  const chosen = (name: string | null): readonly string[] => {
    const names = station().states.map((state) => state.face.name);
    if (name === null) return names;
    if (!names.includes(name)) throw new BadRequest(`there is no face '${name}'; there are ${names.join(", ")}`);
    return [name];
  };
  return {
    "GET /v1/faces": () => facesView(station(), clock.monotonic()),
    "POST /v1/faces/pattern": async ({ body, by: peer }) => {
      const request = parseRequest(patternRequest, body);
      const names = chosen(request.face);
      await station().pattern(names, request.pattern, request.seconds * SECOND, named(request.by, peer));
      return { faces: names, pattern: request.pattern, seconds: request.seconds };
    },
    "POST /v1/faces/brightness": async ({ body, by: peer }) => {
      const request = parseRequest(lightRequest, body);
      const names = chosen(request.face);
      await station().brightness(names, request.percent, named(request.by, peer));
      return { faces: names, percent: request.percent };
    },
    "POST /v1/faces/screenshot": async ({ body }) => {
      const request = parseRequest(pictureRequest, body);
      if (request.face !== null) chosen(request.face);
      const picture = await station().screenshot(request.face);
      if (isRefusal(picture)) throw new BadRequest(picture.detail);
      const { takenAt, size, png } = picture;
      return { takenAt: new Date(takenAt).toISOString(), size, png: Buffer.from(png).toString("base64") };
    },
  };
}
