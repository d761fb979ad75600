/** The commune's public board in the story: a computer of its own with two faces, its agent, and a browser that paints them. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FacesView } from "../../agent/board/faces-view.ts";
import { AgentProcess } from "../support/cluster/agent-process.ts";
import type { Cluster } from "../support/cluster/cluster.ts";
import { holdsWithin } from "../support/holds-within.ts";

export const BOARD_STATION = "xa-00004-bang-01";
const FACE = { width: 640, height: 360 };
const FACES = ["mat-truoc", "mat-sau"] as const;

/** What the faces show all day; approved by the content key, as everything is. */
export const BOARD_TEXTS = [
  { language: "vi", text: "Ủy ban nhân dân xã mời bà con đến nhà văn hoá nhận giống lúa vụ đông xuân." },
  { language: "vi", text: "Lịch tiêm chủng: sáng thứ bảy tại trạm y tế xã. Đề nghị mang theo sổ tiêm." },
  { language: "en", text: "Rice seed for the winter–spring crop is handed out at the house of culture." },
] as const;

const [notice, health, english] = BOARD_TEXTS;
const item = (id: string, { text, language }: (typeof BOARD_TEXTS)[number]) => ({
  ...{ kind: "text" as const, id, title: id, text, language },
});
const box = (x: number, y: number, width: number, height: number) => ({ x, y, width, height });

function playlist(face: string, words: (typeof BOARD_TEXTS)[number]): Cluster["playlists"][number] {
  return {
    ...{ id: face, title: `Bảng tin, ${face}`, start: "00:00", end: "00:00", faces: [face] },
    recurrence: { kind: "weekly", weekdays: ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] },
    layout: [
      { id: "tin", kind: "text", ...box(0, 0, 62, 62), items: [item("thong-bao", words)], background: "#0b3d2e" },
      { id: "gio", kind: "clock", ...box(62, 0, 38, 30), background: "#12263f" },
      { id: "lich", kind: "now-next", ...box(62, 30, 38, 32), background: "#12263f" },
      { id: "chay", kind: "ticker", ...box(0, 62, 100, 38), items: [item("y-te", health)], background: "#5a1010" },
    ],
  };
}

export const BOARD_PLAYLISTS: Cluster["playlists"] = [playlist(FACES[0], notice), playlist(FACES[1], english)];

/** A moment of the board, kept as a picture. */
export interface BoardMoment {
  readonly name: string;
  readonly png: Buffer;
}

export class StoryBoard {
  readonly moments: BoardMoment[] = [];
  readonly #agent: AgentProcess;

  private constructor(agent: AgentProcess) {
    this.#agent = agent;
  }

  static async start(cluster: Cluster): Promise<StoryBoard> {
    const faces = FACES.map((name, index) => ({
      ...{ name, at: { x: index * FACE.width, y: 0, ...FACE }, languages: index === 0 ? ["vi"] : ["en", "vi"] },
    }));
    const screen = { width: FACE.width * FACES.length, height: FACE.height, kiosk: { mode: "headless" } };
    const { PATH } = process.env;
    const place = await cluster.anotherStation(BOARD_STATION, { PATH }, { board: { screen, faces } });
    return new StoryBoard(await AgentProcess.start(place));
  }

  /** Whether all faces show this, each confirmed by the page, within the time. */
  shows(showing: "layout" | "alert", withinMs: number): Promise<boolean> {
    return holdsWithin(withinMs, async () => {
      const { faces } = (await this.#agent.ask("GET", "/v1/faces")) as FacesView;
      return faces.every((face) => face.showing === showing && face.unconfirmedMs === null);
    });
  }

  /** Takes a picture of the whole board as it is presented. */
  async picture(name: string): Promise<void> {
    const { png } = (await this.#agent.ask("POST", "/v1/faces/screenshot", { face: null })) as { png: string };
    this.moments.push({ name, png: Buffer.from(png, "base64") });
  }

  async keep(folder: string): Promise<void> {
    for (const { name, png } of this.moments) await writeFile(join(folder, `board-${name}.png`), png);
  }

  stop(): Promise<void> {
    return this.#agent.kill("SIGTERM");
  }
}
