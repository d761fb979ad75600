/**
 * The cases of the TUF conformance suite (github.com/theupdateframework/tuf-conformance at eec841c, 110 of them), and what stands for each here.
 * The roles meet like this: root is root; targets is content and schedules; snapshot is the trust document (who may sign) and the list of versions
 * in `time`; timestamp is `time`. What is pushed by a broker cannot be asked for, and there is one flat table of delegations.
 */

/** Keys by number, a threshold, and which of them sign. */
export interface Version {
  readonly keys: readonly number[];
  readonly threshold: number;
  readonly sigs: readonly number[];
}

const v = (keys: readonly number[], threshold: number, sigs: readonly number[]): Version => ({ keys, threshold, sigs });
const FIVE = [0, 1, 2, 3, 4];
const ONE_NEW = [0, 1, 3, 4, 5];

/** Chains of root versions; the first is pinned. `holds`: whether the last is adopted. */
export const ROOT_ROTATIONS: Readonly<
  Record<string, { readonly versions: readonly Version[]; readonly holds: boolean }>
> = {
  "1-of-1-key-rotation": { versions: [v([1], 1, []), v([2], 1, [2, 1]), v([2], 1, [2])], holds: true },
  "1-of-1-key-rotation-unused-signatures": {
    versions: [v([1], 1, []), v([2], 1, [3, 2, 1, 4]), v([2], 1, [3, 2, 4])],
    holds: true,
  },
  "3-of-5-sign-with-different-keycombos": {
    versions: [v(FIVE, 3, []), v(FIVE, 3, [0, 4, 1]), v(FIVE, 3, [0, 1, 3]), v(FIVE, 3, [0, 1, 3])],
    holds: true,
  },
  "3-of-5-one-key-rotated": { versions: [v(FIVE, 3, []), v(ONE_NEW, 3, [0, 4, 1])], holds: true },
  "3-of-5-one-key-rotated-with-intermediate-step": {
    versions: [v(FIVE, 3, []), v(ONE_NEW, 3, [0, 2, 4, 5]), v(ONE_NEW, 3, [0, 4, 5])],
    holds: true,
  },
  "3-of-5-all-keys-rotated-with-intermediate-step": {
    versions: [v(FIVE, 3, []), v([5, 6, 7, 8, 9], 3, [0, 2, 4, 5, 6, 7]), v([5, 6, 7, 8, 9], 3, [5, 6, 7])],
    holds: true,
  },
  "1-of-3-threshold-increase-to-2-of-3": { versions: [v([1, 2, 3], 1, []), v([1, 2, 3], 2, [1, 2])], holds: true },
  "2-of-3-threshold-decrease-to-1-of-3": {
    versions: [v([1, 2, 3], 2, []), v([1, 2, 3], 1, [1, 2]), v([1, 2, 3], 1, [1])],
    holds: true,
  },
  "1-of-2-threshold-increase-to-2-of-2": { versions: [v([1], 1, []), v([1, 2], 2, [1, 2])], holds: true },
  "1-of-1-key-rotation-fail-not-signed-with-old-key": { versions: [v([1], 1, []), v([2], 1, [2, 3, 4])], holds: false },
  "1-of-1-key-rotation-fail-not-signed-with-new-key": { versions: [v([1], 1, []), v([2], 1, [1, 3, 4])], holds: false },
  "3-of-5-one-key-rotate-fails-not-signed-with-3-new-keys": {
    versions: [v(FIVE, 3, []), v(ONE_NEW, 3, [0, 2, 4])],
    holds: false,
  },
  "3-of-5-one-key-rotate-fails-not-signed-with-3-old-keys": {
    versions: [v(FIVE, 3, []), v(ONE_NEW, 3, [0, 4, 5])],
    holds: false,
  },
  "1-of-3-threshold-bump-to-2-of-3-fails-new-threshold-not-reached": {
    versions: [v([1, 2, 3], 1, []), v([1, 2, 3], 2, [2])],
    holds: false,
  },
  "2-of-3-threshold-decr-to-1-of-3-fails-old-threshold-not-eached": {
    versions: [v([1, 2, 3], 2, []), v([1, 2, 3], 1, [1])],
    holds: false,
  },
};

