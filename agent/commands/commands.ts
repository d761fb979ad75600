/**
 * The gate before every signed command: each executed at most once by (issuer, jti), none after its expiry, none beyond its issuer's share.
 * Written as begun before anything acts, its result stored before it is reported; a duplicate gets the stored result again. What a command
 * does stands in its family.
 */
import { type Refusal, refusal } from "../../playback/model/refusal.ts";
import { StationError } from "../../playback/model/station-error.ts";
import type { CommandRecord } from "../../storage/command-results.ts";
import type { Store } from "../../storage/store.ts";
import type { Examined } from "../admission/document.ts";
import type { CommandBody } from "../contract/command.ts";
import { type CertainClock, notBefore } from "../time-floor.ts";
import { orUnwritten } from "../unwritten.ts";
import { type FaceCommandPorts, faceCommands } from "./faces.ts";
import { type CommandContext, type CommandName, type CommandResult, done, type Family, failed } from "./family.ts";
import { type IdentityPorts, identityCommands } from "./identity.ts";
import { IssuerBook, type Lane } from "./issuer-book.ts";
import { RunningCommands } from "./running.ts";
import { type SoundPorts, soundCommands } from "./sound.ts";
import { type SpeakerCommandPorts, speakerCommands } from "./speaker.ts";
import { type SupportPorts, supportCommands } from "./support.ts";
import { type UpkeepPorts, upkeepCommands } from "./upkeep.ts";
import { type UploadPorts, uploadCommands } from "./uploads.ts";

export interface CommandPorts
  extends SoundPorts,
    UpkeepPorts,
    UploadPorts,
    IdentityPorts,
    SpeakerCommandPorts,
    FaceCommandPorts,
    SupportPorts {
  readonly store: Store;
  readonly clock: CertainClock;
  /** A command that ran in the background, or was interrupted by the last end of the agent, could not write its result. */
  readonly onFault: (error: unknown) => void;
}

/** They go on after the broker was answered, so that the next document need not wait for them. */
const SLOW: readonly CommandName[] = [
  "upload-report",
  "upload-journal",
  "upload-recording",
  "support-bundle",
  "screenshot",
  "speaker-test",
];

function laneOf(body: CommandBody): Lane {
  const quiet = ["stop", "cancel", "live-stop"].includes(body.name) || (body.name === "mute" && body.muted);
  return quiet ? "quiet" : "act";
}

export class Commands {
  readonly #ports: CommandPorts;
  readonly #family: Family;
  readonly #issuers: IssuerBook;
  readonly #running: RunningCommands;

