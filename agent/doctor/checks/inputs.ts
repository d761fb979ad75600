/** Microphones and lines that station.yaml names: the card is there, and it can capture. */
import { cardWanted, hasCard, listed, readCards, type SoundCard } from "../cards.ts";
import { nothing, pair, stationCheck, type Verdict, well } from "../check.ts";

interface Reading {
  readonly cards: readonly SoundCard[];
  readonly inputs: readonly { readonly name: string; readonly device: string }[];
}

export function judgeInputs({ cards, inputs }: Reading): Verdict {
  if (inputs.length === 0) return nothing("không khai báo micrô hay đường vào", "no microphone or line is declared");
  const capturing = cards.filter(({ captures }) => captures);
  const missing = inputs.filter(({ device }) => {
    const card = cardWanted(device);
    return card !== null && hasCard(capturing, card) === undefined;
  });
  const named = (list: Reading["inputs"]) => list.map(({ name, device }) => `${name}: ${device}`).join(", ");
  if (missing.length === 0) return well(named(inputs));
  return {
    state: "bad",
    finding: pair(
      `thiếu ${named(missing)}; thu được: ${listed(capturing) || "không có"}`,
      `missing ${named(missing)}; able to capture: ${listed(capturing) || "none"}`,
    ),
    cause: pair("Card thu chưa cắm hoặc tên đã đổi.", "The capturing card is unplugged, or its name changed."),
    advice: pair(
      "Cắm lại card, hoặc sửa `hardware.ear`/`hardware.lineInputs` theo danh sách.",
      "Plug the card in, or correct `hardware.ear`/`hardware.lineInputs` by the list.",
    ),
  };
}

export const inputs = stationCheck(
  { name: "inputs", title: pair("micrô và đường vào", "inputs"), codes: ["live-fallback"] },
  async ({ hardware: { ear, lineInputs } }, { machine }): Promise<Reading> => ({
    cards: await readCards(machine),
    inputs: [
      ...(ear?.kind === "alsa" ? [{ name: "ear", device: ear.device }] : []),
      ...Object.entries(lineInputs)
        .filter(([, { kind }]) => kind === "alsa")
        .map(([name, { device }]) => ({ name, device })),
    ],
  }),
  judgeInputs,
);
