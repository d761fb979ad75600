/** Mutations of the signatures and their headers: taken away, repeated, borrowed, renamed, under every trick that JWS ever knew. */
import type { Envelope } from "../../agent/contract/envelope.ts";
import { base64url, headerOf, json, LOOK_ALIKE, type Materials, type Mutation, open, rawSign } from "./mutation.ts";

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

/** Changes the list of signatures. */
function signatures(
  change: (list: Envelope["signatures"], materials: Materials) => readonly Partial<Record<string, unknown>>[],
): Mutation {
  return (materials) => {
    const { payload, signatures: list } = open(materials.subject.bytes);
    return json({ payload, signatures: change(list, materials) });
  };
}

export const strip = signatures((list, { random }) => {
  const gone = random.int(list.length);
  return list.filter((_, n) => n !== gone);
});
export const repeat = signatures((list, { random }) => {
  const one = random.pick(list);
  return random.pick([[...list, one], list.map(() => one), [one, ...list]]);
});
const withSignature = (make: (materials: Materials, right: string) => string) =>
  signatures((list, materials) => {
    const at = materials.random.int(list.length);
    return list.map((one, n) => (n === at ? { ...one, signature: make(materials, one.signature) } : one));
  });
export const ofAnother = withSignature(({ other }) => open(other.bytes).signatures[0]?.signature ?? "");
export const emptied = withSignature(({ random }) =>
  random.pick(["", "AA", base64url(Buffer.alloc(64)), base64url(Buffer.alloc(63, 1)), base64url(Buffer.alloc(65, 1))]),
);
export const spelled = withSignature(({ random }, right) =>
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
export const byStranger = withSignature(({ subject, stranger }) => {
  const { payload, signatures: list } = open(subject.bytes);
  return rawSign(stranger, list[0]?.protected ?? "", payload);
});

/** One key under a second identifier: another key's, a look-alike, another case. */
export const renamed = signatures((list, { random, other, stranger }) => {
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
export const header = signatures((list, materials) => {
  const trick = materials.random.pick(TRICKS)(materials);
  return list.map((one) => ({ ...one, protected: base64url(JSON.stringify({ ...headerOf(one), ...trick })) }));
});

/** Another header, truly signed: by a stranger in the right key's name, or by the right key itself. */
export function headerSigned(who: "stranger" | "owner"): Mutation {
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
