/** How a project of the tests is run. */

/** Packages take what the others leave of the cores. Nothing goes before the rest of the system: sound tears more often then (decision 1). */
const NICE: Readonly<Record<string, number>> = { package: 19 };

/** Command and arguments, from the root of the checkout. */
export function vitestCommand(project: string, words: readonly string[]): [string, ...string[]] {
  const vitest = [process.execPath, "node_modules/vitest/vitest.mjs", "run", "--project", project, ...words];
  return ["nice", "-n", String(NICE[project] ?? 0), ...vitest];
}
