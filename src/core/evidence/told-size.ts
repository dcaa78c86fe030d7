/** Sizes as people write them: "87000GB", "24 G", "512,956,604 bytes". */

const POWERS: Readonly<Record<string, number>> = { k: 10, m: 20, g: 30, t: 40, p: 50, e: 60 };

/** Bytes, units as powers of 1024; undefined for what is no number. */
export function parseSize(digits: string, unit: string): number | undefined {
  const value = Number(digits.replaceAll(',', ''));
  if (!Number.isFinite(value)) return undefined;
  const letter = unit.toLowerCase();
  return letter.startsWith('byte') ? value : value * 2 ** (POWERS[letter.charAt(0)] ?? 0);
}
