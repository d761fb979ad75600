/**
 * The listening half of the source: what stations say is written to the disk before it counts, and read back from there
 * when the source starts again.
 */
import { join } from "node:path";
import { z } from "zod";
import { LineLog } from "./durable.ts";
import { parseUplink, StationHistory, type UplinkMessage } from "./history.ts";

const UPLINK_KINDS = ["birth", "health", "events"] as const;
const line = z.object({
  receivedAt: z.string(),
  station: z.string(),
  kind: z.enum(UPLINK_KINDS),
  text: z.string(),
});
type Line = z.infer<typeof line>;

/** A message that was dealt with, whether it was new or not. */
export interface Received {
  readonly history: StationHistory;
  /** `null` where it could not be read. */
  readonly message: UplinkMessage | null;
  /** Whether it said anything that was not stored before. */
  readonly isNew: boolean;
}

export class Receiver {
  readonly #log: LineLog;
  readonly #histories = new Map<string, StationHistory>();

  private constructor(log: LineLog) {
    this.#log = log;
  }

  /** Reads back all that was stored in this folder. */
  static async open(folder: string): Promise<Receiver> {
    const { log, lines } = await LineLog.open(join(folder, "uplink.jsonl"));
    const receiver = new Receiver(log);
    for (const stored of lines) {
      const { station, kind, text } = line.parse(stored);
      receiver.#fold(receiver.history(station), kind, text);
    }
    return receiver;
  }

  /** What a station has said; empty for one that was never heard. */
  history(station: string): StationHistory {
    const known = this.#histories.get(station);
    if (known !== undefined) return known;
    const fresh = new StationHistory(station);
    this.#histories.set(station, fresh);
    return fresh;
  }

  /** Stations that were ever heard. */
  stations(): string[] {
    return [...this.#histories.values()].filter((history) => history.wasHeard()).map((history) => history.station);
  }

  /** Stores a message if it says anything new, and resolves when it is safe to acknowledge it. */
  async receive(topic: string, payload: Buffer): Promise<Received | null> {
    const match = /^loa\/v1\/station\/([^/]+)\/up\/(birth|health|events)$/.exec(topic);
    const station = match?.[1];
    const kind = UPLINK_KINDS.find((name) => name === match?.[2]);
    if (station === undefined || kind === undefined || payload.length === 0) return null;
    const text = payload.toString("utf8");
    const history = this.history(station);
    const message = read(station, kind, text);
    const isNew = message instanceof Error || history.isNew(message);
    if (isNew) {
      const stored: Line = { receivedAt: new Date().toISOString(), station, kind, text };
      await this.#log.append(stored);
      this.#fold(history, kind, text);
    }
    return { history, message: message instanceof Error ? null : message, isNew };
  }

  async close(): Promise<void> {
    await this.#log.close();
  }

  #fold(history: StationHistory, kind: Line["kind"], text: string): void {
    const message = read(history.station, kind, text);
    if (message instanceof Error) history.malformed.push(`${kind}: ${message.message}`);
    else history.absorb(message);
  }
}

function read(station: string, kind: Line["kind"], text: string): UplinkMessage | Error {
  try {
    return parseUplink(station, kind, text);
  } catch (error) {
    // JSON and schema both throw; what the station sent is kept as a finding.
    return error instanceof Error ? error : new Error(String(error));
  }
}
