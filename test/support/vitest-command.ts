/** How a project of the tests is run. */

/**
 * Packages take what the others leave of the cores. What sounds goes before everything, as the service unit has it; where that is not permitted
 * `nice` says so and runs it all the same.
 */
const NICE: Readonly<Record<string, number>> = { package: 19, heard: -11, realtime: -11 };

/** Command and arguments, from the root of the checkout. */
export function vitestCommand(project: string, words: readonly string[]): [string, ...string[]] {
  const vitest = [process.execPath, "node_modules/vitest/vitest.mjs", "run", "--project", project, ...words];
  return ["nice", "-n", String(NICE[project] ?? 0), ...vitest];
}
