import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Claims } from "../../../agent/enrolment/claims.ts";

let folder: string;
let given: string;
const claims = () => new Claims(given, join(folder, "identity"));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "loa-claims-"));
  await mkdir(join(folder, "etc"));
  given = join(folder, "etc", "claim");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the one-time claim", () => {
  it("is the bundle's until one is typed, and none once it was used", async () => {
    expect(await claims().current()).toBeNull();
    await writeFile(given, "CLAIM-ONE\n");
    expect(await claims().current()).toBe("CLAIM-ONE");
    await claims().type("CLAIM-TWO");
    expect(await claims().current()).toBe("CLAIM-TWO");
    await claims().used("CLAIM-TWO");
    expect(await claims().current()).toBeNull();
    await expect(stat(given)).rejects.toThrow();
  });

  it("is not shown again where the file that held it cannot be removed", async () => {
    await writeFile(given, "CLAIM-ONE\n");
    await claims().used("CLAIM-ONE");
    // As a read-only /etc leaves it.
    await writeFile(given, "CLAIM-ONE\n");
    expect(await claims().current()).toBeNull();
    await writeFile(given, "CLAIM-NEW\n");
    expect(await claims().current()).toBe("CLAIM-NEW");
  });

  it("keeps what was typed to the agent alone, and never the used one in words", async () => {
    await claims().type("CLAIM-TWO");
    expect((await stat(join(folder, "identity", "claim"))).mode & 0o077).toBe(0);
    await claims().used("CLAIM-TWO");
    expect(await readFile(join(folder, "identity", "claim.used"), "utf8")).toMatch(/^[0-9a-f]{64}\n$/);
  });
});
