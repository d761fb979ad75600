/**
 * JSON as signed documents must be: each member named once and nesting bounded; otherwise two readers could read two
 * different documents from the same bytes. `JSON.parse` alone keeps the last of two members silently.
 */
const DEEPEST = 32;

/** Before the parser, which would spend ten megabytes on a quarter of a megabyte of brackets. */
function checkDepth(text: string): void {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quoted) {
      if (character === "\\") at += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === "{" || character === "[") {
      depth += 1;
      if (depth > DEEPEST) throw new SyntaxError(`nested deeper than ${DEEPEST}`);
    } else if (character === "}" || character === "]") depth -= 1;
  }
}

/** @throws SyntaxError with the reason */
export function parseStrictJson(text: string): unknown {
  checkDepth(text);
  const value: unknown = JSON.parse(text);
  // The text is JSON by now, so tokens suffice: strings and the punctuation that gives them their place.
  const open: (Set<string> | null)[] = [];
  let nameFollows = false;
  for (const [token] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/g)) {
    if (token === "{" || token === "[") {
      open.push(token === "{" ? new Set() : null);
      nameFollows = token === "{";
    } else if (token === "}" || token === "]") {
      open.pop();
      nameFollows = false;
    } else if (token === ",") {
      nameFollows = open.at(-1) !== null;
    } else if (token !== ":" && nameFollows) {
      const names = open.at(-1);
      const name: unknown = JSON.parse(token);
      // Some readers take it for the object's prototype, some for a member.
      if (name === "__proto__") throw new SyntaxError("no member may be named __proto__");
      if (names?.has(String(name))) throw new SyntaxError(`member ${token} stands twice`);
      names?.add(String(name));
      nameFollows = false;
    }
  }
  return value;
}
