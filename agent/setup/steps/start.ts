/** The agent begins its work: at once, or with the next boot; then it enrols and takes what the folder holds as soon as it can. */
import { DaemonDown, type Invocation, Refused } from "../../cli/command.ts";
import type { StatusView } from "../../control/views.ts";
import { bad, line, type Session, type Step, skipped, well } from "../session.ts";
import { pause } from "./wiring.ts";

const READY_WITHIN_MS = 30_000;
const ENROLLED_WITHIN_MS = 60_000;
const POLL_MS = 500;
const LONGEST_IMPORT_MS = 7_200_000;

/** Asks until it holds; `null` where it does not in time. */
async function until(ask: Invocation["ask"], withinMs: number, holds: (status: StatusView) => boolean) {
  const end = Date.now() + withinMs;
  let status: StatusView | null = null;
  while (Date.now() < end) {
    try {
      status = (await ask("GET", "/v1/status")) as StatusView;
      if (holds(status)) return status;
    } catch (error) {
      if (!(error instanceof DaemonDown)) throw error;
    }
    await pause(POLL_MS);
  }
  return status;
}

export const start: Step = {
  name: "start",
  async run({ ui, words, ask, machine, answers }: Session) {
    const later = line("Khởi động", "Start", words.say("setupLater"));
    if (!(await ui.confirm(words.say("setupStart"), answers.start === "now"))) return skipped(later);
    const { code, stderr } = await machine.run("systemctl", ["enable", "--now", "loa"], READY_WITHIN_MS);
    const status = await until(ask, READY_WITHIN_MS, () => true);
    if (status === null) return bad(line("Khởi động", "Start", code === 0 ? "loa.service" : stderr.trim()));
    const lines = [line("Agent", "Agent", `✓ ${status.version}`)];
    if (answers.commission !== undefined) {
      const body = { folder: answers.commission, by: "setup" };
      const taken = await ask("POST", "/v1/import", body, LONGEST_IMPORT_MS).then(
        (answer) => answer as { documents: { result: string }[]; media: { result: string }[] },
        (error: unknown) => {
          // A folder that only commissions holds nothing to import.
          if (error instanceof Refused) return null;
          throw error;
        },
      );
      const count = [...(taken?.documents ?? []), ...(taken?.media ?? [])].filter(({ result }) => result !== "refused");
      lines.push(line("Đã nạp", "Imported", String(count.length)));
    }
    const waits = status.enrolment.state === "pending";
    const enrolled = waits ? await until(ask, ENROLLED_WITHIN_MS, (now) => now.enrolment.state !== "pending") : status;
    lines.push(line("Đăng ký", "Enrolment", enrolled?.enrolment.state ?? "?"));
    lines.push(line("Kết nối", "Link", words.say(enrolled?.link.connected === true ? "connected" : "offline")));
    return well(...lines);
  },
};

export const pattern: Step = {
  name: "pattern",
  async run({ ui, words, ask, answers }: Session) {
    if (answers.hardware.board === undefined) return null;
    const how = line("Sau này", "Later", "loa test face");
    if (answers.pattern === "skip") return skipped(how);
    let view: { faces: { name: string }[] };
    try {
      view = (await ask("GET", "/v1/faces")) as typeof view;
    } catch (error) {
      if (error instanceof DaemonDown || error instanceof Refused) return skipped(how);
      throw error;
    }
    const lines = [];
    let fine = true;
    for (const { name } of view.faces) {
      await ask("POST", "/v1/faces/pattern", { face: name, pattern: "identify", seconds: 60, by: "setup" });
      const seen = await ui.confirm(words.say("setupSeen", { face: name }), true);
      fine &&= seen;
      lines.push(line(name, name, seen ? "✓" : "✗"));
    }
    return fine ? well(...lines) : bad(...lines);
  },
};
