/** The fonts of what is to be painted, waited for so that nothing is first painted in others; but never for long. */

const FAMILIES = ['"Noto Sans"', '"Noto Sans SC"', '"Noto Sans Lao"', '"Noto Sans Khmer"'];

/** Loads what these texts need, as far as it comes within `withinMs`. Never rejects: a face with other letters is better than none. */
export async function fontsFor(texts: readonly string[], withinMs: number): Promise<void> {
  const letters = [...new Set(texts.join(""))].join("");
  const loading = FAMILIES.flatMap((family) =>
    [400, 700].map((weight) => document.fonts.load(`${weight} 20px ${family}`, letters)),
  );
  const late = new Promise<void>((resolve) => setTimeout(resolve, withinMs));
  await Promise.race([Promise.allSettled(loading), late]);
}
