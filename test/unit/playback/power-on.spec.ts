/** Amplifiers of one cluster, switched on one after the other; and what is sensed of them. */
import { describe, expect, it } from "vitest";
import { AmplifierKeeper } from "../../../playback/amplifier-keeper.ts";
import { senseProblem } from "../../../playback/amplifier-sense.ts";
import { PLAYOUT_PHASES, type Want } from "../../../playback/playout.ts";
import { type Amplifier, type AmplifierLines, SAFE_LINES } from "../../../playback/ports/amplifier.ts";
import { nextPowerOn, PowerOnTurns } from "../../../playback/power-on-turns.ts";
import { VirtualClock } from "../../support/virtual/virtual-clock.ts";

const TIMES = { settleMs: 800, guardMs: 120, tailMs: 150, holdMs: 2_000, minimumOffMs: 4_000 };

class RecordedAmplifier implements Amplifier {
  readonly name = "recorded";
  readonly #clock: VirtualClock;
  lines: AmplifierLines = SAFE_LINES;
  sensed: boolean | null = null;
  onAt: number | null = null;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }
  async open() {
    this.lines = SAFE_LINES;
  }
  async drive(lines: AmplifierLines) {
    if (lines.power && !this.lines.power) this.onAt = this.#clock.monotonic();
    this.lines = lines;
  }
  async read() {
    return { commanded: this.lines, driven: this.lines, sensed: this.sensed, fault: null };
  }
  async makeSafe() {
    this.lines = SAFE_LINES;
    return true;
  }
  async close() {}
}

async function cluster(count: number) {
  const clock = new VirtualClock(0);
  const turns = new PowerOnTurns(clock, count);
  const all = Array.from({ length: count }, () => {
    const amplifier = new RecordedAmplifier(clock);
    const keeper = new AmplifierKeeper(
      amplifier,
      clock,
      TIMES,
      () => undefined,
      () => undefined,
      turns,
    );
    return { amplifier, keeper };
  });
  for (const { keeper } of all) await keeper.open();
  const start = clock.monotonic();
  const run = async (forMs: number) => {
    for (let passed = 0; passed < forMs; passed += 10) {
      for (const { keeper } of all) keeper.tick();
      await clock.advance(10);
    }
  };
  const want = (...wants: Want[]) => {
    for (const [index, one] of wants.entries()) all[index]?.keeper.want(one);
  };
  const onAt = () => all.map(({ amplifier: { onAt } }) => (onAt === null ? null : onAt - start));
  return { clock, turns, all, run, want, onAt };
}

describe("amplifiers of one cluster", () => {
  it("are switched on 300 ms apart, the first at once", async () => {
    const { run, want, onAt, turns } = await cluster(3);
    want("sound", "sound", "sound");
    await run(1_000);
    expect(onAt()).toEqual([0, 300, 600]);
    expect(turns.longestMs).toBe(600);
  });

  it("are 200 ms apart in an emergency", async () => {
    const { run, want, onAt } = await cluster(3);
    want("urgent", "urgent", "urgent");
    await run(1_000);
    expect(onAt()).toEqual([0, 200, 400]);
  });

  it("let an emergency pass those that wait", async () => {
    const { run, want, onAt } = await cluster(3);
    want("sound", "sound");
    await run(50);
    want("sound", "sound", "urgent");
    await run(1_000);
    const [first, second, third] = onAt() as [number, number, number];
    expect(first).toBe(0);
    expect(third).toBeLessThanOrEqual(260);
    expect(second - third).toBeGreaterThanOrEqual(300);
  });

  it("keep no turn for one that is no longer wanted", async () => {
    const { run, want, onAt } = await cluster(2);
    want("sound", "sound");
    await run(50);
    want("sound", "silence");
    await run(1_000);
    expect(onAt()).toEqual([0, null]);
  });

  it("hand nobody a turn where nobody waits", () => {
    expect(nextPowerOn([], 0)).toBeNull();
    const [normal, urgent] = [{ urgent: false }, { urgent: true }];
    expect(nextPowerOn([normal, urgent], 1_000)).toEqual({ who: urgent, at: 1_200 });
  });
});

describe("what is sensed of an amplifier", () => {
  const reading = (sensed: boolean | null, fault: boolean | null = null) => ({
    ...{ commanded: null, driven: SAFE_LINES },
    ...{ sensed, fault },
  });

  it("is a problem where it does not go with the phase", () => {
    const found = PLAYOUT_PHASES.map((phase) => [
      phase,
      ...[true, false, null].map((on) => senseProblem(reading(on), phase)),
    ]);
    const dead = "no current flows though its power is on: relay, fuse or cable";
    expect(found).toEqual([
      ["silent", "current flows though its power is off: the relay's contact is stuck", null, null],
      ["settling", null, null, null],
      ["opening", null, dead, null],
      ["on-air", null, dead, null],
      ["draining", null, dead, null],
      ["holding", null, dead, null],
      ["fault", null, null, null],
    ]);
    expect(senseProblem(reading(true, true), "on-air")).toBe("its fault line is active");
  });

  it("a relay that stays open takes the evidence that anything was heard", async () => {
    const { all, run, want } = await cluster(1);
    const [{ amplifier, keeper }] = all as [(typeof all)[number]];
    amplifier.sensed = false;
    want("sound");
    await run(2_000);
    expect([keeper.phase, keeper.evidence, keeper.problem]).toEqual([
      "on-air",
      "fault",
      "no current flows though its power is on: relay, fuse or cable",
    ]);
    amplifier.sensed = true;
    await run(1_100);
    expect([keeper.evidence, keeper.problem]).toEqual(["sensed", null]);
  });

  it("horns that a hand has cut off are not heard, and their missing current is no fault of the amplifier", async () => {
    const { all, run, want } = await cluster(1);
    const [{ amplifier, keeper }] = all as [(typeof all)[number]];
    let open = false;
    keeper.hear(() => open);
    amplifier.sensed = true;
    want("sound");
    await run(2_000);
    expect([keeper.evidence, keeper.problem]).toEqual(["sensed", null]);
    open = true;
    expect(keeper.evidence).toBe("fault");
    amplifier.sensed = false;
    await run(1_100);
    expect([keeper.phase, keeper.evidence, keeper.problem]).toEqual(["on-air", "fault", null]);
    open = false;
    expect(keeper.problem).toBe("no current flows though its power is on: relay, fuse or cable");
    amplifier.sensed = true;
    await run(1_100);
    expect([keeper.evidence, keeper.problem]).toEqual(["sensed", null]);
  });

  it("a contact that stays closed is noticed at rest, once the supply had its time to empty", async () => {
    const { all, run, want } = await cluster(1);
    const [{ amplifier, keeper }] = all as [(typeof all)[number]];
    amplifier.sensed = true;
    want("sound");
    await run(1_500);
    want("silence");
    await run(3_000);
    expect([keeper.phase, amplifier.lines, keeper.problem]).toEqual(["silent", SAFE_LINES, null]);
    await run(4_000);
    expect(keeper.problem).toBe("current flows though its power is off: the relay's contact is stuck");
  });
});