  constructor(ports: CommandPorts) {
    this.#ports = ports;
    this.#issuers = new IssuerBook(ports.store.notes, ports.clock);
    this.#running = new RunningCommands(ports.store, ports.clock);
    this.#family = {
      ...soundCommands(ports),
      ...upkeepCommands(ports),
      ...identityCommands(ports),
      ...uploadCommands(ports),
      ...speakerCommands(ports),
      ...faceCommands(ports),
      ...supportCommands(ports),
      cancel: ({ command }, { document }) => this.#cancel(command, document.claims.iss),
    };
  }

  /** After a restart: what was begun and never finished is marked, never run again. What the disk refuses is left for the next start. */
  async open(): Promise<void> {
    const mark = async () => {
      for (const { issuer, jti, kind } of await this.#ports.store.commands.unfinished()) {
        const result = { status: "interrupted", detail: "the agent was restarted while it ran" } as const;
        await this.#finish(issuer, jti, kind, result);
      }
    };
    await orUnwritten("command", mark, (_what, error) => this.#ports.onFault(error));
  }

  /** Cuts off what runs, and waits for the results. */
  close(): Promise<void> {
    return this.#running.close();
  }

  /** Resolves when nothing runs in the background. */
  idle(): Promise<void> {
    return this.#running.idle();
  }

  /** Why it is not even begun, or `null`. @throws StationError `storage-failed` */
  async execute(document: Examined): Promise<Refusal | null> {
    if (document.body.kind !== "command") throw new Error(`a ${document.body.kind} is no command`);
    const { store, clock } = this.#ports;
    const { iss, jti, iat, seq } = document.claims;
    const body = document.body.value;
    const known = await store.commands.find(iss, jti);
    if (known !== null) return this.#answerAgain(known);
    const slow = SLOW.includes(body.name);
    if (slow && this.#running.full) return refusal("policy", "as many commands run as may run at once: send it again");
    if (!this.#issuers.take(iss, laneOf(body))) {
      return refusal("policy", `'${iss}' gives more commands than one every two seconds`);
    }
    const begun = await store.transaction(async (tx) => {
      await this.#issuers.write(tx, iss, document.key.address, seq);
      return store.commands.begin(tx, { issuer: iss, jti, kind: body.name, issuedAt: iat, begunAt: clock.now() });
    });
    if (!begun) return refusal("older", `'${iss}' signed it before commands that were forgotten already`);
    const abort = new AbortController();
    const ended = this.#run(body, document, this.#running.context(document, abort));
    if (!slow) await ended;
    else this.#running.add(document, abort, ended.catch(this.#ports.onFault));
    return null;
  }

  async #run(body: CommandBody, document: Examined, context: CommandContext): Promise<void> {
    const { iss, jti, exp } = document.claims;
    // It may have waited for the disk, or for those before it.
    const past = notBefore(this.#ports.clock);
    const late = past !== null && exp <= past;
    const result: CommandResult = late
      ? { status: "expired", detail: `it was due until ${new Date(exp).toISOString()}` }
      : await this.#act(body, context);
    await this.#finish(iss, jti, body.name, result);
    result.after?.();
  }

  async #act(body: CommandBody, context: CommandContext): Promise<CommandResult> {
    // The table pairs each name with a handler of that name's body; the compiler cannot follow the name through.
    const handler = this.#family[body.name] as ((body: CommandBody, context: CommandContext) => unknown) | undefined;
    if (handler === undefined) return { status: "unsupported", detail: `this version does not know '${body.name}'` };
    try {
      return (await handler(body, context)) as CommandResult;
    } catch (error) {
      if (error instanceof StationError) return failed(`${error.code}: ${error.message}`);
      throw error;
    }
  }

  /** What runs is cut off; an announcement that still stands is stopped. Of the same issuer only. */
  #cancel(jti: string, issuer: string): CommandResult {
    const { board } = this.#ports;
    if (this.#running.cancel(issuer, jti)) return done("cut off");
    const stands = board.facts.announcements.some(
      ({ announcement, ended }) => ended === null && announcement.id === jti && announcement.origin.issuer === issuer,
    );
    return stands && board.stopAnnouncement(jti) ? done("stopped") : failed(`no command '${jti}' of '${issuer}' runs`);
  }

  /** Bounded: whoever repeats one old command must not fill the journal with its answers. */
  async #answerAgain(known: CommandRecord): Promise<null> {
    const { store, clock } = this.#ports;
    const { issuer, jti, kind, status, result } = known;
    if (!this.#issuers.take(issuer, "answer")) return null;
    const stored = { issuer, jti, name: kind, status: status ?? "running", result, duplicate: true };
    await store.record(clock.now(), "command-result", stored, "result");
    return null;
  }

  async #finish(issuer: string, jti: string, name: string, result: CommandResult): Promise<void> {
    const { store, clock } = this.#ports;
    const { status, detail } = result;
    await store.transaction(async (tx) => {
      const at = clock.now();
      await store.commands.finish(tx, issuer, jti, at, status, JSON.stringify({ status, detail }));
      const body = { issuer, jti, name, status, detail, duplicate: false };
      await store.journal.append(tx, at, "command-result", body, "result");
    });
  }
}
