/** From a scene to the picture of a card: what `card.ts` decides, drawn, with approved images from the cache. A picture that cannot be had is left out. */
import type { Painted } from "../../drivers/display/card-keeper.ts";
import type { CardPictures } from "../../drivers/display/text-picture.ts";
import { type CardPicture, cardOf } from "../../playback/board/card.ts";
import { LINE, LINE_HEIGHT } from "../../playback/board/card-text.ts";
import { checkVisual } from "../../playback/board/picture-check.ts";
import { readRange } from "../../playback/board/read-range.ts";
import type { Face, FaceScene, OnAir } from "../../playback/model/board.ts";
import type { Instant } from "../../playback/model/units.ts";
import { isRefusal, type MediaLibrary } from "../../playback/ports/media.ts";

export interface CardPaintParts {
  readonly pictures: CardPictures;
  readonly media: Pick<MediaLibrary, "open">;
  /** IANA name. */
  readonly zone: () => string;
  readonly onAir: () => OnAir;
  readonly log: (event: string, fields: object) => void;
}

/** Assumed: an image for a card of some hundred lamps. */
const MOST_BYTES = 8_000_000;

/** For `CardKeeper`: never rejects. */
export function cardPaint({ pictures, media, zone, onAir, log }: CardPaintParts) {
  return async (scene: FaceScene, at: Instant): Promise<Painted> => {
    const { face } = scene;
    try {
      const card = cardOf({ scene, at, zone: zone(), onAir: onAir(), measure: pictures.measure });
      return { rgb: card.picture && (await drawn(card.picture, face)), until: card.until };
    } catch (error) {
      // One that cannot be drawn leaves the card dark until the next scene, and the station running.
      log("card", { face: face.name, error: String(error) });
      return { rgb: null, until: null };
    }
  };

  async function drawn(picture: CardPicture, { size, rotation }: Face): Promise<Uint8Array | null> {
    if (picture.kind === "text") {
      return pictures.text({ ...picture, lineHeight: LINE_HEIGHT, above: LINE.above }, size, rotation);
    }
    const opened = await media.open(picture.sha256);
    if (isRefusal(opened)) return null;
    try {
      const { type } = opened;
      if (type !== "image/png" && type !== "image/jpeg") return null;
      const bytes = await readAll(opened.fd);
      if (bytes === null || isRefusal(checkVisual(type, bytes))) return null;
      return pictures.image({ ...picture, bytes, type }, size, rotation);
    } finally {
      await opened.close();
    }
  }
}

/** `null` for more than `MOST_BYTES`. */
async function readAll(fd: number): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readRange(fd, 0, MOST_BYTES)) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  return bytes.length > MOST_BYTES ? null : bytes;
}
