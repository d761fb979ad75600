import { describe, expect, it } from "vitest";
import { speakerCommands } from "../../../agent/commands/speaker.ts";
import { type SpeakerPorts, SpeakerTests } from "../../../agent/speaker/speaker-tests.ts";
import { DEFAULT_POLICY } from "../../../playback/model/policy.ts";
import { ManualClock } from "../../support/storage/manual-clock.ts";

/** Noon in Viet Nam. */
const NOON = Date.parse("2026-11-21T05:00:00Z");
const facts = {
  ...{ zone: "Asia/Ho_Chi_Minh", outputs: ["horn"], emergencies: [], announcements: [], muted: false },
  policy: { ...DEFAULT_POLICY, quietHours: [{ from: "22:00", to: "04:30" }] },
};
const idle = { onAir: () => null, over: () => null, decision: { holder: null, upcoming: [] } };

function bench(has: { facts?: object; conductor?: object; ear?: null; now?: number } = {}) {
  const announced: unknown[] = [];
  const ports = {
    clock: new ManualClock(has.now ?? NOON),
    store: { notes: { get: () => undefined } },
    board: { facts: { ...facts, ...has.facts }, announce: (one: unknown) => announced.push(one) },
    outputs: [{ name: "horn", gainDb: 0, conductor: { ...idle, ...has.conductor } }],
    ear: has.ear === null ? null : { listen: () => expect.unreachable("nothing should be heard") },
  } as unknown as SpeakerPorts;
  return { tests: new SpeakerTests(ports), announced };
}
const request = { output: "horn", baseline: false, by: "technician" };

describe("the self-test of a horn", () => {
  it.each([
    ["something is on air", { conductor: { onAir: () => ({}) } }, "on air"],
    ["something holds the output", { conductor: { decision: { holder: {}, upcoming: [] } } }, "on air"],
    [
      "something begins within 30 s",
      { conductor: { decision: { holder: null, upcoming: [{ header: { plannedAt: NOON + 29_000 } }] } } },
      "within 30 s",
    ],
    ["an emergency stands", { facts: { emergencies: [{ ended: null }] } }, "emergency"],
    ["it is muted", { facts: { muted: true } }, "muted"],
    ["the place sleeps", { now: Date.parse("2026-11-21T16:00:00Z") }, "quiet hours"],
  ])("is put off while %s", async (_, has, why) => {
    const { tests, announced } = bench(has);
    const result = await tests.test(request);
    expect(result).toMatchObject({ verdict: "deferred", output: "horn" });
    expect(result.detail).toContain(why);
    expect(announced).toEqual([]);
  });

  it("says nothing of a horn while whose tones the ear went deaf", async () => {
    let at = 0;
    const announcements: object[] = [];
    const ports = {
      clock: {
        ...{ now: () => NOON, monotonic: () => at, trust: () => "attested" },
        wait: async (ms: number) => {
          at += ms;
        },
      },
      store: { notes: { get: () => undefined } },
      board: {
        facts: { ...facts, announcements },
        announce: (announcement: object) => announcements.push({ announcement, ended: null }),
        stopAnnouncement: () => undefined,
      },
      outputs: [{ name: "horn", gainDb: 0, conductor: idle }],
      ear: { listen: () => ({ heardMs: () => 2_000, stop: async () => new Float32Array(96_000) }) },
    } as unknown as SpeakerPorts;
    const result = await new SpeakerTests(ports).test(request);
    expect(result.verdict).toBe("no-ear");
    expect(result.detail).toMatch(/^the microphone gave nothing for \d+\.\d s$/);
  });

  it("says where there is no microphone", async () => {
    expect(await bench({ ear: null }).tests.test(request)).toMatchObject({ verdict: "no-ear" });
  });
});

describe("the command for it", () => {
  const clock = () => {
    let at = 0;
    const wait = async (ms: number) => {
      at += ms;
    };
    return { monotonic: () => at, wait };
  };
  const context = { by: "command p 1", signal: new AbortController().signal, progress: async () => undefined };
  const run = (verdicts: string[], outputs: string[] = []) => {
    const test = async ({ output }: { output: string }) => ({
      ...{ output, detail: "why", at: 0, verdict: verdicts.length > 1 ? verdicts.shift() : verdicts[0] },
    });
    const family = speakerCommands({ clock: clock(), speakers: { outputs: ["horn", "cho"], test } } as never);
    return family["speaker-test"]?.({ name: "speaker-test", outputs } as never, context as never);
  };

  it("waits for its turn, tests every output that is meant, and tells what each is worth", async () => {
    const result = await run(["deferred", "deferred", "ok", "weak"]);
    expect(result).toEqual({ status: "done", detail: "horn: ok (why); cho: weak (why)" });
    expect(await run(["dead"], ["cho"])).toEqual({ status: "done", detail: "cho: dead (why)" });
  });
  it("gives up after half an hour, and where no output or no microphone is", async () => {
    expect(await run(["deferred"], ["horn"])).toMatchObject({ status: "failed" });
    expect(await run(["no-ear"], ["horn"])).toMatchObject({ status: "failed" });
    expect(await run(["ok"], ["elsewhere"])).toMatchObject({ status: "failed" });
  });
});
