import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "fast",
          // Most of them wait for a broker, a process or a disk: more of them than cores keep the cores busy.
          maxWorkers: 4,
          include: ["test/{unit,behaviour,contract}/**/*.spec.ts", "test/architecture.spec.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // The package, as Debian's own tools see it; mostly waits for compilers and archives.
        test: {
          name: "package",
          include: ["test/package/**/*.spec.ts"],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 420_000,
        },
      },
      {
        // Real sound that is judged by what is heard, not by when to the millisecond: two at a time; a short break of the card changes none of it.
        test: {
          name: "heard",
          include: ["test/heard/**/*.spec.ts"],
          maxWorkers: 2,
          testTimeout: 300_000,
          hookTimeout: 60_000,
        },
      },
      {
        // What a real browser shows and survives: one file after the other, because browsers take both cores.
        test: {
          name: "seen",
          include: ["test/seen/**/*.spec.ts"],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Real time: one file after the other, nothing else running, because these promises can fail in milliseconds.
        test: {
          name: "realtime",
          include: ["test/realtime/**/*.spec.ts"],
          // As the service has it: where a spec holds the engine itself, memory is judged.
          execArgv: ["--max-semi-space-size=2"],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
