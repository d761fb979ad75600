/** `loa run`: the agent itself, in the foreground, as systemd runs it. */
import { type CliCommand, EXIT } from "../command.ts";
import { VERSION } from "../version.ts";

/** A stop that hangs is a fault; systemd would wait longer for nothing. */
const LONGEST_STOP_MS = 10_000;

export const run: CliCommand = {
  usage: "loa run [--config FILE]",
  help: { vi: "chạy agent", en: "run the agent" },
  async run({ flags }) {
    // Loaded here and not above: a technician's `loa status` must not wait for the whole agent to be read.
    const [{ planStart }, { Lifecycle }, { controlRoutes }, { ControlServer }, { StatusPage }, { statusView }] =
      await Promise.all([
        import("../../start/start-plan.ts"),
        import("../../lifecycle.ts"),
        import("../../control/routes.ts"),
        import("../../control/server.ts"),
        import("../../control/status-page.ts"),
        import("../../control/views.ts"),
      ]);
    const plan = await planStart(flags.config);
    const lifecycle = await Lifecycle.start(plan, VERSION);
    const { log, file } = lifecycle.parts;
    const fault = (error: unknown) => log.error("control", { error });
    const control = await ControlServer.open(file.socket, controlRoutes(lifecycle.parts), fault);
    // A port that is taken costs the page, never the station.
    const page =
      file.statusPage === undefined
        ? null
        : await StatusPage.open(file.statusPage.port, () => statusView(lifecycle.parts), fault).catch(
            (error: unknown) => {
              fault(error);
              return null;
            },
          );
    const signalled = new Promise<"signal">((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve("signal"));
    });
    const why = await Promise.race([signalled, lifecycle.restartAsked.then(() => "restart" as const)]);
    setTimeout(() => {
      log.error("stopping took too long");
      process.exit(EXIT.software);
    }, LONGEST_STOP_MS).unref();
    await page?.close();
    await control.close();
    await lifecycle.stop();
    // Not 0: whoever supervises the agent, also "on failure" only, starts it again.
    return why === "restart" ? EXIT.unavailable : EXIT.ok;
  },
};
