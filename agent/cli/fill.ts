/** Puts values into a sentence: `{name}` becomes what is given under that name, and stays where nothing is. Pure. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
