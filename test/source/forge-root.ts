/** New roots that a station must refuse, each with the reason; or keep waiting, where they only come too early. */
import type { RefusalReason } from "../../playback/model/refusal.ts";
import type { RootKeys } from "./ceremony.ts";
import { type ClaimsInput, compose, encode, signBytes } from "./envelope.ts";
import { newSigningKey, type SigningKey } from "./keys.ts";

/** A true rotation: what a station at version `before` would adopt. */
export interface GenuineRoot {
  readonly claims: ClaimsInput<"root">;
  readonly before: RootKeys;
  readonly after: RootKeys;
}

export interface RootForgery {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Version that the topic names, where it is not the genuine one. */
  readonly version?: number;
  readonly reason: RefusalReason;
}

type Forge = (genuine: GenuineRoot) => Promise<RootForgery>;

const quorum = ({ keys, threshold }: RootKeys) => keys.slice(0, threshold);
const both = ({ before, after }: GenuineRoot): SigningKey[] => [...quorum(before), ...quorum(after)];

/** The genuine claims with another body, signed by everybody who should. */
async function saying(genuine: GenuineRoot, body: object, seq: number): Promise<Uint8Array> {
  const claims = { ...genuine.claims, seq, body: { ...genuine.claims.body, ...body } };
  return signBytes(encode(claims), both(genuine));
}

/** Without this the new keys could be somebody's who never agreed, or cannot sign. */
export const byOldOnly: Forge = async ({ claims, before }) => ({
  name: "signed by the old root only",
  bytes: await compose(claims, quorum(before)),
  reason: "threshold-not-reached",
});

/** Anybody can make a root that approves of itself. */
export const byNewOnly: Forge = async ({ claims, after }) => ({
  name: "signed by the new root only",
  bytes: await compose(claims, quorum(after)),
  reason: "bad-signature",
});

export const belowOldThreshold: Forge = async ({ claims, before, after }) => ({
  name: "one old key too few",
  bytes: await compose(claims, [...quorum(before).slice(1), ...quorum(after)]),
  reason: "threshold-not-reached",
});

export const belowNewThreshold: Forge = async ({ claims, before, after }) => ({
  name: "one new key too few",
  bytes: await compose(claims, [...quorum(before), ...quorum(after).slice(1)]),
  reason: "threshold-not-reached",
});

export const completedByStranger: Forge = async ({ claims, before, after }) => ({
  name: "an old key replaced by a stranger",
  bytes: await compose(claims, [...quorum(before).slice(1), await newSigningKey(), ...quorum(after)]),
  reason: "threshold-not-reached",
});

/** Signed by all, and one step too far. */
export const skipping: Forge = async (genuine) => {
  const version = genuine.after.version + 1;
  const bytes = await saying(genuine, { version }, version);
  return { name: "skips a version", bytes, version, reason: "threshold-not-reached" };
};

/** The number that orders documents must be the version. */
export const otherNumber: Forge = async (genuine) => ({
  name: "numbered otherwise than its version",
  bytes: await saying(genuine, {}, genuine.after.version + 7),
  reason: "malformed",
});

export const otherTopic: Forge = async (genuine) => ({
  name: "under another version's topic",
  bytes: await compose(genuine.claims, both(genuine)),
  version: genuine.after.version + 1,
  reason: "wrong-audience",
});

export const unreachable: Forge = async (genuine) => ({
  name: "a threshold that its keys cannot reach",
  bytes: await saying(genuine, { threshold: genuine.after.keys.length + 1 }, genuine.after.version),
  reason: "policy",
});

/** One key that counts as two. */
export const repeatedKey: Forge = async (genuine) => {
  const [key] = genuine.after.keys;
  const keys = genuine.after.keys.map(() => key?.publicJwk);
  return {
    name: "the same key for every holder",
    bytes: await saying(genuine, { keys }, genuine.after.version),
    reason: "policy",
  };
};

export const weakKey: Forge = async (genuine) => {
  const weak = { kty: "OKP", crv: "Ed25519", x: Buffer.alloc(32).toString("base64url") };
  const keys = [...genuine.after.keys.map(({ publicJwk }) => publicJwk), weak];
  return {
    name: "a weak key among the new ones",
    bytes: await saying(genuine, { keys }, genuine.after.version),
    reason: "policy",
  };
};

export const ROOT_FORGERIES: readonly Forge[] = [
  byOldOnly,
  byNewOnly,
  belowOldThreshold,
  belowNewThreshold,
  completedByStranger,
  skipping,
  otherNumber,
  otherTopic,
  unreachable,
  repeatedKey,
  weakKey,
];
