/** `loa mute`, `unmute`, `volume`, `emergency stop`: the local controls, each journalled with who used it. */
import { hashToken } from "../../control/officer-token.ts";
import type { OutputView, StatusView } from "../../control/views.ts";
import { caller } from "../caller.ts";
import { type CliCommand, EXIT, type Flags, UsageError } from "../command.ts";
import type { Words } from "../words.ts";

const shown = ({ token }: Flags) => (token === null ? {} : { token });

function muting(muted: boolean): CliCommand["run"] {
  return async ({ ask, flags, words, print }) => {
    const answer = await ask("POST", "/v1/mute", { muted, by: caller(), ...shown(flags) });
    print(flags.json ? JSON.stringify(answer) : words.say(muted ? "nowMuted" : "unmuted"));
    return EXIT.ok;
  };
}

export const mute: CliCommand = {
  usage: "loa mute [--token TOKEN]",
  help: { vi: "tắt tiếng tất cả trừ khẩn cấp", en: "silence all but emergencies" },
  run: muting(true),
};

export const unmute: CliCommand = {
  usage: "loa unmute [--token TOKEN]",
  help: { vi: "bật tiếng lại", en: "sound again" },
  run: muting(false),
};

function volumeLine(one: OutputView["volume"] & { readonly output: string }, words: Words): string {
  const level = ({ percent, db }: { percent: number; db: number | null }) => `${percent} % (${db ?? "−∞"} dB)`;
  return `${words.say("volume")} ${one.output}: ${level(one)} · ≤ ${one.ceiling} % · ${words.say("emergencies")} ${level(one.emergency)}`;
}

export const volume: CliCommand = {
  usage: "loa volume [0-100]",
  help: { vi: "xem hoặc đặt âm lượng (%)", en: "show or set the volume (%)" },
  async run({ ask, args, flags, words, print }) {
    const [wanted] = args;
    if (wanted === undefined) {
      const { volume: wished, outputs } = (await ask("GET", "/v1/status")) as StatusView;
      const each = outputs.map(({ name, volume: applies }) => ({ output: name, ...applies }));
      if (flags.json) print(JSON.stringify({ volume: wished, outputs: each }));
      else for (const one of each) print(volumeLine(one, words));
      return EXIT.ok;
    }
    const value = Number(wanted.replace(/%$/, ""));
    if (wanted.trim() === "" || !(value >= 0 && value <= 100)) throw new UsageError(`'${wanted}': 0–100`);
    const answer = await ask("POST", "/v1/volume", { volume: value, by: caller() });
    print(flags.json ? JSON.stringify(answer) : `${words.say("volume")}: ${value} %`);
    return EXIT.ok;
  },
};

export const emergency: CliCommand = {
  usage: "loa emergency raise --token TOKEN | stop [IDENTIFIER…] [--token TOKEN]",
  help: {
    vi: "phát cảnh báo tại chỗ đã được ký trước; dừng bản tin khẩn cấp sai hoặc bị kẹt",
    en: "raise the alert that was signed for this place; end a false or stuck one for good",
  },
  async run({ ask, args, flags, words, print }) {
    const [verb, ...identifiers] = args;
    if (verb === "raise") {
      const answer = (await ask("POST", "/v1/emergency/raise", { by: caller(), ...shown(flags) })) as {
        raised: string;
      };
      print(flags.json ? JSON.stringify(answer) : words.say("raised", { id: answer.raised }));
      return EXIT.ok;
    }
    if (verb !== "stop") throw new UsageError(emergency.usage);
    const body = { identifiers: identifiers.length === 0 ? null : identifiers, by: caller(), ...shown(flags) };
    const answer = (await ask("POST", "/v1/emergency/stop", body)) as { stopped: string[] };
    if (flags.json) print(JSON.stringify(answer));
    else
      print(
        answer.stopped.length === 0
          ? words.say("noEmergency")
          : words.say("stopped", { ids: answer.stopped.join(", ") }),
      );
    return EXIT.ok;
  },
};

export const token: CliCommand = {
  usage: "loa token TOKEN",
  help: { vi: "tạo mã băm của mã cán bộ cho station.yaml", en: "hash an officer's token for station.yaml" },
  async run({ args: [secret], flags, print }) {
    if (secret === undefined || secret.length < 6) throw new UsageError("loa token TOKEN (≥ 6)");
    const officerToken = await hashToken(secret);
    print(flags.json ? JSON.stringify({ officerToken }) : `limits:\n  officerToken: ${officerToken}`);
    return EXIT.ok;
  },
};
