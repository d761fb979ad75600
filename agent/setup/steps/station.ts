/** Who the station is: by the province's folder, or typed from its paper. */
import type { z } from "zod";
import { Refused } from "../../cli/command.ts";
import { printsOf, readCommission } from "../../commission/commission.ts";
import { communeCode, identifier, provinceCode } from "../../contract/primitives.ts";
import { line, type Session, type Step, type Ui, well } from "../session.ts";

/** Asks until what is typed is right; a file that is wrong ends it. */
async function asked(ui: Ui, question: string, suggestion: string, schema: z.ZodType<string>): Promise<string> {
  for (;;) {
    const typed = await ui.ask(question, suggestion);
    const parsed = schema.safeParse(typed);
    if (parsed.success) return parsed.data;
    const why = `${question}: '${typed}': ${parsed.error.issues.map(({ message }) => message).join("; ")}`;
    if (!ui.someone) throw new Refused(why);
    ui.say(`  ✗ ${why}`);
  }
}

async function byFolder(session: Session, folder: string) {
  const said = await readCommission(folder);
  const { replace } = session.answers;
  if (said.replaces && replace !== said.station) {
    const { ui, words } = session;
    const typed = await ui.ask(words.say("setupReplace", { station: said.station }), replace ?? "");
    if (typed !== said.station) throw new Refused(words.say("setupReplace", { station: said.station }));
  }
  const { station, commune, province, hamlet, brokers } = said;
  session.answers = {
    ...session.answers,
    ...{ station, commune, province, brokers: [...brokers], commission: folder },
    ...(hamlet === undefined ? {} : { hamlet }),
  };
  const prints = await printsOf(said);
  const shown = prints.join(" ");
  if (!(await session.ui.confirm(session.words.say("setupPrints", { prints: shown }), true))) {
    throw new Refused(session.words.say("setupPrintsDiffer"));
  }
  return well(
    line("Cụm loa", "Cluster", station),
    line("Xã, tỉnh", "Commune, province", `${commune}, ${province}`),
    line("Gói cài đặt", "Commissioning folder", folder),
    line("Khoá gốc", "Root keys", shown),
  );
}

export const station: Step = {
  name: "station",
  async run(session) {
    const { ui, words } = session;
    const folder = await ui.ask(words.say("setupFolder"), session.answers.commission ?? "");
    if (folder !== "") return byFolder(session, folder);
    const { answers } = session;
    const name = await asked(ui, words.say("setupStation"), answers.station ?? "", identifier);
    const commune = await asked(ui, words.say("setupCommune"), answers.commune ?? "", communeCode);
    const province = await asked(ui, words.say("setupProvince"), answers.province ?? "", provinceCode);
    const hamlet = await ui.ask(words.say("setupHamlet"), answers.hamlet ?? "");
    const root = await ui.ask(words.say("setupRoot"), answers.root ?? "/etc/loa/root.json");
    const broker = await ui.ask(words.say("setupBroker"), answers.brokers?.[0] ?? "");
    session.answers = {
      ...answers,
      ...{ station: name, commune, province, root },
      ...(hamlet === "" ? {} : { hamlet }),
      ...(broker === "" ? {} : { brokers: [broker, ...(answers.brokers ?? []).slice(1)] }),
    };
    return well(
      line("Cụm loa", "Cluster", name),
      line("Xã, tỉnh", "Commune, province", `${commune}, ${province}`),
      line("Khoá gốc", "Root file", root),
    );
  },
};

export const place: Step = {
  name: "place",
  async run(session) {
    const { ui, words, answers } = session;
    const technician = await ui.ask(words.say("setupTechnician"), answers.technician ?? "");
    const name = await ui.ask(words.say("setupPlace"), answers.place.name ?? "");
    const { latitude, longitude } = answers.place;
    const known = latitude === undefined || longitude === undefined ? "" : `${latitude}, ${longitude}`;
    const typed = await ui.ask(words.say("setupPosition"), known);
    const [north, east] = typed.split(/[,;\s]+/).map(Number);
    const sure = north !== undefined && east !== undefined && Math.abs(north) <= 90 && Math.abs(east) <= 180;
    session.answers = {
      ...answers,
      technician,
      place: { name, ...(sure ? { latitude: north, longitude: east } : {}) },
    };
    return well(
      line("Người lắp", "Technician", technician || "—"),
      line("Vị trí", "Place", name || "—"),
      line("Toạ độ", "Position", sure ? `${north}, ${east}` : "—"),
    );
  },
};
