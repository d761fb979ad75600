/** What a person may type at the provincial desk: each word is one function from its arguments to what is printed. */
import { readFile } from "node:fs/promises";
import { BODIES } from "../../agent/contract/bodies.ts";
import { DOCUMENT_KINDS } from "../../agent/contract/envelope.ts";
import { type Address, address, level } from "../../agent/contract/primitives.ts";
import { wireInstant } from "./envelope.ts";
import type { UplinkMessage } from "./history.ts";
import { approveMedia, type MediaLibrary, standardMedia } from "./library.ts";
import type { MediaServer } from "./media-server.ts";
import type { Published } from "./publisher.ts";
import type { ProvincialSource } from "./source.ts";

/** What the desk works with. */
export interface Desk {
  readonly source: ProvincialSource;
  readonly media: MediaServer;
  readonly library: MediaLibrary;
}

interface Word {
  readonly usage: string;
  readonly help: string;
  readonly perform: (desk: Desk, args: readonly string[]) => Promise<string>;
}

/** A line that cannot be performed as it stands. */
export class DeskError extends Error {
  override name = "DeskError";
}

export const WORDS: Record<string, Word> = {
  publish: {
    usage: "publish KIND ADDRESS FILE",
    help: `sign and publish the body in a JSON file; KIND is one of ${DOCUMENT_KINDS.join(", ")}`,
    perform: async ({ source }, [kind, to, file]) => {
      const known = DOCUMENT_KINDS.find((name) => name === kind);
      if (known === undefined) throw new DeskError(`${kind} is no kind of document`);
      const value: unknown = JSON.parse(await readFile(required(file, "FILE"), "utf8"));
      const checked = BODIES[known].safeParse(value);
      if (!checked.success) throw new DeskError(checked.error.issues.map(readable).join("; "));
      return told(await source.publish(known, value as never, { address: parseAddress(to) }));
    },
  },
  content: {
    usage: "content ADDRESS LEVEL",
    help: "make the standard media, serve and approve them, and print their digests",
    perform: async ({ source, media, library }, [to, wanted]) => {
      const made = Object.entries(await standardMedia(library));
      const approved = made.map(([name, one]) =>
        approveMedia(one, [media.add(one)], name === "siren" || name === "warning"),
      );
      const body = { level: level.parse(wanted ?? "province"), media: approved };
      const published = await source.publish("content", body, { address: parseAddress(to) });
      return [told(published), ...made.map(([name, one]) => `  ${one.sha256} ${name} ${one.durationMs} ms`)].join("\n");
    },
  },
  alert: {
    usage: "alert ADDRESS IDENTIFIER MINUTES TEXT…",
    help: "publish an exercise alert that is spoken",
    perform: async ({ source }, [to, identifier, minutes, ...words]) => {
      const now = Date.now();
      const text = required(words.join(" "), "TEXT").normalize("NFC");
      const body = {
        identifier: required(identifier, "IDENTIFIER"),
        sent: wireInstant(now),
        status: "exercise" as const,
        msgType: "alert" as const,
        expires: wireInstant(now + positive(minutes) * 60_000),
        headline: text.slice(0, 300),
        text,
      };
      return told(await source.publish("emergency", body, { address: parseAddress(to) }));
    },
  },
  cancel: {
    usage: "cancel IDENTIFIER",
    help: "cancel an alert and clear it from the broker",
    perform: async ({ source }, [identifier]) => told(await source.cancelEmergency(required(identifier, "IDENTIFIER"))),
  },
  announce: {
    usage: "announce ADDRESS SHA256 TITLE…",
    help: "play an approved file now",
    perform: async ({ source }, [to, sha256, ...words]) => {
      const title = required(words.join(" "), "TITLE").normalize("NFC");
      const item = { kind: "media" as const, id: "item-1", title, sha256: required(sha256, "SHA256") };
      return told(await source.command(parseAddress(to), { name: "announce", title, items: [item] }));
    },
  },
  command: {
    usage: "command ADDRESS JSON",
    help: 'send a command, such as {"name":"stop","announcement":"…"}',
    perform: async ({ source }, [to, ...words]) => {
      const checked = BODIES.command.safeParse(JSON.parse(required(words.join(" "), "JSON")));
      if (!checked.success) throw new DeskError(checked.error.issues.map(readable).join("; "));
      return told(await source.command(parseAddress(to), JSON.parse(words.join(" "))));
    },
  },
  stations: {
    usage: "stations",
    help: "who was heard, and how far their events are stored",
    perform: async ({ source }) =>
      source
        .stations()
        .map((station) => `${station} ${source.presence(station)} stored=${source.stored(station)}`)
        .join("\n"),
  },
  findings: {
    usage: "findings STATION",
    help: "what a station may be reproached with",
    perform: async ({ source }, [station]) => {
      const found = source.findings(required(station, "STATION"));
      return found.map(({ kind, seq, detail }) => `${kind} ${seq ?? "-"} ${detail}`).join("\n") || "none";
    },
  },
};

/** Performs one line. @throws {DeskError} where it is not understood. */
export async function perform(desk: Desk, line: string): Promise<string> {
  const [name = "", ...args] = line.trim().split(/\s+/);
  const word = Object.hasOwn(WORDS, name) ? WORDS[name] : undefined;
  if (word === undefined) throw new DeskError(`${name}: one of ${Object.keys(WORDS).join(", ")}, quit`);
  return word.perform(desk, args);
}

/** A message of a station in one line. */
export function describeMessage(station: string, message: UplinkMessage | null): string {
  switch (message?.kind) {
    case undefined:
      return `unreadable ${station}`;
    case "birth":
      return `birth ${station} clock=${message.clock} documents=${message.documents.length} journal=${message.journal.seq}`;
    case "death":
      return `death ${station} session=${message.session}`;
    case "health": {
      const concerns = message.concerns.map(({ code }) => code).join(",") || "none";
      return `health ${station} clock=${message.clock} sound=${message.sound.state} onAir=${message.onAir ?? "-"} concerns=${concerns}`;
    }
    case "events":
      return [
        ...message.events.map((event) => `event ${station} ${event.seq} ${event.class} ${event.record.text}`),
        ...message.gaps.map((gap) => `gap ${station} ${gap.from}-${gap.to}`),
      ].join("\n");
  }
}

function told({ topic, claims, sha256 }: Published): string {
  return `published ${topic} seq=${claims.seq} jti=${claims.jti} sha256=${sha256}`;
}

function parseAddress(text: string | undefined): Address {
  const parsed = address.safeParse(text);
  if (!parsed.success) throw new DeskError(`${text} is no address: all, province/NN, commune/NNNNN or station/ID`);
  return parsed.data;
}

function required(text: string | undefined, name: string): string {
  if (text === undefined || text === "") throw new DeskError(`${name} is missing`);
  return text;
}

function positive(text: string | undefined): number {
  const value = Number(text);
  if (!(value > 0)) throw new DeskError(`${text} is no number of minutes`);
  return value;
}

function readable({ path, message }: { path: PropertyKey[]; message: string }): string {
  return `${path.map(String).join(".") || "body"}: ${message}`;
}
