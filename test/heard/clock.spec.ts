/** What an untrusted clock lets sound, on the real agent: under `floor` an alert and an announcement, under `held` everything. */
import { readFile, writeFile } from "node:fs/promises";
import { afterEach, describe, expect, it } from "vitest";
import { wireInstant } from "../source/envelope.ts";
import type { MediaFile } from "../source/media.ts";
import { localParts, STATION } from "../support/cluster/cluster.ts";
import { HeardCluster } from "../support/cluster/heard-cluster.ts";

let heard: HeardCluster;
afterEach(() => heard.close());

const item = ({ sha256, title }: MediaFile) => ({ kind: "media" as const, id: "i", title, sha256 });

/** A command came while the clock was good: only against it can the age of the next ones be told when it is not. */
async function commandedBefore(): Promise<void> {
  const { cluster } = heard;
  const agent = await cluster.startAgent();
  await agent.until("the link up", ({ link }) => link.connected);
  await cluster.source.command(`station/${STATION}`, { name: "report" });
  await cluster.source.waitFor(
    (source) => source.records(STATION).some(({ record }) => (record as { kind: string }).kind === "command-result"),
    10_000,
  );
  await agent.kill("SIGTERM");
}

/** A cluster whose clock is declared, with one programme due in three seconds. */
async function due(trust: "floor" | "held") {
  heard = await HeardCluster.open({ clock: { kind: "simulated", trust: "held" } });
  const { cluster } = heard;
  await commandedBefore();
  const { configFile } = cluster.place;
  await writeFile(configFile, (await readFile(configFile, "utf8")).replace("trust: held", `trust: ${trust}`));
  const programme = await heard.speech("Chương trình theo lịch.", "mp3");
  const call = await heard.speech("Mời cán bộ về họp.", "m4a");
  const alarm = await heard.speech("Nước lũ đang lên!", "flac");
  const agent = await cluster.startAgent();
  await cluster.approve([programme, call], [alarm]);
  await cluster.cached();
  expect((await agent.status()).clock.trust).toBe(trust);
  const at = Math.ceil((Date.now() + 2_500) / 1_000) * 1_000;
  const { date, time } = localParts(at);
  await cluster.schedule([
    {
      id: "lich",
      title: "Lịch",
      class: "normal",
      recurrence: { kind: "once", date },
      start: time,
      items: [item(programme)],
    },
  ]);
  await heard.recorder.until(at + programme.durationMs + 1_000);
  return { at, programme, call, alarm };
}

describe("a clock that is only a lower bound", () => {
  it("lets an announcement and an alert sound, and no schedule", async () => {
    const { at, programme, call, alarm } = await due("floor");
    const { source } = heard.cluster;
    expect(heard.find(programme, at, 2_000).score).toBeLessThan(0.6);
    const called = Date.now();
    await source.command(`station/${STATION}`, { name: "announce", title: "Họp", items: [item(call)] });
    await heard.recorder.until(called + call.durationMs + 2_000);
    const warned = Date.now();
    await source.publish(
      "emergency",
      {
        identifier: "lu-1",
        sent: wireInstant(warned),
        status: "actual",
        msgType: "alert",
        expires: wireInstant(warned + 60_000),
        headline: "Lũ",
        items: [item(alarm)],
      },
      { address: "province/01" },
    );
    await heard.recorder.until(warned + alarm.durationMs + 2_000);
    const sounds = [heard.find(call, called + 700, 1_500), heard.find(alarm, warned + 700, 1_500)];
    expect(sounds.map(({ score }) => score > 0.8)).toEqual([true, true]);
    expect(heard.unplanned(sounds.map(({ interval }) => interval))).toEqual([]);
  });
});

describe("a clock that is held", () => {
  it("lets the schedule sound, without any signed time", async () => {
    const { at, programme } = await due("held");
    const sound = heard.find(programme, at, 1_000);
    expect(sound.score).toBeGreaterThan(0.8);
    expect(Math.abs(sound.at - at)).toBeLessThanOrEqual(20);
    expect(heard.unplanned([sound.interval])).toEqual([]);
  });
});
