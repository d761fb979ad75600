/**
 * Tries to open a microphone, in a process of its own: where that fails the sound library ends the program. The label is the only argument.
 * Ends with 0 where it can be opened.
 */
import { messageOf } from "../model/station-error.ts";
import { captureMicrophone } from "./web-audio.ts";

try {
  await captureMicrophone(process.argv[2]);
  process.exit(0);
} catch (error) {
  process.stderr.write(`microphone: ${messageOf(error)}\n`);
  process.exit(1);
}
