/** The monthly report of this very station, for whoever asks: the control socket or a signed command. */
import type { Clock } from "../../playback/ports/clock.ts";
import type { Store } from "../../storage/store.ts";
import type { Admission } from "../admission/admission.ts";
import { localMonth } from "./local-month.ts";
import { monthlyReport } from "./monthly.ts";
import type { MonthReport } from "./report.ts";
import { verifyJournal } from "./verify-journal.ts";

export interface StationReportPorts {
  readonly store: Pick<Store, "journal">;
  readonly admission: Admission;
  readonly clock: Clock;
  readonly file: {
    readonly station: string;
    readonly commune: string;
    readonly province: string;
    readonly zone: string;
  };
}

/** `null` where `name` is no month `YYYY-MM`. @throws StationError `storage-failed` */
export async function stationReport(name: string, ports: StationReportPorts): Promise<MonthReport | null> {
  const { store, admission, clock, file } = ports;
  const { station, commune, province, zone } = file;
  const month = localMonth(name, zone);
  if (month === null) return null;
  return monthlyReport(month, {
    journal: store.journal,
    verify: () => verifyJournal({ journal: store.journal, admission, station }),
    identity: { station, commune, province },
    now: clock.now(),
  });
}
