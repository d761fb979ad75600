/** What sounds in the story: real sentences in every format that a province sends, a chime and a siren. All differ, so each can be recognised. */
import { type MediaOrder, STANDARD_ORDERS } from "../source/library.ts";
import type { MediaFormat } from "../source/media.ts";

const { chime, morning, vaccination, water, market, warning } = STANDARD_ORDERS;

/** Name of each recording → how it is made. */
export const STORY_MEDIA = {
  chime,
  morning,
  market,
  vaccination,
  water,
  storm: speech("Thông báo ưu tiên. Tối nay có mưa to.", "wav", "Tin mưa to"),
  farming: speech(
    "Bản tin nông nghiệp. Vụ đông năm nay xã gieo trồng hai trăm héc ta rau màu, bà con chú ý sâu bệnh.",
    "mp3",
    "Tin vụ đông",
  ),
  siren: {
    recipe: { kind: "siren", lowHz: 400, highHz: 1_200, periodMs: 2_000, durationMs: 3_000 },
    format: "flac",
    title: "Còi báo động",
  },
  warning,
  offline: speech("Đường truyền đang mất, nhưng loa vẫn phát đúng giờ.", "opus", "Tin khi mất kết nối"),
  seeds: speech(
    "Hợp tác xã mời bà con đến nhận giống lúa mới tại nhà văn hóa thôn, từ bảy giờ sáng thứ hai tuần sau.",
    "m4a",
    "Tin nhận giống lúa",
  ),
  goodbye: speech("Chương trình đến đây là hết. Xin chào bà con.", "flac", "Lời chào"),
  library: speech("Thư viện xã mở cửa tất cả các buổi chiều trong tuần.", "mp3", "Tin thư viện"),
  football: speech("Chiều thứ bảy có trận bóng đá giao hữu giữa hai thôn.", "m4a-faststart", "Tin thể thao"),
  /** Heard only with `--break media`, in another recording's place. */
  stranger: speech("Đây không phải là bản tin đã được duyệt hôm nay đâu nhé.", "mp3", "Bản ghi lạ"),
} as const satisfies Record<string, MediaOrder>;
export type MediaName = keyof typeof STORY_MEDIA;

/** Held in memory by the station, so that an alert waits for no decoder. */
export const PINNED: readonly MediaName[] = ["siren", "warning"];

function speech(text: string, format: MediaFormat, title: string): MediaOrder {
  return { recipe: { kind: "speech", text, voice: "north" }, format, title };
}
