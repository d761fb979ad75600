/**
 * Genuine documents, changed in every way that somebody between source and station could think of who holds no key; and, in `resigned`, in ways
 * that somebody with a true key could use to make two readers read two documents. None may be adopted. Ways to write the very same document
 * otherwise stand in `respell`: of those none may say anything else.
 */
import { createPrivateKey, sign } from "node:crypto";
import { type Envelope, MAX_DOCUMENT_BYTES } from "../../agent/contract/envelope.ts";
import type { SigningKey } from "./keys.ts";
import type { Random } from "./random.ts";

/** A document that the station would adopt, signed by exactly as many keys as it needs. */
export interface Subject {
  readonly bytes: Buffer;
  readonly keys: readonly SigningKey[];
}

export interface Materials {
  readonly random: Random;
  readonly subject: Subject;
  /** Another genuine document of the same source. */
  readonly other: Subject;
  readonly stranger: SigningKey;
}

type Mutation = (materials: Materials) => Buffer;

const base64url = (bytes: Uint8Array | string) => Buffer.from(bytes).toString("base64url");
const open = (bytes: Buffer): Envelope => JSON.parse(bytes.toString("utf8")) as Envelope;
const json = (value: unknown) => Buffer.from(JSON.stringify(value), "utf8");
const payloadOf = (bytes: Buffer) => Buffer.from(open(bytes).payload, "base64url").toString("utf8");
const headerOf = (one: Envelope["signatures"][number]) =>
  JSON.parse(Buffer.from(one.protected, "base64url").toString("utf8")) as Record<string, unknown>;

/** Never white space: put between two tokens it would be the same document. */
const BYTES = Array.from({ length: 256 }, (_, n) => n).filter((n) => ![9, 10, 13, 32].includes(n));
/** Letters that look like Latin ones. */
const LOOK_ALIKE: readonly (readonly [string, string])[] = [
  ["a", "а"],
  ["e", "е"],
  ["o", "о"],
  ["p", "р"],
  ["c", "с"],
  ["x", "х"],
  ["i", "і"],
  ["0", "Ο"],
  ["-", "‐"],
  ["1", "l"],
];
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const ALGORITHMS = [
  "none",
  "EdDSA",
  "ed25519",
  "ED25519",
  "Ed448",
  "HS256",
  "RS256",
  "ES256",
  "",
  null,
  ["Ed25519"],
  1,
];

function flip({ random, subject }: Materials): Buffer {
  const bytes = Buffer.from(subject.bytes);
  const at = random.int(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.int(8));
  return bytes;
}

function replaceByte({ random, subject }: Materials): Buffer {
  const bytes = Buffer.from(subject.bytes);
  const at = random.int(bytes.length);
  bytes[at] = ((bytes[at] ?? 0) + 1 + random.int(255)) % 256;
  return bytes;
}

function insertByte({ random, subject: { bytes } }: Materials): Buffer {
  const at = random.int(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), Buffer.from([random.pick(BYTES)]), bytes.subarray(at)]);
}

function removeBytes({ random, subject: { bytes } }: Materials): Buffer {
  const at = random.int(bytes.length);
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.int(4))]);
}

function swap({ random, subject }: Materials): Buffer {
  const bytes = Buffer.from(subject.bytes);
  const [a, b] = [random.int(bytes.length), random.int(bytes.length)];
  [bytes[a], bytes[b]] = [bytes[b] ?? 0, bytes[a] ?? 0];
  return bytes;
}

const truncate: Mutation = ({ random, subject: { bytes } }) => bytes.subarray(0, random.int(bytes.length));
const concatenate: Mutation = ({ random, subject, other }) =>
  Buffer.concat(
    random.pick([
      [subject.bytes, other.bytes],
      [other.bytes, subject.bytes],
      [subject.bytes, subject.bytes],
    ]),
  );

