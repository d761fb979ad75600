/** The way to the broker: an interface, a route, a port that answers. */
import { withoutSecrets } from "../../../playback/model/live.ts";
import { unreachable } from "../../config/reachable.ts";
import { nothing, pair, stationCheck, type Verdict, well } from "../check.ts";
import type { Machine } from "../machine.ts";

interface Reading {
  readonly brokers: readonly { readonly url: string; readonly why: string | null }[];
  /** Interfaces other than the loopback, and whether they are up. */
  readonly interfaces: readonly { readonly name: string; readonly up: boolean }[];
  readonly route: boolean;
}

async function readInterfaces(machine: Machine): Promise<Reading["interfaces"]> {
  const found = [];
  for (const name of await machine.list("/sys/class/net")) {
    if (name === "lo") continue;
    const state = ((await machine.read(`/sys/class/net/${name}/operstate`)) ?? "").trim();
    found.push({ name, up: state === "up" || state === "unknown" });
  }
  return found;
}

/** Source: proc_pid_net(5), `route`: destination 0 is the default. */
const hasRoute = (text: string) => /^\S+\t00000000\t/m.test(text);

export function judgeNetwork({ brokers, interfaces, route }: Reading): Verdict {
  if (brokers.length === 0) return nothing("không khai báo máy chủ", "no broker is declared");
  const state = interfaces.map(({ name, up }) => `${name} ${up ? "✓" : "✗"}`).join(", ") || "–";
  const finding = `${brokers.map(({ url, why }) => `${url}: ${why ?? "✓"}`).join("; ")} · ${state}`;
  if (brokers.some(({ why }) => why === null)) return well(finding);
  if (!interfaces.some(({ up }) => up) || !route) {
    return {
      state: "bad",
      finding,
      cause: pair("Bo mạch không có mạng: không có đường ra ngoài.", "The board has no network: no way out of it."),
      advice: pair(
        "Kiểm tra SIM (còn tiền, đúng APN), ăng-ten hoặc cáp mạng; loa vẫn phát theo lịch đã lưu.",
        "Check the SIM (credit, APN), the antenna or the cable; cached schedules play on.",
      ),
    };
  }
  return {
    state: "bad",
    finding,
    cause: pair(
      "Có mạng nhưng máy chủ không trả lời: sai địa chỉ, sai DNS, bị tường lửa chặn, hoặc máy chủ đang dừng.",
      "There is a network and the broker does not answer: a wrong address, DNS, a firewall, or it is down.",
    ),
    advice: pair(
      "So `uplink.brokers` với giấy của tỉnh và hỏi tỉnh xem máy chủ có chạy không; loa vẫn phát theo lịch đã lưu.",
      "Compare `uplink.brokers` with the province's paper and ask whether it is running; cached schedules play on.",
    ),
  };
}

export const network = stationCheck(
  { name: "network", title: pair("mạng", "network"), codes: ["uplink-down", "data-budget-spent"] },
  async ({ uplink: { brokers } }, { machine }): Promise<Reading> => ({
    brokers: await Promise.all(brokers.map(async (url) => ({ url: withoutSecrets(url), why: await unreachable(url) }))),
    interfaces: await readInterfaces(machine),
    route: hasRoute((await machine.read("/proc/net/route")) ?? ""),
  }),
  judgeNetwork,
);
