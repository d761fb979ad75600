/** The one file that knows the YAML library. YAML 1.2; a key that stands twice is a mistake, not a choice. */
import { parseDocument, stringify } from "yaml";

export interface Mistake {
  readonly path: string;
  readonly message: string;
}

/** What the text says, or every mistake in its form by line. */
export function parseYaml(text: string): { readonly value: unknown } | readonly Mistake[] {
  const document = parseDocument(text, { uniqueKeys: true });
  if (document.errors.length === 0) return { value: document.toJS() as unknown };
  return document.errors.map((error) => ({ path: `line ${error.linePos?.[0].line ?? "?"}`, message: error.message }));
}

export function formatYaml(value: object): string {
  return stringify(value);
}
