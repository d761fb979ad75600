/** Sound cards as the kernel lists them, and which of them a device name means. Source: /proc/asound/cards; ALSA names `hw:CARD=id` and `hw:N`. */
import type { Machine } from "./machine.ts";

export interface SoundCard {
  readonly number: number;
  /** Short name, stable over boots where it is set by udev or the driver. */
  readonly id: string;
  readonly name: string;
  readonly plays: boolean;
  readonly captures: boolean;
}

export async function readCards(machine: Machine): Promise<SoundCard[]> {
  const text = (await machine.read("/proc/asound/cards")) ?? "";
  const found: SoundCard[] = [];
  for (const [, number, id, name] of text.matchAll(/^\s*(\d+) \[(\S+)\s*\]:\s*(.*)$/gm)) {
    const streams = await machine.list(`/proc/asound/card${number}`);
    found.push({
      ...{ number: Number(number), id: id ?? "", name: (name ?? "").trim() },
      plays: streams.some((one) => /^pcm\d+p$/.test(one)),
      captures: streams.some((one) => /^pcm\d+c$/.test(one)),
    });
  }
  return found;
}

/** The card that a device name asks for by id or number; `null` where it names none (`default`, a label). Pure. */
export function cardWanted(device: string): string | null {
  return /\bCARD=([^,:\s]+)/.exec(device)?.[1] ?? /\bhw:([^,:\s]+)/.exec(device)?.[1] ?? null;
}

export function hasCard(cards: readonly SoundCard[], wanted: string): SoundCard | undefined {
  return cards.find(({ id, number }) => id === wanted || String(number) === wanted);
}

export const listed = (cards: readonly SoundCard[]) =>
  cards.map(({ number, id, name }) => `${number} ${id} (${name})`).join("; ");
