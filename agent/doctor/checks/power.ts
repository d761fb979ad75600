/** The battery that station.yaml names. */
import { nothing, pair, stationCheck, type Verdict, well } from "../check.ts";

interface Reading {
  readonly folder: string | null;
  /** Contacts that tell of the mains, in place of a gauge. */
  readonly contacts: readonly string[];
  readonly supplies: readonly { readonly name: string; readonly type: string; readonly online: string }[];
}

export function judgePower({ folder, contacts, supplies }: Reading): Verdict {
  if (folder === null) return nothing("chỉ dùng điện lưới", "fed by the mains only");
  const list = supplies.map(({ name, type, online }) => `${name} (${type}) ${online}`.trim()).join(", ");
  const battery = supplies.some(({ type }) => type === "Battery" || type === "UPS");
  if (!battery && contacts.length > 0) return well(`${contacts.join(", ")} (mains)`);
  if (!battery) {
    return {
      state: "bad",
      finding: `${folder}: ${list || "–"}`,
      cause: pair("Không thấy ắc quy đã khai báo.", "The battery that is declared is not seen."),
      advice: pair(
        "Kiểm tra dây I²C/USB của bộ đo ắc quy và overlay của nó; không có bộ đo thì nối tiếp điểm điện lưới (`does: mains`); không có ắc quy thì bỏ `hardware.battery`.",
        "Check the gauge's I²C or USB wires and its overlay; without a gauge wire a contact for the mains (`does: mains`); without a battery take out `hardware.battery`.",
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
  async ({ hardware: { battery, contacts: wired } }, { machine }): Promise<Reading> => {
    if (battery === undefined) return { folder: null, contacts: [], supplies: [] };
    const contacts = wired.filter(({ does }) => does === "mains").map(({ name }) => name);
    const supplies = [];
    for (const name of await machine.list(battery.path)) {
      const value = async (file: string) => ((await machine.read(`${battery.path}/${name}/${file}`)) ?? "").trim();
      supplies.push({ name, type: await value("type"), online: await value("online") });
    }
    return { folder: battery.path, contacts, supplies };
  },
  judgePower,
);
