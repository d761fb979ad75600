/** A board that wakes up in another year, before a broker that shows certificates: it must come right by itself. */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { localParts, STATION } from "../support/cluster/cluster.ts";
import { SecuredCluster } from "../support/cluster/secured-cluster.ts";

const LIBRARY = [
  "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
  "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
  "/usr/lib/arm-linux-gnueabihf/faketime/libfaketime.so.1",
].find((path) => existsSync(path));

let folder: string;
let secured: SecuredCluster;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-clock-"));
});
afterEach(async () => {
  await secured.close();
  await rm(folder, { recursive: true, force: true });
});

describe("a station whose system clock stands at", () => {
  it.each([
    ["1970", "@1970-01-02 00:00:00"],
    ["a year ago", "-365d"],
    ["a year ahead", "+365d"],
    ["twenty years ahead", "+7300d"],
  ])(
    "%s learns the signed time, enrols, connects over TLS and adopts, within 60 s",
    { timeout: 80_000 },
    async (_, fake) => {
      expect(LIBRARY, "libfaketime is a test package").toBeDefined();
      secured = await SecuredCluster.open({
        folder,
        environment: {
          ...process.env,
          ALSA_CONFIG_PATH: "/dev/null",
          PULSE_SERVER: `unix:${folder}/none`,
          LD_PRELOAD: LIBRARY,
          FAKETIME: fake,
          DONT_FAKE_MONOTONIC: "1",
          FAKETIME_DONT_RESET: "1",
        },
      });
      await secured.cluster.schedule([
        {
          id: "yen-lang",
          title: "Phút lặng",
          class: "normal",
          recurrence: { kind: "weekly", weekdays: ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] },
          start: localParts(Date.now() + 3_600_000).time,
          items: [{ kind: "silence", id: "i", durationMs: 5_000 }],
        },
      ]);
      const agent = await secured.cluster.startAgent();
      const startedAt = performance.now();
      await agent.until("the link up", ({ link }) => link.connected, 60_000);
      await secured.cluster.source.waitFor((source) => source.presence(STATION) === "online", 60_000);
      const status = await agent.until("signed time", ({ clock }) => clock.trust === "attested", 60_000);
      await agent.until("the schedule, due in an hour by the true time", ({ next }) => next[0]?.title === "Phút lặng");
      expect(performance.now() - startedAt).toBeLessThanOrEqual(60_000);
      expect(Math.abs(Date.parse(status.clock.now ?? "") - Date.now())).toBeLessThanOrEqual(2_000);
      expect(status.enrolment.state).toBe("enrolled");
      // Nothing was thrown away and nothing refused because of the wrong year.
      const { records } = (await agent.ask("GET", "/v1/journal?limit=200")) as {
        records: { kind: string; body: object }[];
      };
      expect(records.filter(({ kind }) => kind === "refused" || kind === "withdrawn")).toEqual([]);
      expect(records.filter(({ kind }) => kind === "adopted").length).toBeGreaterThanOrEqual(3);
    },
  );
});
