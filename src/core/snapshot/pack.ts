/**
 * PageData as few bytes: what `unoom snapshot --html` puts into the page, and what the page reads.
 *
 *   bytes 0 … 3   length of the head, little endian
 *   head          JSON in UTF-8: strings, small tables, and the list of columns [name, rows, bytes]
 *   columns       one after another, each number a LEB128 varint
 *
 * A column is stored as it is, as zigzag differences of neighbours, or as places in a sorted table of its
 * distinct values. It is meant to be deflated afterwards.
 */
import { concat } from '../base/byte-arrays.ts';
import type { Lang } from '../base/texts.ts';
import { analyseDevice, type DeviceAnalysis } from './analyse.ts';
import { NONE, type Snapshot } from './columns.ts';
import { BEFORE } from './lifetimes.ts';
import { Places, stackFacts } from './owners-frames.ts';
import {
  type PageAllocations,
  type PageData,
  type PageDevice,
  type PageOoms,
  type PagePhases,
  type PageSegments,
  type PageStages,
  pageDataOf,
} from './page-data.ts';

/** Raised with every change that an older page could not read. */
const VERSION = 1;

type Numbers = ArrayLike<number>;

export interface PackOptions {
  /** Of the names of categories. */
  readonly lang: Lang;
  /** Of the devices that the page shows; made for all of them when the caller has none. */
  readonly analyses?: readonly DeviceAnalysis[];
}

export function packForPage(
  snapshot: Snapshot,
  { lang, analyses = analyseAll(snapshot) }: PackOptions,
): Uint8Array<ArrayBuffer> {
  return pack(pageDataOf(snapshot, analyses, lang));
}

function analyseAll(snapshot: Snapshot): DeviceAnalysis[] {
  const facts = stackFacts(snapshot);
  const places = new Places(snapshot);
  return snapshot.devices.map((device) => analyseDevice(snapshot, device, facts, places));
}

interface Head {
  readonly version: number;
  readonly strings: readonly string[];
  readonly streams: readonly string[];
  readonly pools: readonly (readonly [number, number])[];
  readonly stages: readonly string[];
  readonly owners: readonly { readonly by: string; readonly names: readonly string[] }[];
  readonly devices: readonly {
    readonly index: number;
    readonly events: number;
    readonly hasTime: boolean;
    readonly phases: readonly string[];
  }[];
  readonly columns: readonly (readonly [name: string, rows: number, bytes: number])[];
}

export function pack(data: PageData): Uint8Array<ArrayBuffer> {
  const out = new Writer();
  const kept = usedStrings(data);
  out.plain('frame.name', map(data.frames.name, kept.place));
  out.plain('frame.file', map(data.frames.file, kept.place));
  out.plain('frame.line', map(data.frames.line, zigzag));
  out.deltas('stack.offset', data.stacks.offsets);
  out.plain('stack.frame', data.stacks.frames);
  data.devices.forEach((device, d) => {
    packDevice(out, `${d}.`, device);
    data.owners.forEach((owners, o) => {
      out.plain(`${d}.owner.${o}`, map(owners.of[d] as Uint32Array, countedFromOne));
    });
  });
  const head: Head = {
    version: VERSION,
    strings: kept.strings,
    streams: data.streams,
    pools: data.pools,
    stages: data.stages,
    owners: data.owners.map(({ by, names }) => ({ by, names })),
    devices: data.devices.map(({ index, events, time, phases }) => ({
      index,
      events,
      hasTime: time !== undefined,
      phases: phases.name,
    })),
    columns: out.columns,
  };
  const text = new TextEncoder().encode(JSON.stringify(head));
  const length = new Uint8Array(new Uint32Array([text.length]).buffer);
  const size = out.parts.reduce((sum, part) => sum + part.length, 4 + text.length);
  return concat([length, text, ...out.parts], size) as Uint8Array<ArrayBuffer>;
}

function packDevice(out: Writer, prefix: string, device: PageDevice): void {
  const { allocations, segments, ooms, phases, stages } = device;
  if (device.time !== undefined) out.deltas(`${prefix}time`, device.time);
  out.table(`${prefix}address`, allocations.address);
  out.table(`${prefix}requested`, allocations.requested);
  out.table(`${prefix}held`, allocations.held);
  out.plain(`${prefix}stream`, allocations.stream);
  out.plain(`${prefix}stack`, map(allocations.stack, countedFromOne));
  out.deltas(`${prefix}from`, map(allocations.from, countedFromOne));
  out.plain(`${prefix}freed`, lifeOf(allocations.from, allocations.freed));
  out.plain(`${prefix}to`, lifeOf(allocations.freed, allocations.to));
  out.table(`${prefix}segment.address`, segments.address);
  out.table(`${prefix}segment.size`, segments.size);
  out.plain(`${prefix}segment.stream`, segments.stream);
  out.plain(`${prefix}segment.expandable`, segments.isExpandable);
  out.plain(`${prefix}segment.pool`, segments.pool);
  out.deltas(`${prefix}segment.from`, map(segments.from, countedFromOne));
  out.deltas(`${prefix}segment.to`, map(segments.to, countedFromOne));
  out.deltas(`${prefix}oom.event`, ooms.event);
  out.plain(`${prefix}oom.asked`, ooms.asked);
  out.plain(`${prefix}oom.free`, ooms.free);
  out.deltas(`${prefix}phase.from`, phases.from);
  out.deltas(`${prefix}phase.to`, phases.to);
  out.plain(`${prefix}phase.depth`, phases.depth);
  out.deltas(`${prefix}stage.from`, stages.from);
  out.plain(`${prefix}stage`, stages.stage);
}

