import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BURST } from "../../agent/commands/issuer-book.ts";
import { DAY, MINUTE, SECOND } from "../../playback/model/units.ts";
import { refuseAfter } from "../support/storage/refusing.ts";
import { settle } from "../support/virtual/virtual-clock.ts";
import { CommandBench } from "../unit/trust/command-bench.ts";

const DESK = "commune-00004";
const PUT_TO = "https://files.example.vn/up?grant=secret";

let bench: CommandBench;
beforeEach(async () => {
  const scope = { addresses: ["commune/00004" as const] };
  bench = await CommandBench.open({ extra: [{ role: "command", issuer: DESK, scope }] });
});
afterEach(async () => {
  expect(bench.faults).toEqual([]);
  await bench.close();
});

const announcement = { name: "announce", title: "x", items: [{ kind: "silence", id: "i", durationMs: 1_000 }] };
const _upload = { name: "upload-journal", afterSeq: 0, putTo: PUT_TO };
const states = async (count: number) => (await bench.results(count)).map(({ name, status }) => `${name} ${status}`);

describe("a command", () => {
  it("does what it says, and its result is journalled", async () => {
    for (const body of [
      { name: "volume", percent: 40 },
      { name: "mute", muted: true },
      { name: "report" },
      { name: "restart" },
      { name: "screenshot", face: "m", putTo: PUT_TO },
      { name: "support-bundle", putTo: PUT_TO },
      { name: "upload-report", month: "2026-11", putTo: PUT_TO },
    ]) {
      expect(await bench.give(body)).toBe("taken");
      await bench.commands.idle();
    }
    expect(bench.effects.map((effect) => effect.split(" ")[0])).toEqual(["volume", "mute", "report", "restart"]);
    expect(await states(7)).toEqual([
      "volume done",
      "mute done",
      "report done",
      "restart done",
      "screenshot unsupported",
      "support-bundle unsupported",
      "upload-report unsupported",
    ]);
  });

  it("lets a pinned source be heard here, once, until it is stopped or taken back by who asked", async () => {
    const speech = { name: "live-start", title: "Chủ tịch xã", source: "micro", longestMs: 60_000 };
    await bench.give(speech, { jti: "g0" });
    await bench.give({ ...speech, source: "vov1", outputs: ["dong"] }, { jti: "g1" });
    await bench.give({ ...speech, source: "vov1", outputs: ["horn"] }, { jti: "g2" });
    await bench.give({ name: "live-stop", grant: "g2" });
    await bench.give({ name: "live-stop", grant: "g2" });
    await bench.give({ ...speech, source: "vov1" }, { jti: "g3" });
    await bench.give({ name: "cancel", command: "g3" });
    expect(bench.effects).toEqual(["announce g2", "stop g2", "announce g3", "stop g3"]);
    expect(bench.announcements[0]?.announcement).toMatchObject({
      ...{ longestMs: 70_000, outputs: ["horn"] },
      items: [{ kind: "live", source: "vov1", longestMs: 60_000, fallback: [] }],
    });
    expect((await bench.results(7)).map(({ name, status, detail }) => `${name} ${status}: ${detail}`)).toEqual([
      "live-start failed: source-not-approved: no content document in force names a live source 'micro'",
      "live-start failed: none of the outputs dong is here; here are horn",
      "live-start done: accepted; the play log says what sounded",
      "live-stop done: ",
      "live-stop failed: no grant 'g2' stands",
      "live-start done: accepted; the play log says what sounded",
      "cancel done: stopped",
    ]);
  });

  it("asks for the restart only once its result is on the disk", async () => {
    const seen: (string | null | undefined)[] = [];
    const letter = await bench.letter({ name: "restart" }, { jti: "r1" });
    bench.effects.push = (...items: string[]) => {
      void bench.door.store.commands.find("province-01", "r1").then((record) => seen.push(record?.status));
      return items.length;
    };
    await bench.take(letter);
    await bench.door.store.transaction(() => Promise.resolve());
    await settle();
    expect(seen).toEqual(["done"]);
  });

  it("that begun before a crash is marked and never run again", async () => {
    const { store, clock } = bench.door;
    const letter = await bench.letter({ name: "volume", percent: 40 }, { jti: "half" });
    const begun = { issuer: "province-01", jti: "half", kind: "volume", issuedAt: clock.now(), begunAt: clock.now() };
    await store.transaction((tx) => store.commands.begin(tx, begun));
    await bench.restart();
    expect(await states(1)).toEqual(["volume interrupted"]);
    expect(await bench.take(letter)).toBe("taken");
    expect(await bench.results()).toMatchObject([{ status: "interrupted", duplicate: true }]);
    expect(bench.effects).toEqual([]);
  });

  it("that was begun before a crash keeps no station from starting on a card that takes no writes: the next start marks it", async () => {
    const { store, clock } = bench.door;
    const begun = { issuer: "province-01", jti: "half", kind: "volume", issuedAt: clock.now(), begunAt: clock.now() };
    await store.transaction((tx) => store.commands.begin(tx, begun));
    const heal = refuseAfter(store, 0);
    await bench.start();
    expect(bench.faults.splice(0)).toMatchObject([{ code: "storage-failed" }]);
    heal();
    await bench.restart();
    expect(await states(1)).toEqual(["volume interrupted"]);
  });

  it("that waited past its end before it could act is not done, and says so", async () => {
    const { topic, bytes } = await bench.letter(
      { name: "volume", percent: 40 },
      { exp: bench.door.clock.now() + MINUTE },
    );
    const examined = await bench.door.admission.examine(topic, bytes);
    if ("reason" in examined) throw new Error(examined.detail);
    await bench.door.clock.advance(MINUTE);
    expect(await bench.commands.execute(examined)).toBeNull();
    expect([bench.effects, await states(1)]).toEqual([[], ["volume expired"]]);
  });
});

