/** Writes `station.yaml` and what belongs to it, whole or not at all; the one before stays beside it. */
import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { readIfPresent, replaceFile } from "../../../storage/durable-file.ts";
import { Refused } from "../../cli/command.ts";
import type { CommissionFile } from "../../commission/commission.ts";
import { identitySection, placePapers, readCommission } from "../../commission/commission.ts";
import { giveTo, giveToReader } from "../../commission/hand-over.ts";
import { parseStationFile, type StationFile } from "../../config/station-file.ts";
import { formatYaml, parseYaml } from "../../config/yaml.ts";
import type { Answers } from "../answers.ts";
import { line, type Step, well } from "../session.ts";

type Section = Readonly<Record<string, unknown>>;
export const section = (value: unknown): Section =>
  typeof value === "object" && value !== null ? (value as Section) : {};

/** The file that the answers make; what an earlier one said beside them stays, but for the hardware, of which they know the whole. Pure. */
export function stationYaml(told: Answers, papers: CommissionFile | null, before: Section): Section {
  const { station, commune, province, hamlet, root, brokers, state, socket, volumeCeiling } = told;
  const position = told.place.latitude === undefined ? undefined : told.place;
  const board = told.hardware.board === undefined ? undefined : section(told.hardware.board);
  const placed =
    board === undefined || position === undefined || board.position !== undefined
      ? board
      : { ...board, position: { latitude: position.latitude, longitude: position.longitude } };
  return {
    ...before,
    ...{ station, commune, province },
    ...(hamlet === undefined ? {} : { hamlet }),
    root: papers === null ? (root ?? before.root ?? "root.json") : "root.json",
    ...(state === undefined ? {} : { state }),
    ...(socket === undefined ? {} : { socket }),
    ...(brokers === undefined ? {} : { uplink: { ...section(before.uplink), brokers } }),
    ...(papers === null ? {} : { identity: identitySection(papers) }),
    hardware: { ...told.hardware, ...(placed === undefined ? {} : { board: placed }) },
    limits: { ...section(before.limits), ...(volumeCeiling === undefined ? {} : { volumeCeiling }) },
  };
}

/** The meaning of what would be written. @throws Refused with every mistake */
function checked(text: string, folder: string): StationFile {
  const parsed = parseStationFile(text, folder);
  if (!("length" in parsed)) return parsed;
  throw new Refused(parsed.map(({ path, message }) => `${path}: ${message}`).join("\n"));
}

export const write: Step = {
  name: "write",
  async run({ answers, configFile, machine, words, ui }) {
    const folder = dirname(configFile);
    const old = await readIfPresent(configFile);
    const read = old === null ? null : parseYaml(old);
    const before = read !== null && "value" in read ? section(read.value) : {};
    if (before.station !== undefined && answers.commission !== undefined && before.station !== answers.station) {
      throw new Refused(words.say("setupOther", { station: String(before.station) }));
    }
    const papers = answers.commission === undefined ? null : await readCommission(answers.commission);
    const text = formatYaml(stationYaml(answers, papers, before));
    const file = checked(text, folder);
    await mkdir(folder, { recursive: true });
    if ((await mkdir(file.state, { recursive: true, mode: 0o750 })) !== undefined) {
      await giveTo(await machine.agentUser(), file.state);
    }
    if (papers !== null) await placePapers(papers, folder, file.state);
    const lines = [];
    if (old !== null && old !== text) {
      const kept = `${configFile}.old-${new Date(machine.now()).toISOString().replaceAll(/[-:]|\.\d+/g, "")}`;
      await replaceFile(kept, old);
      await giveToReader(kept);
      lines.push(line("Bản cũ", "The one before", kept));
    }
    await replaceFile(configFile, text);
    await giveToReader(configFile);
    ui.say(`  ${resolve(configFile)}`);
    return well(line("Tệp", "File", configFile), line("Trạng thái", "State folder", file.state), ...lines);
  },
};
