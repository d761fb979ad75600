/** `loa commission` makes a blank board a station; `loa factory-reset` makes it blank again. Both with the daemon down. */
import { rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { commission as commissionBoard } from "../../commission/commission.ts";
import { readStationFile } from "../../config/station-file.ts";
import { type CliCommand, DaemonDown, EXIT, Refused, UsageError } from "../command.ts";

export const commission: CliCommand = {
  usage: "loa commission FOLDER [--replace STATION] [--state FOLDER]",
  help: { vi: "nạp gói cài đặt của tỉnh vào bo mạch mới", en: "make a blank board a station" },
  async run({ args: [folder], flags, words, print }) {
    if (folder === undefined) throw new UsageError("loa commission FOLDER [--replace STATION] [--state FOLDER]");
    const done = await commissionBoard({
      folder: resolve(folder),
      configFile: resolve(flags.config),
      state: flags.state ?? undefined,
      replace: flags.replace,
    });
    if (flags.json) print(JSON.stringify(done));
    else {
      print(words.say("commissioned", { station: done.station, commune: done.commune, root: done.root.join(" ") }));
      print(words.say("commissionedNext", { folder }));
    }
    return EXIT.ok;
  },
};

export const factoryReset: CliCommand = {
  usage: "loa factory-reset --yes",
  help: { vi: "xoá danh tính, lịch, nhật ký: bo mạch trở về trắng", en: "erase identity, schedule and journal" },
  async run({ ask, flags, words, print }) {
    try {
      await ask("GET", "/v1/status");
    } catch (error) {
      if (!(error instanceof DaemonDown)) throw error;
      const file = await readStationFile(flags.config);
      const place = dirname(resolve(flags.config));
      const names = ["root.json", "authorities.pem", "claim"].map((name) => join(place, name));
      if (!flags.yes) throw new UsageError(words.say("resetWarning", { state: file.state }));
      // The configuration goes first: a board that is cut off in between is blank, not half a station.
      for (const path of [resolve(flags.config), ...names, file.state])
        await rm(path, { recursive: true, force: true });
      if (flags.json) print(JSON.stringify({ reset: file.station }));
      else print(words.say("resetDone", { station: file.station }));
      return EXIT.ok;
    }
    throw new Refused(words.say("resetRunning"));
  },
};
