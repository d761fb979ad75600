/** Commands about who the station is: to which commune it belongs, and which key it shows. */
import { done, type Family, failed } from "./family.ts";

export interface IdentityPorts {
  /** Durable when it resolves; it counts from the next start on. @throws StationError `storage-failed` */
  readonly moveHome: (home: { commune: string; hamlet?: string | undefined }, by: string) => Promise<void>;
  /** `null` where the station has no certificate of its own. */
  readonly renewCertificate: (() => void) | null;
  readonly restart: () => void;
}

export function identityCommands({ moveHome, renewCertificate, restart }: IdentityPorts): Family {
  return {
    "re-home": async ({ commune, hamlet }, { by }) => {
      await moveHome({ commune, hamlet }, by);
      return { status: "done", detail: `belongs to commune ${commune} from the next start on`, after: restart };
    },
    "rotate-certificate": () => {
      if (renewCertificate === null) return failed("station.yaml names no enrolment service");
      renewCertificate();
      return done("asked for; the journal says when the new key is in use");
    },
  };
}
