/** `loa run`: the agent itself, in the foreground, as systemd runs it. */
import { readStationFile } from "../../config/station-file.ts";
import { controlRoutes } from "../../control/routes.ts";
import { ControlServer } from "../../control/server.ts";
import { Lifecycle } from "../../lifecycle.ts";
import { type CliCommand, EXIT } from "../command.ts";
import { VERSION } from "../version.ts";

/** A stop that hangs is a fault; systemd would wait longer for nothing. */
const LONGEST_STOP_MS = 10_000;

export const run: CliCommand = {
  usage: "loa run [--config FILE]",
  help: { vi: "chạy agent", en: "run the agent" },
  async run({ flags }) {
    const file = await readStationFile(flags.config);
    const lifecycle = await Lifecycle.start(file, VERSION);
    const { log } = lifecycle.parts;
    const control = await ControlServer.open(file.socket, controlRoutes(lifecycle.parts), (error) =>
      log.error("control", { error }),
    );
    await new Promise<void>((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
    });
    setTimeout(() => {
      log.error("stopping took too long");
      process.exit(EXIT.software);
    }, LONGEST_STOP_MS).unref();
    await control.close();
    await lifecycle.stop();
    return EXIT.ok;
  },
};
