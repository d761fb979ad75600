import { describe, expect, it } from "vitest";
import { NoSound } from "../../../playback/sound/no-sound.ts";

describe("the output of a computer without sound", () => {
  const output = new NoSound();

  it("refuses everything with no-output and closes what it was handed", async () => {
    const closed: string[] = [];
    const media = { path: "x", sha256: "x", durationMs: 1_000, close: async () => void closed.push("x") } as never;
    const refused = { reason: "no-output", detail: expect.stringContaining("hardware.sound") };
    expect(await output.prepare({ kind: "media", media, fromMs: 0 })).toEqual(refused);
    expect(await output.prepare({ kind: "silence", durationMs: 1_000 })).toEqual(refused);
    expect(await output.openMicrophone()).toEqual(refused);
    expect([await output.pin(media), closed.length]).toEqual([null, 2]);
  });

  it("is neither absent nor running, hears nothing and receives nothing", async () => {
    await output.open();
    expect(output.state()).toMatchObject({ state: "none", stalls: 0, breaks: 0 });
    expect(output.level().rms).toBe(Number.NEGATIVE_INFINITY);
    expect(output.tap().read().samples.length).toBe(0);
    const input = output.listen();
    expect(input.signal()).toMatchObject({ ready: false, receivedAt: null });
    await input.close();
    await output.close();
  });
});
