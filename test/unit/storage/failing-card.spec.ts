import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../support/storage/temporary.ts";

const script = join(import.meta.dirname, "../../support/storage/failing-card.ts");

describe("a card that stops taking writes", () => {
  it("acknowledges nothing meanwhile, can still be read, and works again with the chain whole when the card does", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [script, await temporaryFolder()]);
    const seen = JSON.parse(stdout) as { failing: string[] };
    expect(seen).toMatchObject({
      ...{
        before: "1",
        headWhileFailing: 1,
        after: ["2", "3"],
        verdict: { ok: true, count: 3, pruned: 0 },
        outbox: 3,
        mute: true,
      },
      failing: ["storage-failed", "storage-failed", "storage-failed"],
      readableWhileFailing: 1,
    });
  });
});
