/** A scenario ready to run: times are instants, names of media are digests, bodies hold the contract. Every mistake is reported at once. */
import { dateAt, instantOf } from "../../playback/agenda/zone.ts";
import type { ApprovedMedia } from "../../playback/model/schedule.ts";
import type { Instant, Millis, Sha256 } from "../../playback/model/units.ts";
import { type Mistake, parseYaml } from "../config/yaml.ts";
import { BODIES } from "../contract/bodies.ts";
import type { DocumentKind } from "../contract/envelope.ts";
import type { Address } from "../contract/primitives.ts";
import { sha256Of } from "../sha256.ts";
import {
  type DocumentInput,
  type EventInput,
  type ExpectationInput,
  type ScenarioFile,
  scenarioFile,
} from "./scenario-file.ts";
import type { Desk } from "./signer.ts";

export type MediaState = "present" | "missing" | "altered";

/** A document that will be signed when its time comes. */
export interface Planned {
  readonly kind: DocumentKind;
  readonly by: Desk;
  readonly to: Address;
  readonly body: object;
  readonly detail: string;
}

export type Happening =
  | { readonly what: "link"; readonly up: boolean }
  | { readonly what: "power-cut"; readonly forMs: Millis }
  | { readonly what: "clock-jump"; readonly by: Millis }
  | { readonly what: "mains"; readonly on: boolean }
  | { readonly what: "battery"; readonly percent: number }
  | { readonly what: "sensor"; readonly silent: boolean }
  | { readonly what: "document"; readonly document: Planned }
  | { readonly what: "media"; readonly sha256: Sha256; readonly name: string; readonly state: MediaState }
  | { readonly what: "mute"; readonly muted: boolean };

export interface Expected extends Omit<ExpectationInput, "at" | "starts"> {
  readonly at: Instant | null;
  readonly starts: Instant | null;
}

export interface Scenario extends Pick<ScenarioFile, "title" | "station" | "clock"> {
  readonly start: Instant;
  readonly end: Instant;
  readonly media: readonly { readonly approved: ApprovedMedia; readonly name: string; readonly state: MediaState }[];
  readonly documents: readonly Planned[];
  /** In order of time. */
  readonly events: readonly { readonly at: Instant; readonly happening: Happening }[];
  readonly expect: readonly Expected[] | null;
}

/** Simulated media have no bytes; their digest is that of their name. */
export function digestOf(name: string): Sha256 {
  return sha256Of(name);
}

function issuesOf(path: string, issues: readonly { path: PropertyKey[]; message: string }[]): Mistake[] {
  return issues.map((issue) => ({
    path: [path, ...issue.path.map(String)].filter(Boolean).join(".") || "(root)",
    message: issue.message,
  }));
}

class Compiler {
  readonly mistakes: Mistake[] = [];
  readonly #file: ScenarioFile;
  readonly #media: ReadonlyMap<string, ScenarioFile["media"][number]>;

  constructor(file: ScenarioFile) {
    this.#file = file;
    this.#media = new Map(file.media.map((one) => [one.name, one]));
    if (this.#media.size < file.media.length) this.#wrong("media", "two media have the same name");
    if (!Intl.supportedValuesOf("timeZone").includes(file.station.zone) && file.station.zone !== "Asia/Ho_Chi_Minh") {
      this.#wrong("station.zone", "must be an IANA time zone");
    }
  }

  #wrong(path: string, message: string): void {
    this.mistakes.push({ path, message });
  }

