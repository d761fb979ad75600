/** Runs a real-time promise at length. The figures it prints go, with command and commit, into the table beside this file. */
import { execFileSync, spawn } from "node:child_process";
import { resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const CAMPAIGNS: Readonly<Record<string, { spec: string; environment: Record<string, string> }>> = {
  offline: { spec: "test/realtime/offline.spec.ts", environment: { LOA_STARTS: "300", LOA_KILLS: "50" } },
  emergency: { spec: "test/realtime/emergency.spec.ts", environment: { LOA_ALERTS: "100" } },
};

const name = process.argv[2] ?? "";
const campaign = CAMPAIGNS[name];
if (campaign === undefined) {
  process.stderr.write(`which campaign? ${Object.keys(CAMPAIGNS).join(", ")}\n`);
  process.exit(64);
}
const commit = execFileSync("git", ["describe", "--always", "--dirty"], { cwd: ROOT, encoding: "utf8" }).trim();
process.stdout.write(`campaign ${name}, commit ${commit}, Node ${process.versions.node}\n`);
// The caller's own settings win, so that a shorter trial run is possible.
const child = spawn(
  process.execPath,
  ["node_modules/vitest/vitest.mjs", "run", "--project", "realtime", campaign.spec],
  {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...campaign.environment, ...process.env },
  },
);
child.on("close", (code) => {
  process.exitCode = code ?? 1;
});
