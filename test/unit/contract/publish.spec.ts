import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { DOCUMENT_KINDS } from "../../../agent/contract/envelope.ts";
import { formatJson, makeAsyncApi, makeFiles, SCHEMAS_FOLDER } from "../../../agent/contract/publish.ts";
import { parseDownlinkTopic } from "../../../agent/contract/topics.ts";

const asyncApi = z.record(z.string(), z.unknown()).parse(makeAsyncApi());

/** Every `$ref` below a value. */
function references(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => (key === "$ref" ? [String(member)] : references(member)));
}

function resolve(pointer: string): unknown {
  let place: unknown = asyncApi;
  for (const step of pointer.slice(2).split("/")) place = z.record(z.string(), z.unknown()).parse(place)[step];
  return place;
}

describe("the published contract", () => {
  it("is what the validating schemas export: run `node agent/contract/publish.ts` after a change", async () => {
    const made = makeFiles();
    expect((await readdir(SCHEMAS_FOLDER)).sort()).toEqual(Object.keys(made).sort());
    for (const [name, text] of Object.entries(made)) {
      expect(await readFile(join(SCHEMAS_FOLDER, name), "utf8"), name).toBe(text);
    }
  });

  it("refers only to what exists", () => {
    const found = references(asyncApi);
    const files = Object.keys(makeFiles());
    for (const one of found) {
      if (one.startsWith("#/")) expect(resolve(one), one).toBeDefined();
      else expect(files, one).toContain(one.replace("./", ""));
    }
    const bodies = found.filter((one) => one.startsWith("./body-"));
    expect(bodies.sort()).toEqual(DOCUMENT_KINDS.map((kind) => `./body-${kind}.json`).sort());
  });

  it("gives each kind a topic that a station reads as that kind", () => {
    const channels = z.record(z.string(), z.object({ address: z.string() })).parse(asyncApi.channels);
    for (const kind of DOCUMENT_KINDS) {
      const topic = channels[kind]?.address
        .replace("{address}", "commune/00004")
        .replace("{station}", "xa-1")
        .replace("{level}", "commune")
        .replace("{identifier}", "lu-1");
      expect(parseDownlinkTopic(topic ?? "")?.kind, topic).toBe(kind);
    }
    expect(channels.birth?.address).toBe("loa/v1/station/{station}/up/birth");
  });

  it("retains state and not commands", () => {
    const binding = z.object({ bindings: z.object({ mqtt: z.object({ retain: z.boolean(), qos: z.number() }) }) });
    const operations = z.record(z.string(), binding).parse(asyncApi.operations);
    const retained = Object.entries(operations).filter(([, { bindings }]) => bindings.mqtt.retain);
    expect(retained.map(([name]) => name.replace(/^\w+-/, "")).sort()).toEqual(
      ["ack", "birth", "config", "content", "emergency", "release", "root", "schedule", "suspension", "trust"].sort(),
    );
  });

  it("is written as the formatter writes JSON", () => {
    expect(formatJson({ a: [], b: {}, c: ["x", 1], d: [{ e: null }] })).toBe(
      '{\n  "a": [],\n  "b": {},\n  "c": ["x", 1],\n  "d": [\n    {\n      "e": null\n    }\n  ]\n}\n',
    );
  });
});
