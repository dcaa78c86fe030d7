/** Numbers as people of a language write them. */
import { formatBytes, type Lang } from '../../core/index.ts';
import type { Words } from './words.ts';

export interface Format {
  readonly bytes: (value: number) => string;
  readonly count: (value: number) => string;
  /** Of microseconds. */
  readonly time: (value: number) => string;
  readonly percent: (share: number) => string;
}

export function formatFor(lang: Lang, words: Words): Format {
  const count = new Intl.NumberFormat(lang);
  const decimals = new Intl.NumberFormat(lang, { maximumSignificantDigits: 4 });
  const percent = new Intl.NumberFormat(lang, { style: 'percent', maximumFractionDigits: 1 });
  return {
    bytes: formatBytes,
    count: (value) => count.format(value),
    time: (value) => {
      const size = Math.abs(value);
      if (size >= 1e6) return `${decimals.format(value / 1e6)} ${words.second}`;
      if (size >= 1e3) return `${decimals.format(value / 1e3)} ${words.millisecond}`;
      return `${decimals.format(value)} ${words.microsecond}`;
    },
    percent: (share) => percent.format(share),
  };
}