/** Changes the list of signatures. */
function signatures(
  change: (list: Envelope["signatures"], materials: Materials) => readonly Partial<Record<string, unknown>>[],
): Mutation {
  return (materials) => {
    const { payload, signatures: list } = open(materials.subject.bytes);
    return json({ payload, signatures: change(list, materials) });
  };
}

const strip = signatures((list, { random }) => {
  const gone = random.int(list.length);
  return list.filter((_, n) => n !== gone);
});
const repeat = signatures((list, { random }) => {
  const one = random.pick(list);
  return random.pick([[...list, one], list.map(() => one), [one, ...list]]);
});
const withSignature = (make: (materials: Materials, right: string) => string) =>
  signatures((list, materials) => {
    const at = materials.random.int(list.length);
    return list.map((one, n) => (n === at ? { ...one, signature: make(materials, one.signature) } : one));
  });
const ofAnother = withSignature(({ other }) => open(other.bytes).signatures[0]?.signature ?? "");
const emptied = withSignature(({ random }) =>
  random.pick(["", "AA", base64url(Buffer.alloc(64)), base64url(Buffer.alloc(63, 1)), base64url(Buffer.alloc(65, 1))]),
);
const spelled = withSignature(({ random }, right) =>
  random.pick([
    `${right}=`,
    `${right}==`,
    ` ${right}`,
    `${right}\n`,
    right.replaceAll("-", "+"),
    `${right}A`,
    // The unused bits of the last character: a lenient reader sees the same signature.
    right.replace(/.$/, (last) => ALPHABET[ALPHABET.indexOf(last) ^ (1 + random.int(3))] ?? "A"),
    right.slice(1),
  ]),
);
const byStranger = withSignature(({ subject, stranger }) => {
  const { payload, signatures: list } = open(subject.bytes);
  return rawSign(stranger, list[0]?.protected ?? "", payload);
});

/** One key under a second identifier: another key's, a look-alike, another case. */
const renamed = signatures((list, { random, other, stranger }) => {
  const at = random.int(list.length);
  const one = list[at];
  if (one === undefined) throw new Error("no signature");
  const kid = String(headerOf(one).kid);
  const names = [
    stranger.kid,
    other.keys[0]?.kid ?? "",
    kid.toLowerCase(),
    kid.replace(/[aeopcxi01-]/, (letter) => LOOK_ALIKE.find(([latin]) => latin === letter)?.[1] ?? letter),
    `${kid} `,
    kid.slice(0, -1),
    "",
  ].filter((name) => name !== kid);
  const again = { ...one, protected: base64url(JSON.stringify({ ...headerOf(one), kid: random.pick(names) })) };
  return random.pick([list.map((other, n) => (n === at ? again : other)), [...list.filter((_, n) => n !== at), again]]);
});

const TRICKS: readonly ((materials: Materials) => Record<string, unknown>)[] = [
  ({ random }) => ({ alg: random.pick(ALGORITHMS) }),
  () => ({ crit: ["exp"], exp: 4_102_444_800 }),
  () => ({ crit: [] }),
  () => ({ crit: ["b64"], b64: false }),
  () => ({ b64: false }),
  ({ stranger }) => ({ jwk: stranger.publicJwk }),
  ({ stranger }) => ({ jwk: stranger.publicJwk, kid: stranger.kid }),
  () => ({ jku: "https://example.org/keys" }),
  () => ({ x5u: "https://example.org/chain" }),
  () => ({ x5c: ["MIIB"] }),
  () => ({ zip: "DEF" }),
  ({ random }) => ({ typ: random.pick(["JWT", "JOSE", "loa+JWS", "", null]) }),
  () => ({ cty: "JWT" }),
  () => ({ kid: undefined }),
  ({ random }) => ({ kid: random.pick([0, null, [], {}, "../../keys/root"]) }),
];

/** Another header over a signature that nobody could make for it. */
const header = signatures((list, materials) => {
  const trick = materials.random.pick(TRICKS)(materials);
  return list.map((one) => ({ ...one, protected: base64url(JSON.stringify({ ...headerOf(one), ...trick })) }));
});

