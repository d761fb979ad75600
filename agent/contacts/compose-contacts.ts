/** Makes the contacts that station.yaml names and introduces them to whoever asks what they say. */
import { createContact } from "../../drivers/input/create.ts";
import type { Core } from "../compose-core.ts";
import { ContactWatch } from "./contact-watch.ts";
import { isIsolated, mainsByContact } from "./purposes.ts";
import { useContact } from "./use-contact.ts";

type Wanted = Pick<Core, "file" | "clock" | "store" | "board" | "pages" | "power" | "outputs" | "buses" | "log">;

/** Nothing is opened. */
export function composeContacts({
  file,
  clock,
  store,
  board,
  pages,
  power,
  outputs,
  buses,
  log,
}: Wanted): ContactWatch {
  const contacts: ContactWatch = new ContactWatch(
    file.hardware.contacts.map(({ name, does, steadyMs, output, ...wired }) => ({
      ...{ does, steadyMs, output, contact: createContact(name, wired, buses) },
      // A question on a line that amplifiers share takes its time.
      readEveryMs: wired.kind === "modbus" ? wired.readEveryMs : undefined,
    })),
    {
      clock,
      act: (does, happened, by) => useContact(board, pages, does, happened, by, contacts.isHeld(does)),
      tell: async ({ does, ...body }) => {
        log.warn("contact", { does, ...body });
        await store.record(clock.now(), does, body, "alarm");
      },
      onFault: (error) => log.error("contact", { error }),
    },
  );
  power.hear(() => mainsByContact(contacts.contacts));
  for (const { name, conductor } of outputs) conductor.amplifier.hear(() => isIsolated(contacts.contacts, name));
  return contacts;
}
