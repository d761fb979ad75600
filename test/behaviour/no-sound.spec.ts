/** A computer that only paints faces: no card is opened and none is missed, and an alert is on its faces all the same. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FacesView } from "../../agent/board/faces-view.ts";
import { cli } from "../support/cluster/agent-process.ts";
import { Cluster, STATION } from "../support/cluster/cluster.ts";

let folder: string;
let cluster: Cluster;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-no-sound-"));
  const environment = { ...process.env, ALSA_CONFIG_PATH: "/dev/null", PULSE_SERVER: `unix:${folder}/none` };
  cluster = await Cluster.open({ environment, folder: join(folder, "cluster") });
  await cluster.configure({
    hardware: {
      sound: { kind: "none" },
      amplifier: { kind: "none" },
      board: {
        screen: { width: 640, height: 360, kiosk: { mode: "none" } },
        faces: [{ name: "mat-a", at: { x: 0, y: 0, width: 640, height: 360 } }],
      },
    },
  });
});
afterEach(async () => {
  await cluster.close();
  await rm(folder, { recursive: true, force: true });
});

describe("a computer without sound", { timeout: 90_000 }, () => {
  it("says so, worries about no card, shows an alert, and records that it sounded none", async () => {
    const agent = await cluster.startAgent();
    await agent.until("signed time", ({ clock }) => clock.trust === "attested");
    const now = Date.now();
    const alert = {
      ...{ identifier: "bao-1", status: "actual" as const, msgType: "alert" as const, headline: "Bão số 9" },
      ...{ sent: new Date(now).toISOString(), expires: new Date(now + 20_000).toISOString() },
      ...{ text: "Vào nhà ngay.", repeat: { rounds: 0, gapMs: 0 } },
    };
    await cluster.source.publish("emergency", alert, { address: "province/01" });
    await agent.until("the alert", ({ emergencies }) => emergencies.length === 1);
    for (let tries = 0; ; tries++) {
      const { faces } = (await agent.ask("GET", "/v1/faces")) as FacesView;
      if (faces.every(({ showing }) => showing === "alert")) break;
      expect(tries).toBeLessThan(100);
      await sleep(100);
    }
    // Longer than a missing card is forgiven.
    await sleep(7_000);
    const view = await agent.status();
    expect([view.sound.state, view.sound.rms]).toEqual(["none", null]);
    const codes = view.concerns.map(({ code }): string => code);
    expect(codes.filter((code) => /^sound|^conductor|^dead-air|^guard/.test(code))).toEqual([]);
    expect((await cli(cluster.place, ["status", "--lang", "vi"])).stdout).toContain("máy này không phát tiếng");
    const slot = await cluster.source.waitFor((source) => {
      const records = source.records(STATION).map(({ record }) => record as { kind: string; body: object });
      return records.find(({ kind }) => kind === "slot") ?? null;
    }, 40_000);
    expect(slot.body).toMatchObject({ kind: "emergency", outcome: "refused", why: { reason: "no-output" } });
  });
});
