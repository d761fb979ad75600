import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parseStationFile } from "../../../agent/config/station-file.ts";

const EXAMPLES = resolve(import.meta.dirname, "../../../deploy/examples");

describe("station.yaml", () => {
  it("of the example is correct, with paths as written", async () => {
    const file = parseStationFile(await readFile(join(EXAMPLES, "station.yaml"), "utf8"), EXAMPLES);
    expect(file).toMatchObject({
      station: "xa-00004-cum-01",
      state: "/var/lib/loa",
      hardware: { amplifier: { kind: "gpio" } },
    });
  });

  it("reports every mistake at once, by path", () => {
    const text =
      'station: "xa 1"\ncommune: 4\nprovince: "01"\nroot: root.json\nvolumne: 3\nhardware:\n  amplifier: { kind: magic }\n';
    const mistakes = parseStationFile(text, "/etc/loa");
    if (!("length" in mistakes)) throw new Error("accepted");
    expect(mistakes.map(({ path }) => path).sort()).toEqual([
      "(root)",
      "commune",
      "hardware.amplifier.kind",
      "station",
    ]);
    expect(mistakes.find(({ path }) => path === "(root)")?.message).toContain("volumne");
  });

  it("says the line where it is no YAML, and refuses a key that stands twice", () => {
    const [first] = parseStationFile("station: a\nstation: b\n", "/") as { path: string; message: string }[];
    expect(first).toMatchObject({ path: "line 2", message: expect.stringContaining("unique") });
  });

  it("refuses a time zone that does not exist and takes relative paths from its own folder", () => {
    const head = 'station: a\ncommune: "00004"\nprovince: "01"\nroot: keys/root.json\n';
    expect(parseStationFile(head, "/etc/loa")).toMatchObject({
      root: "/etc/loa/keys/root.json",
      zone: "Asia/Ho_Chi_Minh",
    });
    expect(parseStationFile(`${head}zone: Asia/Atlantis\n`, "/")).toMatchObject([{ path: "zone" }]);
  });
});
