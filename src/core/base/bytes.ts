/**
 * Bytes and their units. Memory is counted in bytes everywhere; this file alone turns printed sizes
 * into bytes and bytes into printed sizes.
 */
import { bound, type Interval } from './interval.ts';
import { phrase, type Statement } from './texts.ts';
import { type Unknown, unknown } from './unknown.ts';

export const KiB: number = 2 ** 10;
export const MiB: number = 2 ** 20;
export const GiB: number = 2 ** 30;

/** A count below zero, as 64 bits without a sign print it: within 10^13 of 2^64. */
export const BELOW_ZERO: RegExp = /(?<!\d)1844674\d{13}(?!\d)/;

/** What a printed unit word means in bytes. "binary": GB is 2^30, as PyTorch's own printers mean it. */
export type UnitMeaning = 'binary' | 'decimal';

const UNIT_POWER: Readonly<Record<string, number>> = { k: 1, m: 2, g: 3, t: 4, p: 5, e: 6 };

/** Bytes per unit word ("GiB", "MB", "bytes", "G"), or undefined for a word that is no unit. */
export function unitBytes(word: string, meaning: UnitMeaning = 'binary'): number | undefined {
  const match = /^(?:bytes?|b|([kmgtpe])(i?)b?)$/i.exec(word);
  if (match === null) return undefined;
  const prefix = match[1];
  if (prefix === undefined) return 1;
  const power = UNIT_POWER[prefix.toLowerCase()] ?? 0;
  return (match[2] !== '' || meaning === 'binary' ? 1024 : 1000) ** power;
}

/** A size as a program printed it: the text, and the bytes that it can stand for. */
export interface PrintedSize {
  readonly raw: string;
  readonly bytes: Interval | Unknown;
}

/** How the printing program got from bytes to digits. PyTorch rounds; the old TH allocator cut off. */
export type Rounding = 'nearest' | 'floor';

/**
 * Reads a printed size such as "10.73 GiB". The interval is the hard bound that the rounding leaves:
 * half a unit of the last digit to each side, or one unit upwards for `floor`.
 * A value beyond 2^53 bytes is unknown with the reason (an unset sentinel, an overflow).
 */
export function readSize(
  digits: string,
  unit: string,
  options: { meaning?: UnitMeaning; rounding?: Rounding } = {},
): PrintedSize {
  const raw = `${digits} ${unit}`;
  const factor = unitBytes(unit, options.meaning);
  const plain = withPoint(digits);
  const value = Number(plain);
  if (factor === undefined || !Number.isFinite(value)) {
    return { raw, bytes: unknown(notASize(raw)) };
  }
  const mid = value * factor;
  if (Math.abs(mid) > Number.MAX_SAFE_INTEGER) return { raw, bytes: unknown(tooLarge(mid)) };
  const decimals = plain.includes('.') ? plain.length - plain.indexOf('.') - 1 : 0;
  const rounded = Math.round(mid);
  if (factor === 1 && decimals === 0) return { raw, bytes: bound(rounded) };
  const step = factor / 10 ** decimals;
  const [down, up] = options.rounding === 'floor' ? [0, step] : [step / 2, step / 2];
  // Outwards to whole bytes, so that the bound holds; a size that is not negative stays so.
  const low = mid < 0 ? Math.floor(mid - down) : Math.max(0, Math.floor(mid - down));
  return {
    raw,
    bytes: bound(rounded, Math.min(low, rounded), Math.max(rounded, Math.ceil(mid + up))),
  };
}

/** "1,002.00", "1,073,741,824" and "10,73" as people and programs print them, with a point only. */
function withPoint(digits: string): string {
  return digits.includes('.') || /^\d{1,3}(?:,\d{3})+$/.test(digits)
    ? digits.replaceAll(',', '')
    : digits.replace(',', '.');
}

const notASize = (raw: string): Statement =>
  phrase(
    { en: '"{raw}" is no size', zh: '“{raw}”不是一个大小', ru: '«{raw}» — не размер' },
    { raw: raw.slice(0, 60) },
  );

function tooLarge(value: number): Statement {
  // PyTorch prints an unset 64-bit limit (2^64 - 1) as 17179869184.00 GiB.
  if (value >= 2 ** 64 * 0.9999 && value <= 2 ** 64 * 1.0001) {
    return phrase({
      en: 'an unset value (2^64 - 1), not a size',
      zh: '未设置的值（2^64 - 1），不是大小',
      ru: 'незаданное значение (2^64 - 1), а не размер',
    });
  }
  return phrase({
    en: 'larger than 2^53 bytes: an overflow or a corrupt size',
    zh: '大于 2^53 字节：溢出或损坏的大小',
    ru: 'больше 2^53 байт: переполнение или испорченный размер',
  });
}

/** "78.31 GiB", "42.2 MiB", "512 B": for people, two decimals at most. */
export function formatBytes(value: number): string {
  const sign = value < 0 ? '-' : '';
  const size = Math.abs(value);
  // The thresholds leave room for rounding: 1023.996 MiB must read 1.00 GiB, never 1024.00 MiB.
  if (size >= GiB * 0.99999) return `${sign}${(size / GiB).toFixed(2)} GiB`;
  if (size >= MiB * 0.99999) return `${sign}${(size / MiB).toFixed(1)} MiB`;
  if (size >= KiB) return `${sign}${(size / KiB).toFixed(1)} KiB`;
  return `${sign}${Math.round(size)} B`;
}
