/** What only the running agent knows: its concerns are the finding, and their sentence the advice. */
import { agentCheck, pair } from "../check.ts";

export const schedule = agentCheck({
  name: "schedule",
  title: pair("lịch phát và tài liệu", "schedule"),
  codes: [
    ...(["schedule-absent", "agenda-obstacle", "media-missing"] as const),
    ...(["bad-documents", "documents-withheld", "documents-expiring"] as const),
  ],
});

export const settings = agentCheck({
  name: "settings",
  title: pair("cấu hình từ tỉnh", "settings"),
  codes: ["config-pending", "config-waiting", "config-reverted", "config-lost"],
});

export const horns = agentCheck({
  name: "horns",
  title: pair("loa", "horns"),
  codes: ["speaker-dead", "speaker-weak", "dead-air"],
});

export const controllers = agentCheck({
  name: "controllers",
  title: pair("bộ điều khiển bảng", "controllers"),
  codes: ["face-controller", "face-fault"],
});