/** @throws when the bytes are not what `pack` makes. */
export function unpackPage(bytes: Uint8Array): PageData {
  const size = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + size))) as Head;
  if (head.version !== VERSION) throw new Error(`version ${head.version} is not ${VERSION}`);
  const from = new Reader(bytes, 4 + size, head.columns);
  const name = Uint32Array.from(from.plain('frame.name'));
  const devices = head.devices.map((device, d) => unpackDevice(from, `${d}.`, device));
  return {
    strings: head.strings,
    frames: {
      count: name.length,
      name,
      file: Uint32Array.from(from.plain('frame.file')),
      line: Int32Array.from(map(from.plain('frame.line'), unzigzag)),
    },
    stacks: stacksOf(from),
    streams: head.streams,
    pools: head.pools,
    stages: head.stages,
    devices,
    owners: head.owners.map((owners, o) => ({
      ...owners,
      of: devices.map((_, d) => ids(from.plain(`${d}.owner.${o}`))),
    })),
  };
}

function stacksOf(from: Reader): PageData['stacks'] {
  const offsets = Uint32Array.from(from.deltas('stack.offset'));
  return {
    count: Math.max(0, offsets.length - 1),
    offsets,
    frames: Uint32Array.from(from.plain('stack.frame')),
  };
}

function unpackDevice(
  from: Reader,
  prefix: string,
  { index, events, hasTime, phases }: Head['devices'][number],
): PageDevice {
  return {
    index,
    events,
    ...(hasTime && { time: from.deltas(`${prefix}time`) }),
    allocations: unpackAllocations(from, prefix),
    segments: unpackSegments(from, `${prefix}segment.`),
    ooms: unpackOoms(from, `${prefix}oom.`),
    phases: unpackPhases(from, `${prefix}phase.`, phases),
    stages: unpackStages(from, `${prefix}stage`),
  };
}

function unpackAllocations(from: Reader, prefix: string): PageAllocations {
  const address = from.table(`${prefix}address`);
  const made = ids(from.deltas(`${prefix}from`));
  const freed = afterwards(made, from.plain(`${prefix}freed`));
  return {
    count: address.length,
    address,
    requested: from.table(`${prefix}requested`),
    held: from.table(`${prefix}held`),
    stream: Uint16Array.from(from.plain(`${prefix}stream`)),
    stack: ids(from.plain(`${prefix}stack`)),
    from: made,
    freed,
    to: afterwards(freed, from.plain(`${prefix}to`)),
  };
}

function unpackSegments(from: Reader, prefix: string): PageSegments {
  const address = from.table(`${prefix}address`);
  return {
    count: address.length,
    address,
    size: from.table(`${prefix}size`),
    stream: Uint16Array.from(from.plain(`${prefix}stream`)),
    isExpandable: Uint8Array.from(from.plain(`${prefix}expandable`)),
    pool: Uint16Array.from(from.plain(`${prefix}pool`)),
    from: ids(from.deltas(`${prefix}from`)),
    to: ids(from.deltas(`${prefix}to`)),
  };
}

function unpackOoms(from: Reader, prefix: string): PageOoms {
  const event = Uint32Array.from(from.deltas(`${prefix}event`));
  return {
    count: event.length,
    event,
    asked: from.plain(`${prefix}asked`),
    free: from.plain(`${prefix}free`),
  };
}

function unpackPhases(from: Reader, prefix: string, name: readonly string[]): PagePhases {
  return {
    count: name.length,
    name,
    from: Uint32Array.from(from.deltas(`${prefix}from`)),
    to: Uint32Array.from(from.deltas(`${prefix}to`)),
    depth: Uint16Array.from(from.plain(`${prefix}depth`)),
  };
}

function unpackStages(from: Reader, prefix: string): PageStages {
  const stage = Uint8Array.from(from.plain(prefix));
  return { count: stage.length, from: Uint32Array.from(from.deltas(`${prefix}.from`)), stage };
}

/** A loop: `Float64Array.from` with a function is many times slower. */
function map(values: Numbers, change: (value: number, row: number) => number): Float64Array {
  const result = new Float64Array(values.length);
  for (let row = 0; row < result.length; row++) result[row] = change(values[row] as number, row);
  return result;
}

