import { describe, expect, it, onTestFinished } from "vitest";
import { FaceController } from "../../../drivers/display/face-controller.ts";
import { SimulatedOnbon } from "../../../drivers/display/onbon/simulated-onbon.ts";
import { CardPainter } from "../../../drivers/display/text-picture.ts";
import { cardOf } from "../../../playback/board/card.ts";
import { LINE, LINE_HEIGHT } from "../../../playback/board/card-text.ts";
import type { Face, FaceScene, Showing } from "../../../playback/model/board.ts";
import { driverOf, startedDisplay } from "../../support/drivers/display-benches.ts";
import { FakeDisplay } from "../../support/drivers/fake-display.ts";
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
const LIT = { lit: true, percent: 70.4 };
const painter = new CardPainter();

async function paint(shown: FaceScene, at: number) {
  const { picture, until } = cardOf({
    ...{ scene: shown, zone: "Asia/Ho_Chi_Minh", onAir: { airing: null, next: [] }, at, measure: painter.measure },
  });
  if (picture?.kind !== "text") return { rgb: null, until };
  return { rgb: painter.text({ ...picture, above: LINE.above, lineHeight: LINE_HEIGHT }, FACE.size, 0), until };
}

function kept(display = new FakeDisplay()) {
  const clock = new VirtualClock(START);
  const face = new FaceController(FACE, display, {
    clock,
    onChange: () => {},
    onFault: () => {},
    random: () => 1,
    paint,
  });
  face.start();
  onTestFinished(() => face.stop());
  return { clock, display, face };
}

describe("the controller of a face", () => {
  it("is black while nothing is to be shown or the face is not lit, and as bright as it should be otherwise", async () => {
    const { clock, display, face } = kept();
    face.show(scene(BLANK), LIT);
    await clock.advance(1_000);
    expect(display.state).toMatchObject({ power: true, blank: true, pattern: "none" });
    face.show(scene(words("Bão")), LIT);
    await clock.advance(1_000);
    expect(display.state).toMatchObject({ power: true, blank: false, brightness: 70 });
    face.show(scene(words("Bão")), { lit: false, percent: 0 });
    await clock.advance(1_000);
    expect(display.state).toMatchObject({ power: true, blank: true, brightness: 70 });
    expect(face.dims).toBe(true);
  });

  it("is switched off where it cannot be black, and told no more than it has", async () => {
    const relay = new FakeDisplay();
    Object.assign(relay, { can: { ...relay.can, aspects: new Set(["power"]), images: null } });
    const { clock, display, face } = kept(relay);
    face.show(scene(BLANK), LIT);
    await clock.advance(1_000);
    expect(display.orders()).toEqual(['apply {"power":false}']);
    face.show(scene(words("Bão")), LIT);
    await clock.advance(1_000);
    expect(display.orders().at(-1)).toBe('apply {"power":true}');
    expect(face.dims).toBe(false);
  });

  it("is told all of it again after it lost its power", async () => {
    const { clock, display, face } = kept();
    face.show(scene(words("Bão")), LIT);
    await clock.advance(1_000);
    display.away = true;
    await clock.advance(30_000);
    display.reset();
    display.away = false;
    await clock.advance(120_000);
    expect(display.state).toMatchObject({ power: true, brightness: 70, blank: false });
    expect(display.shown.size).toBe(1);
    expect(face.condition).toBe("online");
  });

  it("sends a card its picture every 20 s, page after page, and takes it away with the light", async () => {
    const { clock, display, face } = kept();
    face.show(
      scene(words("Mời bà con chú ý theo dõi thông tin về cơn bão số năm và sơ tán khỏi vùng thấp trũng ngay")),
      LIT,
    );
    await clock.advance(4_000);
    const first = Buffer.from(display.shown.get(0)?.rgb ?? []);
    expect(display.shown.get(0)).toMatchObject({ area: 0, width: 64, height: 32, timeoutMs: 60_000 });
    await clock.advance(5_000);
    expect(Buffer.from(display.shown.get(0)?.rgb ?? []).equals(first)).toBe(false);
    face.show(scene(words("Bão")), LIT);
    await clock.advance(60_000);
    expect(display.orders().filter((call) => call === "show 0").length).toBeGreaterThanOrEqual(5);
    face.show(scene(words("Bão")), { lit: false, percent: 0 });
    await clock.advance(1_000);
    expect(display.shown.size).toBe(0);
  });

  it("leaves a card that forgets by itself what a dead station said", async () => {
    let now = 0;
    const card = new SimulatedOnbon({ card: "6q", colours: 1, width: 64, height: 32 }, () => now);
    const display = await startedDisplay(card);
    const controller = driverOf(display, { kind: "onbon", card: "6q", width: 64, height: 32 });
    const face = new FaceController(FACE, controller, {
      clock: realClock,
      onChange: () => {},
      onFault: () => {},
      paint,
    });
    face.start();
    face.show(scene(words("Bão")), LIT);
    await expect.poll(() => card.areas, { timeout: 5_000 }).toEqual([0]);
    // The red of an alert, and its white letters.
    expect(card.pixel(0, 0)).toEqual([192, 0, 0]);
    const row = Array.from({ length: 64 * 32 }, (_, at) => card.pixel(at % 64, Math.floor(at / 64)).join());
    expect(row).toContain("255,255,255");
    await face.stop();
    now = 59_000;
    expect(card.areas).toEqual([0]);
    now = 60_001;
    expect(card.areas).toEqual([]);
  });
});
