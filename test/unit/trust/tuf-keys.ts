/** Cases of `test_keys.py`, `test_quoting_issues.py` and `test_rollback.py` of the TUF conformance suite, re-expressed. */
import { AT_ALL, content, type TufCase } from "./tuf-bench.ts";

export const KEYS_CASES: Readonly<Record<string, TufCase>> = {
  test_snapshot_does_not_meet_threshold: [
    ["adopted", "adopted", "threshold-not-reached", ["content 1", "trust 2"]],
    async ({ door, some, trust, withKeys }) => {
      const three = { keys: [0, 1, 2], threshold: 3, sigs: [] };
      const outcomes = [await trust(2, withKeys("content", three))];
      outcomes.push(await door.adopt("content", content, { keys: some([0, 1, 2]) }));
      outcomes.push(await door.adopt("content", content, { keys: some([0, 2]), seq: 2 }));
      return [...outcomes, door.inForce()];
    },
  ],
  test_snapshot_has_too_few_keys: [
    ["policy", ["trust 1"]],
    async ({ door, trust, withKeys }) => [
      await trust(2, withKeys("content", { keys: [0, 1, 2, 3, 4], threshold: 6, sigs: [] })),
      door.inForce(),
    ],
  ],
  test_duplicate_keys: [
    "policy",
    ({ trust, withKeys }) => trust(2, withKeys("content", { keys: Array(9).fill(0), threshold: 6, sigs: [] })),
  ],
  test_duplicate_sig_keyids: [
    "malformed",
    async ({ again, door, envelopeOf }) => {
      const letter = await door.letter("content", content);
      const { payload, signatures } = envelopeOf(letter);
      return door.take(again(letter, { payload, signatures: [...signatures, ...signatures] }));
    },
  ],
  "test_keytype_and_scheme[rsa/rsassa-pss-sha256] (diverges: Ed25519 only)": [
    "malformed",
    ({ rawTrust }) => rawTrust(2, (one) => ({ ...one, keys: [{ kty: "RSA", n: "AQAB", e: "AQAB" }] })),
  ],
  "test_keytype_and_scheme[ecdsa/ecdsa-sha2-nistp256] (diverges: Ed25519 only)": [
    "malformed",
    ({ rawTrust }) =>
      rawTrust(2, (one) => ({ ...one, keys: [{ kty: "EC", crv: "P-256", x: "A".repeat(43), y: "A".repeat(43) }] })),
  ],
  "test_keytype_and_scheme[ed25519/ed25519]": [
    ["adopted", "threshold-not-reached", 2],
    async ({ again, door, envelopeOf, rootVersion }) => {
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
    async ({ again, door, envelopeOf, some, trust, withKeys }) => {
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
        async ({ rawTrust }) => {
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
    async ({ door, trust }) => [await trust(3), await trust(2), door.inForce()],
  ],
  test_targets_role_removal: [
    [[], ["content 1", "trust 1"]],
    async ({ door }) => {
      await door.adopt("content", content);
      door.admission.noteVersions({ "province/01/content/province": 1 });
      door.admission.noteVersions({});
      return [door.admission.withheld(), door.inForce()];
    },
  ],
  test_targets_fast_forward_recovery: [
    ["adopted", "adopted", "adopted", ["content 1", "trust 2"]],
    async ({ door, some, trust, withKeys }) => {
      const outcomes = [await door.adopt("content", content, { seq: 100 })];
      outcomes.push(await trust(2, withKeys("content", { keys: [0], threshold: 1, sigs: [] })));
      outcomes.push(await door.adopt("content", content, { seq: 1, keys: some([0]) }));
      return [...outcomes, door.inForce()];
    },
  ],
  "test_new_snapshot_fast_forward_recovery (diverges: the number of a trust document never goes down)": [
    ["adopted", "adopted", "older", "adopted"],
    async ({ door, trust }) => {
      const outcomes = [await trust(100)];
      const { body, keys } = await door.ceremony.rotateRoot();
      outcomes.push(await door.adopt("root", body, { ...AT_ALL, keys }));
      outcomes.push(await trust(1), await trust(101));
      return outcomes;
    },
  ],
  "test_targets_rollback[basic]": [
    ["adopted", "older", ["content 2", "trust 1"]],
    async ({ door }) => [
      await door.adopt("content", content, { seq: 2 }),
      await door.adopt("content", content),
      door.inForce(),
    ],
  ],
};
