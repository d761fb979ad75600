import { appendFile, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readIfPresent, replaceFile } from "../../../storage/durable-file.ts";
import { LineLog } from "../../source/durable.ts";
import { SourceState } from "../../source/state.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = await temporaryFolder();

describe("a line log", () => {
  it("gives back its lines and drops one that a power cut tore", async () => {
    const path = join(folder, "log");
    const first = await LineLog.open(path);
    await first.log.append({ text: "bản tin" });
    await first.log.append({ text: "thứ hai" });
    await first.log.close();
    await appendFile(path, '{"text":"đứt gi');
    const second = await LineLog.open(path);
    expect(second.lines).toEqual([{ text: "bản tin" }, { text: "thứ hai" }]);
    await second.log.append({ text: "sau" });
    await second.log.close();
    expect(await readFile(path, "utf8")).toBe('{"text":"bản tin"}\n{"text":"thứ hai"}\n{"text":"sau"}\n');
  });
});

describe("a replaced file", () => {
  it("leaves nothing beside it", async () => {
    const own = join(folder, "file");
    expect(await readIfPresent(own)).toBeNull();
    await replaceFile(own, "một");
    await replaceFile(own, "hai");
    expect(await readIfPresent(own)).toBe("hai");
    expect((await readdir(folder)).filter((name) => name.endsWith(".new"))).toEqual([]);
  });
});

describe("the source's state", () => {
  it("counts up only, also past a wished number, and over a restart", async () => {
    const state = await SourceState.open(folder);
    expect([state.next("a"), state.next("a", 9), state.next("a"), state.next("a", 3), state.next("a")]).toEqual([
      1, 9, 10, 3, 11,
    ]);
    await state.save();
    const again = await SourceState.open(folder);
    expect([again.next("a"), again.next("b")]).toEqual([12, 1]);
    expect(again.clientId).toBe(state.clientId);
  });
});
