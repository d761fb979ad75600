import { describe, expect, it } from "vitest";
import { type LightFacts, lightOf, percentAt } from "../../../playback/board/light.ts";
import { sunAt } from "../../../playback/board/sun.ts";
import type { FacesPolicy } from "../../../playback/model/policy.ts";
import { MINUTE } from "../../../playback/model/units.ts";

const ZONE = "Asia/Ho_Chi_Minh";
const HA_NOI = { latitude: 21.03, longitude: 105.85 };
const local = (text: string) => Date.parse(`${text}+07:00`);
const POLICY: FacesPolicy = { hours: [], brightness: [], emergencyBrightness: 90 };
const FACTS: LightFacts = {
  ...{ policy: POLICY, face: "gate", zone: ZONE, at: local("2026-11-22T12:00:00"), trust: "held", alert: false },
  ...{ position: HA_NOI, lux: null, sensed: null },
};
const light = (over: Partial<LightFacts>) => lightOf({ ...FACTS, ...over });
const at = (time: string) => local(`2026-11-22T${time}`);

describe("the light of a face", () => {
  it("is full where no rule fits, and never changes by itself", () => {
    expect(light({})).toMatchObject({ lit: true, percent: 100, until: null });
  });

  it("is out outside its hours, also where they cross midnight", () => {
    const policy = { ...POLICY, hours: [{ from: "17:00", to: "01:30" }] };
    for (const [time, lit, next] of [
      ["16:59:59", false, at("17:00:00")],
      ["17:00:00", true, at("01:30:00") + 86_400_000],
      ["23:59:59", true, at("01:30:00") + 86_400_000],
      ["01:29:59", true, at("01:30:00")],
      ["01:30:00", false, at("17:00:00")],
    ] as const) {
      expect(light({ policy, at: at(time) }), time).toMatchObject({ lit, until: next });
    }
  });

  it("follows the last rule that fits, and knows when another will", () => {
    const policy: FacesPolicy = {
      ...POLICY,
      brightness: [
        { by: "time", faces: [], from: "06:00", to: "18:00", percent: 80 },
        { by: "time", faces: ["other"], from: "00:00", to: "00:00", percent: 1 },
        { by: "time", faces: ["gate"], from: "11:00", to: "13:00", percent: 100 },
      ],
    };
    expect(light({ policy })).toMatchObject({ percent: 100, until: at("13:00:00") });
    expect(light({ policy, at: at("10:00:00") })).toMatchObject({ percent: 80, until: at("11:00:00") });
    expect(light({ policy, at: at("13:00:00") })).toMatchObject({ percent: 80, until: at("18:00:00") });
    expect(light({ policy, at: at("20:00:00") })).toMatchObject({
      percent: 100,
      until: at("06:00:00") + 86_400_000,
    });
  });

  it("follows the sun over the station", () => {
    const policy: FacesPolicy = {
      ...POLICY,
      brightness: [
        { by: "sun", faces: [], when: "day", percent: 100 },
        { by: "sun", faces: [], when: "night", percent: 30 },
      ],
    };
    expect(light({ policy })).toMatchObject({ percent: 100, why: "the sun is up" });
    expect(light({ policy, at: at("21:00:00") })).toMatchObject({ percent: 30, why: "the sun is down" });
    const sunset = light({ policy }).until ?? 0;
    expect(light({ policy, at: sunset - 1 }).percent).toBe(100);
    expect(light({ policy, at: sunset }).percent).toBe(30);
    const noPlace = light({ policy, position: null, at: at("05:59:59") });
    expect(noPlace).toMatchObject({ percent: 30, until: at("06:00:00") });
    expect(noPlace.why).toBe("the sun is down, taken as 06:00 to 18:00");
  });

  it("follows the light that a sensor sees, by its logarithm, in steps that a cloud does not make", () => {
    const points = [
      { lux: 9, percent: 10 },
      { lux: 999, percent: 50 },
      { lux: 99_999, percent: 100 },
    ];
    const policy: FacesPolicy = { ...POLICY, brightness: [{ by: "sensor", faces: [], points }] };
    expect([0, 9, 99, 999, 9_999, 99_999, 200_000].map((lux) => Math.round(percentAt(points, lux)))).toEqual([
      10, 10, 30, 50, 75, 100, 100,
    ]);
    const first = light({ policy, lux: 999 });
    expect(first).toMatchObject({ percent: 50, sensed: 50 });
    expect(light({ policy, lux: 1_300, sensed: first.sensed })).toMatchObject({ percent: 50, sensed: 50 });
    expect(Math.round(light({ policy, lux: 9_999, sensed: first.sensed }).percent)).toBe(75);
  });

  it("passes over a sensor that is silent", () => {
    const policy: FacesPolicy = {
      ...POLICY,
      brightness: [
        { by: "time", faces: [], from: "06:00", to: "18:00", percent: 70 },
        {
          by: "sensor",
          faces: [],
          points: [
            { lux: 0, percent: 5 },
            { lux: 1_000, percent: 100 },
          ],
        },
      ],
    };
    expect(light({ policy, lux: 0 }).percent).toBe(5);
    expect(light({ policy, lux: null })).toMatchObject({ percent: 70, until: at("18:00:00") });
  });

  it("is never kept from an alert: not by hours, not by a rule, not by a clock that is not trusted", () => {
    const policy: FacesPolicy = {
      ...POLICY,
      hours: [{ from: "06:00", to: "07:00" }],
      brightness: [{ by: "time", faces: [], from: "00:00", to: "00:00", percent: 1 }],
    };
    for (const trust of ["unknown", "floor", "held", "attested"] as const) {
      expect(light({ policy, alert: true, trust })).toMatchObject({ lit: true, percent: 90, until: null });
    }
  });

  it("is out while the time is only a lower bound", () => {
    expect(["unknown", "floor", "held", "attested"].map((trust) => light({ trust: trust as "held" }).lit)).toEqual([
      ...[false, false, true, true],
    ]);
  });
});

