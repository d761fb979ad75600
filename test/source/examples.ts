/**
 * Makes the worked examples that are published with the contract: `node test/source/examples.ts`. They are signed with the
 * key that RFC 8037 appendix A publishes, in every role at once, so that anybody can check them and nobody can use them.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DocumentKind } from "../../agent/contract/envelope.ts";
import type { Address } from "../../agent/contract/primitives.ts";
import { DELIVERY, formatJson, SCHEMAS_FOLDER } from "../../agent/contract/publish.ts";
import { downlinkTopic, uplinkTopic } from "../../agent/contract/topics.ts";
import type { Birth, Events, Health } from "../../agent/contract/uplink.ts";
import { type BodyInput, compose, draftClaims } from "./envelope.ts";
import { GENESIS, recordHash } from "./findings.ts";
import { type SigningKey, signingKey } from "./keys.ts";
import { approveText } from "./library.ts";
import { detailOf } from "./publisher.ts";

export const EXAMPLES_FOLDER = join(SCHEMAS_FOLDER, "..", "examples");

const STATION = "xa-00004-cum-1";
const STREAM = "0b1f3a52-6d57-4c7e-9a55-1f6d2c1f0e77";
const COMMUNE: Address = "commune/00004";
const ISSUED = Date.parse("2026-11-21T08:00:00+07:00");
const LIFE_MS = { emergency: 4 * 3_600_000, retained: 30 * 86_400_000, momentary: 60_000 };
const NONCE = "AAECAwQFBgcICQoLDA0ODw";
const NEWS = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const SIREN = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752";
const ACCEPTANCE = "c1514c6cdad166c18aa557dc1d780ba84c0e32df7633235385023eb429377e74";
const WARNING = "Nước lũ đang lên nhanh. Đề nghị bà con lên chỗ cao.";

/** The published key; `d` is no secret. Source: RFC 8037 appendix A.1. */
export function rfc8037Key(): Promise<SigningKey> {
  return signingKey({
    x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
  });
}

type Downlinks = { [K in DocumentKind]: { readonly address: Address; readonly body: BodyInput<K> } };

/** Where the first number would not do: a root document is numbered by its version. */
const SEQS: Partial<Record<DocumentKind, number>> = { root: 2, schedule: 12 };

function downlinks(key: SigningKey): Downlinks {
  const station: Address = `station/${STATION}`;
  const scope = { addresses: [COMMUNE], levels: ["commune" as const], classes: ["normal" as const] };
  const news = { kind: "media", id: "ban-tin", title: "Bản tin sáng", sha256: NEWS } as const;
  return {
    root: { address: "all", body: { version: 2, keys: [key.publicJwk], threshold: 1 } },
    trust: {
      address: "province/01",
      body: { delegations: [{ role: "schedule", issuer: "xa-00004", keys: [key.publicJwk], threshold: 1, scope }] },
    },
    config: {
      address: COMMUNE,
      body: { policy: { quietHours: [{ from: "22:00", to: "05:00" }], volumeCeiling: 80 }, healthEveryMs: 60_000 },
    },
    content: {
      address: COMMUNE,
      body: {
        level: "commune",
        media: [
          {
            sha256: NEWS,
            sizeBytes: 61_440,
            type: "audio/mpeg",
            durationMs: 5_120,
            title: "Bản tin sáng",
            urls: [`https://media.example.vn/${NEWS}`],
          },
        ],
        texts: [approveText(WARNING)],
        live: [
          { id: "vov1", kind: "icecast", url: "https://live.example.vn/vov1", hosts: ["edge.example.vn"] },
          { id: "micro-xa", kind: "rtsp", url: "rtsp://10.20.4.7/micro" },
        ],
      },
    },
    schedule: {
      address: COMMUNE,
      body: {
        level: "commune",
        programmes: [
          {
            id: "sang",
            title: "Chương trình sáng",
            class: "normal",
            recurrence: { kind: "weekly", weekdays: ["MO", "TU", "WE", "TH", "FR"] },
            start: "05:30",
            end: "06:00",
            lateness: { word: "wait", upToMs: 300_000 },
            items: [news, { kind: "silence", id: "nghi", durationMs: 2_000 }],
          },
        ],
      },
    },
    suspension: {
      address: "province/01",
      body: {
        periods: [
          { id: "quoc-tang", reason: "Quốc tang", from: "2026-12-01", until: "2026-12-02", classes: ["normal"] },
        ],
      },
    },
    emergency: {
      address: COMMUNE,
      body: {
        identifier: "lu-2026-11-21",
        sent: "2026-11-21T08:00:00+07:00",
        status: "actual",
        msgType: "alert",
        expires: "2026-11-21T12:00:00+07:00",
        headline: "Lũ trên sông Hồng",
        text: WARNING,
        items: [{ kind: "media", id: "coi", title: "Còi báo động", sha256: SIREN }],
        repeat: { rounds: 3, gapMs: 5_000 },
      },
    },
    command: { address: station, body: { name: "volume", percent: 60 } },
    release: {
      address: "province/01",
      body: { version: "0.2.0", sha256: SIREN, url: "https://media.example.vn/loa-0.2.0.tar.zst" },
    },
    time: {
      address: station,
      body: { nonce: NONCE, time: "2026-11-21T08:00:00+07:00", versions: { [`${COMMUNE}/schedule/commune`]: 12 } },
    },
    ack: {
      address: station,
      body: {
        ...{ station: STATION, stream: STREAM, events: 2 },
        acceptance: { sha256: ACCEPTANCE, at: "2026-11-21T08:00:00+07:00" },
      },
    },
  };
}

