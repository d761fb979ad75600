import { describe, expect, it } from "vitest";
import type { Viewer } from "../../../playback/board/camera/camera.ts";
import { Cameras } from "../../../playback/board/camera/cameras.ts";
import { guarded, OUTPUT, parseOrders } from "../../../playback/board/camera/worker-orders.ts";
import type { Millis } from "../../../playback/model/units.ts";
import type { Child, ChildSpec, Supervisor } from "../../../playback/ports/supervisor.ts";
import { realClock } from "../../support/sound/real-clock.ts";

const PIN = { id: "cong", kind: "rtsp", url: "rtsp://admin:matkhau@127.0.0.1:9/live", hosts: [] } as const;

/** Children that say what they are given to say, and then end or hang. */
function children(say: readonly string[], hang: boolean) {
  const specs: ChildSpec[] = [];
  let alive = 0;
  const supervisor: Supervisor = {
    run(spec): Child {
      specs.push(spec);
      alive += 1;
      let end: () => void = () => {};
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      const exit = { code: 1, signal: null, stderr: `${PIN.url}: Connection refused\n` };
      const exited = ended.then(() => {
        alive -= 1;
        return exit;
      });
      async function* stdout() {
        for (const one of say) yield Buffer.from(one);
        if (hang) await ended;
        else end();
      }
      const stop = () => {
        end();
        return exited;
      };
      return { pid: 1, stdout: stdout(), talk: null, exited, stop, kill: stop };
    },
    count: () => alive,
    stopAll: async () => {},
  };
  return { supervisor, specs, alive: () => alive };
}

function viewer(bufferedAmount = 0) {
  const got: string[] = [];
  const listeners: (() => void)[] = [];
  const one: Viewer & { got: string[]; leave: () => void } = {
    got,
    bufferedAmount,
    send: (data) => void got.push(typeof data === "string" ? `word ${data}` : Buffer.from(data).toString()),
    close: () => {},
    on: (event, listener) => void (event === "close" && listeners.push(listener)),
    leave: () => {
      for (const listener of listeners) listener();
    },
  };
  return one;
}

/** Waits are a hundredth of what they are; how long they were asked for is written down. */
function hurried() {
  const waits: Millis[] = [];
  const clock = {
    ...realClock,
    wait: (delay: Millis, signal?: AbortSignal) => {
      waits.push(delay);
      return realClock.wait(delay / 100, signal);
    },
  };
  return { clock, waits };
}

describe("cameras", () => {
  it("are those of the scene, of approved RTSP sources, and no other", () => {
    const pin = (id: string) => (id === "cong" ? PIN : id === "radio" ? ({ ...PIN, kind: "icecast" } as const) : null);
    const cameras = new Cameras({ clock: realClock, supervisor: children([], false).supervisor, pin });
    expect(cameras.has("cong")).toBe(false);
    cameras.set(new Set(["cong", "radio", "none"]));
    expect(["cong", "radio", "none", "other"].map((id) => cameras.has(id))).toEqual([true, false, false, false]);
  });

  it("are received once for all who look, and no more when the last has gone", async () => {
    const { clock } = hurried();
    const { supervisor, specs, alive } = children(["a", "b"], true);
    const cameras = new Cameras({ clock, supervisor, pin: () => PIN });
    cameras.set(new Set(["cong"]));
    const [one, other, full] = [viewer(), viewer(), viewer(2_000_000)];
    for (const each of [one, other, full]) cameras.watch("cong", each);
    await expect.poll(() => other.got).toEqual(["word fresh", "a", "b"]);
    expect(one.got).toEqual(other.got);
    // Whoever does not take it is left out.
    expect(full.got).toEqual(["word fresh"]);
    expect(specs).toHaveLength(1);
    // No password stands on a command line.
    expect(JSON.stringify(specs[0]?.args)).not.toContain("matkhau");
    expect(specs[0]?.env).toEqual({});
    for (const each of [one, other, full]) each.leave();
    await expect.poll(alive).toBe(0);
  });

  it("are tried again at growing distances, and nothing secret is said of them", async () => {
    const { clock, waits } = hurried();
    const { supervisor, specs } = children([], false);
    const logged: object[] = [];
    const cameras = new Cameras({
      clock,
      supervisor,
      pin: () => PIN,
      random: () => 1,
      log: (_, fields) => logged.push(fields),
    });
    cameras.set(new Set(["cong"]));
    cameras.watch("cong", viewer());
    await expect.poll(() => specs.length, { timeout: 5_000 }).toBeGreaterThan(4);
    await cameras.close();
    const distances = waits.filter((wait) => wait !== 12_000 && wait !== 6_000);
    expect(distances.slice(0, 4)).toEqual([2_000, 4_000, 8_000, 16_000]);
    expect(logged[0]).toEqual({ camera: "cong", why: "rtsp://127.0.0.1:9/live: Connection refused", failures: 1 });
    expect(JSON.stringify(logged)).not.toContain("matkhau");
  });

  it("that give nothing more are ended after 6 s", async () => {
    const { clock, waits } = hurried();
    const { supervisor, specs } = children(["a"], true);
    const logged: object[] = [];
    const cameras = new Cameras({ clock, supervisor, pin: () => PIN, log: (_, fields) => logged.push(fields) });
    cameras.set(new Set(["cong"]));
    cameras.watch("cong", viewer());
    await expect.poll(() => specs.length, { timeout: 5_000 }).toBeGreaterThan(1);
    expect(waits.slice(0, 2)).toEqual([12_000, 6_000]);
    expect(logged[0]).toMatchObject({ why: "nothing came for 6 s" });
    await cameras.close();
  });

  it("end when the scene shows them no more, or their pin leads elsewhere", async () => {
    const { clock } = hurried();
    const { supervisor, alive } = children(["a"], true);
    let url: string = PIN.url;
    const cameras = new Cameras({ clock, supervisor, pin: () => ({ ...PIN, url }) });
    for (const change of [() => cameras.set(new Set()), () => cameras.set(new Set(["cong"]))]) {
      cameras.set(new Set(["cong"]));
      cameras.watch("cong", viewer());
      await expect.poll(alive).toBe(1);
      url = "rtsp://127.0.0.1:10/other";
      change();
      await expect.poll(alive).toBe(0);
    }
  });
});

describe("the camera worker", () => {
  it("puts the options of the input before it, and lets ffmpeg die with it", () => {
    const { command, args } = guarded(["-i", "rtsp://127.0.0.1:9/live", "-f", "mpegts", "-"]);
    expect([command, ...args.slice(0, 3)]).toEqual(["setpriv", "--pdeathsig", "KILL", "--"]);
    expect(args.indexOf("-rtsp_transport")).toBeLessThan(args.indexOf("-i"));
    expect(args.indexOf("-rtsp_transport")).toBeGreaterThan(args.indexOf("ffmpeg"));
    expect(OUTPUT).toMatchObject({ "-an": "", "-bf": "0" });
  });

  it.each([
    "",
    "{}",
    '{"url":1}',
    '{"url":"rtsp://10.0.0.1:554/live"}',
    '{"url":"file:///etc/passwd"}',
    '{"url":"rtsp://127.0.0.1.evil.example/"}',
  ])("takes no orders like %s", (orders) => {
    expect(() => parseOrders(orders)).toThrow();
  });
});
