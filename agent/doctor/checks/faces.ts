/** The connector that the board's screen hangs on. */
import { bindable, type Connector, DRM_ROOT, readConnectors } from "../../../drivers/kiosk/connectors.ts";
import { nothing, pair, stationCheck, type Verdict, well } from "../check.ts";

interface Reading {
  readonly connectors: readonly Connector[];
  readonly wanted: string | null;
  /** A screen is painted on a connector of this computer. */
  readonly asked: boolean;
}

const words = (list: readonly Connector[]) =>
  list
    .map(({ name, connected, modes: [best] }) => {
      const mode = best === undefined ? "" : ` ${best.width}×${best.height}`;
      return `${name} ${connected ? "✓" : "–"}${mode}`;
    })
    .join(", ");

export function judgeFaces({ connectors, wanted, asked }: Reading): Verdict {
  if (!asked) return nothing("không có bảng trên máy này", "no board is painted by this computer");
  const found = bindable(connectors, wanted);
  const list = words(connectors);
  if (found !== null) return well(list);
  return {
    state: "bad",
    finding: pair(
      `cần ${wanted ?? "một cổng bất kỳ"}; có: ${list || "không có cổng nào"}`,
      `wanted ${wanted ?? "any connector"}; there is: ${list || "none"}`,
    ),
    cause: pair(
      "Không có màn hình ở cổng này, hoặc màn hình không cho biết độ phân giải (EDID).",
      "No screen is on that connector, or it does not tell its modes (EDID).",
    ),
    advice: pair(
      "Kiểm tra cáp và nguồn màn hình hoặc bộ gửi; nếu cắm ở cổng khác, sửa `hardware.board.screen.kiosk.connector`.",
      "Check the cable, and the power of the display or sending card; if it hangs on another connector, correct `hardware.board.screen.kiosk.connector`.",
    ),
  };
}

export const faces = stationCheck(
  {
    name: "faces",
    title: pair("màn hình bảng", "faces"),
    codes: ["face-no-connector", "face-unconfirmed", "face-black", "face-frozen", "face-lacks"],
  },
  async ({ hardware: { board } }, { machine }): Promise<Reading> => {
    const kiosk = board?.screen?.kiosk;
    const folder = kiosk === undefined || kiosk.drmRoot === DRM_ROOT ? machine.at(DRM_ROOT) : kiosk.drmRoot;
    return {
      connectors: await readConnectors(folder),
      wanted: kiosk?.connector ?? null,
      asked: kiosk?.mode === "cage",
    };
  },
  judgeFaces,
);
