/** How worn the card is, where it tells. Source: Linux, Documentation/ABI/testing/sysfs-bus-mmc (`life_time`, `pre_eol_info`; JEDEC eMMC 5.1). */
import { machineCheck, nothing, pair, type Verdict, well } from "../check.ts";
import type { Machine } from "../machine.ts";

export interface Wear {
  readonly device: string;
  /** Per cent of its life that are used, rounded up to tens. */
  readonly usedPercent: number;
  /** 1 normal, 2 80 % of the spare blocks used, 3 90 %. */
  readonly spare: number;
}

const WORN = 80;

async function readWear(machine: Machine): Promise<Wear[]> {
  const found: Wear[] = [];
  for (const name of await machine.list("/sys/block")) {
    if (!/^mmcblk\d+$/.test(name)) continue;
    const life = await machine.read(`/sys/block/${name}/device/life_time`);
    const spare = await machine.read(`/sys/block/${name}/device/pre_eol_info`);
    const shares = (life ?? "")
      .trim()
      .split(/\s+/)
      .map((text) => Number.parseInt(text, 16));
    const worst = Math.max(...shares.filter((share) => share > 0));
    if (!Number.isFinite(worst)) continue;
    found.push({ device: name, usedPercent: Math.min(100, worst * 10), spare: Number.parseInt(spare ?? "1", 16) || 1 });
  }
  return found;
}

export function judgeWear(found: readonly Wear[]): Verdict {
  if (found.length === 0) return nothing("thẻ không cho biết", "the card does not tell");
  const finding = found.map(({ device, usedPercent, spare }) => `${device}: ${usedPercent} %, ${spare}/3`).join("; ");
  if (found.every(({ usedPercent, spare }) => usedPercent < WORN && spare < 2)) return well(finding);
  return {
    state: "bad",
    finding,
    cause: pair("Thẻ nhớ đã mòn gần hết tuổi thọ.", "The card is near the end of its life."),
    advice: pair(
      "Thay thẻ nhớ trước khi hỏng: cài Loa trên thẻ mới, xin tỉnh gói thay thế, rồi `loa commission THƯ-MỤC --replace TRẠM`.",
      "Replace the card before it fails: install Loa on a new one, ask the province for a replacing folder, then `loa commission FOLDER --replace STATION`.",
    ),
  };
}

export const wear = machineCheck(
  { name: "wear", title: pair("độ mòn thẻ nhớ", "wear"), codes: ["media-given-up"] },
  ({ machine }) => readWear(machine),
  judgeWear,
);
