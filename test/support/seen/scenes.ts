/** Scenes as the station would decide them, from as few words as a test needs. */
import type {
  AlertWords,
  BoardScene,
  Face,
  FaceScene,
  Rect,
  Rotation,
  SceneAlert,
  SceneItem,
  SceneRegion,
  Showing,
} from "../../../playback/model/board.ts";
import type { Sha256 } from "../../../playback/model/units.ts";

export const VI =
  "Ủy ban nhân dân xã Hữu Nghị, Cửa khẩu quốc tế: ông Nguyễn Văn Sưởng nhắc bà con giữ gìn trật tự, để xe đúng chỗ.";
export const ZH = "友谊关口岸通知：请旅客出示护照，按顺序排队办理通关手续。";
export const LO = "ດ່ານສາກົນ: ຂໍໃຫ້ຜູ້ໂດຍສານກະກຽມໜັງສືຜ່ານແດນ ແລະ ເຂົ້າແຖວຕາມລຳດັບ.";
export const KM = "ច្រកទ្វារអន្តរជាតិ៖ សូមអ្នកដំណើររៀបចំលិខិតឆ្លងដែន ហើយឈរតម្រង់ជួរតាមលំដាប់។";
export const EN = "International border gate: please have your passport ready and queue in order.";
export const SCRIPTS = { vi: VI, zh: ZH, lo: LO, km: KM, en: EN } as const;

export function face(name: string, rect: Rect, rotation: Rotation = 0, languages: readonly string[] = ["vi"]): Face {
  return { name, rect, size: { width: rect.width, height: rect.height }, rotation, languages };
}

export function region(
  kind: SceneRegion["kind"],
  place: readonly [x: number, y: number, width: number, height: number],
  items: readonly SceneItem[] = [],
  change: Partial<SceneRegion> = {},
): SceneRegion {
  const [x, y, width, height] = place;
  const colours = { foreground: "#ffffff", background: "#0b2545" };
  return { id: change.id ?? kind, kind, x, y, width, height, items, fit: "contain", pace: 3, ...colours, ...change };
}

export function text(id: string, words: string, language: string, ms = 10_000): SceneItem {
  return { kind: "text", id, text: words, language, ms };
}
export function image(id: string, sha256: Sha256, ms = 10_000): SceneItem {
  return { kind: "image", id, title: id, sha256, ms };
}
export function video(id: string, sha256: Sha256, ms = 10_000): SceneItem {
  return { kind: "video", id, title: id, sha256, ms };
}
export function camera(id: string, pin: string, ms = 3_600_000): SceneItem {
  return { kind: "camera", id, title: id, pin, ms };
}

export function layout(
  regions: readonly SceneRegion[],
  change: { since?: number; alerts?: readonly SceneAlert[]; key?: string } = {},
): Showing {
  const { since = Date.now(), alerts = [], key = "thong-bao/2026-11-22T05:00" } = change;
  return { kind: "layout", key, title: "Thông báo", since, regions, alerts };
}

export function alert(words: readonly AlertWords[], change: Partial<SceneAlert> = {}): SceneAlert {
  return { identifier: "VN-1", severity: "extreme", exercise: false, sent: Date.now(), words, ...change };
}

export function scene(faces: readonly FaceScene[], change: Partial<BoardScene> = {}): Omit<BoardScene, "revision"> {
  const right = Math.max(...faces.map(({ face: { rect } }) => (rect === null ? 0 : rect.x + rect.width)));
  const bottom = Math.max(...faces.map(({ face: { rect } }) => (rect === null ? 0 : rect.y + rect.height)));
  return {
    zone: "Asia/Ho_Chi_Minh",
    screen: { width: right, height: bottom },
    faces,
    onAir: {
      airing: "Bản tin xã Hữu Nghị",
      next: [
        { at: Date.parse("2026-11-22T17:00:00+07:00"), title: "Thời sự Đài Tiếng nói Việt Nam" },
        { at: Date.parse("2026-11-22T17:30:00+07:00"), title: "Dự báo thời tiết" },
      ],
    },
    ...change,
  };
}

/** One face over the whole of it. */
export function alone(
  size: { width: number; height: number },
  showing: Showing,
  change: { rotation?: Rotation; languages?: readonly string[]; dim?: number } = {},
): Omit<BoardScene, "revision"> {
  const one = face("mat-1", { x: 0, y: 0, ...size }, change.rotation ?? 0, change.languages ?? ["vi"]);
  return scene([{ face: one, dim: change.dim ?? 0, showing }]);
}
