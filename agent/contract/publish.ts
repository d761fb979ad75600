/**
 * Publishes the contract for those who build the other side: JSON Schema of everything that crosses the wire, exported from
 * the schemas that validate it, and an AsyncAPI 3 document of the topics. Run it after a change of the contract:
 * `node agent/contract/publish.ts`. A test compares what is committed with what this makes.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { BODIES, SIGNED_BY } from "./bodies.ts";
import {
  claims,
  DOCUMENT_KINDS,
  type DocumentKind,
  envelope,
  MAX_DOCUMENT_BYTES,
  protectedHeader,
} from "./envelope.ts";
import type { Address } from "./primitives.ts";
import { DETAILED, downlinkTopic, type UplinkKind, uplinkTopic } from "./topics.ts";
import { rootFile } from "./trust.ts";
import { birth, death, events, health } from "./uplink.ts";

/** Where the published files stand. */
export const SCHEMAS_FOLDER = join(import.meta.dirname, "schemas");

type Json = Record<string, unknown>;

/** How long the broker keeps a document. */
interface Delivery {
  readonly retained: boolean;
  readonly expiry: string | null;
}

const RETAINED: Delivery = { retained: true, expiry: null };

/** How each kind travels; all at QoS 1, with MQTT 5. */
export const DELIVERY: Record<DocumentKind, Delivery> = {
  root: RETAINED,
  trust: RETAINED,
  config: RETAINED,
  content: RETAINED,
  schedule: RETAINED,
  suspension: RETAINED,
  emergency: { retained: true, expiry: "seconds until `expires`; a cancelled alert is cleared by an empty payload" },
  command: { retained: false, expiry: "seconds until the claim `exp`" },
  release: RETAINED,
  time: { retained: false, expiry: "a few seconds: it answers one nonce" },
  ack: RETAINED,
};

const UPLINK = {
  birth: {
    retained: true,
    qos: 1,
    messages: { birth, death },
    note: "The will of the connection is `death`, retained.",
  },
  health: { retained: false, qos: 0, messages: { health }, note: "Momentary: the next one replaces it." },
  events: { retained: false, qos: 1, messages: { events }, note: "Repeated until the signed `ack` covers it." },
} as const satisfies Record<UplinkKind, { messages: Record<string, z.ZodType> } & Json>;

const BY_STATION: readonly DocumentKind[] = ["time", "ack"];

/** File name without `.json` → JSON Schema. */
export function makeSchemas(): Record<string, Json> {
  const documents: Record<string, [z.ZodType, string]> = {
    envelope: [envelope, `JWS general JSON serialisation (RFC 7515), at most ${MAX_DOCUMENT_BYTES} bytes of UTF-8.`],
    "protected-header": [protectedHeader, "Decoded `protected` of each signature; these members and no other."],
    claims: [claims, "Decoded `payload`; `body` is that of its `kind`."],
    "root-file": [rootFile, "Root keys pinned at installation."],
    birth: [birth, "A station is there."],
    death: [death, "Will: the broker lost the station."],
    health: [health, "How a station is."],
    events: [events, "Journal records in batches; each sequence once, or covered by one gap."],
  };
  for (const kind of DOCUMENT_KINDS) {
    const note = kind === "trust" ? "root" : `the role ${SIGNED_BY[kind]}`;
    documents[`body-${kind}`] = [BODIES[kind], `Body of a document of kind ${kind}, signed by ${note}.`];
  }
  return Object.fromEntries(
    Object.entries(documents).map(([name, [schema, description]]) => {
      const { $schema, ...rest } = z.toJSONSchema(schema, { io: "input" });
      const $comment = "Also required, where JSON Schema cannot say it: text in Unicode normalisation form C.";
      return [name, { $schema, title: `loa ${name}`, description, $comment, ...rest }];
    }),
  );
}