/** Another header, truly signed: by a stranger in the right key's name, or by the right key itself. */
function headerSigned(who: "stranger" | "owner"): Mutation {
  return (materials) => {
    const { payload, signatures: list } = open(materials.subject.bytes);
    const trick = materials.random.pick(TRICKS)(materials);
    const signed = list.map((one, n) => {
      const written = base64url(JSON.stringify({ ...headerOf(one), ...trick }));
      const key = who === "stranger" ? materials.stranger : materials.subject.keys[n];
      return { protected: written, signature: rawSign(key ?? materials.stranger, written, payload) };
    });
    return json({ payload, signatures: signed });
  };
}

/** A payload that says something else under the old signatures. */
const otherPayload: Mutation = ({ random, subject, other }) => {
  const text = payloadOf(subject.bytes);
  const changed = random.pick([
    text.replace(/"seq":\d+/, `"seq":${1_000 + random.int(1_000)}`),
    text.replace(/"exp":"\d{4}/, '"exp":"2999'),
    text.replace(/"iss":"[^"]*"/, '"iss":"somebody"'),
    text.replace(/"aud":\[/, '"aud":["all",'),
    `${text} `,
    payloadOf(other.bytes),
    breaking(random, text),
  ]);
  return json({ ...open(subject.bytes), payload: base64url(changed) });
};

/** Claims that two readers may read in two ways, or that no reader should read at all. */
function breaking(random: Random, text: string): string {
  const seq = /"seq":(\d+)/.exec(text)?.[1] ?? "1";
  const deep = "[".repeat(33 + random.int(5_000));
  const [latin, twin] = random.pick(LOOK_ALIKE);
  return random.pick([
    text.replace(/"seq":\d+/, `"seq":${seq},"seq":999`),
    text.replace(/"seq":\d+/, `"seq":999,"\\u0073eq":${seq}`),
    text.replace(/"kind":/, '"kind":"content","kind":'),
    text.replace(
      /"seq":\d+/,
      `"seq":${random.pick(["1e400", "9007199254740993", "-1", "0", "1.5", "1e300", '"1"', "null", "true"])}`,
    ),
    text.replace(/"jti":/, `"x":${deep}${"]".repeat(deep.length)},"jti":`),
    text.replace(/"jti":/, `"__proto__":{"seq":999},"jti":`),
    text.replace(
      /"iss":"([^"]*)"/,
      (_, iss: string) => `"iss":"${iss.includes(latin) ? iss.replace(latin, twin) : `${iss}а`}"`,
    ),
    text.replace(
      /"iss":"([^"]*)"/,
      (_, iss: string) => `"iss":"${random.pick([`${iss}\\u0000`, `${iss} `, `${iss}\\u200b`, ""])}"`,
    ),
    text.replace(
      /"exp":"[^"]*"/,
      `"exp":${random.pick(["4102444800", '"2999-13-45T00:00:00Z"', '"9999999-01-01T00:00:00Z"', "1e99"])}`,
    ),
    text.replace(/"body":\{/, '"body":{"surprise":1,'),
    text.slice(0, -1),
    `${text},`,
    `\ufeff${text}`,
    text.replace("{", "{/* */"),
    "null",
    "[]",
    '""',
    "",
  ]);
}

/** What a true key signed though the contract forbids it. */
export function resigned({ random, subject }: Materials): Buffer {
  const payload = base64url(breaking(random, payloadOf(subject.bytes)));
  const list = open(subject.bytes).signatures.map((one, n) => {
    const key = subject.keys[n];
    if (key === undefined) throw new Error("a signature without a key");
    return { protected: one.protected, signature: rawSign(key, one.protected, payload) };
  });
  return json({ payload, signatures: list });
}

