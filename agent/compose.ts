/** The composition root: makes every part and introduces it to the others. Two halves know them all; the core needs nothing of the uplink. */
import { HostFacts } from "../drivers/host/host-facts.ts";
import { AgendaWarnings } from "./agenda-warnings.ts";
import { composeCore } from "./compose-core.ts";
import { composeUplink, type LifePorts } from "./compose-uplink.ts";
import type { StationFile } from "./config/station-file.ts";
import { ConcernBook } from "./health/concerns.ts";
import { LifeRecords } from "./report/life-records.ts";
import type { Parts } from "./station.ts";

/** Makes the agent, started nowhere yet but in storage. @throws StationError */
export async function compose(installed: StationFile, version: string, life: LifePorts): Promise<Parts> {
  const core = await composeCore(installed, version);
  const { file, store, clock, session } = core;
  return {
    ...core,
    ...(await composeUplink(core, life)),
    life: new LifeRecords({ store, clock, session, version }),
    concerns: new ConcernBook(),
    warnings: new AgendaWarnings(),
    host: new HostFacts({ stateFolder: file.state }),
    guard: null,
  };
}
