/** The clock that stands still until told otherwise is part of the program: `loa simulate` runs on it. */
export { settle, VirtualClock } from "../../../agent/simulate/virtual-clock.ts";
