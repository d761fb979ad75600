/** The table of what the control socket can be asked. Inputs are parsed; bad ones are refused with a reason. */
import { isAbsolute } from "node:path";
import { z } from "zod";
import { dateAt, instantOf } from "../../playback/agenda/zone.ts";
import type { Refusal } from "../../playback/model/refusal.ts";
import type { Instant } from "../../playback/model/units.ts";
import { isRefusal } from "../../playback/ports/media.ts";
import { importBundle, summaryOf } from "../bundle/import-bundle.ts";
import { configBody } from "../contract/config.ts";
import { identifier, percent } from "../contract/primitives.ts";
import { lastMonth } from "../report/local-month.ts";
import { stationReport } from "../report/station-report.ts";
import { verifyJournal } from "../report/verify-journal.ts";
import type { Parts } from "../station.ts";
import { configView } from "./config-view.ts";
import { faceRoutes } from "./face-routes.ts";
import { OfficerToken } from "./officer-token.ts";
import { pageRoutes } from "./page-routes.ts";
import { recordingRoutes } from "./recording-routes.ts";
import { RefusedTries } from "./refused-tries.ts";
import { type Allowed, named, parseRequest, token, who } from "./requests.ts";
import { BadRequest, type Routes } from "./server.ts";
import { startRoutes } from "./start-routes.ts";
import { testRoutes } from "./test-routes.ts";
import { agendaView, enrolmentView, recordView, statusView, warningsView, whyView } from "./views.ts";

const LONGEST_AGENDA_DAYS = 400;
/** Looking ahead costs as much as deciding. */
const LONGEST_WARNING_DAYS = 31;

/** A refusal goes to the caller as his mistake, with its reason. */
function refusedOr<T>(why: Refusal | null, answer: () => T): T {
  if (why !== null) throw new BadRequest(why.detail);
  return answer();
}

/** `05:10`, `2026-11-22 05:10`, RFC 3339, or nothing for now; local times are in the station's zone. */
export function parseInstant(text: string | null, now: Instant, zone: string): Instant {
  if (text === null || text === "") return now;
  const local = /^(?:(\d{4}-\d{2}-\d{2})[ T])?(\d{2}:\d{2}(?::\d{2})?)$/.exec(text);
  if (local !== null) return instantOf(local[1] ?? dateAt(now, zone), local[2] ?? "00:00", zone);
  const at = Date.parse(text);
  if (Number.isFinite(at) && /[zZ]|[+-]\d\d:?\d\d$/.test(text)) return at;
  throw new BadRequest(`'${text}' is no time: write 05:10, "2026-11-22 05:10" or 2026-11-22T05:10:00+07:00`);
}

