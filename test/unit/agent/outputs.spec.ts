import { describe, expect, it } from "vitest";
import { parseStationFile } from "../../../agent/config/station-file.ts";
import { OutputKeys, OutputLog } from "../../../agent/outputs/output-log.ts";
import { sessionsOf } from "../../../agent/sessions.ts";
import { factsFor } from "../../../playback/agenda/for-output.ts";
import { DEFAULT_POLICY } from "../../../playback/model/policy.ts";
import type { SlotHeader } from "../../../playback/ports/play-log.ts";
import { MemoryPlayLog } from "../../support/virtual/memory-play-log.ts";
import { alert, ORIGIN, programme } from "../../support/virtual/virtual-cluster.ts";

const HEAD = 'station: a\ncommune: "00004"\nprovince: "01"\nroot: root.json\noutput: thon\n';
const header = (key: string): SlotHeader => ({
  ...{ key, kind: "programme", id: key, title: key, precedence: "normal", plannedAt: 0, origin: ORIGIN },
});
const progress = { round: 0, itemIndex: 0, positionMs: 0, at: 0 };

describe("outputs in station.yaml", () => {
  it("need names of their own, and a channel that the card has", () => {
    const further = (text: string) => parseStationFile(`${HEAD}hardware:\n  furtherOutputs:\n    - ${text}\n`, "/");
    expect(further("{ name: cho, sound: { channel: 2, channels: 2, gainDb: -6 } }")).toMatchObject({
      hardware: { furtherOutputs: [{ name: "cho", amplifier: { kind: "none" } }] },
    });
    expect(further("{ name: thon }")).toMatchObject([{ path: "hardware.furtherOutputs.0.name" }]);
    expect(further("{ name: cho, sound: { channel: 3, channels: 2 } }")).toMatchObject([
      { path: "hardware.furtherOutputs.0.sound.channel" },
    ]);
  });
});

describe("what an output is asked for", () => {
  it("is what names it or names none", () => {
    const facts = factsFor(
      {
        ...{
          zone: "Asia/Ho_Chi_Minh",
          outputs: ["thon", "cho"],
          approved: new Map(),
          live: new Map(),
          suspensions: [],
          playlists: [],
          texts: new Set(),
          muted: false,
        },
        programmes: [
          programme("tat-ca"),
          programme("cua-cho", { outputs: ["cho"] }),
          programme("x", { outputs: ["x"] }),
        ],
        emergencies: [alert("a"), alert("b", { outputs: ["thon"] })].map((emergency) => ({ emergency, ended: null })),
        announcements: [],
        policy: DEFAULT_POLICY,
      },
      "cho",
    );
    expect(facts.outputs).toEqual(["cho"]);
    expect(facts.programmes.map(({ id }) => id)).toEqual(["tat-ca", "cua-cho"]);
    expect(facts.emergencies.map(({ emergency }) => emergency.identifier)).toEqual(["a"]);
  });
});

describe("the play log of several outputs", () => {
  it("keeps a record for each, and gives each back its own open slots", async () => {
    const log = new MemoryPlayLog();
    const [first, second] = [
      new OutputLog(log, new OutputKeys("thon", true)),
      new OutputLog(log, new OutputKeys("cho", false)),
    ];
    await first.begin(header("sang"), progress);
    expect(second.has("sang")).toBe(false);
    await second.begin(header("sang"), progress);
    expect((await log.open()).map(({ header: { key, output } }) => [key, output])).toEqual([
      ["sang", "thon"],
      ["sang on cho", "cho"],
    ]);
    for (const one of [first, second]) {
      expect((await one.open()).map((slot) => slot.header.key)).toEqual(["sang"]);
      expect(await one.begin(header("sang"), progress)).toBe(false);
    }
    await second.end(header("sang"), "played", null);
    expect([(await first.open()).length, (await second.open()).length]).toEqual([1, 0]);
  });

  it("reads what an older version wrote as the first output's", () => {
    expect(new OutputKeys("thon", true).plain("sang", undefined)).toBe("sang");
    expect(new OutputKeys("cho", false).plain("sang", undefined)).toBeNull();
  });

  it("counts the sessions of a day for each output alone", async () => {
    const slot = (key: string, output: string) => ({
      kind: "slot",
      body: { key, output, kind: "programme", plannedAt: "2026-11-20T05:00:00+07:00", startedAt: "x", segments: [] },
    });
    const journal = { list: () => Promise.resolve([slot("a", "thon"), slot("b on cho", "cho")]) } as never;
    const keys = async (output: OutputKeys) => (await sessionsOf(journal, 0, output)).map(({ key }) => key);
    expect(await keys(new OutputKeys("thon", true))).toEqual(["a"]);
    expect(await keys(new OutputKeys("cho", false))).toEqual(["b"]);
  });

  it("counts nothing of a record that cannot be read any more", async () => {
    const journal = { list: () => Promise.resolve([{ kind: "slot", body: {} }]) } as never;
    expect(await sessionsOf(journal, 0)).toEqual([]);
  });
});