/** The topics, seen from a station: it receives documents and sends its own messages. */
export function makeAsyncApi(): Json {
  const channels: Json = {};
  const operations: Json = {};
  const messages: Json = {};
  for (const kind of DOCUMENT_KINDS) {
    const { retained, expiry } = DELIVERY[kind];
    const detail = detailOf(kind);
    const place = BY_STATION.includes(kind) ? "station/{station}" : "{address}";
    channels[kind] = {
      address: downlinkTopic(kind, place as Address, detail === null ? "" : `{${detail}}`),
      messages: { [kind]: { $ref: `#/components/messages/${kind}` } },
      parameters: parameters(place === "{address}" ? "address" : "station", detail),
    };
    const lifetime =
      expiry === null ? {} : { messageExpiryInterval: { type: "integer", minimum: 1, description: expiry } };
    operations[`receive-${kind}`] = operation("receive", kind, [kind], { qos: 1, retain: retained, ...lifetime });
    messages[kind] = {
      summary: `Signed document; ${kind === "trust" ? "root" : `role ${SIGNED_BY[kind]}`} signs it.`,
      contentType: "application/jose+json",
      payload: { $ref: "./envelope.json" },
      "x-protected-header": { $ref: "./protected-header.json" },
      "x-claims": { $ref: "./claims.json" },
      "x-body": { $ref: `./body-${kind}.json` },
    };
  }
  for (const [kind, { retained, qos, messages: told, note }] of Object.entries(UPLINK)) {
    const names = Object.keys(told);
    channels[kind] = {
      address: uplinkTopic("{station}", kind as UplinkKind),
      messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
      parameters: parameters("station", null),
    };
    operations[`send-${kind}`] = { ...operation("send", kind, names, { qos, retain: retained }), description: note };
    for (const name of names) {
      messages[name] = { contentType: "application/json", payload: { $ref: `./${name}.json` } };
    }
  }
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Loa: between a provincial source and a commune station",
      version: "1.0.0",
      description:
        "MQTT 5. The broker carries; the station verifies every document before it adopts it. Where a broker has only MQTT 3.1.1, stations subscribe with QoS 0 " +
        "and a clean session: at each birth the source sends again the commands that have not ended and that this station has not answered.",
    },
    defaultContentType: "application/json",
    channels,
    operations,
    components: { messages },
  };
}

function operation(action: "send" | "receive", channel: string, names: readonly string[], mqtt: Json): Json {
  return {
    action,
    channel: { $ref: `#/channels/${channel}` },
    messages: names.map((name) => ({ $ref: `#/channels/${channel}/messages/${name}` })),
    bindings: { mqtt: { ...mqtt, bindingVersion: "0.2.0" } },
  };
}

const PARAMETERS: Record<string, Json> = {
  address: {
    description: "Whom it is for. It holds a slash, except `all`.",
    examples: ["all", "province/01", "commune/00004", "station/xa-00004-cum-1"],
  },
  station: { description: "Identifier of a station.", examples: ["xa-00004-cum-1"] },
  level: { description: "Whose programmes or content; the body repeats it under signature.", examples: ["commune"] },
  version: { description: "`version` of the body, which is also its number.", examples: ["2"] },
  identifier: { description: "`identifier` of the body.", examples: ["lu-2026-11-21"] },
};

function parameters(place: string, detail: string | null): Json {
  return Object.fromEntries([place, ...(detail === null ? [] : [detail])].map((name) => [name, PARAMETERS[name]]));
}

/** What stands behind the kind in its topic. */
function detailOf(kind: DocumentKind): "level" | "identifier" | "version" | null {
  if (!DETAILED.includes(kind)) return null;
  return kind === "emergency" ? "identifier" : kind === "root" ? "version" : "level";
}

/** File name → text, as they are committed. */
export function makeFiles(): Record<string, string> {
  const documents = { ...makeSchemas(), asyncapi: makeAsyncApi() };
  return Object.fromEntries(Object.entries(documents).map(([name, value]) => [`${name}.json`, formatJson(value)]));
}

/** JSON as the repository's formatter writes it, so that publishing and formatting do not undo each other. */
export function formatJson(value: unknown): string {
  return `${format(value, "", 0)}\n`;
}

const LINE_WIDTH = 120;

/** `used` is how much of the line is taken before and behind the value. */
function format(value: unknown, indent: string, used: number): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const flat = `[${value.map((item) => format(item, inner, 0)).join(", ")}]`;
    const scalars = value.every((item) => typeof item !== "object" || item === null);
    if (scalars && used + flat.length <= LINE_WIDTH) return flat;
    return `[\n${value.map((item) => inner + format(item, inner, inner.length + 1)).join(",\n")}\n${indent}]`;
  }
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  const lines = members.map(([key, member], index) => {
    const start = `${inner}${JSON.stringify(key)}: `;
    const comma = index < members.length - 1 ? 1 : 0;
    return start + format(member, inner, start.length + comma);
  });
  return lines.length === 0 ? "{}" : `{\n${lines.join(",\n")}\n${indent}}`;
}

if (import.meta.main) {
  mkdirSync(SCHEMAS_FOLDER, { recursive: true });
  for (const [name, text] of Object.entries(makeFiles())) writeFileSync(join(SCHEMAS_FOLDER, name), text);
}