/** The envelope's own shape. */
const shape: Mutation = ({ random, subject, other }) => {
  const text = subject.bytes.toString("utf8");
  const { payload, signatures: list } = open(subject.bytes);
  const [first] = list;
  const theirs = JSON.stringify(open(other.bytes).payload);
  return Buffer.from(
    random.pick([
      text.replace('{"payload":', `{"payload":${theirs},"payload":`),
      text.replace('{"payload":', `{"p\\u0061yload":${theirs},"payload":`),
      text.replace('"signatures":', '"signatures":[],"signatures":'),
      text.replace(/\}$/, ',"header":{"kid":"x"}}'),
      text.replace(/\}$/, ',"__proto__":{}}'),
      text.replace(/\}$/, `,"x":${"[".repeat(40)}${"]".repeat(40)}}`),
      JSON.stringify({ payload, ...first }),
      JSON.stringify(`${first?.protected}.${payload}.${first?.signature}`),
      `${first?.protected}.${payload}.${first?.signature}`,
      JSON.stringify([open(subject.bytes)]),
      JSON.stringify({ payload, signatures: Array.from({ length: 17 }, () => first) }),
      JSON.stringify({ payload: [payload], signatures: list }),
      JSON.stringify({ payload, signatures: first }),
      text.replace(payload, `${payload}=`),
      text.replace(payload, `${payload.slice(0, 10)} ${payload.slice(10)}`),
      text.replace(payload, `${payload.slice(0, 10)}\\n${payload.slice(10)}`),
      `\ufeff${text}`,
      `${text}\0`,
      `${text}//`,
      `${text.slice(0, -1)},}`,
      `)]}'\n${text}`,
      text + " ".repeat(MAX_DOCUMENT_BYTES),
      text.replaceAll('"', "'"),
      "{}",
    ]),
  );
};

const encoding: Mutation = ({ random, subject: { bytes } }) =>
  random.pick([
    Buffer.from(bytes.toString("utf8"), "utf16le"),
    Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(bytes.toString("utf8"), "utf16le")]),
    Buffer.concat([bytes.subarray(0, 20), Buffer.from([0xc0, 0xaf]), bytes.subarray(20)]),
    Buffer.concat([bytes.subarray(0, 20), Buffer.from([0xed, 0xa0, 0x80]), bytes.subarray(20)]),
    Buffer.from(bytes.toString("base64")),
    Buffer.alloc(0),
  ]);

/** Name → mutation; the name is what a failure is reported by. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  flip,
  "replace a byte": replaceByte,
  "insert a byte": insertByte,
  "remove bytes": removeBytes,
  "swap bytes": swap,
  truncate,
  concatenate,
  "strip a signature": strip,
  "repeat a signature": repeat,
  "signature of another document": ofAnother,
  "signature emptied": emptied,
  "signature spelled otherwise": spelled,
  "signature by a stranger": byStranger,
  "key under another name": renamed,
  header,
  "header signed by a stranger": headerSigned("stranger"),
  "header signed by its owner": headerSigned("owner"),
  payload: otherPayload,
  "payload signed again": resigned,
  shape,
  encoding,
};

/** The same document, written otherwise: white space, order of members, order of signatures, escapes. */
export function respell({ random, subject }: Materials): Buffer {
  const text = subject.bytes.toString("utf8");
  const { payload, signatures: list } = open(subject.bytes);
  return Buffer.from(
    random.pick([
      ` ${text}`,
      `${text}\n`,
      JSON.stringify(open(subject.bytes), null, 2),
      JSON.stringify({ signatures: list, payload }),
      JSON.stringify({ payload, signatures: [...list].reverse() }),
      JSON.stringify({
        payload,
        signatures: list.map(({ protected: first, signature }) => ({ signature, protected: first })),
      }),
      text.replace('"payload"', '"p\\u0061yload"'),
    ]),
  );
}

/** A true Ed25519 signature over any header and payload. */
function rawSign(key: SigningKey, protectedHeader: string, payload: string): string {
  const secret = createPrivateKey({ key: { ...key.privateJwk }, format: "jwk" });
  return base64url(sign(null, Buffer.from(`${protectedHeader}.${payload}`), secret));
}
