/** Network, clock and storage: the doctor's own checks, and no second version of them. */

import { linesOf } from "../../cli/doctor-lines.ts";
import { FIELDS, type Field, storageSpeed } from "../../cli/try/machine.ts";
import { isBad, runChecks } from "../../doctor/checks.ts";
import { readStation } from "../../doctor/read-station.ts";
import { bad, line, type Step, skipped, well } from "../session.ts";

function fieldStep(field: Field): Step {
  return {
    name: field,
    async run({ machine, configFile, words, ui, answers }) {
      const results = await runChecks({ machine, config: configFile, agent: null, only: FIELDS[field] });
      const lines = results.map((one) => {
        const { finding } = one.verdict;
        const said = (language: "vi" | "en") => (typeof finding === "string" ? finding : finding[language]);
        const sign = isBad(one) ? "✗" : "✓";
        return line(one.check.title.vi, one.check.title.en, `${sign} ${said(words.language)}`);
      });
      for (const one of results) if (isBad(one)) for (const text of linesOf(one, words)) ui.say(`  ${text}`);
      const folder = field === "storage" ? ((await readStation(configFile))?.state ?? null) : null;
      const speed = folder === null ? null : await storageSpeed(folder);
      if (speed !== null) {
        const { medianMs, worstMs } = speed;
        lines.push(line("Tốc độ ghi", "Synced writes", `${medianMs.toFixed(1)} ms / ${worstMs.toFixed(1)} ms`));
      }
      if (field === "clock") {
        const time = words.time(new Date(machine.now()).toISOString());
        const agrees = await ui.confirm(words.say("setupTime", { time }), true);
        lines.push(line("So với điện thoại", "Compared with a telephone", `${agrees ? "✓" : "✗"} ${time}`));
        if (!agrees) return bad(...lines);
      }
      if (!results.some(isBad)) return well(...lines);
      // A pole without a network is no fault of the installation.
      const later = field === "network" && (await ui.confirm(words.say("setupOffline"), answers.network === "later"));
      return later ? skipped(...lines) : bad(...lines);
    },
  };
}

export const network = fieldStep("network");
export const clock = fieldStep("clock");
export const storage = fieldStep("storage");
