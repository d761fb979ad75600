/**
 * Which indicators of Decision 1381 (QĐ 1381) a cluster can give evidence for, and which it cannot. Pure.
 * Source: numbers and subjects as named in the field notes on QĐ 1381 and QĐ 184. Assumed: their exact wording, which could not be read; the
 * text here says what this cluster shows, not what the Decision counts.
 */
import type { MonthReport } from "./report.ts";

export interface Indicator {
  /** As the Decision numbers it. */
  readonly number: string;
  /** `evidence`: figures of this cluster belong to it. `none`: a cluster cannot know. */
  readonly proof: "evidence" | "none";
  readonly subject: { readonly vi: string; readonly en: string };
  readonly finding: { readonly vi: string; readonly en: string };
}

type Figures = Pick<MonthReport, "aired" | "audible" | "slots" | "punctuality" | "downMs">;

const hours = (ms: number) => (ms / 3_600_000).toFixed(1);
const percent = (share: number | null) => (share === null ? "—" : `${(share * 100).toFixed(1)} %`);

export function indicatorsOf({ aired, audible, slots, punctuality }: Figures): Indicator[] {
  const days = aired.days.filter(({ playedMs }) => Object.values(playedMs).some((ms) => ms > 0)).length;
  const sounded = `${days}/${aired.days.length}`;
  const whole = `${slots.outcomes.played}/${slots.planned}`;
  return [
    {
      number: "1.1",
      proof: "evidence",
      subject: { vi: "Xã có đài truyền thanh ứng dụng CNTT-VT", en: "The commune has an IT station" },
      finding: {
        vi: `Cụm loa này hoạt động và đã phát sóng ${sounded} ngày trong tháng, ${hours(aired.playedMs)} giờ.`,
        en: `This cluster works and aired on ${sounded} days of the month, ${hours(aired.playedMs)} hours.`,
      },
    },
    {
      number: "1.2",
      proof: "evidence",
      subject: { vi: "Đài truyền thanh đến được thôn, tổ dân phố", en: "The station reaches the hamlets" },
      finding: {
        vi: `Tại ngõ ra của cụm loa, ${percent(audible.share)} thời lượng phát có âm thanh; ${whole} khung giờ phát trọn vẹn. Số thôn được phủ do nguồn tỉnh cộng từ mọi cụm; trong nhà dân nghe được hay không thì cụm loa không biết.`,
        en: `At this cluster's output ${percent(audible.share)} of what was played was audible; ${whole} slots played whole. How many hamlets are reached is summed by the province over all clusters; whether it is heard in the houses a cluster cannot know.`,
      },
    },
    {
      number: "1.5, 1.6",
      proof: "none",
      subject: { vi: "Bảng tin điện tử công cộng của xã", en: "The commune's public electronic board" },
      finding: {
        vi: "Cụm loa không có mặt bảng; máy điều khiển bảng báo cáo riêng.",
        en: "A cluster of horns has no face; the board's own computer reports it.",
      },
    },
    {
      number: "2.2",
      proof: "none",
      subject: { vi: "Bảng lớn ở đô thị kết nối với tỉnh", en: "Large boards in towns linked to the province" },
      finding: { vi: "Không thuộc cụm loa.", en: "Not a matter of a cluster of horns." },
    },
    {
      number: "3, 4",
      proof: "evidence",
      subject: {
        vi: "Hệ thống thông tin nguồn cấp tỉnh, trung ương đo lường, đánh giá",
        en: "The provincial and central source systems measure and evaluate",
      },
      finding: {
        vi: `Số liệu để đo có trong nhật ký chuỗi băm: ${slots.planned} khung giờ, ${punctuality.within1S}/${punctuality.started} bắt đầu lệch không quá 1 giây. Việc đo là của tỉnh và trung ương.`,
        en: `The figures to measure by are in the hash-chained journal: ${slots.planned} slots, ${punctuality.within1S}/${punctuality.started} begun within 1 s. The measuring is the province's and the centre's.`,
      },
    },
  ];
}
