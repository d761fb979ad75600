/** Commands behind the real door on a real store; what they do is counted instead of heard. */

import type { CommandPorts } from "../../../agent/commands/commands.ts";
import { Commands } from "../../../agent/commands/commands.ts";
import type { Fetch, Upload } from "../../../agent/commands/put.ts";
import type { HeldAnnouncement } from "../../../playback/model/facts.ts";
import type { LivePin } from "../../../playback/model/live.ts";
import { refusal } from "../../../playback/model/refusal.ts";
import { isRefusal } from "../../../playback/ports/media.ts";
import { Door, type DraftOptions, IDENTITY, type Letter } from "./door.ts";

export const STATION = `station/${IDENTITY.station}` as const;

/** The only live source that is approved. */
const VOV: LivePin = { id: "vov1", kind: "icecast", url: "https://live.example.vn/vov1", hosts: [] };

export class CommandBench {
  readonly door: Door;
  /** What was done, in order. */
  readonly effects: string[] = [];
  readonly announcements: HeldAnnouncement[] = [];
  readonly faults: unknown[] = [];
  fetch: Fetch = () => Promise.reject(new Error("no host is reachable"));
  monthlyReport: ((month: string) => Promise<Upload>) | null = null;
  recording: CommandPorts["recording"];
  supportBundle: CommandPorts["supportBundle"];
  commands!: Commands;

  private constructor(door: Door) {
    this.door = door;
  }

  static async open(...options: Parameters<typeof Door.open>): Promise<CommandBench> {
    const bench = new CommandBench(await Door.open(...options));
    await bench.start();
    return bench;
  }

  async start(): Promise<void> {
    const { door, effects, announcements } = this;
    const board: CommandPorts["board"] = {
      facts: { announcements, live: new Map([[VOV.id, VOV]]), outputs: ["horn"] },
      announce: (announcement) => {
        effects.push(`announce ${announcement.id}`);
        announcements.push({ announcement, ended: null });
      },
      stopAnnouncement: (id) => {
        const at = announcements.findIndex(({ announcement, ended }) => announcement.id === id && ended === null);
        const held = announcements[at];
        if (held === undefined) return false;
        announcements[at] = { ...held, ended: refusal("policy", "stopped") };
        effects.push(`stop ${id}`);
        return true;
      },
      setMuted: async (muted, by) => void effects.push(`mute ${muted} ${by}`),
      setVolume: async (volume, by) => void effects.push(`volume ${volume} ${by}`),
    };
    this.commands = new Commands({
      store: door.store,
      clock: door.clock,
      board,
      report: () => effects.push("report"),
      restart: () => effects.push("restart"),
      fetch: (url, init) => this.fetch(url, init),
      monthlyReport: this.monthlyReport,
      recording: this.recording,
      supportBundle: this.supportBundle,
      moveHome: () => Promise.resolve(),
      renewCertificate: null,
      onFault: (error) => this.faults.push(error),
    });
    await this.commands.open();
  }

  async restart(): Promise<void> {
    await this.door.restart();
    await this.start();
  }

  async close(): Promise<void> {
    await this.commands.close();
    await this.door.close();
  }

  letter(body: object, options: DraftOptions = {}): Promise<Letter> {
    return this.door.letter("command", body, { address: STATION, ...options });
  }

  /** Through door and gate: "taken", or the reason. */
  async take({ topic, bytes }: Letter): Promise<string> {
    const examined = await this.door.admission.examine(topic, bytes);
    if (isRefusal(examined)) return examined.reason;
    return (await this.commands.execute(examined))?.reason ?? "taken";
  }

  async give(body: object, options: DraftOptions = {}): Promise<string> {
    return this.take(await this.letter(body, options));
  }

  /** Bodies of the last results, oldest first. */
  async results(count = 1) {
    const records = await this.door.journal(count * 4);
    return records
      .filter(({ kind }) => kind === "command-result")
      .slice(-count)
      .map(({ body }) => body);
  }
}