/** Keys of a role after a new trust document, and who signs the role's next document. */
export const ROLE_ROTATIONS: Readonly<Record<string, Version & { readonly holds: boolean }>> = {
  "1-of-1-key-rotation": { ...v([2], 1, [2]), holds: true },
  "1-of-1-key-rotation-unused-signatures": { ...v([1], 1, [3, 1, 4]), holds: true },
  "1-of-1-key-rotation-fail-not-signed-with-new-key": { ...v([2], 1, [1, 3, 4]), holds: false },
  "3-of-5-one-key-signature-wrong-not-signed-with-3-expected-keys": { ...v(ONE_NEW, 3, [0, 2, 4]), holds: false },
  "2-of-5-one-key-signature-mising-threshold-not-reached": { ...v(ONE_NEW, 3, [0, 4]), holds: false },
  "3-of-5-sign-first-combo": { ...v(FIVE, 3, [0, 2, 4]), holds: true },
  "3-of-5-sign-second-combo": { ...v(FIVE, 3, [0, 4, 1]), holds: true },
  "3-of-5-sign-third-combo": { ...v(FIVE, 3, [0, 1, 3]), holds: true },
  "3-of-5-sign-fourth-combo": { ...v(FIVE, 3, [1, 2, 3]), holds: true },
  "3-of-5-sign-fifth-combo": { ...v(FIVE, 3, [2, 3, 4]), holds: true },
};

/** Cases whose promise is tested in another file, because another part keeps it. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  test_timestamp_404: "test/unit/agent/trusted-clock.spec.ts",
  test_new_timestamp_version_rollback: "test/behaviour/trust-freshness.spec.ts",
  test_new_timestamp_fast_forward_recovery: "test/unit/agent/time-floor.spec.ts",
  test_client_downloads_expected_file: "test/unit/storage/media-sync.spec.ts",
  test_repository_substitutes_target_file: "test/unit/storage/media-sync.spec.ts",
  test_multiple_changes_to_target: "test/unit/storage/media-sync.spec.ts",
  "test_download_with_hash_algorithms[sha256]": "test/unit/storage/media-sync.spec.ts",
  test_artifact_cache: "test/unit/storage/media-sync.spec.ts",
};

const PUSHED = "documents are pushed by a broker; the station sends no requests that could be counted";
const NO_DIGESTS = "`time` names numbers, not digests: each document carries its own signatures";
const FLAT = "delegations stand in one flat table that root signs: nobody delegates further and nothing is searched";
const NO_WILDCARDS = "scopes are addresses of a tree; there are no wildcards";

/** Cases without a counterpart, and why. */
export const NO_COUNTERPART: Readonly<Record<string, string>> = {
  test_basic_refresh_requests: PUSHED,
  test_implicit_refresh: PUSHED,
  test_unsigned_initial_root: "the pinned file is not signed: it is trusted because a technician put it there",
  test_basic_metadata_hash_support: NO_DIGESTS,
  test_targets_hash_mismatch: NO_DIGESTS,
  test_snapshot_hash_mismatch: NO_DIGESTS,
  "test_snapshot_rollback[with hashes]": NO_DIGESTS,
  "test_targets_rollback[with hashes]": NO_DIGESTS,
  test_client_downloads_expected_file_in_sub_dir: "media are named by their digest and lie in no folders",
  "test_download_with_hash_algorithms[sha512]": "SHA-256 only; a second algorithm would be a new contract version",
  "test_download_with_hash_algorithms[sha256,sha512]":
    "SHA-256 only; a second algorithm would be a new contract version",
  "test_static_repository[sigstore-root-signing]": "files of another format",
  "test_static_repository[tuf-on-ci-0.11]": "files of another format",
  "test_graph_traversal[two-level-delegations]": FLAT,
  "test_graph_traversal[two-level-test-DFS-order-of-traversal]": FLAT,
  "test_graph_traversal[three-level-delegation-test-DFS-order-of-traversal]": FLAT,
  "test_graph_traversal[two-level-terminating-ignores-all-but-roles-descendants]": FLAT,
  "test_graph_traversal[three-level-terminating-ignores-all-but-roles-descendants]": FLAT,
  "test_graph_traversal[three-level-ignores-all-branches-not-matching-paths]": FLAT,
  "test_graph_traversal[cyclic-graph]": FLAT,
  "test_targetfile_search[targetpath matches question mark wildcard]": NO_WILDCARDS,
  "test_targetfile_search[targetpath does not match question mark wildcard]": NO_WILDCARDS,
};

/** How many cases the suite has. */
export const SUITE_SIZE = 110;
