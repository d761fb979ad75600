/**
 * The cases of the TUF conformance suite, re-expressed for this envelope and named after the case each stands for. Where the answer differs from
 * TUF's on purpose, the word "diverges" says so. Which cases have no counterpart, and why, stands in `test/unit/trust/tuf.ts`.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DocumentKind } from "../../agent/contract/envelope.ts";
import { rootFile } from "../../agent/contract/trust.ts";
import { Keyring } from "../../agent/keyring.ts";
import { DAY, HOUR } from "../../playback/model/units.ts";
import type { Holder } from "../source/ceremony.ts";
import { encode, signBytes, wireInstant } from "../source/envelope.ts";
import { newSigningKey, type SigningKey } from "../source/keys.ts";
import { Door, type DraftOptions, IDENTITY, type Letter, PROVINCE, schedule } from "../unit/trust/door.ts";
import {
  ELSEWHERE,
  NO_COUNTERPART,
  ROLE_ROTATIONS,
  ROOT_ROTATIONS,
  SUITE_SIZE,
  type Version,
} from "../unit/trust/tuf.ts";

const DESK = "commune-00004";
const AT_ALL = { address: "all" } as const;
const content = { level: "province", media: [] };

let door: Door;
let signers: SigningKey[];
beforeEach(async () => {
  door = await Door.open();
  signers = await Promise.all(Array.from({ length: 10 }, newSigningKey));
});
afterEach(() => door.close());

const some = (numbers: readonly number[]) => numbers.map((n) => signers[n] as SigningKey);
const bodyOf = ({ keys, threshold }: Version) => ({ keys: some(keys).map((key) => key.publicJwk), threshold });

/** The next trust document, with some holders changed. */
async function trust(seq: number, change: (holder: Holder) => Holder = (holder) => holder, options: DraftOptions = {}) {
  return door.adopt("trust", door.ceremony.trustBody(door.ceremony.holders.map(change)), {
    ...AT_ALL,
    seq,
    ...options,
  });
}
const withKeys = (role: string, version: Version) => (holder: Holder) =>
  holder.role === role ? { ...holder, keys: some(version.keys), threshold: version.threshold } : holder;

/** The next trust document with other members than a ceremony would write. */
async function rawTrust(seq: number, change: (delegation: Record<string, unknown>) => object): Promise<string> {
  const claims = door.claims("trust", door.ceremony.trustBody(), { ...AT_ALL, seq });
  const body = { delegations: door.ceremony.trustBody().delegations.map((one) => change({ ...one })) };
  const bytes = Buffer.from(await signBytes(encode({ ...claims, body }), door.keysOf("trust")));
  return door.take({ topic: { kind: "trust", address: "all", detail: "" }, bytes });
}

async function rotate(version: Version, number: number, options: DraftOptions = {}): Promise<string> {
  return door.adopt(
    "root",
    { version: number, ...bodyOf(version) },
    { ...AT_ALL, keys: some(version.sigs), ...options },
  );
}
const rootVersion = () => Number(door.admission.documents.find(({ key }) => key.kind === "root")?.key.identifier ?? 1);

const envelopeOf = ({ bytes }: Letter) =>
  JSON.parse(bytes.toString("utf8")) as { payload: string; signatures: { protected: string; signature: string }[] };
const again = (letter: Letter, value: unknown): Letter => ({ ...letter, bytes: Buffer.from(JSON.stringify(value)) });

/** A scope and the addresses that documents of its key are tried at. */
async function desk(addresses: readonly string[], issuer = DESK): Promise<Holder> {
  const keys = [await newSigningKey()];
  const scope = { addresses, levels: ["commune"], classes: ["normal"] } as unknown as Holder["scope"];
  return { role: "schedule", issuer, keys, threshold: 1, scope };
}
async function entrust(...holders: readonly Holder[]): Promise<void> {
  const body = door.ceremony.trustBody([...door.ceremony.holders, ...holders]);
  expect(await door.adopt("trust", body, { ...AT_ALL, seq: 2 })).toBe("adopted");
}
const speak = ({ issuer, keys }: Holder, address: string, seq = 1) =>
  door.adopt("schedule", schedule({}, "commune"), {
    issuer,
    keys,
    seq,
    address: address as DraftOptions["address"] & {},
  });