describe("the sun", () => {
  /**
   * Source: the first line is Thailand's astronomical institute (NARIT) for 22 December 2016, as the Vietnam News Agency printed it; Bangkok has the
   * zone of Viet Nam. Assumed: the others, as almanacs have them, to the minute or two.
   */
  it.each([
    ["Bangkok, winter solstice", { latitude: 13.75, longitude: 100.5 }, "2016-12-22", "06:37", "17:56"],
    ["Ha Noi, winter solstice", HA_NOI, "2025-12-21", "06:30", "17:20"],
    ["Ha Noi, summer solstice", HA_NOI, "2025-06-21", "05:16", "18:42"],
    ["Ho Chi Minh City, equinox", { latitude: 10.78, longitude: 106.7 }, "2025-03-20", "05:59", "18:05"],
  ])("%s: rises and sets within 5 min of the almanac", (_, position, date, rise, set) => {
    const before = sunAt(local(`${date}T03:00:00`), ZONE, position);
    const noon = sunAt(local(`${date}T12:00:00`), ZONE, position);
    expect([before.up, noon.up]).toEqual([false, true]);
    expect(Math.abs((before.until ?? 0) - local(`${date}T${rise}:00`))).toBeLessThanOrEqual(5 * MINUTE);
    expect(Math.abs((noon.until ?? 0) - local(`${date}T${set}:00`))).toBeLessThanOrEqual(5 * MINUTE);
  });

  it("that does not set is up, and that does not rise is down", () => {
    const north = { latitude: 78, longitude: 16 };
    expect(sunAt(Date.parse("2026-06-21T00:00:00Z"), "UTC", north)).toMatchObject({ up: true, until: null });
    expect(sunAt(Date.parse("2026-12-21T12:00:00Z"), "UTC", north)).toMatchObject({ up: false, until: null });
  });

  it("is up or down at every hour of a year in turn, and each change comes when it was said", () => {
    const year = local("2026-01-01T00:00:00");
    for (let hour = 0; hour < 366 * 24; hour += 5) {
      const now = year + hour * 60 * MINUTE;
      const { up, until } = sunAt(now, ZONE, HA_NOI);
      expect(until).not.toBeNull();
      expect(sunAt((until ?? 0) - 1, ZONE, HA_NOI).up).toBe(up);
      expect(sunAt(until ?? 0, ZONE, HA_NOI).up).toBe(!up);
    }
  });
});
