/** What the readers of monitors share: devices while they are read, rows of boxes, places where a text ends. */
import { isUnknown } from '../base/unknown.ts';
import type { SeenDevice, SeenProcess, Shown } from '../ledger/device.ts';
import { type JsonBlock, jsonBlocks, whereCut } from './json-block.ts';
import { type Gap, type Passage, type Sighting, shown } from './status.ts';
import type { Line } from './text/dress.ts';

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A device while its rows are read. */
export interface Draft extends Mutable<Omit<SeenDevice, 'processes' | 'modes'>> {
  processes: SeenProcess[];
  modes: Record<string, string>;
}

export const MOST_DEVICES = 1024;
export const MOST_PROCESSES = 8192;

export function newDevice(vendor: SeenDevice['vendor'], line: number, index?: number): Draft {
  return {
    ...(index !== undefined && { index }),
    vendor,
    processes: [],
    modes: {},
    listed: 'none',
    line,
  };
}

/** The device as data: a tool that says nothing more of it has no modes. */
export function deviceOf({ modes, ...device }: Draft): SeenDevice {
  return Object.keys(modes).length > 0 ? { ...device, modes } : device;
}

/** The device of that index, made where it is not there yet. */
export function deviceAt(
  devices: Draft[],
  index: number | undefined,
  vendor: SeenDevice['vendor'],
  line: number,
): Draft {
  const known = devices.find((device) => device.index === index);
  if (known !== undefined) return known;
  const device = newDevice(vendor, line, index);
  if (devices.length < MOST_DEVICES) devices.push(device);
  return device;
}

export const cutAt = (line: number, where: Gap['where']): Gap => ({ code: 'cut-off', line, where });

/** "37", "37 %" and "37%" as a number; anything else is nothing. */
export function percentOf(text: string | undefined): number | undefined {
  const match = /^(\d{1,3}(?:\.\d{1,4})?)\s*%?$/.exec(text?.trim() ?? '');
  return match === null ? undefined : Number(match[1]);
}

/** Digits that the tool prints without their unit. */
export const inUnit = (
  text: string,
  unit: string,
  options: Pick<NonNullable<Parameters<typeof shown>[1]>, 'meaning' | 'rounding'> = {},
): Shown => shown(text, { unit, ...options });

/** Whether the tool put anything there that can be a size or a reason for none. */
export const isSize = (text: string): boolean =>
  !isUnknown(shown(text, { unit: 'B' }).bytes) ||
  /^\[?[A-Za-z][\w ./-]{0,60}\]?$/.test(text.trim());

/** The cells of a row in a box, or undefined for a line that is none. */
export interface Row {
  readonly cells: readonly string[];
  /** The right edge is there. */
  readonly isClosed: boolean;
}

export function rowOf(text: string): Row | undefined {
  const trimmed = text.trim();
  if (!/^[|│┃]/.test(trimmed) || isBorder(trimmed)) return undefined;
  const parts = trimmed.slice(1).split(/[|│┃]/, 64);
  const isClosed = parts.at(-1)?.trim() === '' && parts.length > 1;
  if (isClosed) parts.pop();
  return { cells: parts.map((part) => part.trim()), isClosed };
}

/** "+-----+-----+", "|=====+=====|", "╞═════╪═════╡" */
export const isBorder = (text: string): boolean => {
  const trimmed = text.trim();
  return (
    /^[-+|=┌┬┐├┼┤└┴┘─│┏┳┓┡╇┩╒╤╕╞╪╡╘╧╛═┃━┣┫╋┗┻┛]{5,}$/.test(trimmed) && /[-=─═━]{3}/.test(trimmed)
  );
};

/** A border up to its last corner; one that is cut ends in a stroke. */
export const isWholeBorder = (text: string): boolean => !/[-=─═━]$/.test(text.trim());

/** The JSON in a passage in which `read` finds something of its own. */
export function sightingsInJson(
  passage: Passage,
  needle: RegExp,
  read: (block: JsonBlock) => Partial<Sighting> | undefined,
): Sighting[] {
  if (!passage.lines.some(({ text }) => needle.test(text))) return [];
  return jsonBlocks(passage.lines).flatMap((block) => {
    const found = read(block);
    if (found === undefined) return [];
    const isCut = block.cut !== undefined && !(passage.goes_on && block.cut.isEnd);
    const gaps = [
      ...(isCut ? [cutAt(block.cut?.line ?? block.last, whereCut(block))] : []),
      ...(found.gaps ?? []),
    ];
    return [{ ...found, line: block.line, last: block.last, ...(gaps.length > 0 && { gaps }) }];
  });
}

/** "Mon Aug 22 15:23:57 2022" on a line of its own, as many tools print it above their table. */
export function clockIn(text: string): string | undefined {
  return /(?:^|\s)((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?: [A-Z]{2,5})? \d{4})\b/.exec(
    text,
  )?.[1];
}

/** The clock on one of the two lines above. */
export function clockAbove(lines: readonly Line[], at: number): string | undefined {
  for (let index = at - 1; index >= Math.max(0, at - 2); index--) {
    const time = clockIn(lines[index]?.text ?? '');
    if (time !== undefined) return time;
  }
  return undefined;
}

const VENDORS: readonly (readonly [RegExp, SeenDevice['vendor']])[] = [
  [/nvidia|geforce|quadro|tesla|\b[rg]tx\b/i, 'nvidia'],
  [/\bamd\b|radeon|instinct|vega|navi/i, 'amd'],
  [/intel|\barc\b|iris/i, 'intel'],
  [/apple/i, 'apple'],
];

/** Who made a card of that name. */
export const vendorOf = (name: string): SeenDevice['vendor'] =>
  VENDORS.find(([pattern]) => pattern.test(name))?.[1] ?? 'unknown';
