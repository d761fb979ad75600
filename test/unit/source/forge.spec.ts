import { flattenedVerify, importJWK } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import {
  claims as claimsSchema,
  envelope,
  MAX_DOCUMENT_BYTES,
  protectedHeader,
} from "../../../agent/contract/envelope.ts";
import { scheduleBody } from "../../../agent/contract/schedule.ts";
import { Ceremony } from "../../source/ceremony.ts";
import { draftClaims } from "../../source/envelope.ts";
import {
  belowThreshold,
  FORGERIES,
  type Forgery,
  type Genuine,
  older,
  THRESHOLD_FORGERIES,
} from "../../source/forge.ts";

let genuine: Genuine;
let forgeries: Forgery[];
beforeAll(async () => {
  const ceremony = await Ceremony.hold({ quorums: { schedule: { keys: 2, threshold: 2 } } });
  const [wrongRoleKey] = ceremony.holder("command").keys;
  if (wrongRoleKey === undefined) throw new Error("no command key");
  const claims = draftClaims({
    kind: "schedule",
    body: { level: "commune" },
    iss: "province-01",
    aud: ["station/xa-1"],
    seq: 7,
  });
  genuine = { claims, keys: ceremony.holder("schedule").keys, wrongRoleKey };
  forgeries = await Promise.all([...FORGERIES, ...THRESHOLD_FORGERIES].map((forge) => forge(genuine)));
});

/**
 * The contract's order written down once more and as plainly as possible. It is no door: it only proves that each forgery
 * is wrong in the way it says and in no earlier one.
 */
async function judge(bytes: Uint8Array): Promise<string> {
  if (bytes.length > MAX_DOCUMENT_BYTES) return "too-large";
  const parsed = envelope.safeParse(json(bytes));
  if (!parsed.success) return "malformed";
  const { payload, signatures } = parsed.data;
  const texts = [payload, ...signatures.flatMap((one) => [one.protected, one.signature])];
  if (texts.some((text) => Buffer.from(text, "base64url").toString("base64url") !== text)) return "malformed";
  const headers = signatures.map((one) => protectedHeader.safeParse(json(Buffer.from(one.protected, "base64url"))));
  if (headers.some((header) => !header.success)) return "malformed";
  if (new Set(headers.map((header) => header.data?.kid)).size < headers.length) return "malformed";
  const valid = new Set<string>();
  for (const [index, one] of signatures.entries()) {
    const key = [...genuine.keys, genuine.wrongRoleKey].find(({ kid }) => kid === headers[index]?.data?.kid);
    if (key === undefined) continue;
    const verified = flattenedVerify({ payload, ...one }, await importJWK(key.publicJwk, "Ed25519")).then(
      () => true,
      () => false,
    );
    if (await verified) valid.add(key.kid);
  }
  if (valid.size === 0) return "bad-signature";
  const claims = claimsSchema.extend({ body: scheduleBody }).safeParse(json(Buffer.from(payload, "base64url")));
  if (!claims.success) return "malformed";
  if (!claims.data.aud.includes("station/xa-1")) return "wrong-audience";
  const counted = genuine.keys.filter(({ kid }) => valid.has(kid)).length;
  if (counted === 0) return "out-of-scope";
  if (counted < genuine.keys.length) return "threshold-not-reached";
  if (claims.data.seq < genuine.claims.seq) return "older";
  return claims.data.exp < Date.now() ? "expired" : "adopted";
}

function json(bytes: Uint8Array): unknown {
  const text = z.string().transform((value, context) => {
    try {
      return JSON.parse(value) as unknown;
    } catch {
      context.issues.push({ code: "custom", message: "no JSON", input: value });
      return z.NEVER;
    }
  });
  return text.safeParse(Buffer.from(bytes).toString("utf8")).data;
}

describe("the forgeries", () => {
  it("are each wrong in the way they say, and in no way that comes earlier", async () => {
    const judged = await Promise.all(forgeries.map(async ({ name, bytes }) => [name, await judge(bytes)]));
    expect(judged).toEqual(forgeries.map(({ name, reason }) => [name, reason]));
    expect(new Set(forgeries.map(({ name }) => name)).size).toBe(27);
  });

  it("cover every reason that a document alone can give", () => {
    const reasons = new Set(forgeries.map(({ reason }) => reason));
    expect([...reasons].sort()).toEqual([
      "bad-signature",
      "expired",
      "malformed",
      "older",
      "out-of-scope",
      "threshold-not-reached",
      "too-large",
      "wrong-audience",
    ]);
  });

  it("carry true signatures under their false headers, so that only the header is at fault", async () => {
    const jwk = forgeries.find(({ name }) => name === "own jwk");
    const document = envelope.parse(json(jwk?.bytes ?? new Uint8Array()));
    const [first] = document.signatures;
    const [key] = genuine.keys;
    if (first === undefined || key === undefined) throw new Error("nothing signed");
    const verified = await flattenedVerify(
      { payload: document.payload, ...first },
      await importJWK(key.publicJwk, "Ed25519"),
    );
    expect(verified.protectedHeader?.jwk).toEqual(key.publicJwk);
  });

  it("say when they cannot be made", async () => {
    await expect(older({ ...genuine, claims: { ...genuine.claims, seq: 1 } })).rejects.toThrow("nothing is older");
    await expect(belowThreshold({ ...genuine, keys: genuine.keys.slice(1) })).rejects.toThrow("threshold of one");
  });
});
