/** Contents that want to run, to reach out or to break the page: 200 here, 1,000 in a campaign (`LOA_HOSTILE=1000`). */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SceneItem } from "../../playback/model/board.ts";
import { SeenBoard } from "../support/seen/board.ts";
import { Browser } from "../support/seen/browser.ts";
import { type Canary, hostileFile, hostileText } from "../support/seen/hostile.ts";
import { alert, face, image, layout, region, scene, text, video } from "../support/seen/scenes.ts";

const CONTENTS = Number(process.env.LOA_HOSTILE ?? 200);
/** Contents of one scene: eight texts and eight files. */
const AT_ONCE = 16;

let browser: Browser;
let board: SeenBoard;
let server: Server;
let canary: Canary;
const reached: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    reached.push(String(request.url));
    response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  canary = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  browser = await Browser.open();
  board = await SeenBoard.open(browser);
});
afterAll(async () => {
  await board.close();
  await browser.close();
  server.close();
});

async function hostileScene(from: number) {
  const numbers = Array.from({ length: AT_ONCE / 2 }, (_, n) => from + n);
  const files: SceneItem[] = [];
  for (const n of numbers) {
    const { name, bytes, type } = hostileFile(n, canary);
    const sha256 = await board.library.add(bytes, type);
    files.push(type === "video/mp4" ? video(name, sha256) : image(name, sha256));
  }
  const words = (n: number) => hostileText(n, canary);
  const regions = numbers.flatMap((n, index) => {
    const kind = index % 3 === 0 ? "ticker" : "text";
    const file = files[index];
    return [
      region(kind, [(index % 4) * 25, index < 4 ? 0 : 50, 12, 50], [text(`t${n}`, words(n), n % 2 ? "vi" : "km")], {
        id: `r${n}`,
      }),
      region("image", [(index % 4) * 25 + 12, index < 4 ? 0 : 50, 13, 50], file === undefined ? [] : [file], {
        id: `f${n}`,
      }),
    ];
  });
  const alerts = [
    alert([{ language: "vi", headline: words(from + 3).slice(0, 300), text: words(from + 4) }], {
      identifier: 'x"><script>',
    }),
  ];
  const rect = { x: 0, y: 0, width: 800, height: 400 };
  const onAir = {
    airing: words(from + 5),
    next: [
      { at: 8.64e15, title: words(from + 6) },
      { at: Number.MAX_VALUE, title: "x" },
    ],
  };
  return scene(
    [
      { face: face(`<b>${from}</b>`, rect), dim: 0, showing: layout(regions, { key: words(from).slice(0, 60) }) },
      {
        face: face("mat-2", { ...rect, y: 400, height: 200 }),
        dim: 0,
        showing:
          from % 32 === 0
            ? { kind: "alert", since: Date.now(), alerts }
            : layout([region("now-next", [0, 0, 50, 100]), region("emergency", [50, 0, 50, 100])], { alerts }),
      },
    ],
    { zone: from % 3 === 0 ? "Nowhere/<script>" : "Asia/Ho_Chi_Minh", onAir },
  );
}

describe("hostile contents", () => {
  it(`run nothing, reach nobody and stop nothing: ${CONTENTS} of them`, async () => {
    let shown = 0;
    let faults = 0;
    for (let from = 0; shown < CONTENTS; from += AT_ONCE / 2) {
      const report = await board.show(await hostileScene(from), 15_000);
      faults += report.faces.flatMap((one) => one.faults).length;
      shown += AT_ONCE;
      if (from === 0 || from === 8) await board.picture(`hostile-${from}`);
    }
    expect(await board.page.evaluate("window.__ran ?? null")).toBe(null);
    expect(reached).toEqual([]);
    const own = new URL(board.server.url).host;
    expect(board.page.requests.filter((url) => new URL(url).host !== own)).toEqual([]);
    expect(board.page.requests.length).toBeGreaterThan(CONTENTS / 4);
    // What was refused was said so, and nothing of it was taken for markup, or the policy would have had something to stop.
    expect(faults).toBeGreaterThan(CONTENTS / 8);
    const stopped = board.page.faults.filter((fault) => !/status of 4(04|15)/.test(fault));
    expect(stopped).toEqual([]);
    expect(
      await board.page.evaluate("document.querySelectorAll('script, iframe, object, embed, style, img, svg').length"),
    ).toBe(1);
    // It goes on answering.
    await board.until(() => true, 3_000);
  }, 600_000);

  it("leave no file open when they are gone", async () => {
    await board.show(
      scene([
        {
          face: face("mat-1", { x: 0, y: 0, width: 800, height: 600 }),
          dim: 0,
          showing: { kind: "blank", why: "end" },
        },
      ]),
    );
    await expect.poll(() => board.library.held, { timeout: 3_000 }).toBe(0);
  });
});
