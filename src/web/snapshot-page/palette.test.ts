import { describe, expect, it } from 'vitest';
import { inkOn, luminance, mix, OWNER_COLOURS, pixel, themeOf } from './palette.ts';

/** Linear RGB as seen with a colour blindness: Machado, Oliveira, Fernandes 2009, severity 1. */
const SIGHTS = {
  usual: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  protanopia: [
    0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998,
  ],
  deuteranopia: [
    0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881,
  ],
  tritanopia: [
    1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039,
  ],
} as const;

type Triple = [number, number, number];

function seen(hex: string, sight: readonly number[]): Triple {
  const value = Number.parseInt(hex.slice(1), 16);
  const linear = [value >> 16, (value >> 8) & 0xff, value & 0xff].map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const row = (at: number): number =>
    Math.min(
      1,
      Math.max(
        0,
        linear.reduce((sum, each, i) => sum + each * (sight[at + i] as number), 0),
      ),
    );
  return oklab(row(0), row(3), row(6));
}

/** Björn Ottosson's Oklab: distances in it are about as large as they look. */
function oklab(red: number, green: number, blue: number): Triple {
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

const apart = (a: Triple, b: Triple): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

describe.each([
  ['light', themeOf(false)],
  ['dark', themeOf(true)],
])('the %s theme', (_, theme) => {
  it.each(Object.entries(SIGHTS))('has owners that can be told apart: %s', (_, sight) => {
    expect(theme.owners).toHaveLength(OWNER_COLOURS);
    const colours = theme.owners.map((hex) => seen(hex, sight));
    for (const [i, colour] of colours.entries()) {
      for (const other of colours.slice(i + 1)) expect(apart(colour, other)).toBeGreaterThan(0.08);
    }
  });

  it('has words that can be read on its paper and on every colour', () => {
    const contrast = (a: string, b: string): number => {
      const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
      return (high + 0.05) / (low + 0.05);
    };
    expect(contrast(theme.ink, theme.ground)).toBeGreaterThan(7);
    expect(contrast(theme.faint, theme.ground)).toBeGreaterThan(4.5);
    for (const hex of [...theme.owners, theme.rest, theme.before, theme.unknown, theme.others]) {
      expect(contrast(inkOn(hex), hex), hex).toBeGreaterThan(4.2);
    }
  });
});

it('mixes colours channel by channel', () => {
  expect(pixel('#102030')).toBe(0xff302010);
  expect(mix(pixel('#000000'), pixel('#ffffff'), 0.5)).toBe(0xff808080);
  expect(mix(pixel('#123456'), pixel('#ffffff'), 0)).toBe(pixel('#123456'));
});
