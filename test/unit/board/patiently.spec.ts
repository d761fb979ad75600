/** A port that another program holds costs the page, and only as long as it is held. */
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { patiently } from "../../../agent/board/patiently.ts";
import { PageServer } from "../../../playback/board/page-server.ts";
import { FolderLibrary } from "../../support/seen/board.ts";
import { realClock } from "../../support/sound/real-clock.ts";

describe("what the faces need and may not have", () => {
  it("is tried every 30 s, each failure told, until it is there", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await once(holder, "listening");
    const { port } = holder.address() as { port: number };
    const library = await FolderLibrary.make();
    const page = new PageServer({ clock: realClock, media: library, port });
    onTestFinished(async () => {
      await page.close();
      await library.remove();
    });
    const told: string[] = [];
    const waits: number[] = [];
    const wait = async (ms: number) => {
      waits.push(ms);
      if (waits.length < 2) return;
      holder.close();
      await once(holder, "close");
    };
    const error = (event: string, fields?: object) =>
      void told.push(`${event}: ${(fields as { error: Error }).error.message}`);
    await patiently(
      "page server",
      () => page.open(),
      { clock: { wait }, log: { error } },
      new AbortController().signal,
    );
    expect(waits).toEqual([30_000, 30_000]);
    expect(told).toEqual(Array(2).fill(`page server: listen EADDRINUSE: address already in use 127.0.0.1:${port}`));
    expect(new URL(page.url).port).toBe(String(port));
  });

  it("is let be when the agent stops", async () => {
    const stopping = new AbortController();
    const wait = async () => stopping.abort();
    let tries = 0;
    const work = async () => {
      tries += 1;
      throw new Error("taken");
    };
    await patiently("page server", work, { clock: { wait }, log: { error: () => undefined } }, stopping.signal);
    expect(tries).toBe(1);
  });
});
