/** The composition root: makes every part and introduces it to the others. Two halves know them all; the core needs nothing of the uplink. */

import { HostFacts } from "../drivers/host/host-facts.ts";
import { ServiceManager } from "../drivers/host/service-manager.ts";
import { AgendaWarnings } from "./agenda-warnings.ts";
import { composeCore } from "./compose-core.ts";
import { composeUplink, type LifePorts } from "./compose-uplink.ts";
import { composeContacts } from "./contacts/compose-contacts.ts";
import { ConcernBook } from "./health/concerns.ts";
import { LifeRecords } from "./report/life-records.ts";
import type { StartPlan } from "./start/start-plan.ts";
import { StartWatch } from "./start/start-watch.ts";
import type { Parts } from "./station.ts";

/** Makes the agent, started nowhere yet but in storage. @throws StationError */
export async function compose(plan: StartPlan, version: string, life: LifePorts): Promise<Parts> {
  const core = await composeCore(plan, version);
  const { file, store, clock, session } = core;
  return {
    ...core,
    ...(await composeUplink(core, life)),
    life: new LifeRecords({ store, clock, session, version }),
    start: new StartWatch(plan, core, life.restart),
    concerns: new ConcernBook(),
    warnings: new AgendaWarnings(),
    host: new HostFacts({ stateFolder: file.state }),
    manager: new ServiceManager(process.env, process.pid),
    contacts: composeContacts(core),
    guard: null,
  };
}
