/** Whether the agent itself runs, and what the service manager says of it. */
import { machineCheck, pair, type Verdict, well } from "../check.ts";

interface Reading {
  readonly answers: boolean;
  readonly version: string | null;
  readonly systemd: boolean;
  /** As `systemctl show` says: `active`, `failed`, `inactive`… */
  readonly active: string;
  readonly result: string;
}

export function judgeAgent({ answers, version, systemd, active, result }: Reading): Verdict {
  if (answers) return well(version ?? "✓");
  const finding = pair(
    `agent không chạy${systemd ? ` (loa.service: ${active}, ${result})` : ""}`,
    `the agent is not running${systemd ? ` (loa.service: ${active}, ${result})` : ""}`,
  );
  if (!systemd) {
    return {
      state: "bad",
      finding,
      cause: pair("Không có agent nào trả lời ở socket.", "No agent answers on the socket."),
      advice: pair("Chạy agent.", "Run the agent."),
      commands: ["loa run"],
    };
  }
  return {
    state: "bad",
    finding,
    cause: pair("Dịch vụ loa đã dừng hoặc không khởi động được.", "The loa service was stopped or cannot start."),
    advice: pair(
      "Khởi động lại dịch vụ; nếu vẫn dừng, xem lý do bằng `loa logs` và sửa những mục ✗ ở trên.",
      "Restart the service; if it stops again, see why with `loa logs` and mend what is marked ✗ above.",
    ),
    commands: ["systemctl restart loa"],
  };
}

export const agent = machineCheck(
  { name: "agent", title: pair("agent", "agent"), codes: ["guard-lost", "conductor-faults"] },
  async ({ machine, agent: word }): Promise<Reading> => {
    const systemd = (await machine.stat(machine.at("/run/systemd/system"))) !== null;
    const { stdout } = systemd
      ? await machine.run("systemctl", ["show", "loa", "-p", "ActiveState", "-p", "Result"])
      : { stdout: "" };
    const value = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(stdout)?.[1] ?? "?";
    return {
      ...{ answers: word !== null, version: word?.version ?? null, systemd },
      ...{ active: value("ActiveState"), result: value("Result") },
    };
  },
  judgeAgent,
);
