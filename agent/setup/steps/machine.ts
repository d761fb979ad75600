/** Network, clock and storage: the doctor's own checks, and no second version of them. */

import { linesOf } from "../../cli/commands/doctor.ts";
import { FIELDS, type Field, storageSpeed } from "../../cli/try/machine.ts";
import { isBad, runChecks } from "../../doctor/checks.ts";
import { readStation } from "../../doctor/read-station.ts";
import { bad, line, type Step, well } from "../session.ts";

function fieldStep(field: Field): Step {
  return {
    name: field,
    async run({ machine, configFile, words, ui }) {
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
      return results.some(isBad) ? bad(...lines) : well(...lines);
    },
  };
}

export const network = fieldStep("network");
export const clock = fieldStep("clock");
export const storage = fieldStep("storage");
