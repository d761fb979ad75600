/** Moments for a restart, with the real deciding in virtual time: what sounds, what is due soon, and what would sound again if it were forgotten. */
import { describe, expect, it } from "vitest";
import { alerts, isBusy, wouldRepeat } from "../../../agent/start/quiet.ts";
import { refusal } from "../../../playback/model/refusal.ts";
import { MINUTE, SECOND } from "../../../playback/model/units.ts";
import { alert, item, local, programme, VirtualCluster } from "../../support/virtual/virtual-cluster.ts";

async function station(from: string) {
  // It may begin until its window ends, and is over after ten seconds.
  const programmes = [programme("sang", { end: "05:30", items: [item("a")] })];
  const cluster = new VirtualCluster(local(from), { programmes });
  await cluster.conductor.start();
  const { clock, conductor } = cluster;
  const busy = () => isBusy(conductor, clock.now());
  const repeats = () => wouldRepeat(conductor, clock.now(), clock.trust());
  return { cluster, clock, busy, repeats };
}

describe("a moment for a restart", () => {
  it("is none from two minutes before something is due until it is over", async () => {
    const { cluster, clock, busy } = await station("2026-11-20 04:57:50");
    await clock.advance(5 * SECOND);
    expect(busy()).toBe(false);
    await clock.advance(10 * SECOND);
    expect(busy()).toBe(true);
    await clock.advance(2 * MINUTE);
    expect([busy(), cluster.heard().length]).toEqual([true, 1]);
    await clock.advance(30 * SECOND);
    expect([busy(), cluster.records()]).toEqual([false, ["sang played"]]);
  });

  it("that forgets is none while what was played could still begin", async () => {
    const { clock, repeats } = await station("2026-11-20 04:59:50");
    expect(repeats()).toBe(false);
    await clock.advance(5 * MINUTE);
    expect(repeats()).toBe(true);
    await clock.advance(26 * MINUTE);
    expect(repeats()).toBe(false);
  });

  it("that forgets is none while an alert stands", () => {
    const standing = { emergency: alert("bao"), ended: null };
    const over = { emergency: alert("lu"), ended: refusal("expired", "cancelled") };
    const said = [[], [over], [over, standing]].map((emergencies) =>
      alerts(new VirtualCluster(local("2026-11-20 05:00:00"), { emergencies }).conductor),
    );
    expect(said).toEqual([false, false, true]);
  });
});
