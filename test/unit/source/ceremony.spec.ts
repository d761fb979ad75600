import { stat } from "node:fs/promises";
import { join } from "node:path";
import { flattenedVerify, importJWK } from "jose";
import { describe, expect, it } from "vitest";
import { envelope, protectedHeader } from "../../../agent/contract/envelope.ts";
import { rootBody, rootFile, trustBody } from "../../../agent/contract/trust.ts";
import { Ceremony } from "../../source/ceremony.ts";
import { compose, draftClaims, encode, signBytes } from "../../source/envelope.ts";
import { signingKey } from "../../source/keys.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = await temporaryFolder();

describe("a key ceremony", () => {
  it("holds root 2 of 3 and each role 1 of 1, all keys distinct", async () => {
    const ceremony = await Ceremony.hold();
    expect(rootFile.parse(ceremony.rootFile())).toMatchObject({ threshold: 2 });
    expect(ceremony.root.keys).toHaveLength(3);
    const { delegations } = trustBody.parse(ceremony.trustBody());
    expect(delegations.map(({ role, threshold }) => [role, threshold])).toEqual(
      ["content", "schedule", "emergency", "config", "command", "time", "release"].map((role) => [role, 1]),
    );
    const xs = [...ceremony.root.keys, ...ceremony.holders.flatMap(({ keys }) => keys)].map((key) => key.publicJwk.x);
    expect(new Set(xs).size).toBe(10);
    expect(JSON.stringify([ceremony.rootFile(), ceremony.trustBody()])).not.toContain('"d"');
  });

  it("gives a commune's desk its own key and scope", async () => {
    const scope = { addresses: ["commune/00004" as const], levels: ["commune" as const], classes: ["normal" as const] };
    const ceremony = await Ceremony.hold({
      quorums: { emergency: { keys: 3, threshold: 2 } },
      extra: [{ role: "schedule", issuer: "xa-00004", scope }],
    });
    expect(ceremony.holder("schedule", "xa-00004").scope).toEqual(scope);
    expect(ceremony.holder("schedule").scope.addresses).toEqual(["all", "province/01"]);
    expect(ceremony.holder("emergency").keys).toHaveLength(3);
    expect(() => ceremony.holder("emergency", "xa-00004")).toThrow("holds no emergency key");
  });

  it("comes back from its folder, where only its owner may read", async () => {
    const ceremony = await Ceremony.hold({ province: "22" });
    await ceremony.save(folder);
    expect((await stat(join(folder, "ceremony.json"))).mode & 0o777).toBe(0o600);
    const again = await Ceremony.load(folder);
    expect(again).toEqual(ceremony);
  });

  it("replaces root: the new version names its keys, both thresholds sign it, and the folder remembers", async () => {
    const ceremony = await Ceremony.hold({ province: "22" });
    const pinned = ceremony.rootFile();
    const { body, keys, before, after } = await ceremony.rotateRoot({ keep: 1, keys: 4, threshold: 3 });
    expect([pinned.version, rootBody.parse(body).version, after.keys.length, after.threshold]).toEqual([1, 2, 4, 3]);
    expect(after.keys[0]).toEqual(before.keys[0]);
    // Two of the old and three of the new, the one that stays counted once.
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(4);
    await ceremony.save(folder);
    expect((await Ceremony.load(folder)).rootFile()).toEqual(ceremony.rootFile());
    expect((await ceremony.rotateRoot()).body.version).toBe(3);
  });

  it("names the key of RFC 8037 as its appendix A.3 does", async () => {
    const x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    const key = await signingKey({ x, d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A" });
    expect(key.kid).toBe("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  });
});

describe("an envelope", () => {
  it("carries each signature, verifiable alone, under a header of three members", async () => {
    const { root } = await Ceremony.hold();
    const claims = draftClaims({ kind: "config", body: {}, iss: "root", aud: ["all"], seq: 1 });
    const document = envelope.parse(JSON.parse(Buffer.from(await compose(claims, root.keys)).toString()));
    expect(document.signatures).toHaveLength(3);
    for (const [index, signature] of document.signatures.entries()) {
      const key = root.keys[index];
      if (key === undefined) throw new Error("more signatures than keys");
      const verified = await flattenedVerify(
        { payload: document.payload, ...signature },
        await importJWK(key.publicJwk, "Ed25519"),
        { algorithms: ["Ed25519"] },
      );
      expect(JSON.parse(Buffer.from(verified.payload).toString())).toEqual(claims);
      expect(protectedHeader.parse(verified.protectedHeader).kid).toBe(key.kid);
    }
  });

  it("is not made above the contract's size", async () => {
    const { root } = await Ceremony.hold();
    const body = {
      versions: Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`${n}`.padEnd(180, "x"), 1])),
    };
    const time = { nonce: "A".repeat(22), time: "2026-11-21T00:00:00Z", ...body };
    const claims = draftClaims({ kind: "time", body: time, iss: "root", aud: ["all"], seq: 1 });
    await expect(compose(claims, root.keys)).rejects.toThrow("too large");
    expect(envelope.safeParse(JSON.parse(Buffer.from(await signBytes(encode({}), root.keys)).toString())).success).toBe(
      true,
    );
  });
});