  compile(): Scenario {
    const { title, station, clock, media, documents, events, expect, lasts } = this.#file;
    const start = this.#instant(this.#file.start);
    const end = start + lasts;
    const timed = events.map((event, index) => {
      const at = this.#instant(event.at);
      const path = `events.${index}`;
      if (!(at >= start && at <= end)) this.#wrong(`${path}.at`, "lies outside the scenario");
      return { at, happening: this.#happening(event, path, at) };
    });
    return {
      title,
      station,
      clock,
      start,
      end,
      media: media.map((one) => ({ name: one.name, state: one.state, approved: this.#approved(one) })),
      documents: documents.map((document, index) => this.#document(document, `documents.${index}`)),
      events: timed.sort((a, b) => a.at - b.at),
      expect:
        expect?.map((one) => ({
          ...one,
          at: one.at === undefined ? null : this.#instant(one.at),
          starts: one.starts === undefined ? null : this.#instant(one.starts),
        })) ?? null,
    };
  }

  #instant(text: string): Instant {
    const { zone } = this.#file.station;
    const [date, time] = text.length > 8 ? [text.slice(0, 10), text.slice(11)] : [this.#file.start.slice(0, 10), text];
    const at = instantOf(date, time, zone);
    // A 31st of November would quietly be the 1st of December.
    if (!Number.isFinite(at) || dateAt(at, zone) !== date)
      this.#wrong("(times)", `'${text}' is no time of the calendar`);
    return at;
  }

  #approved({ name, title, length, pinned }: ScenarioFile["media"][number]): ApprovedMedia {
    const sha256 = digestOf(name);
    return { sha256, sizeBytes: 1, type: "audio/flac", durationMs: length, title: title ?? name, urls: [], pinned };
  }

  #happening(event: EventInput, path: string, at: Instant): Happening {
    if (event.link !== undefined) return { what: "link", up: event.link === "up" };
    if (event["power-cut"] !== undefined) return { what: "power-cut", forMs: event["power-cut"] };
    if (event["clock-jump"] !== undefined) return { what: "clock-jump", by: event["clock-jump"] };
    if (event.mains !== undefined) return { what: "mains", on: event.mains === "on" };
    if (event.battery !== undefined) return { what: "battery", percent: event.battery };
    if (event.sensor !== undefined) return { what: "sensor", silent: event.sensor === "silent" };
    if (event.mute !== undefined) return { what: "mute", muted: event.mute };
    if (event.media !== undefined) {
      const { name, state } = event.media;
      if (!this.#media.has(name)) this.#wrong(`${path}.media.name`, `there is no medium '${name}'`);
      return { what: "media", sha256: digestOf(name), name, state };
    }
    if (event.document !== undefined) {
      return { what: "document", document: this.#document(event.document, `${path}.document`) };
    }
    if (event.emergency !== undefined) {
      return { what: "document", document: this.#emergency(event.emergency, `${path}.emergency`, at) };
    }
    const to: Address = `station/${this.#file.station.station}`;
    return { what: "document", document: this.#planned("command", "province", to, event.command, `${path}.command`) };
  }

  #document(input: DocumentInput, path: string): Planned {
    const { province, commune } = this.#file.station;
    const to =
      input.to ?? (input.by === "commune" ? (`commune/${commune}` as const) : (`province/${province}` as const));
    for (const kind of ["schedule", "suspension", "config", "content"] as const) {
      if (input[kind] !== undefined) return this.#planned(kind, input.by, to, input[kind], `${path}.${kind}`);
    }
    throw new Error("the schema lets no document without a body pass");
  }

  /** An alert approves its own audio; what the scenario leaves out of it is filled in. */
  #emergency(body: object, path: string, at: Instant): Planned {
    const items = "items" in body && Array.isArray(body.items) ? body.items : [];
    const own = items.flatMap((item) => (typeof item === "string" ? (this.#media.get(item) ?? []) : []));
    const complete = {
      sent: new Date(at).toISOString(),
      status: "actual",
      msgType: "alert",
      media: own.map((one) => ({ ...this.#approved(one), pinned: true })),
      ...body,
      ...("expires" in body ? { expires: this.#wire(body.expires, `${path}.expires`) } : {}),
    };
    return this.#planned("emergency", "province", `province/${this.#file.station.province}`, complete, path);
  }

  #wire(value: unknown, path: string): string {
    if (typeof value === "string" && /^(\d{4}-\d{2}-\d{2}[T ])?\d{2}:\d{2}(:\d{2})?$/.test(value)) {
      return new Date(this.#instant(value)).toISOString();
    }
    this.#wrong(path, "must be such as 05:00 or 2026-11-20 05:00:30");
    return "";
  }

  #planned(kind: DocumentKind, by: Desk, to: Address, input: unknown, path: string): Planned {
    const body = this.#named(input, path) as object;
    const parsed = BODIES[kind].safeParse(body);
    if (!parsed.success) this.mistakes.push(...issuesOf(path, parsed.error.issues));
    const level = "level" in body ? String(body.level) : "";
    return {
      kind,
      by,
      to,
      body,
      detail: kind === "emergency" && "identifier" in body ? String(body.identifier) : level,
    };
  }

  /** Puts media in the place of their names: in lists of items and as a chime. */
  #named(value: unknown, path: string): unknown {
    if (Array.isArray(value)) return value.map((one, index) => this.#named(one, `${path}.${index}`));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        const here = `${path}.${key}`;
        if (key === "chime" && typeof inner === "string") return [key, this.#medium(inner, here)?.sha256];
        if (!["items", "replaceBy", "fallback"].includes(key) || !Array.isArray(inner))
          return [key, this.#named(inner, here)];
        return [
          key,
          inner.map((one, index) => (typeof one === "string" ? this.#medium(one, `${here}.${index}`) : one)),
        ];
      }),
    );
  }

  #medium(name: string, path: string) {
    const medium = this.#media.get(name);
    if (medium === undefined) this.#wrong(path, `there is no medium '${name}'`);
    return { kind: "media", id: name, title: medium?.title ?? name, sha256: digestOf(name) };
  }
}

/** The scenario, or every mistake in it. */
export function parseScenario(source: string): Scenario | readonly Mistake[] {
  const yaml = parseYaml(source);
  if ("length" in yaml) return yaml;
  const parsed = scenarioFile.safeParse(yaml.value);
  if (!parsed.success) return issuesOf("", parsed.error.issues);
  const compiler = new Compiler(parsed.data);
  const scenario = compiler.compile();
  return compiler.mistakes.length > 0 ? compiler.mistakes : scenario;
}
