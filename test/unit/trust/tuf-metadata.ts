/** Cases of `test_basic.py`, `test_expiration.py` and `test_file_download.py` of the TUF conformance suite, re-expressed. */
import { rootFile } from "../../../agent/contract/trust.ts";
import { Keyring } from "../../../agent/keyring.ts";
import { DAY, HOUR } from "../../../playback/model/units.ts";
import { encode, signBytes, wireInstant } from "../../source/envelope.ts";
import { IDENTITY, PROVINCE, schedule } from "./door.ts";
import { AT_ALL, content, type TufCase } from "./tuf-bench.ts";

export const METADATA_CASES: Readonly<Record<string, TufCase>> = {
  test_basic_refresh_trusted_data: [
    [true, ["content 1", "schedule 1", "trust 1"]],
    async ({ door }) => {
      const letters = [await door.letter("content", content), await door.letter("schedule", schedule())];
      for (const letter of letters) await door.take(letter);
      const stored = door.store.documents.current();
      const same = letters.every(({ bytes }) => stored.some((one) => one.bytes.equals(bytes)));
      return [same, door.inForce()];
    },
  ],
  test_invalid_initial_root: [
    [false, false, "refused"],
    async ({ door }) => {
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
    async ({ door, rootVersion }) => {
      const { body, keys } = await door.ceremony.rotateRoot();
      return [await door.adopt("root", body, { ...AT_ALL, keys: keys.slice(1) }), rootVersion()];
    },
  ],
  "test_unsigned_metadata[timestamp]": [
    "bad-signature",
    async ({ door, some }) => {
      const body = { nonce: "A".repeat(22), time: wireInstant(door.clock.now()) };
      const station = `station/${IDENTITY.station}` as const;
      return door.take(await door.letter("time", body, { address: station, keys: some([0]) }));
    },
  ],
  "test_unsigned_metadata[snapshot]": [
    ["threshold-not-reached", ["trust 1"]],
    async ({ door, trust }) => [
      await trust(2, undefined, { keys: door.ceremony.root.keys.slice(0, 1) }),
      door.inForce(),
    ],
  ],
  "test_unsigned_metadata[targets]": [
    "bad-signature",
    ({ door, some }) => door.adopt("content", content, { keys: some([0]) }),
  ],
  "test_url_and_metadata_version_mismatch[root]": [
    ["wrong-audience", 1],
    async ({ door, rootVersion }) => {
      const { body, keys } = await door.ceremony.rotateRoot();
      const { bytes } = await door.letter("root", body, { ...AT_ALL, keys });
      return [await door.take({ topic: { kind: "root", address: "all", detail: "3" }, bytes }), rootVersion()];
    },
  ],
  "test_url_and_metadata_version_mismatch[snapshot]": [
    "wrong-audience",
    async ({ door }) => {
      const { bytes } = await door.letter("trust", door.ceremony.trustBody(), { ...AT_ALL, seq: 2 });
      return door.take({ topic: { kind: "trust", address: PROVINCE, detail: "" }, bytes });
    },
  ],
  "test_url_and_metadata_version_mismatch[targets]": [
    "wrong-audience",
    async ({ door }) => {
      const { bytes } = await door.letter("content", content);
      return door.take({ topic: { kind: "content", address: PROVINCE, detail: "commune" }, bytes });
    },
  ],
  test_timestamp_content_changes: [
    ["adopted", "older", "sang"],
    async ({ door }) => {
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
    async ({ door }) => {
      const letter = await door.letter("content", content);
      const bytes = Buffer.concat([letter.bytes, Buffer.from(" ")]);
      await door.take({ ...letter, bytes });
      return door.store.documents.current().some((one) => one.bytes.equals(bytes));
    },
  ],
  "test_custom_fields (diverges: what the station does not understand it refuses)": [
    "malformed",
    ({ rawTrust }) => rawTrust(2, (delegation) => ({ ...delegation, "custom-field": "value" })),
  ],
  "test_deprecated_keyid_hash_algorithms (diverges: a key has three members)": [
    "malformed",
    ({ rawTrust }) =>
      rawTrust(2, (one) => ({
        ...one,
        keys: (one.keys as object[]).map((key) => ({ ...key, keyid_hash_algorithms: "md5" })),
      })),
  ],
  test_snapshot_404: [
    [[["all/trust", 2, 1]], ["trust 1"]],
    async ({ door }) => {
      door.admission.noteVersions({ "all/trust": 2 });
      const withheld = door.admission.withheld().map(({ document, named, adopted }) => [document, named, adopted]);
      return [withheld, door.inForce()];
    },
  ],
  test_targets_404: [
    [["province/01/content/province"], ["content 1", "trust 1"]],
    async ({ door }) => {
      await door.adopt("content", content);
      door.admission.noteVersions({ "province/01/content/province": 2 });
      return [door.admission.withheld().map(({ document }) => document), door.inForce()];
    },
  ],
  test_incorrect_metadata_type: [
    "wrong-audience",
    async ({ door }) => {
      const keys = [...door.keysOf("schedule"), ...door.keysOf("content")];
      const { bytes } = await door.letter("content", content, { keys });
      return door.take({ topic: { kind: "schedule", address: PROVINCE, detail: "province" }, bytes });
    },
  ],
  test_faketime: [
    "expired",
    async ({ door }) => {
      const letter = await door.letter("content", content, { exp: door.clock.now() + 7 * DAY });
      await door.clock.advance(8 * DAY);
      return door.take(letter);
    },
  ],
  "test_root_expired (diverges: the others go on too, for a station without a link must)": [
    ["adopted", 2, "adopted"],
    async ({ door, rootVersion }) => {
      const { body, keys } = await door.ceremony.rotateRoot({ keep: 3 });
      const past = { iat: door.clock.now() - 2 * DAY, exp: door.clock.now() - DAY };
      const outcome = await door.adopt("root", body, { ...AT_ALL, keys, ...past });
      return [outcome, rootVersion(), await door.adopt("content", content)];
    },
  ],
  test_timestamp_expired: [
    "expired",
    async ({ door }) => {
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
    async ({ door, trust }) => [
      await trust(2, undefined, { iat: door.clock.now() - HOUR, exp: door.clock.now() - 1 }),
      door.inForce(),
    ],
  ],
  test_targets_expired: [
    ["adopted", "expired", ["content 1", "trust 1"]],
    async ({ door }) => {
      const past = { seq: 2, iat: door.clock.now() - HOUR, exp: door.clock.now() - 1 };
      return [await door.adopt("content", content), await door.adopt("content", content, past), door.inForce()];
    },
  ],
  test_expired_local_root: [
    ["adopted", "adopted", 3],
    async ({ door, rootVersion }) => {
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
    async ({ door }) => {
      const first = await door.adopt("content", content, { exp: door.clock.now() + 7 * DAY });
      await door.clock.advance(18 * DAY);
      return [first, await door.adopt("content", content, { seq: 2 }), door.inForce()];
    },
  ],
  test_download_with_unknown_hash_algorithm: [
    "malformed",
    async ({ door }) => {
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
};
