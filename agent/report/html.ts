/** The few things that every page of the station writes the same way: text that cannot become a tag, and two languages side by side. Pure. */
import type { Pair } from "./words.ts";

/** Text in a page: no tags, no quotes, no marks that turn the direction of writing. */
export const escaped = (text: string) =>
  text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`).replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, "");

export const both = ({ vi, en }: Pair) => `${escaped(vi)} <span class="en">${escaped(en)}</span>`;

/** Cells are HTML already; numbers stand to the right. */
export function table(head: readonly Pair[], rows: readonly (readonly (string | number)[])[]): string {
  if (rows.length === 0) return `<p>${both({ vi: "Không có.", en: "None." })}</p>`;
  const cells = (row: readonly (string | number)[]) =>
    row.map((one) => (typeof one === "number" ? `<td class="n">${one}</td>` : `<td>${one}</td>`)).join("");
  const body = rows.map((row) => `<tr>${cells(row)}</tr>`).join("");
  return `<table><thead><tr>${head.map((one) => `<th>${both(one)}</th>`).join("")}</tr></thead><tbody>${body}</tbody></table>`;
}
