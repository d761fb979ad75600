import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { cardPaint } from "../../../agent/board/card-paint.ts";
import { CardKeeper } from "../../../drivers/display/card-keeper.ts";
import { DisplayKeeper } from "../../../drivers/display/keeper.ts";
import { SimulatedOnbon } from "../../../drivers/display/onbon/simulated-onbon.ts";
import { CardPictures } from "../../../drivers/display/text-picture.ts";
import { encodePng } from "../../../playback/board/picture.ts";
import type { Face, FaceScene, Showing } from "../../../playback/model/board.ts";
import { refusal } from "../../../playback/model/refusal.ts";
import { parseSha256 } from "../../../playback/model/units.ts";
import type { MediaLibrary } from "../../../playback/ports/media.ts";
import { driverOf, startedDisplay } from "../../support/drivers/display-benches.ts";
import { FakeDisplay } from "../../support/drivers/fake-display.ts";
import { temporaryFolder } from "../../support/drivers/temporary.ts";
import { realClock } from "../../support/sound/real-clock.ts";
import { VirtualClock } from "../../support/virtual/virtual-clock.ts";

const FACE: Face = { name: "card", rect: null, size: { width: 64, height: 32 }, rotation: 0, languages: ["vi"] };
const START = Date.parse("2026-11-22T06:30:00+07:00");
const words = (headline: string): Showing => ({
  kind: "alert",
  since: START,
  alerts: [
    {
      ...{ identifier: "a", severity: "extreme", exercise: false, sent: START },
      words: [{ language: "vi", headline, text: null }],
    },
  ],
});
const scene = (showing: Showing): FaceScene => ({ face: FACE, dim: 0, showing });
const BLANK: Showing = { kind: "blank", why: "nothing" };
const SHA = parseSha256("ab".repeat(32));
if (SHA === null) throw new Error("no digest");
const image = (sha256 = SHA): Showing => ({
  ...{ kind: "layout", key: "k", title: "t", since: START, alerts: [] },
  regions: [
    {
      ...{ id: "one", kind: "image", x: 0, y: 0, width: 100, height: 100, fit: "contain", pace: 1 },
      ...{ foreground: "#ffffff", background: "#000000" },
      items: [{ kind: "image", id: "i", title: "i", sha256, ms: 10_000 }],
    },
  ],
});
const LONG = "Mời bà con chú ý theo dõi thông tin về cơn bão số năm và sơ tán khỏi vùng thấp trũng ngay";
const logged: string[] = [];
const NO_MEDIA: Pick<MediaLibrary, "open"> = { open: async () => refusal("media-missing", "not here") };

const paintWith = (media = NO_MEDIA) =>
  cardPaint({
    ...{
      pictures: new CardPictures(),
      media,
      zone: () => "Asia/Ho_Chi_Minh",
      onAir: () => ({ airing: null, next: [] }),
    },
    log: (event) => logged.push(event),
  });

function kept(display = new FakeDisplay(), paint = paintWith()) {
  const clock = new VirtualClock(START);
  const keeper = new DisplayKeeper(display, { clock, onChange: () => {}, onFault: () => {}, random: () => 1 });
  const card = new CardKeeper(keeper, FACE.size, { clock, paint });
  keeper.start();
  onTestFinished(async () => {
    await card.stop();
    await keeper.stop();
  });
  return { clock, display, card, shown: () => Buffer.from(display.shown.get(0)?.rgb ?? []) };
}

