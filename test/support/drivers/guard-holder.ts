/** Stands for the agent: starts a guard, switches the amplifier on, says the guard's pid and then only lives. To be killed by a test. */
import { createAmplifier } from "../../../drivers/amplifier/create.ts";
import { GuardLink, type GuardOrigin } from "../../../drivers/guard/guard-link.ts";

const [socket, from] = process.argv.slice(2);
if (socket === undefined || from === undefined)
  throw new Error("usage: guard-holder BOARD-SOCKET GUARD-ORIGIN-AS-JSON");
const config = { kind: "simulated", socket } as const;
const link = await GuardLink.start({
  from: JSON.parse(from) as GuardOrigin,
  amplifiers: [config],
  onLost: () => process.stdout.write("lost\n"),
});
const amplifier = createAmplifier(config);
await amplifier.open();
await amplifier.drive({ power: true, muted: false });
process.stdout.write(`${link.pid}\n`);
