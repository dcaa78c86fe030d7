/**
 * Colours. Those of owners were moved apart until they can be told apart with the common kinds of colour
 * blindness; a test simulates these.
 */
import type { Category } from '../../core/snapshots.ts';

export interface Theme {
  /** Paper of the chart. */
  readonly ground: string;
  readonly ink: string;
  readonly faint: string;
  readonly grid: string;
  /** Reserved, but in no allocation: stripes on `idle`. */
  readonly idle: string;
  readonly idleStripe: string;
  readonly reserved: string;
  readonly failure: string;
  readonly accent: string;
  readonly owners: readonly string[];
  readonly rest: string;
  readonly before: string;
  readonly unknown: string;
  readonly waiting: string;
  readonly others: string;
}

/** Owners that get a colour of their own. */
export const OWNER_COLOURS = 9;

/** Categories keep their colours from one snapshot to the next. */
export const CATEGORY_COLOURS: Readonly<Record<Category, number>> = {
  activations: 0,
  optimizer_state: 1,
  parameters: 2,
  gradients: 3,
  temporaries: 4,
  logits: 5,
  workspace: 6,
  communication: 7,
  kv_cache: 7,
  inputs: 8,
  unknown: 8,
};

const LIGHT: Theme = {
  ground: '#ffffff',
  ink: '#1d2330',
  faint: '#667085',
  grid: '#e3e7ee',
  idle: '#f6f7fa',
  idleStripe: '#dde2ea',
  reserved: '#475467',
  failure: '#c8102e',
  accent: '#1d4ed8',
  owners: [
    '#1477c4',
    '#ff9134',
    '#006660',
    '#d289f9',
    '#6ae8ff',
    '#a92603',
    '#f4e55e',
    '#492d85',
    '#ae7626',
  ],
  rest: '#aab2bf',
  before: '#7e8896',
  unknown: '#c9b8a8',
  waiting: '#b0305c',
  others: '#d8dde5',
};

const DARK: Theme = {
  ground: '#12161d',
  ink: '#e8edf4',
  faint: '#94a0b3',
  grid: '#262d39',
  idle: '#191f29',
  idleStripe: '#2b3341',
  reserved: '#a7b4c8',
  failure: '#ff5468',
  accent: '#7fb0ff',
  owners: [
    '#5e73e3',
    '#f6af2d',
    '#0cac9a',
    '#acacf8',
    '#89fff9',
    '#b3310e',
    '#ebf37c',
    '#7d3aa4',
    '#cf7432',
  ],
  rest: '#6b7686',
  before: '#4f5a6b',
  unknown: '#8d7f73',
  waiting: '#c94a77',
  others: '#2e3643',
};

export const themeOf = (isDark: boolean): Theme => (isDark ? DARK : LIGHT);

/** A pixel as ImageData keeps it, in the byte order of all machines that run browsers. */
export function pixel(hex: string): number {
  const value = Number.parseInt(hex.slice(1), 16);
  const [red, green, blue] = [value >> 16, (value >> 8) & 0xff, value & 0xff];
  return ((0xff << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** Between two pixels; 0 is the first, 1 the second. */
export function mix(a: number, b: number, share: number): number {
  const channel = (shift: number): number => {
    const from = (a >>> shift) & 0xff;
    return Math.round(from + (((b >>> shift) & 0xff) - from) * share) << shift;
  };
  return ((0xff << 24) | channel(16) | channel(8) | channel(0)) >>> 0;
}

/** Black or white, whichever is easier to read on a colour: at 0.195 both have the same contrast. */
export function inkOn(hex: string): string {
  return luminance(hex) > 0.195 ? '#10141b' : '#ffffff';
}

/** Relative luminance of a colour, 0 to 1 (WCAG 2). */
export function luminance(hex: string): number {
  const value = Number.parseInt(hex.slice(1), 16);
  const linear = [value >> 16, (value >> 8) & 0xff, value & 0xff].map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return (
    0.2126 * (linear[0] as number) + 0.7152 * (linear[1] as number) + 0.0722 * (linear[2] as number)
  );
}
