/** The story, run as a person runs it. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";

/** Of this checkout. */
export const ROOT = resolve(import.meta.dirname, "../..");

const summary = z.object({
  ok: z.boolean(),
  seconds: z.number(),
  secondsToStory: z.number(),
  folder: z.string(),
  items: z.array(
    z.object({
      id: z.string(),
      verdict: z.string(),
      plannedAt: z.string().nullable(),
      foundAt: z.string().nullable(),
      startErrorMs: z.number().nullable(),
      lengthMs: z.number(),
      expectedMs: z.number(),
      score: z.number(),
      parts: z.number(),
    }),
  ),
  unplanned: z.array(z.object({ at: z.string(), lengthMs: z.number() })),
  proofs: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })),
  records: z.object({ ok: z.boolean(), expected: z.number(), arrived: z.number() }),
});

/** How a story ended, and the summary that it prints last. */
export interface Ended {
  readonly code: number | null;
  readonly summary: z.infer<typeof summary>;
}

/** Runs a command to its end. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((done, fail) => {
    const child = spawn(command, [...args], { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let [out, err] = ["", ""];
    child.stdout.on("data", (chunk) => {
      out += chunk;
    });
    child.stderr.on("data", (chunk) => {
      err += chunk;
    });
    child.once("error", fail);
    child.once("close", (code) => done({ code, out, err }));
  });
}

/** Runs Node on a program that tells the story. @throws Error when it ends without a summary */
export async function told(args: readonly string[], cwd: string): Promise<Ended> {
  const began = performance.now();
  const { code, out, err } = await run(process.execPath, args, cwd);
  const last = out.trimEnd().split("\n").at(-1) ?? "";
  const tookS = (performance.now() - began) / 1_000;
  console.info(`${args.join(" ")}: exit ${code} after ${tookS.toFixed(0)} s`);
  if (!last.startsWith('{"ok"')) throw new Error(`no summary:\n${out.slice(-2_000)}\n${err.slice(-2_000)}`);
  return { code, summary: summary.parse(JSON.parse(last)) };
}

/** The story of this checkout, broken on purpose; it ends at the first check that fails. */
export async function brokenStory(what: "sink" | "media" | "broker"): Promise<Ended> {
  if (!existsSync(join(ROOT, "dist/test/demo/main.js"))) throw new Error("not built: run `npm run build`");
  return told(["dist/test/demo/main.js", "--break", what, "--fail-fast", "--json"], ROOT);
}