describe("an issuer", () => {
  it("has a share that a restart does not give back; what silences has its own; the clock refills it", async () => {
    for (let n = 0; n < BURST; n++) expect(await bench.give({ name: "report" })).toBe("taken");
    expect(await bench.give({ name: "report" })).toBe("policy");
    await bench.restart();
    expect(await bench.give({ name: "report" })).toBe("policy");
    expect(await bench.give({ name: "mute", muted: true })).toBe("taken");
    expect(await bench.give({ name: "report" }, { issuer: DESK, address: "commune/00004" })).toBe("taken");
    await bench.door.clock.advance(2 * SECOND);
    expect(await bench.give({ name: "report" })).toBe("taken");
    expect(await bench.give({ name: "report" })).toBe("policy");
    await bench.door.clock.advance(DAY);
    for (let n = 0; n < BURST; n++) expect(await bench.give({ name: "report" })).toBe("taken");
    expect(await bench.give({ name: "report" })).toBe("policy");
  });

  it("that is repeated a thousand times is answered a bounded number of times, and acts once", async () => {
    const letter = await bench.letter({ name: "volume", percent: 40 });
    for (let n = 0; n < 1_000; n++) await bench.take(letter);
    expect(bench.effects).toHaveLength(1);
    expect(bench.door.store.journal.head().count).toBeLessThan(BURST + 10);
  });

  it("ends its own command or announcement, and nobody else's", async () => {
    const desk = { issuer: DESK, address: "commune/00004" as const };
    await bench.give(announcement, { jti: "a1" });
    await bench.give({ name: "cancel", command: "a1" }, desk);
    expect(await states(1)).toEqual(["cancel failed"]);
    await bench.give({ name: "cancel", command: "a1" });
    expect(await states(1)).toEqual(["cancel done"]);
    expect(bench.effects).toEqual(["announce a1", "stop a1"]);
    await bench.give({ name: "cancel", command: "a1" });
    expect(await states(1)).toEqual(["cancel failed"]);
  });
});

describe("without a time that can be believed", () => {
  it.each(["unknown", "floor"] as const)(
    "(%s) only what is newer than the last of its issuer counts",
    async (trust) => {
      const old = await bench.letter({ name: "report" }, { seq: 3 });
      await bench.give({ name: "report" }, { seq: 4 });
      await bench.restart();
      bench.door.clock.trustNow = trust;
      expect(await bench.take(old)).toBe("clock-not-trusted");
      expect(await bench.give({ name: "report" }, { seq: 4 })).toBe("clock-not-trusted");
      expect(await bench.give({ name: "report" }, { seq: 5 })).toBe("taken");
      expect(await bench.give({ name: "report" }, { seq: 5 })).toBe("clock-not-trusted");
      const desk = { issuer: DESK, address: "commune/00004" as const };
      expect(await bench.give({ name: "report" }, { seq: 9, ...desk })).toBe("clock-not-trusted");
      expect(await bench.give({ name: "report" }, { seq: 9, address: "commune/00004" })).toBe("clock-not-trusted");
      bench.door.clock.trustNow = "attested";
      expect(await bench.take(old)).toBe("taken");
      expect(bench.effects).toHaveLength(3);
    },
  );
});
