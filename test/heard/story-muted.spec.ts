/** The story with its card muted: it must say that nothing was heard. */
import { expect, it } from "vitest";
import { brokenStory } from "../support/story.ts";

it("a story that is broken on purpose hears nothing of a muted sink", async () => {
  const { code, summary } = await brokenStory("sink");
  expect(code).toBe(1);
  expect(summary.ok).toBe(false);
  expect(summary.items[0]).toMatchObject({ id: "sang/chime", verdict: "not-heard", foundAt: null });
  expect(summary.proofs.every(({ ok }) => ok)).toBe(true);
});
