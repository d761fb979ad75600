/** The document and the style of the page. Everything that stands in it is made by its program, from words, never from markup. */

/** The document. Addresses are relative, so that they keep the token. */
export function shell(entry: string, sheets: readonly string[]): string {
  const links = sheets.map((href) => `<link rel="stylesheet" href="${href}">`).join("\n");
  return `<!doctype html>
<html lang="vi">
<head>
<meta charset="utf-8">
<title>Loa</title>
<link rel="icon" type="image/png" href="icon.png">
${links}
<script type="module" src="${entry}"></script>
</head>
<body></body>
</html>
`;
}

/**
 * Faces, regions and alerts. Every box clips what does not fit and is laid out apart from all others, so that a hostile text disturbs nothing
 * but itself. What moves by itself moves in the compositor: `transform` and `opacity` only.
 */
export const STYLE = `
:root { --fonts: "Noto Sans", "Noto Sans SC", "Noto Sans Lao", "Noto Sans Khmer", sans-serif; }
* { margin: 0; padding: 0; box-sizing: border-box; }
[hidden] { display: none !important; }
html, body { width: 100%; height: 100%; overflow: hidden; background: #000; cursor: none; }
body { font-family: var(--fonts); font-weight: 400; color: #fff; line-height: 1.4; }
:lang(zh) { font-family: "Noto Sans SC", "Noto Sans", sans-serif; }
:lang(lo), :lang(km) { line-height: 1.6; }
.face, .turned, .content, .region, .region > canvas, .dim { position: absolute; overflow: hidden; }
.face { background: #000; contain: strict; }
.turned { transform-origin: 0 0; }
.content { inset: 0; }
.waiting { visibility: hidden; }
.region { contain: strict; }
.region > canvas { inset: 0; width: 100%; height: 100%; }
.dim { inset: 0; background: #000; pointer-events: none; }
.box { position: absolute; inset: 0; overflow: hidden; display: flex; align-items: center; justify-content: center; text-align: center; }
.box > .words { white-space: pre-line; unicode-bidi: isolate; max-width: 100%; text-wrap: balance; }
.box.broken > .words { overflow-wrap: anywhere; }
.box.bold { font-weight: 700; }
.ticker { position: absolute; left: 0; top: 0; height: 100%; display: flex; align-items: center; white-space: pre; will-change: transform; }
.ticker > span { flex: none; unicode-bidi: isolate; }
.rows { position: absolute; inset: 0; }
.rows > .part { position: absolute; overflow: hidden; }
.clock { font-variant-numeric: tabular-nums; }
.alert { position: absolute; inset: 0; overflow: hidden; background: #a30000; color: #fff; }
.alert.exercise { background: #003a8c; }
.alert .part { position: absolute; overflow: hidden; }
.alert .banner { background: #ffe600; color: #000; font-weight: 700; }
.alert .headline { font-weight: 700; }
.alert .frame { position: absolute; inset: 0; border-style: solid; border-color: #ffe600; pointer-events: none; }
.alert:not(.exercise) .frame { animation: blink 1s steps(1, end) infinite; }
@keyframes blink { 0% { opacity: 1; } 50% { opacity: 0; } 100% { opacity: 1; } }
.placeholder { background: #20242c; color: #d5dae2; }
.pattern { position: absolute; inset: 0; overflow: hidden; }
.pattern > * { position: absolute; }
`;
