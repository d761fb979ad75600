/** A camera on a face: shown, frozen, back, gone; and nothing of it left when whoever owns it is killed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { ChildSupervisor } from "../../agent/child-supervisor.ts";
import { RtspServer } from "../support/live/rtsp.ts";
import { commandOf, family, isAlive, listenersOf } from "../support/processes/tree.ts";
import { SeenBoard } from "../support/seen/board.ts";
import { Browser } from "../support/seen/browser.ts";
import { distance } from "../support/seen/picture.ts";
import { alone, camera, layout, region, text, VI } from "../support/seen/scenes.ts";
import { realClock } from "../support/sound/real-clock.ts";

const SIZE = { width: 640, height: 480 };
const PICTURE = { x: 0, y: 0, width: 640, height: 360 };
const LOOPBACK = "0100007F";
const OWNER = join(import.meta.dirname, "../support/seen/camera-owner.ts");

let browser: Browser;
let rtsp: RtspServer;
beforeAll(async () => {
  browser = await Browser.open();
  rtsp = await RtspServer.camera();
  await rtsp.start();
});
afterAll(async () => {
  await browser.close();
  await rtsp.close();
});

const ffmpegs = (pids: readonly number[]) =>
  pids.filter((pid) => commandOf(pid).includes("mpeg1video") && isAlive(pid));

describe("a camera on a face", () => {
  it("is shown moving, told frozen within 6 s with a placeholder, shown again, and received only while it is shown", async () => {
    const supervisor = new ChildSupervisor();
    const secret = rtsp.pin.url.replace("rtsp://", "rtsp://admin:matkhau@");
    const board = await SeenBoard.open(browser, { supervisor, pins: [{ ...rtsp.pin, id: "cong", url: secret }] });
    onTestFinished(() => board.close());
    const showing = layout([
      region("live", [0, 0, 100, 75], [camera("cam", "cong")]),
      region("ticker", [0, 75, 100, 25], [text("t", VI, "vi")]),
    ]);
    await board.show(alone(SIZE, showing, { languages: ["vi"] }));
    const from = realClock.monotonic();
    await board.until(({ faces }) => faces[0]?.items.includes("live/cam") === true, 12_000);
    process.stdout.write(`camera asked for → painted: ${((realClock.monotonic() - from) / 1_000).toFixed(1)} s\n`);
    const [one, other] = [await board.picture("camera"), await board.picture("camera-later")];
    expect(one.ink(PICTURE)).toBeGreaterThan(0.005);
    let moved = 0;
    for (let x = 0; x < 640; x += 2)
      for (let y = 0; y < 360; y += 2) if (distance(one.at(x, y), other.at(x, y)) > 60) moved += 1;
    expect(moved).toBeGreaterThan(20);
    expect(ffmpegs(family(process.pid))).toHaveLength(1);
    expect(listenersOf(family(process.pid)).filter((address) => address !== LOOPBACK)).toEqual([]);

    rtsp.freeze(true);
    const frozenAt = realClock.monotonic();
    const told = await board.until(({ faces }) => faces[0]?.faults.length === 1, 8_000);
    const noticed = told.heardAt - frozenAt;
    process.stdout.write(`frozen camera noticed after ${(noticed / 1_000).toFixed(1)} s\n`);
    expect(noticed).toBeLessThan(6_000);
    expect(told.faces[0]?.faults).toEqual(["live/cam: the camera gives no picture"]);
    const placeholder = await board.picture("camera-frozen");
    expect(placeholder.share(PICTURE, (pixel) => distance(pixel, [0x20, 0x24, 0x2c]) < 12)).toBeGreaterThan(0.6);
    expect(await board.page.evaluate(`document.querySelector(".placeholder .words").textContent`)).toBe(
      "Tạm mất hình từ máy quay",
    );
    await expect
      .poll(() => board.logged.filter(({ event }) => event === "camera-lost").length, { timeout: 9_000 })
      .toBeGreaterThan(0);
    expect(JSON.stringify(board.logged)).not.toContain("matkhau");

    rtsp.freeze(false);
    await board.until(({ faces }) => faces[0]?.faults.length === 0 && faces[0].items.includes("live/cam"), 20_000);

    await board.show(alone(SIZE, layout([region("text", [0, 0, 100, 100], [text("t", VI, "vi")])])));
    await expect.poll(() => ffmpegs(family(process.pid)).length + supervisor.count(), { timeout: 6_000 }).toBe(0);
  });

  it("leaves no process when its owner is killed, and listened on the loopback only", async () => {
    const owner = spawn(process.execPath, [OWNER, rtsp.pin.url], { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void owner.kill("SIGKILL"));
    await once(owner.stdout, "data");
    const pids = family(owner.pid ?? 0);
    expect(ffmpegs(pids)).toHaveLength(1);
    expect(listenersOf(pids).filter((address) => address !== LOOPBACK)).toEqual([]);
    // The gate of the camera listens, and nothing of the package does.
    expect(listenersOf(pids)).toEqual([LOOPBACK]);
    owner.kill("SIGKILL");
    await expect.poll(() => pids.filter(isAlive), { timeout: 2_000 }).toEqual([]);
    await sleep(100);
    expect(ffmpegs(pids)).toEqual([]);
  });
});
