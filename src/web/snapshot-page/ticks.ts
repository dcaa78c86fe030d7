/** Round places on an axis. */

/** Steps of bytes are powers of two, so that labels are whole KiB, MiB or GiB. */
export function byteTicks(low: number, high: number, most: number): number[] {
  const step = 2 ** Math.ceil(Math.log2(Math.max(1, (high - low) / most)));
  return multiples(step, low, high);
}

/** Steps of 1, 2 or 5 times a power of ten. */
export function decimalTicks(low: number, high: number, most: number, least = 0): number[] {
  const rough = Math.max(least, (high - low) / most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough * 0.999);
  return multiples(step ?? rough, low, high);
}

function multiples(step: number, low: number, high: number): number[] {
  const ticks: number[] = [];
  if (!(step > 0) || !Number.isFinite(step)) return ticks;
  for (let i = Math.ceil(low / step); i * step <= high && ticks.length < 100; i++) {
    ticks.push(i * step);
  }
  return ticks;
}
