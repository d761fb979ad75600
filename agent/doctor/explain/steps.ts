/** Steps that several explanations share. */
import { pair } from "../check.ts";

export const RESTART = pair(
  "Khởi động lại dịch vụ: `systemctl restart loa`.",
  "Restart the service: `systemctl restart loa`.",
);
