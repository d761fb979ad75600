/** A page that is never closed: what it holds after many scenes, what it does without its server, and when it comes back. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SceneItem } from "../../playback/model/board.ts";
import { SeenBoard } from "../support/seen/board.ts";
import { Browser } from "../support/seen/browser.ts";
import { plain } from "../support/seen/cards.ts";
import { countingFilm } from "../support/seen/films.ts";
import { alert, alone, image, layout, region, text, VI, video } from "../support/seen/scenes.ts";

const SIZE = { width: 640, height: 360 };

let browser: Browser;
let board: SeenBoard;
beforeAll(async () => {
  browser = await Browser.open();
  board = await SeenBoard.open(browser);
});
afterAll(async () => {
  await board.close();
  await browser.close();
});

async function held(): Promise<{ nodes: number; listeners: number; heap: number }> {
  await board.page.send("HeapProfiler.collectGarbage");
  const { metrics } = await board.page.send("Performance.getMetrics");
  const of = (name: string) =>
    (metrics as { name: string; value: number }[]).find((one) => one.name === name)?.value ?? Number.NaN;
  return { nodes: of("Nodes"), listeners: of("JSEventListeners"), heap: of("JSHeapUsedSize") };
}

describe("a page that stays open", () => {
  it("holds no more after sixty scenes than after twelve", async () => {
    await board.page.send("Performance.enable");
    const cards: SceneItem[] = [];
    for (const colour of [0xff0000, 0x00ff00, 0x0000ff])
      cards.push(image(`c${colour}`, await board.library.add(plain(640, 360, colour), "image/png"), 120));
    const film = await board.library.add(countingFilm(25), "video/mp4");
    const scenes = [
      layout([region("image", [0, 0, 50, 100], cards), region("video", [50, 0, 50, 100], [video("film", film, 300)])]),
      layout([region("ticker", [0, 0, 100, 50], [text("t", VI, "vi")]), region("clock", [0, 50, 100, 50])]),
      layout([region("text", [0, 0, 100, 100], [text("long", VI.repeat(20), "vi", 500)])]),
      { kind: "alert", since: 0, alerts: [alert([{ language: "vi", headline: "Lũ quét", text: VI }])] },
      { kind: "pattern", pattern: "identify" },
      { kind: "blank", why: "night" },
    ] as const;
    const through = async (times: number) => {
      for (let n = 0; n < times; n++) {
        await board.show(alone(SIZE, scenes[n % scenes.length] ?? scenes[5]));
        if (n % scenes.length === 0) await sleep(400);
      }
      await board.show(alone(SIZE, scenes[5]));
      return held();
    };
    const before = await through(12);
    const after = await through(48);
    process.stdout.write(`the page after 12 and after 48 more scenes: ${JSON.stringify([before, after])}\n`);
    expect(after.nodes).toBeLessThanOrEqual(before.nodes * 1.1 + 20);
    expect(after.listeners).toBeLessThanOrEqual(before.listeners + 4);
    expect(after.heap).toBeLessThanOrEqual(before.heap * 1.15 + 500_000);
    expect(board.library.held).toBe(0);
    expect(board.page.faults).toEqual([]);
  });

  it("is not held up by scenes that follow each other faster than a picture can be had", async () => {
    const size = { width: 320, height: 180 };
    const never = await board.library.add(plain(320, 180, 0x123456), "image/png");
    const release = board.library.stall();
    await board.show(alone(size, { kind: "pattern", pattern: "blue" }));
    const waiting = alone(
      size,
      layout([region("image", [0, 0, 100, 50], [image("never", never)]), region("clock", [0, 50, 100, 50])]),
    );
    const from = Date.now();
    for (let n = 0; n < 20 && !board.reports.at(-1)?.faces[0]?.items.includes("clock/clock"); n++) {
      board.server.show({ ...waiting, onAir: { airing: `Tin ${n}`, next: [] }, revision: 1_000 + n });
      await sleep(250);
    }
    expect(board.reports.at(-1)?.faces[0]?.items).toContain("clock/clock");
    // It was waited for, and not for ever.
    expect(Date.now() - from).toBeGreaterThan(1_500);
    expect(Date.now() - from).toBeLessThan(4_500);
    release();
    await board.until(({ faces }) => faces[0]?.items.includes("image/never") === true);
    await board.page.open(board.server.url);
  });

  it("comes back to its server by itself when their connection breaks, and shows what was decided meanwhile", async () => {
    await board.show(alone(SIZE, { kind: "pattern", pattern: "red" }));
    const shown = board.reports.length;
    // A second page takes the place of the first, as after a restart of the browser.
    const second = await browser.newPage(SIZE);
    await second.open(board.server.url);
    await expect.poll(() => board.reports.length, { timeout: 5_000 }).toBeGreaterThan(shown);
    await board.show(alone(SIZE, { kind: "pattern", pattern: "green" }));
    const green = Buffer.from(String((await second.send("Page.captureScreenshot", { format: "png" })).data), "base64");
    expect(green.length).toBeGreaterThan(0);
    await second.close();
    await expect.poll(() => board.server.report, { timeout: 5_000 }).toBe(null);
    // The first one asks again only after a while, so that two pages do not take turns; loaded anew it is there at once.
    await board.page.open(board.server.url);
    const report = await board.until(({ revision }) => revision > 0, 5_000);
    expect(report.faces[0]?.items).toEqual(["green"]);
    expect((await board.picture("back")).at(300, 100)).toEqual([0, 255, 0]);
  });

  it("keeps painting what it had when its server is gone", async () => {
    await board.show(
      alone(
        SIZE,
        layout([region("clock", [0, 0, 100, 50]), region("ticker", [0, 50, 100, 50], [text("t", VI, "vi")])]),
      ),
    );
    await board.server.close();
    const before = await board.picture("gone");
    const time = await board.page.evaluate<string>(`document.querySelector(".clock .words").textContent`);
    await sleep(1_200);
    const after = await board.picture("gone-later");
    expect(await board.page.evaluate<string>(`document.querySelector(".clock .words").textContent`)).not.toBe(time);
    let different = 0;
    for (let x = 0; x < 640; x += 3)
      for (let y = 200; y < 340; y += 7) if (before.at(x, y).join() !== after.at(x, y).join()) different += 1;
    expect(different).toBeGreaterThan(50);
  });
});
