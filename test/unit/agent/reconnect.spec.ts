/** The field's own times, which the story shortens, in virtual time. */
import { describe, expect, it } from "vitest";
import { parseStationFile } from "../../../agent/config/station-file.ts";
import { attemptsAfter, reconnectDelay } from "../../../agent/uplink/reconnect.ts";

const minimal = 'station: xa-1\ncommune: "00004"\nprovince: "01"\nroot: root.json\n';
const parsed = parseStationFile(minimal, "/etc/loa");
if ("length" in parsed) throw new Error(JSON.stringify(parsed));
const times = parsed.uplink.reconnect;

describe("reconnecting with the field's defaults", () => {
  it("spreads the first attempt after a loss over a minute", () => {
    expect([0, 0.5, 0.999].map((random) => Math.round(reconnectDelay(1, "lost", times, random)))).toEqual([
      0, 30_000, 59_940,
    ]);
  });

  it("doubles up to two minutes with full jitter, and to ten minutes where the broker refuses", () => {
    const longest = (loss: "unreachable" | "refused") =>
      [2, 3, 5, 8, 40].map((attempt) => reconnectDelay(attempt, loss, times, 1));
    expect(longest("unreachable")).toEqual([8_000, 16_000, 64_000, 120_000, 120_000]);
    expect(longest("refused")).toEqual([8_000, 16_000, 64_000, 512_000, 600_000]);
    expect(reconnectDelay(8, "unreachable", times, 0)).toBe(0);
  });

  it("begins again from one only after a connection that stood a minute", () => {
    expect([attemptsAfter(7, 59_999, times), attemptsAfter(7, 60_000, times)]).toEqual([8, 1]);
  });

  it("keeps 10,000 stations after a ten-minute outage under 500 attempts a second, with under 25 attempts each", () => {
    let seed = 1;
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const perSecond = new Map<number, number>();
    let most = 0;
    let back = 0;
    for (let station = 0; station < 10_000; station++) {
      let at = reconnectDelay(1, "lost", times, random());
      let attempts = 1;
      while (at < 600_000) {
        attempts += 1;
        at += reconnectDelay(attempts, "unreachable", times, random());
      }
      const second = Math.floor(at / 1_000);
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
      most = Math.max(most, attempts);
      if (at <= 720_000) back += 1;
    }
    expect(Math.max(...perSecond.values())).toBeLessThanOrEqual(500);
    expect(back / 10_000).toBeGreaterThanOrEqual(0.99);
    expect(most).toBeLessThan(25);
  });
});
