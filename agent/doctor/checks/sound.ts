/** Sound cards, against what station.yaml asks for. */
import { outputsOf } from "../../config/hardware-file.ts";
import { cardWanted, hasCard, listed, readCards, type SoundCard } from "../cards.ts";
import { nothing, pair, stationCheck, type Verdict, well } from "../check.ts";

interface Reading {
  readonly cards: readonly SoundCard[];
  readonly wanted: readonly { readonly output: string; readonly device: string | undefined }[];
  /** The agent has a card open, whatever the kernel lists: it may go through a sound server. */
  readonly running: boolean;
  /** It is not to have any. */
  readonly none: boolean;
}

export function judgeSound({ cards, wanted, running, none }: Reading): Verdict {
  if (none) return nothing("máy này không phát tiếng, chỉ có bảng", "this computer has no sound, only faces");
  const playing = cards.filter(({ plays }) => plays);
  const missing = wanted.flatMap(({ output, device }) => {
    const card = device === undefined ? null : cardWanted(device);
    return card === null || hasCard(playing, card) !== undefined ? [] : [{ output, card }];
  });
  const list = listed(playing);
  if (missing.length > 0) {
    const named = missing.map(({ output, card }) => `${output}: ${card}`).join(", ");
    return {
      state: "bad",
      finding: pair(`cần ${named}; có: ${list || "không có card nào"}`, `wanted ${named}; there is: ${list || "none"}`),
      cause: pair(
        "Card ghi trong station.yaml không có trên máy: chưa cắm, hoặc tên đã đổi.",
        "The card that station.yaml names is not there: unplugged, or its name changed.",
      ),
      advice: pair(
        "Cắm lại card (USB/HAT), hoặc sửa `hardware.sound.device` thành một card có trong danh sách.",
        "Plug the card in (USB, HAT), or write one of those that are there into `hardware.sound.device`.",
      ),
    };
  }
  if (running) return well(list || pair("qua máy chủ âm thanh", "through a sound server"));
  if (playing.length > 0) return well(list);
  return {
    state: "bad",
    finding: pair("không có card âm thanh nào", "there is no sound card"),
    cause: pair(
      "Hệ điều hành không thấy card: chưa cắm, hoặc chưa bật trong cấu hình khởi động.",
      "The system sees no card: it is not plugged in, or not switched on in the boot configuration.",
    ),
    advice: pair(
      "Cắm card USB hoặc gắn HAT (bật dtoverlay của nó), rồi xem `cat /proc/asound/cards`. Máy chỉ có bảng thì ghi `hardware.sound: { kind: none }`.",
      "Plug in a USB card or fit the HAT (with its dtoverlay), then look at `cat /proc/asound/cards`. A computer with faces only says `hardware.sound: { kind: none }`.",
    ),
  };
}

export const sound = stationCheck(
  { name: "sound", title: pair("card âm thanh", "sound"), codes: ["sound-absent", "sound-stalled"] },
  async (file, { machine, agent }): Promise<Reading> => ({
    cards: await readCards(machine),
    wanted: outputsOf(file).map(({ name, sound: { device } }) => ({ output: name, device })),
    running: agent?.outputs.every(({ sound: { state } }) => state === "running") ?? false,
    none: file.hardware.sound.kind === "none",
  }),
  judgeSound,
);
