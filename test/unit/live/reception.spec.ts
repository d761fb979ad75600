/** One child per attempt, each awaited; judged by sound. Real ffmpeg, real sockets, hurried back-off. */
import { afterEach, describe, expect, it } from "vitest";
import { ChildSupervisor } from "../../../agent/child-supervisor.ts";
import type { LivePin } from "../../../playback/model/live.ts";
import type { Clock } from "../../../playback/ports/clock.ts";
import type { ChildSpec, Supervisor } from "../../../playback/ports/supervisor.ts";
import { Reception } from "../../../playback/sound/live/reception.ts";
import { broadcast, door, toneMp3 } from "../../support/live/radio.ts";
import { realClock } from "../../support/sound/real-clock.ts";

const real = new ChildSupervisor();
const specs: ChildSpec[] = [];
let most = 0;
const supervisor: Supervisor = {
  run(spec) {
    specs.push(spec);
    const child = real.run(spec);
    most = Math.max(most, real.count());
    return child;
  },
  count: () => real.count(),
  stopAll: () => real.stopAll(),
};
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
  expect(real.count()).toBe(0);
  specs.length = 0;
  most = 0;
});

function scripted(script: string): Supervisor {
  return { ...supervisor, run: (spec) => supervisor.run({ name: spec.name, command: "sh", args: ["-c", script] }) };
}
function receive(over: Partial<{ supervisor: Supervisor; clock: Clock; random: () => number; url: string }> = {}) {
  const pin: LivePin = { id: "p", kind: "icecast", url: over.url ?? "http://127.0.0.1:9/", hosts: [] };
  const reception = new Reception(pin, { clock: realClock, supervisor, random: () => 0.05, ...over });
  open.push(reception);
  return reception;
}
async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`not within 10 s: ${what}`);
    await realClock.wait(10);
  }
}
const ONE_SECOND = "head -c 192000 /dev/zero";

describe("a live source", () => {
  it("is ready within two seconds of a station that answers, near its present, and at its level", async () => {
    const tone = toneMp3();
    const station = await door((_, response) => broadcast(response, tone));
    open.push(station);
    const began = performance.now();
    const reception = receive({ url: `http://127.0.0.1:${station.port}/live` });
    await until(() => reception.signal().ready, "ready");
    expect(performance.now() - began).toBeLessThan(2_000);
    // The compressor of a live source takes some off a tone as loud as this.
    expect(reception.signal().level).toBeGreaterThan(-22);
    const source = reception.source();
    let sounding = 0;
    const started = performance.now();
    for (let pulls = 0; pulls < 50; pulls++) {
      while (performance.now() - started < pulls * 40) await realClock.wait(5);
      const next = await source.next();
      if ("samples" in next && next.samples !== null) sounding += 1;
    }
    expect(sounding).toBe(50);
    await source.close();
  });

  it("is connected anew by another child, one at a time, each longer after the other", async () => {
    const waits: number[] = [];
    const clock: Clock = {
      ...realClock,
      wait: (delay, signal) => {
        waits.push(delay);
        return realClock.wait(Math.min(delay, 5_000) / 50, signal);
      },
    };
    const reception = receive({ supervisor: scripted("echo gone >&2; exit 1"), clock, random: () => 1 });
    await until(() => reception.signal().losses >= 8, "eight losses");
    await reception.close();
    const backOff = waits.filter((delay) => delay !== 12_000);
    expect(backOff.slice(0, 8)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    expect(most).toBe(1);
    expect(reception.signal().problem).toBe("gone");
  });

  it("spreads its attempts by full jitter", async () => {
    const waits: number[] = [];
    const wait = (delay: number) => {
      waits.push(delay);
      return realClock.wait(Math.min(delay, 20));
    };
    const clock: Clock = { ...realClock, wait };
    const reception = receive({ supervisor: scripted("sleep 0.01"), clock, random: () => 0 });
    await until(() => reception.signal().losses >= 3, "losses");
    expect(waits.filter((delay) => delay === 0).length).toBeGreaterThanOrEqual(3);
  });

  it("is given up by a child that lives and gives nothing, and the child is gone", async () => {
    const clock: Clock = { ...realClock, wait: (delay, signal) => realClock.wait(delay / 20, signal) };
    const reception = receive({ supervisor: scripted(`${ONE_SECOND}; exec sleep 60`), clock, random: () => 1 });
    await until(() => reception.signal().losses > 0, "a loss");
    expect(reception.signal().problem).toBe("nothing came for 5 s");
    expect(most).toBe(1);
  });

  it("hands its child nothing of the agent's environment", async () => {
    process.env.LOA_SECRET = "mat-khau";
    receive();
    await until(() => specs.length > 0, "a child");
    delete process.env.LOA_SECRET;
    expect(Object.keys(specs[0]?.env ?? {})).toEqual(["http_proxy"]);
  });

  it("can be closed in every moment, and leaves no child", async () => {
    for (const after of [0, 5, 50, 300]) {
      const reception = receive({ supervisor: scripted("cat /dev/zero") });
      await realClock.wait(after);
      await reception.close();
      expect(real.count()).toBe(0);
    }
  });
});

describe("a line into the station", () => {
  const line = (name: string) => ({ id: "p", kind: "line", url: `line:${name}`, hosts: [] }) as const;

  it.each(["am", "constructor", "__proto__"])(
    "that station.yaml does not name ('%s') starts no child and says so",
    async (name) => {
      const lines = { fm: { kind: "pulse", device: "fm.monitor" } } as const;
      const reception = new Reception(line(name), { clock: realClock, supervisor, random: () => 0.05, lines });
      open.push(reception);
      await until(() => reception.signal().losses > 0, "the loss");
      expect(reception.signal().problem).toContain(`names no line '${name}'`);
      expect(specs).toEqual([]);
    },
  );

  it("whose device cannot be opened is tried again like a source that does not answer", async () => {
    const lines = { fm: { kind: "alsa", device: "plughw:CARD=nowhere" } } as const;
    const reception = new Reception(line("fm"), { clock: realClock, supervisor, random: () => 0.05, lines });
    open.push(reception);
    await until(() => reception.signal().losses > 1, "two losses");
    expect(reception.signal().problem).toContain("nowhere");
  });
});
