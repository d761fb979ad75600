/** What was said live: kept as it was emitted, in real files, encoded by the real ffmpeg. */
import { createHash } from "node:crypto";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { configBody } from "../../../agent/contract/config.ts";
import type { LiveSound } from "../../../agent/recordings/recordings.ts";
import { nameOf } from "../../../agent/recordings/shelf.ts";
import { DAY } from "../../../playback/model/units.ts";
import type { Supervisor } from "../../../playback/ports/supervisor.ts";
import {
  bench,
  faults,
  HEADER,
  journal,
  kept,
  nothing,
  PAGE,
  RELAYED,
  RULES,
  said,
  tone,
} from "../../support/recordings/recordings-bench.ts";
import { decodeFile } from "../../support/sound/decode.ts";

afterEach(() => {
  expect(faults.splice(0)).toEqual([]);
  journal.length = 0;
});

describe("a recording", () => {
  it("holds what was emitted, says what it lost, and its digest is what the journal says", async () => {
    const { folder, recordings, record } = await bench();
    await record(10);
    const [recording] = journal;
    expect(recording).toMatchObject({ of: "page", slot: HEADER.key, output: "horn", lostMs: 50, cutOff: false });
    expect(recording?.durationMs).toBeGreaterThanOrEqual(2_000);
    const read = await recordings.read(recording?.id ?? "");
    expect(
      createHash("sha256")
        .update(read?.bytes ?? "")
        .digest("hex"),
    ).toBe(recording?.sha256);
    expect(read?.intact).toBe(true);
    const heard = await decodeFile(join(folder, `${recording?.id}.ogg`));
    expect(Math.abs(heard.length / 48 - (recording?.durationMs ?? 0))).toBeLessThan(60);
    const rms = Math.sqrt(heard.reduce((sum, x) => sum + x * x, 0) / heard.length);
    expect(20 * Math.log10(rms)).toBeCloseTo(-9, 0);
    expect((await readdir(folder)).sort()).toEqual([`${recording?.id}.json`, `${recording?.id}.ogg`]);
  });

  it("goes on in another part where it grows long", async () => {
    const { recordings, readings } = await bench({}, { longestPartMs: 2_000 });
    recordings.begin(PAGE, tone(0.2));
    await readings(12);
    await recordings.close();
    expect(journal.map(({ durationMs, slot }) => [durationMs, slot])).toEqual([
      [2_000, HEADER.key],
      [expect.any(Number), HEADER.key],
    ]);
  });

  it("is made of pages, grants and relays only where a policy names them", async () => {
    const grant: LiveSound = { ...PAGE, item: RELAYED };
    const relay: LiveSound = { ...grant, header: { ...HEADER, kind: "programme", key: "tin 1" } };
    for (const of of [[], ["grant"], ["relay"], ["page", "grant", "relay"]] as const) {
      const { recordings, readings } = await bench({ of: [...of] });
      for (const sound of [PAGE, grant, relay]) {
        recordings.begin(sound, tone(0.2));
        if (of.includes({ page: "page", grant: "grant", relay: "relay" }[kindOf(sound)] as never)) await readings(2);
        await recordings.end(sound);
      }
      await recordings.close();
      expect(journal.splice(0).map((one) => one.of)).toEqual(
        ["page", "grant", "relay"].filter((one) => of.includes(one as never)),
      );
    }
    expect(configBody.parse({}).policy.recordings).toBeUndefined();
    expect(configBody.parse({ policy: { recordings: {} } }).policy.recordings).toEqual(RULES);
  });

  it("ends when the policy no longer asks for it, and holds what was asked for", async () => {
    const { recordings, readings, rules } = await bench();
    recordings.begin(PAGE, tone(0.2));
    await readings(5);
    Object.assign(rules, { of: [] });
    await readings(1);
    await vi.waitUntil(async () => journal.length > 0, { timeout: 20_000 });
    await recordings.close();
    expect(journal).toHaveLength(1);
    expect(journal[0]?.durationMs).toBeLessThanOrEqual(1_200);
  });
});

const kindOf = ({ header, item }: LiveSound) =>
  item.kind === "microphone" ? "page" : header.kind === "announcement" ? "grant" : "relay";

describe("what a kill or a power cut leaves", () => {
  it("is finished after the restart, and says that it was cut off", async () => {
    const first = await bench();
    first.recordings.begin(PAGE, tone(0.2));
    await first.readings(5);
    // Nothing of the first one runs any more; its files are all that is left.
    const second = await bench({}, { folder: first.folder });
    await second.recordings.idle;
    expect(journal).toMatchObject([{ slot: HEADER.key, cutOff: true, lostMs: null }]);
    expect(journal[0]?.durationMs).toBeGreaterThanOrEqual(1_000);
    expect((await second.recordings.list()).map(({ cutOff }) => cutOff)).toEqual([true]);
  });

  it("between the end and the encoder is finished as the whole that it was", async () => {
    const stuck: Supervisor = {
      ...{ count: () => 0, stopAll: async () => undefined },
      run: () => {
        const never = new Promise<never>(() => {});
        return { pid: 1, stdout: nothing(), talk: null, exited: never, stop: () => never, kill: () => never };
      },
    };
    const first = await bench({}, { supervisor: stuck });
    first.recordings.begin(PAGE, tone(0.2));
    await first.readings(5);
    await first.recordings.end(PAGE);
    const second = await bench({}, { folder: first.folder });
    await second.recordings.idle;
    expect(journal).toMatchObject([{ cutOff: false, lostMs: 50 }]);
  });

  it("before the journal took the digest is journalled after the restart, the same digest", async () => {
    const first = await bench({}, { journalFails: () => true });
    await first.record(5);
    expect(said()).toEqual([expect.stringContaining("takes nothing")]);
    const [before] = await first.recordings.list();
    const second = await bench({}, { folder: first.folder });
    await second.recordings.idle;
    expect(journal.map(({ sha256 }) => sha256)).toEqual([before?.sha256]);
    expect((await readdir(first.folder)).filter((name) => name.endsWith(".s16"))).toEqual([]);
  });

  it("of broken notes and halves hides no other recording and keeps nothing from going", async () => {
    const { clock, folder, recordings } = await bench();
    const whole = await kept(folder, clock.now() - DAY, 1_000);
    const torn = await kept(folder, clock.now() - 2 * DAY, 1_000);
    await writeFile(join(folder, `${torn}.json`), '{"id":"rec');
    const lone = nameOf(clock.now() - 3 * DAY, "11111111", true);
    await writeFile(join(folder, `${lone}.json`), "{}");
    await writeFile(join(folder, `${nameOf(clock.now(), "22222222", true)}.s16`), Buffer.alloc(96_000));
    const again = await bench({}, { folder });
    await again.recordings.idle;
    expect(said()).toEqual([expect.stringContaining("ENOENT")]);
    expect((await again.recordings.list()).map(({ id }) => id)).toEqual([whole]);
    expect((await readdir(folder)).some((name) => name.startsWith(lone))).toBe(false);
    expect((await again.recordings.read(torn))?.intact).toBe(false);
    await recordings.prune();
    again.clock.advance(31 * DAY);
    await again.recordings.prune();
    expect(await readdir(folder)).toEqual([]);
  });
});
