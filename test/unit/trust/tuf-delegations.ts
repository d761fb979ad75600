/** Cases of `test_updater_delegation_graphs.py` of the TUF conformance suite, re-expressed. */
import { IDENTITY, PROVINCE, schedule } from "./door.ts";
import type { TufCase } from "./tuf-bench.ts";

export const DELEGATIONS_CASES: Readonly<Record<string, TufCase>> = {
  "test_graph_traversal[basic-delegation]": [
    "adopted",
    async ({ desk, entrust, speak }) => {
      const a = await desk(["commune/00004"]);
      await entrust(a);
      return speak(a, "commune/00004");
    },
  ],
  "test_graph_traversal[single-level-delegations]": [
    ["adopted", "adopted"],
    async ({ desk, entrust, speak }) => {
      const [a, b] = [await desk(["commune/00004"], "a"), await desk(["commune/00004"], "b")];
      await entrust(a, b);
      return [await speak(a, "commune/00004"), await speak(b, "commune/00004", 2)];
    },
  ],
  "test_graph_traversal[two-level-ignores-all-branches-not-matching-paths]": [
    ["out-of-scope", "adopted"],
    async ({ desk, entrust, speak }) => {
      const [a, b] = [await desk(["commune/00009"], "a"), await desk(["commune/00004"], "b")];
      await entrust(a, b);
      return [await speak(a, "commune/00004"), await speak(b, "commune/00004")];
    },
  ],
  "test_graph_traversal[two-roles-delegating-to-a-third]": [
    ["adopted", "adopted"],
    async ({ desk, entrust, speak }) => {
      const c = await desk(["commune/00004"]);
      await entrust(c, { ...c, scope: { ...c.scope, addresses: ["hamlet/00004-thon-1"] } });
      return [await speak(c, "commune/00004"), await speak(c, "hamlet/00004-thon-1")];
    },
  ],
  "test_graph_traversal[two-roles-delegating-to-a-third-different-paths]": [
    ["adopted", "out-of-scope"],
    async ({ desk, entrust, speak }) => {
      const c = await desk(["commune/00009"]);
      await entrust(c, { ...c, scope: { ...c.scope, addresses: ["hamlet/00004-thon-1"] } });
      return [await speak(c, "hamlet/00004-thon-1"), await speak(c, "commune/00004")];
    },
  ],
  "test_targetfile_search[no delegations]": ["adopted", ({ door }) => door.adopt("schedule", schedule())],
  ...Object.fromEntries(
    (
      [
        ["targetpath matches wildcard", "commune/00004", "hamlet/00004-thon-1", "adopted"],
        ["targetpath with separators x", "hamlet/00004-thon-1", "hamlet/00004-thon-1", "adopted"],
        ["targetpath with separators y", "hamlet/00004-thon-1", `station/${IDENTITY.station}`, "adopted"],
        ["targetpath is not delegated by all roles in the chain", "commune/00004", PROVINCE, "out-of-scope"],
        ["wildcard does not match path separator", "hamlet/00004-thon-1", "commune/00004", "out-of-scope"],
        ["targetpath matching is case sensitive", "commune/00004", "hamlet/00004-THON-1", "wrong-audience"],
      ] as const
    ).map(([name, scope, address, answer]) => [
      `test_targetfile_search[${name}]`,
      [
        answer,
        async ({ desk, entrust, speak }) => {
          const a = await desk([scope]);
          await entrust(a);
          return speak(a, address);
        },
      ] as const,
    ]),
  ),
  test_cached_role_is_verified_against_current_delegator: [
    ["adopted", "out-of-scope"],
    async ({ desk, entrust, speak }) => {
      const [a, b] = [await desk(["hamlet/00004-thon-1"]), await desk(["commune/00004"])];
      await entrust(a, b);
      return [await speak(a, "hamlet/00004-thon-1"), await speak(a, "commune/00004")];
    },
  ],
  test_delegation_not_in_snapshot: [
    ["bad-signature", ["trust 2"]],
    async ({ desk, door, entrust, speak }) => {
      const [a, b] = [await desk(["commune/00004"], "a"), await desk(["commune/00004"], "b")];
      await entrust(a);
      return [await speak(b, "commune/00004"), door.inForce()];
    },
  ],
};