const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);
const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);

/** NONE becomes 0, an id one more: small numbers are short. */
const countedFromOne = (id: number): number => (id === NONE ? 0 : id + 1);
const ids = (values: Numbers): Uint32Array =>
  // 0 - 1 wraps to NONE.
  Uint32Array.from(map(values, (value) => value - 1));

/** Events from the first to the second, one more; 0 where there is no second. */
function lifeOf(first: Uint32Array, second: Uint32Array): Float64Array {
  return map(second, (event, row) =>
    event === NONE ? 0 : event - startOf(first[row] as number) + 1,
  );
}

function afterwards(first: Uint32Array, lives: Numbers): Uint32Array {
  return Uint32Array.from(
    map(lives, (life, row) => (life === 0 ? NONE : startOf(first[row] as number) + life - 1)),
  );
}

/** What is from before the trace is counted from its start. */
const startOf = (event: number): number => (event >= BEFORE ? 0 : event);

/** Only strings that frames name travel: a snapshot has others. */
function usedStrings({ strings, frames }: PageData): {
  readonly strings: readonly string[];
  readonly place: (id: number) => number;
} {
  const places = new Uint32Array(strings.length).fill(NONE);
  const kept: string[] = [];
  const place = (id: number): number => {
    if (places[id] === NONE) {
      places[id] = kept.length;
      kept.push(strings[id] ?? '');
    }
    return places[id] as number;
  };
  for (let i = 0; i < frames.count; i++) {
    place(frames.name[i] as number);
    place(frames.file[i] as number);
  }
  return { strings: kept, place };
}

class Writer {
  readonly columns: [name: string, rows: number, bytes: number][] = [];
  readonly parts: Uint8Array[] = [];

  plain(name: string, values: Numbers): void {
    const bytes = varints(values);
    this.columns.push([name, values.length, bytes.length]);
    this.parts.push(bytes);
  }

  deltas(name: string, values: Numbers): void {
    this.plain(name, differences(values));
  }

  table(name: string, values: Float64Array): void {
    const distinct = Float64Array.from(new Set(values)).sort();
    const places = new Map<number, number>();
    distinct.forEach((value, place) => {
      places.set(value, place);
    });
    this.deltas(`${name}.values`, distinct);
    this.plain(
      name,
      map(values, (value) => places.get(value) as number),
    );
  }
}

function differences(values: Numbers): Float64Array {
  const result = new Float64Array(values.length);
  let last = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    result[i] = zigzag(value - last);
    last = value;
  }
  return result;
}

/** Whole numbers from 0 below 2^53. */
function varints(values: Numbers): Uint8Array {
  let bytes = new Uint8Array(values.length * 2 + 16);
  let at = 0;
  for (let i = 0; i < values.length; i++) {
    if (at + 8 > bytes.length) {
      const larger = new Uint8Array(bytes.length * 2);
      larger.set(bytes);
      bytes = larger;
    }
    // What is no size (negative, not a number) would shift all that follows: it is stored as 0.
    let value = Math.max(0, values[i] as number) || 0;
    while (value >= 0x80) {
      bytes[at++] = (value % 0x80) | 0x80;
      value = Math.floor(value / 0x80);
    }
    bytes[at++] = value;
  }
  return bytes.subarray(0, at);
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #places = new Map<string, { readonly at: number; readonly rows: number }>();

  constructor(bytes: Uint8Array, start: number, columns: Head['columns']) {
    this.#bytes = bytes;
    let at = start;
    for (const [name, rows, size] of columns) {
      // A number takes a byte at least, so this bounds what is set aside for the column.
      if (rows > size) throw new Error(`column ${name} is too short`);
      this.#places.set(name, { at, rows });
      at += size;
    }
    if (at !== bytes.length) throw new Error(`${bytes.length} bytes where ${at} were announced`);
  }

  plain(name: string): Float64Array {
    const place = this.#places.get(name);
    if (place === undefined) throw new Error(`no column ${name}`);
    const bytes = this.#bytes;
    const values = new Float64Array(place.rows);
    let { at } = place;
    for (let i = 0; i < values.length; i++) {
      let byte = bytes[at++] as number;
      let value = byte & 0x7f;
      for (let unit = 0x80; byte >= 0x80; unit *= 0x80) {
        byte = bytes[at++] as number;
        value += (byte & 0x7f) * unit;
      }
      values[i] = value;
    }
    return values;
  }

  deltas(name: string): Float64Array {
    const values = this.plain(name);
    let last = 0;
    for (let i = 0; i < values.length; i++) {
      last += unzigzag(values[i] as number);
      values[i] = last;
    }
    return values;
  }

  table(name: string): Float64Array {
    const distinct = this.deltas(`${name}.values`);
    const values = this.plain(name);
    for (let i = 0; i < values.length; i++) {
      values[i] = distinct[values[i] as number] as number;
    }
    return values;
  }
}