/** Named as in the suite → what happens here; returns what is compared with `expected`. */
const CASES: Readonly<Record<string, readonly [expected: unknown, run: () => Promise<unknown>]>> = {
  test_basic_refresh_trusted_data: [
    [true, ["content 1", "schedule 1", "trust 1"]],
    async () => {
      const letters = [await door.letter("content", content), await door.letter("schedule", schedule())];
      for (const letter of letters) await door.take(letter);
      const stored = door.store.documents.current();
      const same = letters.every(({ bytes }) => stored.some((one) => one.bytes.equals(bytes)));
      return [same, door.inForce()];
    },
  ],
  test_invalid_initial_root: [
    [false, false, "refused"],
    async () => {
      const { keys } = door.ceremony.rootFile();
      const made = await Keyring.create({ keys, threshold: 9 }, null).then(
        () => "made",
        () => "refused",
      );
      return [rootFile.safeParse({ threshold: 1 }).success, rootFile.safeParse({ keys, threshold: 0 }).success, made];
    },
  ],
  "test_unsigned_metadata[root]": [
    ["threshold-not-reached", 1],
    async () => {
      const { body, keys } = await door.ceremony.rotateRoot();
      return [await door.adopt("root", body, { ...AT_ALL, keys: keys.slice(1) }), rootVersion()];
    },
  ],
  "test_unsigned_metadata[timestamp]": [
    "bad-signature",
    async () => {
      const body = { nonce: "A".repeat(22), time: wireInstant(door.clock.now()) };
      const station = `station/${IDENTITY.station}` as const;
      return door.take(await door.letter("time", body, { address: station, keys: some([0]) }));
    },
  ],
  "test_unsigned_metadata[snapshot]": [
    ["threshold-not-reached", ["trust 1"]],
    async () => [await trust(2, undefined, { keys: door.ceremony.root.keys.slice(0, 1) }), door.inForce()],
  ],
  "test_unsigned_metadata[targets]": ["bad-signature", () => door.adopt("content", content, { keys: some([0]) })],
  "test_url_and_metadata_version_mismatch[root]": [
    ["wrong-audience", 1],
    async () => {
      const { body, keys } = await door.ceremony.rotateRoot();
      const { bytes } = await door.letter("root", body, { ...AT_ALL, keys });
      return [await door.take({ topic: { kind: "root", address: "all", detail: "3" }, bytes }), rootVersion()];
    },
  ],
  "test_url_and_metadata_version_mismatch[snapshot]": [
    "wrong-audience",
    async () => {
      const { bytes } = await door.letter("trust", door.ceremony.trustBody(), { ...AT_ALL, seq: 2 });
      return door.take({ topic: { kind: "trust", address: PROVINCE, detail: "" }, bytes });
    },
  ],
  "test_url_and_metadata_version_mismatch[targets]": [
    "wrong-audience",
    async () => {
      const { bytes } = await door.letter("content", content);
      return door.take({ topic: { kind: "content", address: PROVINCE, detail: "commune" }, bytes });
    },
  ],
  test_timestamp_content_changes: [
    ["adopted", "older", "sang"],
    async () => {
      const outcomes = [
        await door.adopt("schedule", schedule()),
        await door.adopt("schedule", schedule({ id: "khac" })),
      ];
      const [body] = door.admission.documents.map((one) => one.body).filter(({ kind }) => kind === "schedule");
      return [...outcomes, body?.kind === "schedule" ? body.value.programmes[0]?.id : null];
    },
  ],
  test_metadata_bytes_match: [
    true,
    async () => {
      const letter = await door.letter("content", content);
      const bytes = Buffer.concat([letter.bytes, Buffer.from(" ")]);
      await door.take({ ...letter, bytes });
      return door.store.documents.current().some((one) => one.bytes.equals(bytes));
    },
  ],
  "test_custom_fields (diverges: what the station does not understand it refuses)": [
    "malformed",
    () => rawTrust(2, (delegation) => ({ ...delegation, "custom-field": "value" })),
  ],
  "test_deprecated_keyid_hash_algorithms (diverges: a key has three members)": [
    "malformed",
    () =>
      rawTrust(2, (one) => ({
        ...one,
        keys: (one.keys as object[]).map((key) => ({ ...key, keyid_hash_algorithms: "md5" })),
      })),
  ],
  test_snapshot_404: [
    [[["all/trust", 2, 1]], ["trust 1"]],
    async () => {
      door.admission.noteVersions({ "all/trust": 2 });
      const withheld = door.admission.withheld().map(({ document, named, adopted }) => [document, named, adopted]);
      return [withheld, door.inForce()];
    },
  ],
  test_targets_404: [
    [["province/01/content/province"], ["content 1", "trust 1"]],
    async () => {
      await door.adopt("content", content);
      door.admission.noteVersions({ "province/01/content/province": 2 });
      return [door.admission.withheld().map(({ document }) => document), door.inForce()];
    },
  ],
  test_incorrect_metadata_type: [
    "wrong-audience",
    async () => {
      const keys = [...door.keysOf("schedule"), ...door.keysOf("content")];
      const { bytes } = await door.letter("content", content, { keys });
      return door.take({ topic: { kind: "schedule", address: PROVINCE, detail: "province" }, bytes });
    },
  ],
  test_faketime: [
    "expired",
    async () => {
      const letter = await door.letter("content", content, { exp: door.clock.now() + 7 * DAY });
      await door.clock.advance(8 * DAY);
      return door.take(letter);
    },
  ],
  "test_root_expired (diverges: the others go on too, for a station without a link must)": [
    ["adopted", 2, "adopted"],
    async () => {
      const { body, keys } = await door.ceremony.rotateRoot({ keep: 3 });
      const past = { iat: door.clock.now() - 2 * DAY, exp: door.clock.now() - DAY };
      const outcome = await door.adopt("root", body, { ...AT_ALL, keys, ...past });
      return [outcome, rootVersion(), await door.adopt("content", content)];
    },
  ],
  test_timestamp_expired: [
    "expired",
    async () => {
      const { clock } = door;
      const past = { iat: clock.now() - HOUR, exp: clock.now() - 1 };
      const body = { nonce: "A".repeat(22), time: wireInstant(clock.now()) };
      const { topic, bytes } = await door.letter("time", body, { address: `station/${IDENTITY.station}`, ...past });
      const outcome = await door.admission.examine(topic, bytes);
      return "reason" in outcome ? outcome.reason : "accepted";
    },
  ],
  test_snapshot_expired: [
    ["expired", ["trust 1"]],
    async () => [
      await trust(2, undefined, { iat: door.clock.now() - HOUR, exp: door.clock.now() - 1 }),
      door.inForce(),
    ],
  ],
  test_targets_expired: [
    ["adopted", "expired", ["content 1", "trust 1"]],
    async () => {
      const past = { seq: 2, iat: door.clock.now() - HOUR, exp: door.clock.now() - 1 };
      return [await door.adopt("content", content), await door.adopt("content", content, past), door.inForce()];
    },
  ],
  test_expired_local_root: [
    ["adopted", "adopted", 3],
    async () => {
      const second = await door.ceremony.rotateRoot({ keep: 3 });
      const week = { exp: door.clock.now() + 7 * DAY };
      const first = await door.adopt("root", second.body, { ...AT_ALL, keys: second.keys, ...week });
      const third = await door.ceremony.rotateRoot({ keep: 3 });
      await door.clock.advance(18 * DAY);
      return [first, await door.adopt("root", third.body, { ...AT_ALL, keys: third.keys }), rootVersion()];
    },
  ],
  test_expired_local_timestamp: [
    ["adopted", "adopted", ["content 2", "trust 1"]],
    async () => {
      const first = await door.adopt("content", content, { exp: door.clock.now() + 7 * DAY });
      await door.clock.advance(18 * DAY);
      return [first, await door.adopt("content", content, { seq: 2 }), door.inForce()];
    },
  ],
  test_download_with_unknown_hash_algorithm: [
    "malformed",
    async () => {
      const media = { sha512: "a".repeat(128), sizeBytes: 1, type: "audio/flac", durationMs: 1, title: "x", urls: [] };
      const claims = door.claims("content", content);
      const bytes = await signBytes(
        encode({ ...claims, body: { ...content, media: [media] } }),
        door.keysOf("content"),
      );
      return door.take({
        topic: { kind: "content", address: PROVINCE, detail: "province" },
        bytes: Buffer.from(bytes),
      });
    },
  ],
  test_snapshot_does_not_meet_threshold: [
    ["adopted", "adopted", "threshold-not-reached", ["content 1", "trust 2"]],
    async () => {
      const three = { keys: [0, 1, 2], threshold: 3, sigs: [] };
      const outcomes = [await trust(2, withKeys("content", three))];
      outcomes.push(await door.adopt("content", content, { keys: some([0, 1, 2]) }));
      outcomes.push(await door.adopt("content", content, { keys: some([0, 2]), seq: 2 }));
      return [...outcomes, door.inForce()];
    },
  ],
  test_snapshot_has_too_few_keys: [
    ["policy", ["trust 1"]],
    async () => [
      await trust(2, withKeys("content", { keys: [0, 1, 2, 3, 4], threshold: 6, sigs: [] })),
      door.inForce(),
    ],
  ],
  test_duplicate_keys: [
    "policy",
    () => trust(2, withKeys("content", { keys: Array(9).fill(0), threshold: 6, sigs: [] })),
  ],
  test_duplicate_sig_keyids: [
    "malformed",
    async () => {
      const letter = await door.letter("content", content);
      const { payload, signatures } = envelopeOf(letter);
      return door.take(again(letter, { payload, signatures: [...signatures, ...signatures] }));
    },
  ],
  "test_keytype_and_scheme[rsa/rsassa-pss-sha256] (diverges: Ed25519 only)": [
    "malformed",
    () => rawTrust(2, (one) => ({ ...one, keys: [{ kty: "RSA", n: "AQAB", e: "AQAB" }] })),
  ],
  "test_keytype_and_scheme[ecdsa/ecdsa-sha2-nistp256] (diverges: Ed25519 only)": [
    "malformed",
    () => rawTrust(2, (one) => ({ ...one, keys: [{ kty: "EC", crv: "P-256", x: "A".repeat(43), y: "A".repeat(43) }] })),
  ],
  "test_keytype_and_scheme[ed25519/ed25519]": [
    ["adopted", "threshold-not-reached", 2],
    async () => {
      const second = await door.ceremony.rotateRoot({ keep: 3, keys: 4, threshold: 3 });
      const first = await door.adopt("root", second.body, { ...AT_ALL, keys: second.after.keys });
      const third = await door.ceremony.rotateRoot({ keep: 4 });
      const letter = await door.letter("root", third.body, { ...AT_ALL, keys: third.after.keys.slice(0, 3) });
      const { payload, signatures } = envelopeOf(letter);
      const wrong = signatures.map((one, n) => (n === 2 ? { ...one, signature: signatures[0]?.signature } : one));
      return [first, await door.take(again(letter, { payload, signatures: wrong })), rootVersion()];
    },
  ],
  "test_invalid_sig_in_valid_metadata (diverges in its second half: a signature has 64 bytes or is none)": [
    ["adopted", "adopted", "malformed"],
    async () => {
      const outcomes = [await trust(2, withKeys("content", { keys: [0, 1], threshold: 1, sigs: [] }))];
      const letter = await door.letter("content", content, { keys: some([0, 1]) });
      const { payload, signatures } = envelopeOf(letter);
      const spoilt = (signature: string | undefined) =>
        again(letter, { payload, signatures: signatures.map((one, n) => (n === 0 ? { ...one, signature } : one)) });
      outcomes.push(await door.take(spoilt(signatures[1]?.signature)));
      outcomes.push(await door.take(spoilt("")));
      return outcomes;
    },
  ],
  ...Object.fromEntries(
    ["?", "#", "/delegatedrole", "../delegatedrole"].map((name) => [
      `test_unusual_role_name[${name}]`,
      [
        ["malformed", "malformed"],
        async () => {
          const issuer = await rawTrust(2, (one) => ({ ...one, issuer: name }));
          const address = await rawTrust(2, (one) => ({
            ...one,
            scope: { ...(one.scope as object), addresses: [`station/${name}`] },
          }));
          return [issuer, address];
        },
      ] as const,
    ]),
  ),
  "test_snapshot_rollback[basic]": [
    ["adopted", "older", ["trust 3"]],
    async () => [await trust(3), await trust(2), door.inForce()],
  ],
  test_targets_role_removal: [
    [[], ["content 1", "trust 1"]],
    async () => {
      await door.adopt("content", content);
      door.admission.noteVersions({ "province/01/content/province": 1 });
      door.admission.noteVersions({});
      return [door.admission.withheld(), door.inForce()];
    },
  ],
  test_targets_fast_forward_recovery: [
    ["adopted", "adopted", "adopted", ["content 1", "trust 2"]],
    async () => {
      const outcomes = [await door.adopt("content", content, { seq: 100 })];
      outcomes.push(await trust(2, withKeys("content", { keys: [0], threshold: 1, sigs: [] })));
      outcomes.push(await door.adopt("content", content, { seq: 1, keys: some([0]) }));
      return [...outcomes, door.inForce()];
    },
  ],
  "test_new_snapshot_fast_forward_recovery (diverges: the number of a trust document never goes down)": [
    ["adopted", "adopted", "older", "adopted"],
    async () => {
      const outcomes = [await trust(100)];
      const { body, keys } = await door.ceremony.rotateRoot();
      outcomes.push(await door.adopt("root", body, { ...AT_ALL, keys }));
      outcomes.push(await trust(1), await trust(101));
      return outcomes;
    },
  ],
  "test_targets_rollback[basic]": [
    ["adopted", "older", ["content 2", "trust 1"]],
    async () => [
      await door.adopt("content", content, { seq: 2 }),
      await door.adopt("content", content),
      door.inForce(),
    ],
  ],
  "test_graph_traversal[basic-delegation]": [
    "adopted",
    async () => {
      const a = await desk(["commune/00004"]);
      await entrust(a);
      return speak(a, "commune/00004");
    },
  ],
  "test_graph_traversal[single-level-delegations]": [
    ["adopted", "adopted"],
    async () => {
      const [a, b] = [await desk(["commune/00004"], "a"), await desk(["commune/00004"], "b")];
      await entrust(a, b);
      return [await speak(a, "commune/00004"), await speak(b, "commune/00004", 2)];
    },
  ],
  "test_graph_traversal[two-level-ignores-all-branches-not-matching-paths]": [
    ["out-of-scope", "adopted"],
    async () => {
      const [a, b] = [await desk(["commune/00009"], "a"), await desk(["commune/00004"], "b")];
      await entrust(a, b);
      return [await speak(a, "commune/00004"), await speak(b, "commune/00004")];
    },
  ],
  "test_graph_traversal[two-roles-delegating-to-a-third]": [
    ["adopted", "adopted"],
    async () => {
      const c = await desk(["commune/00004"]);
      await entrust(c, { ...c, scope: { ...c.scope, addresses: ["hamlet/00004-thon-1"] } });
      return [await speak(c, "commune/00004"), await speak(c, "hamlet/00004-thon-1")];
    },
  ],
  "test_graph_traversal[two-roles-delegating-to-a-third-different-paths]": [
    ["adopted", "out-of-scope"],
    async () => {
      const c = await desk(["commune/00009"]);
      await entrust(c, { ...c, scope: { ...c.scope, addresses: ["hamlet/00004-thon-1"] } });
      return [await speak(c, "hamlet/00004-thon-1"), await speak(c, "commune/00004")];
    },
  ],
  "test_targetfile_search[no delegations]": ["adopted", () => door.adopt("schedule", schedule())],
  ...Object.fromEntries(
    (
      [
        ["targetpath matches wildcard", "commune/00004", "hamlet/00004-thon-1", "adopted"],
        ["targetpath with separators x", "hamlet/00004-thon-1", "hamlet/00004-thon-1", "adopted"],
        ["targetpath with separators y", "hamlet/00004-thon-1", `station/${IDENTITY.station}`, "adopted"],
        ["targetpath is not delegated by all roles in the chain", "commune/00004", PROVINCE, "out-of-scope"],
        ["wildcard does not match path separator", "hamlet/00004-thon-1", "commune/00004", "out-of-scope"],
        ["targetpath matching is case sensitive", "commune/00004", "hamlet/00004-THON-1", "wrong-audience"],
      ] as const
    ).map(([name, scope, address, answer]) => [
      `test_targetfile_search[${name}]`,
      [
        answer,
        async () => {
          const a = await desk([scope]);
          await entrust(a);
          return speak(a, address);
        },
      ] as const,
    ]),
  ),
  test_cached_role_is_verified_against_current_delegator: [
    ["adopted", "out-of-scope"],
    async () => {
      const [a, b] = [await desk(["hamlet/00004-thon-1"]), await desk(["commune/00004"])];
      await entrust(a, b);
      return [await speak(a, "hamlet/00004-thon-1"), await speak(a, "commune/00004")];
    },
  ],
  test_delegation_not_in_snapshot: [
    ["bad-signature", ["trust 2"]],
    async () => {
      const [a, b] = [await desk(["commune/00004"], "a"), await desk(["commune/00004"], "b")];
      await entrust(a);
      return [await speak(b, "commune/00004"), door.inForce()];
    },
  ],
};

