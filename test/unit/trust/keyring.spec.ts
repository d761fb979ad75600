/** The keyring against the published vectors, and against keys and signatures that implementations are known to disagree about. */
import { createPublicKey, verify } from "node:crypto";
import { calculateJwkThumbprint } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { openEnvelope } from "../../../agent/admission/envelope-opening.ts";
import { ALGORITHM, type Envelope, TYPE } from "../../../agent/contract/envelope.ts";
import type { PublicKey } from "../../../agent/contract/trust.ts";
import { isCanonicalBase64url, KeyError, Keyring, keyProblem } from "../../../agent/keyring.ts";
import {
  add,
  type Bent,
  bytesOf,
  challenge,
  encodePoint,
  expand,
  IDENTITY_POINT,
  ORDER,
  type Point,
  pointOf,
  signPlainly,
  smallOrderPoints,
} from "./ed25519.ts";

const P = 2n ** 255n - 19n;
const hex = (text: string) => Buffer.from(text, "hex");
const base64url = (bytes: Uint8Array | string) => Buffer.from(bytes).toString("base64url");

/** Source: RFC 8032 §7.1, tests 1 to 3 and SHA(abc). */
const VECTORS = [
  {
    name: "test 1",
    secret: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    point: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    message: "",
    signature:
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  },
  {
    name: "test 2",
    secret: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    point: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    message: "72",
    signature:
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  },
  {
    name: "test 3",
    secret: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    point: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    message: "af82",
    signature:
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  },
  {
    name: "test SHA(abc)",
    secret: "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
    point: "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
    message:
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    signature:
      "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
  },
] as const;

const SECRET = hex(VECTORS[0].secret);
const PAYLOAD = base64url('{"seq":1}');

const jwk = (x: Uint8Array): PublicKey => ({ kty: "OKP", crv: "Ed25519", x: base64url(x) });

/** An envelope signed in plain arithmetic, in the name of the key that these bytes are. */
async function envelopeOf(publicBytes: Uint8Array, secret: Uint8Array, bent: Bent = {}, payload = PAYLOAD) {
  const kid = await calculateJwkThumbprint(jwk(publicBytes));
  const written = base64url(JSON.stringify({ alg: ALGORITHM, kid, typ: TYPE }));
  const signature = signPlainly(secret, Buffer.from(`${written}.${payload}`), { publicBytes, ...bent });
  return { payload, signatures: [{ protected: written, signature: base64url(signature) }] } satisfies Envelope;
}

/** How many keys the real keyring counts. */
async function counts(publicBytes: Uint8Array, envelope: Envelope): Promise<number> {
  const keyring = await Keyring.create({ keys: [jwk(publicBytes)], threshold: 1 }, null);
  return (await keyring.verify(envelope)).size;
}

describe("the vectors of RFC 8032", () => {
  it.each(VECTORS)(
    "$name: hold for the arithmetic of this test and for the platform",
    ({ secret, point, message, signature }) => {
      expect(encodePoint(expand(hex(secret)).publicPoint).toString("hex")).toBe(point);
      expect(signPlainly(hex(secret), hex(message)).toString("hex")).toBe(signature);
      const key = createPublicKey({ key: { ...jwk(hex(point)) }, format: "jwk" });
      expect(verify(null, hex(message), key, hex(signature))).toBe(true);
      expect(verify(null, Buffer.concat([hex(message), hex("00")]), key, hex(signature))).toBe(false);
    },
  );

  it.each(VECTORS)("$name: the key signs an envelope that the keyring counts", async ({ secret, point }) => {
    expect(await counts(hex(point), await envelopeOf(hex(point), hex(secret)))).toBe(1);
  });
});

describe("the vectors of RFC 8037 appendix A", () => {
  const signed = {
    payload: "RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
    protected: "eyJhbGciOiJFZERTQSJ9",
    signature: "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
  };

  it("A.3: the key is named by its thumbprint", async () => {
    const keyring = await Keyring.create({ keys: [jwk(hex(VECTORS[0].point))], threshold: 1 }, null);
    expect([...keyring.root.thumbprints]).toEqual(["kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"]);
  });

  it("A.4 and A.5: the signature is true, and the door refuses it all the same: another name of the algorithm, no key, no type", () => {
    const key = createPublicKey({ key: { ...jwk(hex(VECTORS[0].point)) }, format: "jwk" });
    const input = Buffer.from(`${signed.protected}.${signed.payload}`);
    expect(verify(null, input, key, Buffer.from(signed.signature, "base64url"))).toBe(true);
    const { payload, ...one } = signed;
    expect(openEnvelope(Buffer.from(JSON.stringify({ payload, signatures: [one] })))).toMatchObject({
      reason: "malformed",
      detail: expect.stringContaining("protected header"),
    });
  });

  it("of RFC 7515, A.5 and A.6: neither an unsecured JWS nor one with an unprotected header is an envelope", () => {
    const unsecured = { payload: signed.payload, signatures: [{ protected: "eyJhbGciOiJub25lIn0", signature: "" }] };
    const unprotected = { payload: signed.payload, signatures: [{ header: { kid: "2010-12-29" }, ...signed }] };
    for (const value of [unsecured, unprotected, signed]) {
      expect(openEnvelope(Buffer.from(JSON.stringify(value)))).toMatchObject({ reason: "malformed" });
    }
  });
});

describe("canonical base64url", () => {
  it("is exactly what decodes and encodes to itself", () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const tried = ["", "=", "A=", "AA==", "A+", "A/", " AA", "AA\n", "Ạ", ...alphabet];
    for (const a of alphabet)
      for (const b of alphabet) tried.push(`${a}${b}`, `A${a}${b}`, `AB${a}${b}`, `ABCD${a}${b}`);
    const wrong = tried.filter(
      (text) => isCanonicalBase64url(text) !== (Buffer.from(text, "base64url").toString("base64url") === text),
    );
    expect([tried.length > 16_000, wrong]).toEqual([true, []]);
  });
});

