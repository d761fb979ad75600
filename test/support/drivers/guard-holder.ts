/** Stands for the agent: starts a guard, switches the amplifier on, says the guard's pid and then only lives. To be killed by a test. */
import { createAmplifier } from "../../../drivers/amplifier/create.ts";
import { GuardLink } from "../../../drivers/guard/guard-link.ts";

const [socket, script] = process.argv.slice(2);
if (socket === undefined || script === undefined) throw new Error("usage: guard-holder SOCKET GUARD");
const config = { kind: "simulated", socket } as const;
const link = await GuardLink.start({
  nodePath: process.execPath,
  script,
  config,
  onLost: () => process.stdout.write("lost\n"),
});
const amplifier = createAmplifier(config);
await amplifier.open();
await amplifier.drive({ power: true, muted: false });
process.stdout.write(`${link.pid}\n`);
