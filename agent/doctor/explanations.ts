/** What there is to say of every concern; a concern without an explanation does not compile. */
import type { ConcernCode } from "../health/concerns.ts";
import type { Explanation } from "./explain/explanation.ts";
import { FACE_EXPLANATIONS } from "./explain/faces.ts";
import { MACHINE_EXPLANATIONS } from "./explain/machine.ts";
import { PROVINCE_EXPLANATIONS } from "./explain/province.ts";
import { SOUND_EXPLANATIONS } from "./explain/sound.ts";

export const EXPLANATIONS: Readonly<Record<ConcernCode, Explanation>> = {
  ...SOUND_EXPLANATIONS,
  ...MACHINE_EXPLANATIONS,
  ...PROVINCE_EXPLANATIONS,
  ...FACE_EXPLANATIONS,
};