describe("a public key", () => {
  const small = smallOrderPoints();
  let honest: Buffer;
  beforeAll(() => {
    honest = encodePoint(expand(SECRET).publicPoint);
  });

  it("of small order is not taken, in any spelling: all fourteen", async () => {
    expect(small).toHaveLength(8);
    const spellings = new Set<string>();
    for (const { x, y } of small) {
      for (const written of [y, y + P]) {
        for (const sign of [x & 1n, (x & 1n) ^ 1n]) {
          // The other sign is another point, or, where x is 0, a second spelling of this one.
          if (written >= 2n ** 255n || (sign !== (x & 1n) && x !== 0n)) continue;
          spellings.add(bytesOf(written | (sign << 255n)).toString("hex"));
        }
      }
    }
    expect(spellings.size).toBe(14);
    for (const key of spellings)
      expect([key, await keyProblem([{ keys: [jwk(hex(key))], threshold: 1 }])]).toEqual([
        key,
        expect.stringContaining("weak"),
      ]);
    await expect(Keyring.create({ keys: [jwk(encodePoint(small[3] as Point))], threshold: 1 }, null)).rejects.toThrow(
      KeyError,
    );
  });

  it("written above the field is not taken, though a lenient reader decodes it", async () => {
    for (let y = 0n; y < 19n; y++) {
      for (const sign of [0n, 1n]) {
        const written = bytesOf((P + y) | (sign << 255n));
        expect(await keyProblem([{ keys: [jwk(written)], threshold: 1 }])).toContain("not canonically encoded");
      }
    }
    // The control: a small y written as it should be is a key like any other.
    const canonical = [3n, 4n, 5n, 6n].map((y) => pointOf(y, false)).find((point) => point !== null);
    expect(await keyProblem([{ keys: [jwk(encodePoint(canonical as Point))], threshold: 1 }])).toBeNull();
  });

  it("counts once, however often it is listed", async () => {
    expect(await keyProblem([{ keys: [jwk(honest), jwk(honest)], threshold: 2 }])).toContain("distinct");
  });

  it("that is no point of the curve verifies nothing", async () => {
    let y = 2n;
    while (pointOf(y, false) !== null) y++;
    const nowhere = bytesOf(y);
    expect(await counts(nowhere, await envelopeOf(nowhere, SECRET)).catch(() => 0)).toBe(0);
  });

  it("of mixed order is judged by the equation without cofactor, and in no other way", async () => {
    const torsion = small[1] as Point;
    const mixed = encodePoint(add(expand(SECRET).publicPoint, torsion));
    let [good, bad] = [0, 0];
    for (let n = 0; n < 24; n++) {
      const payload = base64url(`{"seq":${n}}`);
      const envelope = await envelopeOf(mixed, SECRET, {}, payload);
      const [one] = envelope.signatures;
      const r = Buffer.from(one?.signature ?? "", "base64url").subarray(0, 32);
      const k = challenge(r, mixed, Buffer.from(`${one?.protected}.${payload}`));
      // Only where the torsion falls away does the plain equation hold.
      const holds = k % 8n === 0n;
      expect([n, await counts(mixed, envelope)]).toEqual([n, holds ? 1 : 0]);
      if (holds) good += 1;
      else bad += 1;
    }
    expect(good + bad).toBe(24);
    expect(bad).toBeGreaterThan(0);
  });
});

describe("a signature", () => {
  const honest = () => encodePoint(expand(SECRET).publicPoint);

  it.each([1n, 2n, 7n])("with %i times the order added to its number is refused", async (multiple) => {
    expect(await counts(honest(), await envelopeOf(honest(), SECRET, { excess: multiple * ORDER }))).toBe(0);
  });

  it("whose commitment carries a point of small order is refused", async () => {
    for (const torsion of smallOrderPoints().slice(1)) {
      expect(await counts(honest(), await envelopeOf(honest(), SECRET, { torsion }))).toBe(0);
    }
  });

  it("whose commitment is the neutral element is refused in every spelling, though the equation holds", async () => {
    const odd = () => bytesOf(P + 1n);
    expect(await counts(honest(), await envelopeOf(honest(), SECRET, { nonce: 0n, write: odd }))).toBe(0);
    const signed = () => bytesOf(1n | (1n << 255n));
    expect(await counts(honest(), await envelopeOf(honest(), SECRET, { nonce: 0n, write: signed }))).toBe(0);
    expect(await counts(honest(), await envelopeOf(honest(), SECRET, { nonce: 0n }))).toBe(0);
    // The control: any other commitment passes.
    expect(await counts(honest(), await envelopeOf(honest(), SECRET, { nonce: 1n }))).toBe(1);
    expect(encodePoint(IDENTITY_POINT)).toEqual(bytesOf(1n));
  });

  it("made of nothing, under nobody's key, is refused", async () => {
    const envelope = await envelopeOf(honest(), SECRET);
    for (const bytes of [Buffer.alloc(64), Buffer.concat([bytesOf(1n), Buffer.alloc(32)]), Buffer.alloc(64, 255)]) {
      const signatures = envelope.signatures.map((one) => ({ ...one, signature: base64url(bytes) }));
      expect(await counts(honest(), { ...envelope, signatures })).toBe(0);
    }
  });

  it("that stands twice counts once, also where nobody has looked at the envelope before", async () => {
    const envelope = await envelopeOf(honest(), SECRET);
    expect(await counts(honest(), { ...envelope, signatures: [...envelope.signatures, ...envelope.signatures] })).toBe(
      1,
    );
  });
});
