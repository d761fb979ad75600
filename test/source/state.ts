/** What a source must not forget: the last sequence numbers it used and the documents that stand retained. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { readIfPresent, replaceFile } from "../../storage/durable-file.ts";

const retainedDocument = z.object({
  /** The exact bytes, base64. */
  document: z.string(),
  seq: z.int(),
  /** Milliseconds since the epoch; then the broker forgets it by itself. */
  expires: z.number().nullable(),
});
export type RetainedDocument = z.infer<typeof retainedDocument>;

/** An alert that has not been cancelled. */
const activeEmergency = z.object({
  identifier: z.string(),
  topic: z.string(),
  address: z.string(),
  issuer: z.string(),
  status: z.enum(["actual", "exercise"]),
  headline: z.string(),
  expires: z.number(),
});
export type ActiveEmergency = z.infer<typeof activeEmergency>;

/** A command that has not ended. */
const standingCommand = z.object({
  topic: z.string(),
  address: z.string(),
  issuer: z.string(),
  jti: z.string(),
  /** The exact bytes, base64. */
  document: z.string(),
  expires: z.number(),
});
export type StandingCommand = z.infer<typeof standingCommand>;

const stateFile = z.object({
  clientId: z.string(),
  counters: z.record(z.string(), z.int()),
  retained: z.record(z.string(), retainedDocument),
  emergencies: z.record(z.string(), activeEmergency),
  commands: z.record(z.string(), standingCommand),
});

/** The source's memory; change it, then `save` before anybody is told. */
export class SourceState {
  readonly clientId: string;
  /** (kind, level, address) → last sequence number. */
  readonly counters: Map<string, number>;
  /** Topic → document. */
  readonly retained: Map<string, RetainedDocument>;
  /** Topic → alert. */
  readonly emergencies: Map<string, ActiveEmergency>;
  /** Issuer and `jti` → command. */
  readonly commands: Map<string, StandingCommand>;
  readonly #path: string;

  private constructor(path: string, saved: z.infer<typeof stateFile>) {
    this.#path = path;
    this.clientId = saved.clientId;
    this.counters = new Map(Object.entries(saved.counters));
    this.retained = new Map(Object.entries(saved.retained));
    this.emergencies = new Map(Object.entries(saved.emergencies));
    this.commands = new Map(Object.entries(saved.commands));
  }

  static async open(folder: string): Promise<SourceState> {
    const path = join(folder, "source.json");
    const text = await readIfPresent(path);
    const clientId = `source-${randomBytes(6).toString("hex")}`;
    const fresh = { clientId, counters: {}, retained: {}, emergencies: {}, commands: {} };
    const state = new SourceState(path, text === null ? fresh : stateFile.parse(JSON.parse(text)));
    await state.save();
    return state;
  }

  /** The next sequence number of a counter, or the wished one; counters only go up. */
  next(counter: string, wished?: number): number {
    const last = this.counters.get(counter) ?? 0;
    const seq = wished ?? last + 1;
    this.counters.set(counter, Math.max(last, seq));
    return seq;
  }

  /** Resolves when all of it is on the disk. Never called twice at once. */
  async save(): Promise<void> {
    const { clientId, counters, retained, emergencies, commands } = this;
    const text = JSON.stringify({
      clientId,
      counters: Object.fromEntries(counters),
      retained: Object.fromEntries(retained),
      emergencies: Object.fromEntries(emergencies),
      commands: Object.fromEntries(commands),
    });
    await replaceFile(this.#path, text);
  }
}