describe("an asynchronous card", () => {
  it("is sent its picture every 20 s, page after page", async () => {
    const { clock, display, card, shown } = kept();
    card.show(scene(words(LONG)));
    await clock.advance(4_000);
    const first = shown();
    expect(display.shown.get(0)).toMatchObject({ area: 0, width: 64, height: 32, timeoutMs: 60_000 });
    await clock.advance(5_000);
    expect(shown().equals(first)).toBe(false);
    card.show(scene(words("Bão")));
    const before = display.orders().length;
    await clock.advance(61_000);
    expect(display.orders().slice(before)).toEqual(Array(4).fill("show 0"));
  });

  it("keeps nothing while its face is blank or not lit", async () => {
    const { clock, display, card } = kept();
    for (const dark of [() => card.show(scene(BLANK)), () => card.show(scene(words("Bão")), false)]) {
      card.show(scene(words("Bão")));
      await clock.advance(1_000);
      expect(display.shown.size).toBe(1);
      dark();
      await clock.advance(1_000);
      expect(display.shown.size).toBe(0);
    }
  });

  it("is sent what it had after it lost its power", async () => {
    const { clock, display, card } = kept();
    card.show(scene(words("Bão")));
    await clock.advance(1_000);
    display.away = true;
    await clock.advance(30_000);
    display.reset();
    display.away = false;
    await clock.advance(120_000);
    expect(display.shown.size).toBe(1);
  });

  it("paints only the last of many scenes", async () => {
    const { clock, display, card } = kept();
    for (let turn = 0; turn < 100; turn++) card.show(scene(words(`Bão ${turn}`)));
    await clock.advance(1_000);
    expect(display.orders()).toEqual(["show 0"]);
  });

  it("shows an approved image, and nothing of one that is missing, altered, no picture or a bomb", async () => {
    const folder = await temporaryFolder();
    const white = encodePng({ width: 2, height: 2, rgba: new Uint8Array(16).fill(255) });
    const bomb = Buffer.from(white);
    bomb.writeUInt32BE(100_000, 16);
    bomb.writeUInt32BE(100_000, 20);
    const media = async (bytes: Uint8Array, type: string): Promise<Pick<MediaLibrary, "open">> => {
      const file = join(folder, "image");
      await writeFile(file, bytes);
      return {
        open: async (sha256) => {
          const handle = await open(file);
          return { sha256, fd: handle.fd, type, durationMs: 0, close: () => handle.close() };
        },
      };
    };
    const lit = async (from: Pick<MediaLibrary, "open">) => {
      const { rgb } = await paintWith(from)(scene(image()), START);
      return rgb === null ? null : Math.max(...rgb);
    };
    expect(await lit(await media(white, "image/png"))).toBe(255);
    expect(await lit(NO_MEDIA)).toBeNull();
    expect(await lit(await media(bomb, "image/png"))).toBeNull();
    expect(await lit(await media(white, "image/jpeg"))).toBeNull();
    expect(await lit(await media(Buffer.from("<svg/>"), "image/svg+xml"))).toBeNull();
    expect(await lit(await media(Buffer.alloc(8_000_001), "image/png"))).toBeNull();
    expect(logged).toEqual([]);
  });

  it("forgets by itself what a dead station said", async () => {
    let now = 0;
    const board = new SimulatedOnbon({ card: "6q", colours: 1, width: 64, height: 32 }, () => now);
    const display = await startedDisplay(board);
    const controller = driverOf(display, { kind: "onbon", card: "6q", width: 64, height: 32 });
    const keeper = new DisplayKeeper(controller, { clock: realClock, onChange: () => {}, onFault: () => {} });
    const card = new CardKeeper(keeper, FACE.size, { clock: realClock, paint: paintWith() });
    keeper.start();
    card.show(scene(words("Bão")));
    await expect.poll(() => board.areas, { timeout: 5_000 }).toEqual([0]);
    // The red of an alert, and its white letters.
    expect(board.pixel(0, 0)).toEqual([192, 0, 0]);
    const lamps = Array.from({ length: 64 * 32 }, (_, at) => board.pixel(at % 64, Math.floor(at / 64)).join());
    expect(lamps).toContain("255,255,255");
    await card.stop();
    await keeper.stop();
    now = 59_000;
    expect(board.areas).toEqual([0]);
    now = 60_001;
    expect(board.areas).toEqual([]);
  });
});
