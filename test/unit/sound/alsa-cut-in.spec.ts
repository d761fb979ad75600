import { expect, it } from "vitest";
import { openAlsaCutIn } from "../../../drivers/sound/alsa-cut-in.ts";

it("a second way onto a card that is not there is refused in ALSA's words, and ends nothing", async () => {
  const place = { label: "plughw:CARD=khong-co", channel: 1, channels: 1 };
  const lost: string[] = [];
  expect(await openAlsaCutIn(place, (why) => lost.push(why))).toBe("No such device");
  expect(lost).toEqual([]);
});
