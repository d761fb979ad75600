/** The station's own certificate, and the authorities that it believes. Keys are never looked at. */
import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { DAY } from "../../../playback/model/units.ts";
import { parseCertificates, validity } from "../../enrolment/certificates.ts";
import { nothing, pair, stationCheck, type Verdict, well } from "../check.ts";

interface Reading {
  readonly enrols: boolean;
  /** End of the own certificate; `null` where there is none yet. */
  readonly endsAt: number | null;
  readonly problem: string | null;
  readonly authorities: { readonly name: string; readonly endsAt: number | null } | null;
  readonly now: number;
}

const SOON = 14 * DAY;
const date = (at: number) => new Date(at).toISOString().slice(0, 10);
const told = z.object({ certificate: z.string() });

export function judgeCertificate({ enrols, endsAt, problem, authorities, now }: Reading): Verdict {
  if (authorities !== null && (authorities.endsAt === null || authorities.endsAt < now)) {
    return {
      state: "bad",
      finding: `${authorities.name}: ${authorities.endsAt === null ? "?" : date(authorities.endsAt)}`,
      cause: pair(
        "Tệp chứng thư của tỉnh thiếu, hỏng hoặc đã hết hạn.",
        "The file of the province's authorities is missing, spoilt or out of date.",
      ),
      advice: pair(
        `Xin tỉnh tệp authorities.pem mới và chép vào ${authorities.name}.`,
        `Ask the province for a new authorities.pem and copy it to ${authorities.name}.`,
      ),
    };
  }
  if (!enrols) return nothing("trạm không dùng chứng thư riêng", "the station shows no certificate of its own");
  if (problem !== null) {
    return {
      state: "bad",
      finding: problem,
      cause: pair(
        "Tệp khoá và chứng thư của trạm không đọc được.",
        "The file with key and certificate cannot be read.",
      ),
      advice: pair(
        "Chạy lại với sudo. Nếu tệp hỏng: khởi động lại dịch vụ để trạm đăng ký lại, xin mã mới nếu cần (`loa enrol MÃ`).",
        "Run this again with sudo. If it is spoilt: restart the service so that the station enrols anew, with a new claim if needed (`loa enrol CLAIM`).",
      ),
      commands: ["systemctl restart loa"],
    };
  }
  if (endsAt === null) {
    return {
      state: "bad",
      finding: pair("chưa có chứng thư", "no certificate yet"),
      cause: pair("Trạm chưa đăng ký với tỉnh.", "The station is not enrolled."),
      advice: pair(
        "Nối mạng và chờ vài phút, hoặc xin mã của tỉnh rồi nhập `loa enrol MÃ`.",
        "Connect it and wait some minutes, or get a claim from the province and type `loa enrol CLAIM`.",
      ),
    };
  }
  if (endsAt - now < SOON) {
    return {
      state: "bad",
      finding: date(endsAt),
      cause: pair("Chứng thư sắp hoặc đã hết hạn.", "The certificate ends soon or has ended."),
      advice: pair(
        "Kiểm tra mạng và máy chủ đăng ký của tỉnh; trạm tự gia hạn khi tới được. Nếu đã hết hạn, xin mã mới: `loa enrol MÃ`.",
        "Check the network and the province's enrolment service; the station renews by itself. If it has ended, get a claim: `loa enrol CLAIM`.",
      ),
    };
  }
  return well(pair(`đến ${date(endsAt)}`, `until ${date(endsAt)}`));
}

/** The end of the first that ends. */
async function authoritiesAt(name: string | undefined): Promise<Reading["authorities"]> {
  if (name === undefined) return null;
  try {
    const ends = parseCertificates(await readFile(name, "utf8")).map((one) => validity(one).to);
    return { name, endsAt: ends.length === 0 ? null : Math.max(...ends) };
  } catch {
    // Not there or no certificate: the judgement says the same of both.
    return { name, endsAt: null };
  }
}

export const certificate = stationCheck(
  {
    name: "certificate",
    title: pair("chứng thư", "certificate"),
    codes: ["identity-damaged", "enrolment-pending", "certificate-ending"],
  },
  async ({ identity, state }, { machine }): Promise<Reading> => {
    const base = {
      enrols: identity.enrolUrl !== undefined,
      authorities: await authoritiesAt(identity.authorities),
      now: machine.now(),
    };
    const name = join(state, "identity", "current.json");
    try {
      const { certificate: pem } = told.parse(JSON.parse(await readFile(name, "utf8")));
      const endsAt = pem === "" ? null : validity(new X509Certificate(pem)).to;
      return { ...base, endsAt, problem: null };
    } catch (error) {
      const absent = (error as NodeJS.ErrnoException).code === "ENOENT";
      // The parser's own words would quote the key.
      return { ...base, endsAt: null, problem: absent ? null : name };
    }
  },
  judgeCertificate,
);