function uplinks(): { birth: Birth; death: object; health: Health; events: Events } {
  const said = { station: STATION, session: "7d1f0c52", at: "2026-11-21T08:00:01+07:00" };
  const texts = [
    JSON.stringify({ kind: "adopted", document: "schedule", seq: 12 }),
    JSON.stringify({ kind: "played", programme: "sang", item: "ban-tin", sha256: NEWS, audibleMs: 5_118 }),
  ];
  const records: Events["events"] = [];
  for (const [index, text] of texts.entries()) {
    const prev = records[index - 1]?.record.hash ?? GENESIS;
    const record = { seq: index + 1, prev, hash: recordHash(prev, text), text };
    records.push({ seq: index + 1, class: index === 0 ? "result" : "play", at: said.at, record });
  }
  const journal = { seq: 2, hash: records[1]?.record.hash ?? GENESIS, count: 2 };
  const document = {
    kind: "schedule",
    level: "commune",
    address: COMMUNE,
    identifier: "",
    seq: 12,
    sha256: SIREN,
  } as const;
  return {
    birth: {
      kind: "birth",
      ...said,
      agent: "0.1.0",
      clock: "held",
      nonce: NONCE,
      documents: [document],
      journal,
      stream: STREAM,
      lastEvent: 5,
    },
    death: { kind: "death", station: STATION, session: said.session },
    health: {
      kind: "health",
      ...said,
      clock: "attested",
      sound: {
        ...{ state: "running", latencyMs: 31, driftPpm: 12.5, stalls: 0, breaks: 1 },
        following: {
          offsetMs: 0.21,
          inPauses: 0,
          afterBreaks: 1,
          lastMs: 46.5,
          lastAt: "2026-11-18T05:02:11.000+07:00",
        },
      },
      clockQuality: { source: "chrony", synchronised: true, offsetMs: 0.31, errorMs: 24.3, stratum: 3 },
      amplifier: { on: true },
      onAir: "sang",
      media: { present: 14, missing: 0 },
      outbox: { rows: 3, bytes: 1_204 },
      journal,
      host: { temperatureC: 51 },
      concerns: [
        { code: "document-expires", severity: "notice", since: said.at, detail: "schedule/commune expires in 6 days" },
      ],
    },
    events: { kind: "events", ...omitAt(said), stream: STREAM, events: records, gaps: [{ from: 3, to: 5 }] },
  };
}

function omitAt({ station, session }: { station: string; session: string }) {
  return { station, session };
}

/** File name → text of all examples. Ed25519 is deterministic, so they are the same each time. */
export async function makeExamples(): Promise<Record<string, string>> {
  const key = await rfc8037Key();
  const files: Record<string, unknown> = { "root-file": { keys: [key.publicJwk], threshold: 1 } };
  for (const [name, { address, body }] of Object.entries(downlinks(key))) {
    const kind = name as DocumentKind;
    const claims = draftClaims({
      kind,
      body,
      iss: kind === "trust" || kind === "root" ? "root" : "xa-00004",
      aud: [address],
      iat: ISSUED,
      exp: ISSUED + LIFE_MS[kind === "emergency" ? kind : DELIVERY[kind].retained ? "retained" : "momentary"],
      seq: SEQS[kind] ?? 1,
      jti: `example-${kind}`,
    });
    const document: unknown = JSON.parse(Buffer.from(await compose(claims, [key])).toString("utf8"));
    const topic = downlinkTopic(kind, address, detailOf(kind, body));
    files[kind] = { topic, qos: 1, retain: DELIVERY[kind].retained, claims, document };
  }
  for (const [name, message] of Object.entries(uplinks())) {
    const kind = name === "death" ? "birth" : (name as "birth" | "health" | "events");
    const qos = kind === "health" ? 0 : 1;
    files[name] = { topic: uplinkTopic(STATION, kind), qos, retain: kind === "birth", message };
  }
  return Object.fromEntries(Object.entries(files).map(([name, value]) => [`${name}.json`, formatJson(value)]));
}

if (import.meta.main) {
  await mkdir(EXAMPLES_FOLDER, { recursive: true });
  for (const [name, text] of Object.entries(await makeExamples())) await writeFile(join(EXAMPLES_FOLDER, name), text);
}
