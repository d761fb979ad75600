/** Runs a promise at length. The figures it prints go, with command and commit, into the table beside this file. */
import { execFileSync, spawn } from "node:child_process";
import { resolve } from "node:path";
import { vitestCommand } from "../support/vitest-command.ts";

const ROOT = resolve(import.meta.dirname, "../..");
interface Part {
  readonly project: "fast" | "seen" | "realtime";
  readonly spec: string;
}
interface Campaign extends Part {
  /** What runs alone, when the first has passed. */
  readonly after?: Part;
  readonly environment: Readonly<Record<string, string>>;
}
const CAMPAIGNS: Readonly<Record<string, Campaign>> = {
  offline: {
    project: "realtime",
    spec: "test/realtime/offline.spec.ts",
    environment: { LOA_STARTS: "300", LOA_KILLS: "50" },
  },
  emergency: { project: "realtime", spec: "test/realtime/emergency.spec.ts", environment: { LOA_ALERTS: "100" } },
  step: { project: "realtime", spec: "test/realtime/step.spec.ts", environment: { LOA_STEP_S: "600" } },
  mutations: {
    project: "fast",
    spec: "test/behaviour/trust-mutations.spec.ts",
    environment: { LOA_MUTATIONS: "100000" },
  },
  commands: {
    project: "fast",
    spec: "test/behaviour/trust-command-storm.spec.ts",
    environment: { LOA_COMMANDS: "10000" },
  },
  config: { project: "fast", spec: "test/behaviour/config.spec.ts", environment: { LOA_CONFIGS: "500" } },
  fleet: {
    project: "fast",
    spec: "test/behaviour/fleet.spec.ts",
    environment: { LOA_FLEET: "2000", LOA_FLEET_DOWN_S: "120", LOA_FLEET_NATS: "2000" },
  },
  /** 1,000 hostile contents; frames of a ticker; an alert on the faces. */
  faces: {
    project: "seen",
    spec: "test/seen",
    environment: { LOA_HOSTILE: "1000", LOA_TICKER_MS: "20", LOA_ALERT_MS: "150" },
  },
  hour: { project: "seen", spec: "test/seen/hour.spec.ts", environment: { LOA_HOUR_S: "3600" } },
  soak: { project: "realtime", spec: "test/realtime/soak.spec.ts", environment: { LOA_SOAK_S: "3600" } },
  story: { project: "realtime", spec: "test/realtime/story.spec.ts", environment: { LOA_STORY_BROKER: "1" } },
  live: {
    project: "realtime",
    spec: "test/realtime/live.spec.ts",
    environment: { LOA_LIVE_ORDEALS: "killed,frozen,muted,noise,flapping" },
  },
  broker: {
    project: "fast",
    spec: "test/behaviour/trust-hostile-broker.spec.ts",
    after: { project: "realtime", spec: "test/realtime/hostile-broker.spec.ts" },
    environment: { LOA_FLOOD: "30000", LOA_SIEGE_S: "120" },
  },
};

const name = process.argv[2] ?? "";
const campaign = CAMPAIGNS[name];
if (campaign === undefined) {
  process.stderr.write(`which campaign? ${Object.keys(CAMPAIGNS).join(", ")}\n`);
  process.exit(64);
}
const commit = execFileSync("git", ["describe", "--always", "--dirty"], { cwd: ROOT, encoding: "utf8" }).trim();
process.stdout.write(`campaign ${name}, commit ${commit}, Node ${process.versions.node}\n`);

/** Exit code of the test run. */
function run({ project, spec }: Part, environment: Campaign["environment"]): Promise<number> {
  return new Promise((resolve) => {
    // The caller's own settings win, so that a shorter trial run is possible.
    const [command, ...args] = vitestCommand(project, [spec]);
    const child = spawn(command, args, {
      cwd: ROOT,
      stdio: "inherit",
      env: { ...environment, ...process.env },
    });
    child.on("close", (code) => resolve(code ?? 1));
  });
}

process.exitCode = await run(campaign, campaign.environment);
if (process.exitCode === 0 && campaign.after !== undefined) {
  process.exitCode = await run(campaign.after, campaign.environment);
}
