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
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      {
        // Real sound that is judged by what is heard, not by when to the millisecond: they mostly listen, two at a time.
        test: {
          name: "heard",
          include: ["test/heard/**/*.spec.ts"],
          maxWorkers: 2,
          testTimeout: 300_000,
          hookTimeout: 60_000,
        },
      },
      {
        // What faces show, in a real browser, by its screenshots; one file after the other, because a browser alone takes both cores.
        test: {
          name: "seen",
          include: ["test/seen/**/*.spec.ts"],
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Real time: one file after the other, nothing else running, because these promises can fail in milliseconds.
        test: {
          name: "realtime",
          include: ["test/realtime/**/*.spec.ts"],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
