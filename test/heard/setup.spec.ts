/** The tone of set-up: heard by the microphone where it sounds, and missed where it does not. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import type { StepResult } from "../../agent/setup/draft.ts";
import { Ceremony } from "../source/ceremony.ts";
import { cli } from "../support/cluster/agent-process.ts";
import { BoardProcess } from "../support/drivers/board-process.ts";
import { VirtualSoundCard } from "../support/sound/virtual-sound-card.ts";

let folder: string;
let card: VirtualSoundCard;
let board: BoardProcess;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-setup-heard-"));
  await mkdir(join(folder, "etc"));
  card = await VirtualSoundCard.start();
  board = await BoardProcess.at(folder);
  await writeFile(join(folder, "root.json"), JSON.stringify((await Ceremony.hold()).rootFile()));
});
afterEach(async () => {
  await board.stop();
  await card.close();
  await rm(folder, { recursive: true, force: true });
});

async function toneOf(device: string | undefined): Promise<StepResult | undefined> {
  const answers = {
    ...{ station: "xa-1", commune: "00004", province: "01", root: join(folder, "root.json") },
    ...{ state: join(folder, "state"), socket: join(folder, "control.sock"), wiring: "skip" },
    hardware: {
      ...(device === undefined ? {} : { sound: { device } }),
      amplifier: { kind: "simulated", socket: board.socket },
      amplifierTimes: { settleMs: 300, guardMs: 60 },
      ear: { kind: "pulse", device: card.monitor },
    },
  };
  await writeFile(join(folder, "answers.yaml"), stringify(answers));
  const place = {
    configFile: join(folder, "etc/station.yaml"),
    socket: join(folder, "control.sock"),
    logFile: join(folder, "log"),
    environment: { ...process.env, ...card.env },
  };
  const ran = await cli(place, ["setup", "--from", join(folder, "answers.yaml"), "--yes", "--json"]);
  const { results } = JSON.parse(ran.stdout) as { results: StepResult[] };
  return results.find(({ step }) => step === "tone");
}

describe("the tone of set-up", () => {
  it("opens the amplifier, sounds, is heard far above the background, and leaves all safe", async () => {
    const tone = await toneOf(undefined);
    const [line] = tone?.lines ?? [];
    expect([tone?.state, line?.value]).toEqual(["well", expect.stringMatching(/✓ 1000 Hz -\d+\.\d dB \/ -\d+\.\d dB/)]);
    const [, heard = "0", background = "0"] = /Hz (-[\d.]+) dB \/ (-[\d.]+) dB/.exec(line?.value ?? "") ?? [];
    expect(Number(heard) - Number(background)).toBeGreaterThan(30);
    const moved = (await board.log()).filter((one) => "power" in one).map(({ power, muted }) => `${power}/${muted}`);
    expect(moved).toContain("true/false");
    expect(moved.at(-1)).toBe("false/true");
  });

  it("is not met where no card takes it, and says what the card said", async () => {
    const tone = await toneOf("plughw:CARD=Nowhere");
    expect([tone?.state, tone?.lines[0]?.value]).toEqual([
      "bad",
      expect.stringContaining("cannot open audio device plughw:CARD=Nowhere"),
    ]);
  });
});