describe("the TUF conformance suite", () => {
  it(`has ${SUITE_SIZE} cases; each has a counterpart here, one elsewhere, or a reason why it has none`, () => {
    const rotations = [
      ...Object.keys(ROOT_ROTATIONS).map((name) => `test_root_rotation[${name}]`),
      ...Object.keys(ROLE_ROTATIONS).map((name) => `test_non_root_rotations[${name}]`),
    ];
    const here = [...Object.keys(CASES).map((name) => name.replace(/ \(diverges.*$/, "")), ...rotations];
    const all = [...here, ...Object.keys(ELSEWHERE), ...Object.keys(NO_COUNTERPART)];
    expect([all.length, new Set(all).size]).toEqual([SUITE_SIZE, SUITE_SIZE]);
    expect({ here: here.length, elsewhere: Object.keys(ELSEWHERE).length }).toEqual({ here: 80, elsewhere: 8 });
    for (const file of Object.values(ELSEWHERE)) {
      expect([file, existsSync(join(import.meta.dirname, "../..", file))]).toEqual([file, true]);
    }
  });

  it.each(Object.entries(CASES))("%s", async (_name, [expected, run]) => {
    expect(await run()).toEqual(expected);
  });

  it.each(Object.entries(ROOT_ROTATIONS))("test_root_rotation[%s]", async (_name, { versions, holds }) => {
    const [first, ...later] = versions;
    if (first === undefined) throw new Error("no version to pin");
    door.pinned = { version: 1, ...bodyOf(first) };
    await door.restart();
    const outcomes: string[] = [];
    for (const [n, version] of later.entries()) outcomes.push(await rotate(version, n + 2));
    expect(outcomes.map((outcome) => outcome === "adopted")).toEqual(
      later.map((_, n) => holds || n < later.length - 1),
    );
    expect(rootVersion()).toBe(holds ? versions.length : versions.length - 1);
    await door.restart();
    expect(rootVersion()).toBe(holds ? versions.length : versions.length - 1);
  });

  it.each(Object.entries(ROLE_ROTATIONS))("test_non_root_rotations[%s]", async (_name, version) => {
    const kinds: readonly DocumentKind[] = ["content", "schedule", "config"];
    const body = { content, schedule: schedule(), config: {} } as const;
    const changed = (holder: Holder) => kinds.reduce((one, kind) => withKeys(kind, version)(one), holder);
    expect(await trust(2, changed)).toBe("adopted");
    for (const kind of ["content", "schedule", "config"] as const) {
      const outcome = await door.adopt(kind, body[kind], { keys: some(version.sigs) });
      expect([kind, outcome === "adopted"]).toEqual([kind, version.holds]);
    }
  });
});
