/** The battery that station.yaml names. */
import { nothing, pair, stationCheck, type Verdict, well } from "../check.ts";

interface Reading {
  readonly folder: string | null;
  readonly supplies: readonly { readonly name: string; readonly type: string; readonly online: string }[];
}

export function judgePower({ folder, supplies }: Reading): Verdict {
  if (folder === null) return nothing("chỉ dùng điện lưới", "fed by the mains only");
  const list = supplies.map(({ name, type, online }) => `${name} (${type}) ${online}`.trim()).join(", ");
  const battery = supplies.some(({ type }) => type === "Battery" || type === "UPS");
  if (!battery) {
    return {
      state: "bad",
      finding: `${folder}: ${list || "–"}`,
      cause: pair("Không thấy ắc quy đã khai báo.", "The battery that is declared is not seen."),
      advice: pair(
        "Kiểm tra dây I²C/USB của bộ đo ắc quy và overlay của nó, hoặc bỏ `hardware.battery` nếu trạm không có ắc quy.",
        "Check the gauge's I²C or USB wires and its overlay, or take out `hardware.battery` where there is none.",
      ),
    };
  }
  const mains = supplies.find(({ type }) => type === "Mains");
  if (mains?.online === "0") {
    return {
      state: "bad",
      finding: list,
      cause: pair("Mất điện lưới, đang chạy ắc quy.", "The mains is gone, the battery feeds the station."),
      advice: pair("Kiểm tra áptômát và điện lưới.", "Check the breaker and the mains."),
    };
  }
  return well(list);
}

export const power = stationCheck(
  { name: "power", title: pair("nguồn điện", "power"), codes: ["on-battery"] },
  async ({ hardware: { battery } }, { machine }): Promise<Reading> => {
    if (battery === undefined) return { folder: null, supplies: [] };
    const supplies = [];
    for (const name of await machine.list(battery.path)) {
      const value = async (file: string) => ((await machine.read(`${battery.path}/${name}/${file}`)) ?? "").trim();
      supplies.push({ name, type: await value("type"), online: await value("online") });
    }
    return { folder: battery.path, supplies };
  },
  judgePower,
);