export function controlRoutes(parts: Parts): Routes {
  const { clock, board, store, file, config, security, admission, downlink, media } = parts;
  const officer = new OfficerToken(file.limits.officerToken ?? null, clock);
  const tries = new RefusedTries(clock, (body) => store.record(clock.now(), "control-refused", body, "alarm"));
  /** A wrong token is journalled: somebody is trying keys. */
  const allowed: Allowed = async (what, by, shown) => {
    const why = await officer.refuses(shown);
    if (why === null) return;
    await tries.tell({ what, by, why });
    throw new BadRequest(why);
  };
  const verified = () => verifyJournal({ journal: store.journal, admission, station: file.station });
  let importing = false;
  const time = (text: string | null) => parseInstant(text, clock.now(), file.zone);
  return {
    ...pageRoutes(parts, allowed),
    ...faceRoutes(parts),
    ...recordingRoutes(parts, allowed),
    ...startRoutes(parts),
    ...testRoutes(parts),
    "GET /v1/status": () => statusView(parts),
    "GET /v1/agenda": ({ query }) => {
      const days = parseRequest(z.coerce.number().min(0.01).max(LONGEST_AGENDA_DAYS), query.get("days") ?? 1);
      return { zone: file.zone, slots: agendaView(parts, days) };
    },
    "GET /v1/agenda/warnings": ({ query }) => {
      const days = parseRequest(z.coerce.number().min(0.01).max(LONGEST_WARNING_DAYS), query.get("days") ?? 1);
      return { zone: file.zone, warnings: warningsView(parts, days) };
    },
    "GET /v1/why": ({ query }) => whyView(parts, time(query.get("at"))),
    "GET /v1/journal": async ({ query }) => {
      const at = query.get("at");
      const limit = parseRequest(z.coerce.number().int().min(1).max(10_000), query.get("limit") ?? 50);
      const { seq } = store.journal.head();
      const records =
        at === null
          ? await store.journal.list({ afterSeq: Math.max(0, seq - limit), limit })
          : await store.journal.at(time(at));
      return {
        zone: file.zone,
        head: store.journal.head(),
        records: records.map(recordView),
      };
    },
    "GET /v1/journal/verify": verified,
    "GET /v1/report": async ({ query }) => {
      const name = query.get("month") ?? lastMonth(clock.now(), file.zone);
      const report = await stationReport(name, parts);
      if (report === null) throw new BadRequest(`'${name}' is no month: write 2026-11`);
      return report;
    },
    "POST /v1/import": async ({ body, by: peer }) => {
      const { folder, by } = parseRequest(z.strictObject({ folder: z.string().max(1_000), by: who }), body);
      if (!isAbsolute(folder)) throw new BadRequest(`'${folder}' is no absolute path`);
      if (importing) throw new BadRequest("another import is running");
      importing = true;
      try {
        const report = await importBundle(folder, {
          receive: (topic, bytes) => downlink.take(topic, bytes, "elsewhere"),
          importMedia: (path, sha256) => media.importFile(path, sha256),
          hasMedia: (sha256) => media.status().some((one) => one.sha256 === sha256 && one.state === "present"),
        });
        if (isRefusal(report)) throw new BadRequest(report.detail);
        const record = { by: named(by, peer), folder, ...summaryOf(report) };
        await store.record(clock.now(), "imported", record, "alarm");
        return report;
      } finally {
        importing = false;
      }
    },
    "POST /v1/mute": async ({ body, by: peer }) => {
      const { muted, by, token: shown } = parseRequest(z.strictObject({ muted: z.boolean(), by: who, token }), body);
      await allowed(muted ? "mute" : "unmute", named(by, peer), shown);
      await board.setMuted(muted, named(by, peer));
      return { muted };
    },
    "POST /v1/test/speaker": async ({ body, by: peer }) => {
      const shape = z.strictObject({ output: identifier.nullable().default(null), baseline: z.boolean(), by: who });
      const { output, baseline, by } = parseRequest(shape, body);
      const { speakers } = parts;
      if (output !== null && !speakers.outputs.includes(output)) {
        throw new BadRequest(`there is no output '${output}'; there are ${speakers.outputs.join(", ")}`);
      }
      const results = [];
      for (const one of output === null ? speakers.outputs : [output]) {
        results.push(await speakers.test({ output: one, baseline, by: named(by, peer) }));
      }
      return { results };
    },
    "POST /v1/volume": async ({ body, by: peer }) => {
      const { volume, by } = parseRequest(z.strictObject({ volume: percent, by: who }), body);
      await board.setVolume(volume, named(by, peer));
      return { volume, ceiling: board.facts.policy.volumeCeiling };
    },
    "GET /v1/enrolment": () => enrolmentView(parts),
    "POST /v1/enrolment": async ({ body }) => {
      const { claim } = parseRequest(z.strictObject({ claim: z.string().min(6).max(200) }), body);
      await security.takeClaim(claim.trim());
      return enrolmentView(parts);
    },
    "GET /v1/config": () => configView(parts),
    "POST /v1/config/apply": async ({ body, by: peer }) => {
      const request = parseRequest(z.strictObject({ layer: configBody.nullable(), by: who }), body);
      return refusedOr(await config.setLocal(request.layer, named(request.by, peer)), () => configView(parts));
    },
    "POST /v1/config/confirm": async ({ body, by: peer }) => {
      const { by } = parseRequest(z.strictObject({ by: who }), body);
      if (!(await config.confirmBy(named(by, peer)))) throw new BadRequest("no configuration waits for a confirmation");
      return configView(parts);
    },
    "POST /v1/config/rollback": async ({ body, by: peer }) => {
      const { by } = parseRequest(z.strictObject({ by: who }), body);
      return refusedOr(await config.rollback(named(by, peer)), () => configView(parts));
    },
    "POST /v1/emergency/raise": async ({ body, by: peer }) => {
      const request = parseRequest(z.strictObject({ by: who, token }), body);
      if (file.limits.officerToken === undefined) {
        throw new BadRequest("nobody may raise an alert here: station.yaml names no officer's token (`loa token`)");
      }
      await allowed("local-alert", named(request.by, peer), request.token);
      const raised = await board.raiseAlert(named(request.by, peer));
      if (typeof raised !== "string") throw new BadRequest(raised.detail);
      return { raised };
    },
    "POST /v1/emergency/stop": async ({ body, by: peer }) => {
      const request = parseRequest(
        z.strictObject({ identifiers: z.array(identifier).nullable().default(null), by: who, token }),
        body,
      );
      await allowed("emergency-stop", named(request.by, peer), request.token);
      return { stopped: await board.stopEmergencies(request.identifiers, named(request.by, peer)) };
    },
  };
}
