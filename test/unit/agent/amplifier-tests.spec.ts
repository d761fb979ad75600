/** A hand on the relay, against everything else that may want the amplifier. */
import { describe, expect, it } from "vitest";
import { AmplifierTests, FORGOTTEN_AFTER } from "../../../agent/outputs/amplifier-tests.ts";
import { temporaryStore } from "../../support/storage/temporary.ts";
import { alert, local, TIMES, VirtualCluster } from "../../support/virtual/virtual-cluster.ts";

const ON = { power: true, muted: true };

async function bench() {
  const cluster = new VirtualCluster(local("2026-11-22 12:00"), {});
  await cluster.conductor.start();
  const { store } = await temporaryStore();
  const faults: unknown[] = [];
  const tests = new AmplifierTests({
    ...{ clock: cluster.clock, store, onFault: (error: unknown) => faults.push(error) },
    board: {
      get facts() {
        return cluster.conductor.facts;
      },
    },
    outputs: [{ name: "horn", conductor: cluster.conductor, amplifier: { kind: "simulated", socket: "" } }],
  });
  /** Time goes on while a move settles. */
  const move = async (lines: { power: boolean; muted: boolean }) => {
    const moved = tests.move("horn", lines);
    await cluster.clock.advance(300);
    return moved;
  };
  return { cluster, tests, move, store, faults, last: () => cluster.amplifier.moves.at(-1)?.lines };
}

describe("a hand on the relay", () => {
  it("moves the lines and reads them back", async () => {
    const { move, last } = await bench();
    expect(await move(ON)).toMatchObject({ driven: ON });
    expect(last()).toEqual(ON);
  });

  it("is forgotten after ten seconds: the lines are safe", async () => {
    const { cluster, move, last, faults } = await bench();
    await move(ON);
    await cluster.clock.advance(FORGOTTEN_AFTER - 400);
    expect(last()).toEqual(ON);
    await cluster.clock.advance(500);
    expect(last()).toEqual({ power: false, muted: true });
    expect(faults).toEqual([]);
  });

  it("ends at once under an emergency, which has the amplifier in its own time", async () => {
    const { cluster, tests, move } = await bench();
    await move({ power: true, muted: false });
    const before = cluster.amplifier.moves.length;
    cluster.change({ emergencies: [{ emergency: alert("bao"), ended: null }] });
    await cluster.clock.advance(TIMES.settleMs + TIMES.guardMs + 1_000);
    const since = cluster.amplifier.moves.slice(before).map(({ lines }) => lines);
    expect(since.slice(0, 2)).toEqual([ON, { power: true, muted: false }]);
    expect(cluster.heard()[0]).toContain("bao");
    expect(await tests.move("horn", ON)).toBe("an emergency stands");
    // The hand that was there lets go: nothing of what sounds is touched.
    const moves = cluster.amplifier.moves.length;
    await tests.end("horn", {});
    expect(cluster.amplifier.moves.length).toBe(moves);
  });

  it("is written down with what it felt", async () => {
    const { tests, move, store } = await bench();
    await move(ON);
    await tests.end("horn", { by: "lan", felt: [{ step: "power-on", as: "yes" }] });
    const [record] = (await store.journal.list({ afterSeq: 0, limit: 5 })).filter(
      ({ kind }) => kind === "amplifier-test",
    );
    expect(record?.body).toMatchObject({ output: "horn", by: "lan", felt: [{ step: "power-on", as: "yes" }] });
  });
});
