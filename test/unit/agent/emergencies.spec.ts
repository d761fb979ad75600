/** Which alerts stand: CAP 1.2 meaning of update, cancel and expiry, under every clock. */
import { describe, expect, it } from "vitest";
import type { Alert } from "../../../agent/adopted.ts";
import { type AlertTime, heldEmergencies } from "../../../agent/emergencies.ts";
import { alert } from "../../support/virtual/virtual-cluster.ts";

const NOW = 1_000_000;
const time = (change: Partial<AlertTime> = {}): AlertTime => ({
  now: NOW,
  trust: "attested",
  heldFor: () => 0,
  ...change,
});

function message(
  identifier: string,
  msgType: "alert" | "update" | "cancel",
  references: string[] = [],
  change = {},
): Alert {
  const emergency = alert(identifier, { expires: NOW + 60_000, longestMs: 30_000, ...change });
  return { msgType, references, emergency };
}

const standing = (alerts: Alert[], at: AlertTime, stopped: string[] = []) =>
  heldEmergencies(alerts, new Set(stopped), at).map(
    ({ emergency, ended }) => `${emergency.identifier} ${ended?.reason ?? "stands"}`,
  );

describe("alerts", () => {
  it("end by cancel and by update, which takes their place", () => {
    const alerts = [
      message("a", "alert"),
      message("b", "alert"),
      message("a2", "update", ["a"]),
      message("x", "cancel", ["b"]),
    ];
    expect(standing(alerts, time())).toEqual(["a expired", "b expired", "a2 stands"]);
  });

  it("end at their time under a clock that is held or attested", () => {
    for (const trust of ["held", "attested"] as const) {
      expect(standing([message("a", "alert")], time({ trust, now: NOW + 60_000 }))).toEqual(["a expired"]);
    }
  });

  it("are not silenced by a clock that may be wrong, but by their longest run", () => {
    for (const trust of ["unknown", "floor"] as const) {
      expect(standing([message("a", "alert")], time({ trust, now: NOW + 60_000 }))).toEqual(["a stands"]);
      expect(standing([message("a", "alert")], time({ trust, heldFor: () => 30_000 }))).toEqual(["a expired"]);
    }
  });

  it("that were stopped on the spot stay stopped, whatever else is said", () => {
    expect(standing([message("a", "alert"), message("a2", "update", ["a"])], time(), ["a"])).toEqual([
      "a emergency-stopped",
      "a2 stands",
    ]);
  });

  it("cannot cancel themselves", () => {
    expect(standing([message("a", "update", ["a"])], time())).toEqual(["a stands"]);
  });
});
