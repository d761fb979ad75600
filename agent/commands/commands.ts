/**
 * Signed commands: each executed at most once by (issuer, jti). Written as begun before anything acts, its result stored before it is
 * reported; a duplicate gets the stored result again.
 */
import type { Announcement } from "../../playback/model/announcement.ts";
import type { Clock } from "../../playback/ports/clock.ts";
import type { Store } from "../../storage/store.ts";
import type { Examined } from "../admission/examine.ts";
import type { CommandBody } from "../contract/command.ts";
import type { FactBoard } from "../fact-board.ts";

export interface CommandPorts {
  readonly store: Store;
  readonly clock: Clock;
  readonly board: FactBoard;
  /** Sends health now. */
  readonly report: () => void;
}

type Result = { readonly status: "done" | "failed" | "unsupported"; readonly detail: string };

const done = (detail = ""): Result => ({ status: "done", detail });

export class Commands {
  readonly #ports: CommandPorts;

  constructor(ports: CommandPorts) {
    this.#ports = ports;
  }

  /** After a restart: what was begun and never finished is marked, never run again. @throws StationError `storage-failed` */
  async open(): Promise<void> {
    for (const { issuer, jti, kind } of await this.#ports.store.commands.unfinished()) {
      await this.#finish(issuer, jti, kind, { status: "failed", detail: "the agent was restarted while it ran" });
    }
  }

  /** @throws StationError `storage-failed` */
  async execute(document: Examined): Promise<void> {
    if (document.body.kind !== "command") throw new Error(`a ${document.body.kind} is no command`);
    const { store, clock } = this.#ports;
    const { iss, jti, iat } = document.claims;
    const body = document.body.value;
    const known = await store.commands.find(iss, jti);
    if (known !== null) {
      const stored = {
        issuer: iss,
        jti,
        name: known.kind,
        status: known.status,
        result: known.result,
        duplicate: true,
      };
      await store.transaction((tx) => store.journal.append(tx, clock.now(), "command-result", stored, "result"));
      return;
    }
    const begun = await store.transaction((tx) =>
      store.commands.begin(tx, { issuer: iss, jti, kind: body.name, issuedAt: iat, begunAt: clock.now() }),
    );
    if (!begun) return;
    await this.#finish(iss, jti, body.name, await this.#act(body, document));
  }

  async #act(body: CommandBody, document: Examined): Promise<Result> {
    const { board, report, clock } = this.#ports;
    const by = `command ${document.claims.iss} ${document.claims.jti}`;
    switch (body.name) {
      case "announce": {
        const announcement: Announcement = {
          id: document.claims.jti,
          title: body.title,
          items: body.items,
          volume: body.volume,
          longestMs: body.longestMs,
          origin: {
            issuer: document.claims.iss,
            address: document.key.address,
            adoptedAt: clock.now(),
            documentSha256: document.sha256,
            keys: document.keys,
          },
        };
        board.announce(announcement);
        return done("accepted; the play log says what sounded");
      }
      case "stop":
        return board.stopAnnouncement(body.announcement)
          ? done()
          : { status: "failed", detail: `no announcement '${body.announcement}' stands` };
      case "mute":
        await board.setMuted(body.muted, by);
        return done();
      case "volume":
        await board.setVolume(body.percent, by);
        return done();
      case "report":
        report();
        return done();
      default:
        return { status: "unsupported", detail: `this version does not know '${body.name}'` };
    }
  }

  async #finish(issuer: string, jti: string, name: string, result: Result): Promise<void> {
    const { store, clock } = this.#ports;
    await store.transaction(async (tx) => {
      const at = clock.now();
      await store.commands.finish(tx, issuer, jti, at, result.status, JSON.stringify(result));
      await store.journal.append(
        tx,
        at,
        "command-result",
        { issuer, jti, name, ...result, duplicate: false },
        "result",
      );
    });
  }
}
