import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { flattenedVerify, importJWK } from "jose";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { BODIES } from "../../../agent/contract/bodies.ts";
import { claims, DOCUMENT_KINDS, envelope, protectedHeader } from "../../../agent/contract/envelope.ts";
import { SCHEMAS_FOLDER } from "../../../agent/contract/publish.ts";
import { parseDownlinkTopic } from "../../../agent/contract/topics.ts";
import { rootFile } from "../../../agent/contract/trust.ts";
import { birth, death, events, health } from "../../../agent/contract/uplink.ts";
import { EXAMPLES_FOLDER, makeExamples, rfc8037Key } from "../../source/examples.ts";
import { inspect } from "../../source/findings.ts";
import { parseUplink, StationHistory } from "../../source/history.ts";

const UPLINKS = { birth, death, health, events } as const;
const downlink = z.object({ topic: z.string(), retain: z.boolean(), claims, document: envelope });
const uplink = z.object({ topic: z.string(), retain: z.boolean(), message: z.record(z.string(), z.unknown()) });

async function example(name: string): Promise<unknown> {
  return JSON.parse(await readFile(join(EXAMPLES_FOLDER, `${name}.json`), "utf8"));
}

/** The published JSON Schema read back as a validator of its own: what a stranger's tool would do with the file. */
async function published(name: string): Promise<z.ZodType> {
  return z.fromJSONSchema(JSON.parse(await readFile(join(SCHEMAS_FOLDER, `${name}.json`), "utf8")));
}

describe("the worked examples", () => {
  it("are what the script makes: run `node test/source/examples.ts` after a change", async () => {
    const made = await makeExamples();
    expect((await readdir(EXAMPLES_FOLDER)).sort()).toEqual(Object.keys(made).sort());
    for (const [name, text] of Object.entries(made)) {
      expect(await readFile(join(EXAMPLES_FOLDER, name), "utf8"), name).toBe(text);
    }
  });

  it.each(DOCUMENT_KINDS)("%s: verifies, validates, and stands under its topic", async (kind) => {
    const raw = z.object({ claims: z.unknown(), document: z.unknown() }).parse(await example(kind));
    const { topic, document } = downlink.parse(await example(kind));
    const [signature] = document.signatures;
    if (signature === undefined) throw new Error("unsigned");
    const { publicJwk } = await rfc8037Key();
    const verified = await flattenedVerify(
      { payload: document.payload, ...signature },
      await importJWK(publicJwk, "Ed25519"),
      { algorithms: ["Ed25519"] },
    );
    expect(protectedHeader.safeParse(verified.protectedHeader).success).toBe(true);
    const signed: unknown = JSON.parse(Buffer.from(verified.payload).toString("utf8"));
    expect(signed).toEqual(raw.claims);
    const { body, aud } = claims.parse(signed);
    expect(BODIES[kind].safeParse(body).error).toBeUndefined();
    expect(parseDownlinkTopic(topic)).toMatchObject({ kind, address: aud[0] });
    expect((await published("envelope")).safeParse(raw.document).error).toBeUndefined();
    expect((await published("claims")).safeParse(signed).error).toBeUndefined();
    const schema = await published(`body-${kind}`);
    expect(schema.safeParse(body).error).toBeUndefined();
    expect(schema.safeParse({ ...z.record(z.string(), z.unknown()).parse(body), surprise: 1 }).success).toBe(false);
  });

  it.each(Object.keys(UPLINKS) as (keyof typeof UPLINKS)[])("%s: validates", async (name) => {
    const { topic, message } = uplink.parse(await example(name));
    expect(UPLINKS[name].safeParse(message).error).toBeUndefined();
    expect(topic).toBe(`loa/v1/station/${String(message.station)}/up/${name === "death" ? "birth" : name}`);
    const schema = await published(name);
    expect(schema.safeParse(message).error).toBeUndefined();
    expect(schema.safeParse({ ...message, surprise: 1 }).success).toBe(false);
  });

  it("tell one story: the source has nothing against this station", async () => {
    const history = new StationHistory("xa-00004-cum-1");
    for (const name of ["birth", "health", "events"] as const) {
      const { message } = uplink.parse(await example(name));
      history.absorb(parseUplink(history.station, name, JSON.stringify(message)));
    }
    expect(inspect(history)).toEqual([]);
    expect(history.cumulative).toBe(5);
  });

  it("root-file: validates and pins the published key", async () => {
    const file: unknown = await example("root-file");
    expect(rootFile.parse(file).keys).toEqual([(await rfc8037Key()).publicJwk]);
    expect((await published("root-file")).safeParse(file).success).toBe(true);
  });
});
