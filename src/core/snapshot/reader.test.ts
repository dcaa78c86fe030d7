import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inRing, numRuns } from '../../../test/ring.ts';
import { render } from '../base/render.ts';
import { LANGS } from '../base/texts.ts';
import type { Snapshot } from './columns.ts';
import { looksLikeSnapshot } from './format.ts';
import { syntheticTraining } from './make/synthetic-training.ts';
import { type ReadOptions, type ReadResult, readSnapshot, SnapshotReader } from './reader.ts';
import { type WriteOptions, writeSnapshot } from './write/write.ts';

// Pickles by hand.

type Piece = number | string | readonly number[] | Uint8Array;

/** Operations as bytes; a string is SHORT_BINUNICODE. */
function bytesOf(...pieces: readonly Piece[]): Uint8Array {
  const bytes: number[] = [];
  for (const piece of pieces) {
    if (typeof piece === 'string') bytes.push(...text(piece));
    else if (typeof piece === 'number') bytes.push(piece);
    else for (const byte of piece) bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}
function text(value: string): number[] {
  const utf8 = [...new TextEncoder().encode(value)];
  return [0x8c, utf8.length, ...utf8];
}
/** A pickle of protocol 4. */
const pickle = (...pieces: readonly Piece[]): Uint8Array => bytesOf(0x80, 4, ...pieces, 0x2e);

const MARK = 0x28;
const DICT = 0x7d;
const LIST = 0x5d;
const SETITEMS = 0x75;
const SETITEM = 0x73;
const APPENDS = 0x65;
const APPEND = 0x61;
const MEMOIZE = 0x94;
const NONE = 0x4e;
const get = (place: number): number[] => [0x68, place];
const int1 = (value: number): number[] => [0x4b, value];
const int4 = (value: number): number[] => [
  0x4a,
  value & 255,
  (value >> 8) & 255,
  (value >> 16) & 255,
  value >>> 24,
];
const long = (...bytes: number[]): number[] => [0x8a, bytes.length, ...bytes];

const dict = (...entries: readonly Piece[]): number[] => [
  ...bytesOf(DICT, MARK, ...entries, SETITEMS),
];
const list = (...items: readonly Piece[]): number[] => [...bytesOf(LIST, MARK, ...items, APPENDS)];

const frame = (name: string, file: string, line: number): number[] =>
  dict('name', name, 'filename', file, 'line', int1(line));
const event = (action: string, ...more: readonly Piece[]): number[] =>
  dict('action', action, 'addr', int4(4096), 'size', int4(512), 'stream', int1(0), ...more);
const traces = (...events: readonly Piece[]): Uint8Array =>
  pickle(dict('segments', [LIST], 'device_traces', list(list(...events))));

function read(bytes: Uint8Array, options: ReadOptions = {}, chunk = bytes.length): ReadResult {
  const reader = new SnapshotReader(options);
  for (let at = 0; at < bytes.length; at += chunk) reader.push(bytes.subarray(at, at + chunk));
  return reader.finish();
}
function snapshotOf(bytes: Uint8Array, options: ReadOptions = {}, chunk?: number): Snapshot {
  const { snapshot, problem } = read(bytes, options, chunk);
  if (snapshot === undefined) {
    throw new Error(`${problem.code}: ${render(problem.what)} ${render(problem.why)}`);
  }
  return snapshot;
}
function refusalOf(bytes: Uint8Array): string {
  const { problem } = read(bytes);
  return problem === undefined ? 'read' : `${problem.code} | ${render(problem.why)}`;
}
function joined(chunks: Iterable<Uint8Array>): Uint8Array {
  const all = [...chunks];
  const bytes = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of all) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
const written = (snapshot: Snapshot, options: WriteOptions = {}): Uint8Array =>
  joined(writeSnapshot(snapshot, options));

const events = (snapshot: Snapshot, device = 0) => {
  const found = snapshot.devices.find(({ index }) => index === device);
  if (found === undefined) throw new Error(`no device ${device}`);
  return found.events;
};
const framesOf = (snapshot: Snapshot, stack: number | undefined): string[] => {
  const { offsets, frames } = snapshot.stacks;
  if (stack === undefined || stack >= snapshot.stacks.count) return [];
  return [...frames.subarray(offsets[stack], offsets[stack + 1])].map((frame) => {
    const { name, file, line } = snapshot.frames;
    return `${snapshot.strings[name[frame] ?? 0]} ${snapshot.strings[file[frame] ?? 0]}:${line[frame]}`;
  });
};

describe('operations of a pickle', () => {
  it('numbers of every width', () => {
    const sizes: [number[], number][] = [
      [int1(255), 255],
      [[0x4d, 0xff, 0xff], 65_535],
      [int4(0x7fff_ffff), 0x7fff_ffff],
      [long(), 0],
      [long(0x80, 0), 128],
      [long(0, 0, 0, 0, 1), 2 ** 32],
      [long(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f), 2 ** 53 - 1],
      [long(0, 0, 0, 0, 0, 0, 1, 0), 2 ** 48],
      [[0x8b, 3, 0, 0, 0, 1, 2, 3], 0x03_02_01],
      [[0x47, 0x40, 0x8f, 0x40, 0, 0, 0, 0, 0], 1000],
    ];
    const snapshot = snapshotOf(
      traces(...sizes.map(([bytes]) => dict('action', 'alloc', 'addr', int1(0), 'size', bytes))),
    );
    expect([...events(snapshot).size]).toEqual(sizes.map(([, size]) => size));
    expect(snapshot.problems).toEqual([]);
  });

  it('negative integers', () => {
    const streams = [
      long(0xff),
      long(0, 0, 0, 0, 0xff),
      long(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
      int4(-2),
    ];
    const snapshot = snapshotOf(
      traces(
        ...streams.map((stream) =>
          dict('action', 'alloc', 'addr', int1(0), 'size', int1(1), 'stream', stream),
        ),
      ),
    );
    const { stream } = events(snapshot);
    expect([...stream].map((i) => snapshot.streams[i])).toEqual(['-1', '-4294967296', '-1', '-2']);
  });

  it('integers beyond 2^53 are rounded, and that is said', () => {
    const snapshot = snapshotOf(
      traces(
        dict(
          'action',
          'alloc',
          'addr',
          long(1, 0, 0, 0, 0, 0, 0, 0x80, 0),
          'size',
          int1(1),
          'stream',
          int1(0),
        ),
      ),
    );
    expect(events(snapshot).address[0]).toBe(2 ** 63);
    expect(snapshot.problems.map(({ code }) => code)).toEqual(['snapshot-rounded-integers']);
  });

  it('texts of every form', () => {
    const forms: Piece[] = [
      'one',
      [0x58, 3, 0, 0, 0, 0x74, 0x77, 0x6f],
      [0x8d, 5, 0, 0, 0, 0, 0, 0, 0, 0x74, 0x68, 0x72, 0x65, 0x65],
      [0x55, 4, 0x66, 0x6f, 0x75, 0x72],
      [0x54, 4, 0, 0, 0, 0x66, 0x69, 0x76, 0x65],
    ];
    const snapshot = snapshotOf(traces(...forms.map((form) => event('alloc', 'category', form))));
    const { category } = events(snapshot);
    expect([...(category ?? [])].map((id) => snapshot.strings[id])).toEqual([
      'one',
      'two',
      'three',
      'four',
      'five',
    ]);
  });

  it('bytes and texts that nobody needs are passed over, however long', () => {
    const bytes = traces(
      event(
        'alloc',
        'x',
        [0x43, 2, 1, 2],
        'y',
        [0x42, 2, 0, 0, 0, 1, 2],
        'z',
        [0x8e, 1, 0, 0, 0, 0, 0, 0, 0, 1],
        'q',
        [0x96, 1, 0, 0, 0, 0, 0, 0, 0, 1],
      ),
    );
    expect(events(snapshotOf(bytes)).count).toBe(1);
    const long = bytesOf(
      0x80,
      4,
      DICT,
      MARK,
      'segments',
      LIST,
      'note',
      [0x58, 0, 0, 0x20, 0],
      Array.from({ length: 0x20_0000 }, () => 0x41),
      SETITEMS,
      0x2e,
    );
    for (const chunk of [long.length, 1000]) {
      expect(snapshotOf(long, {}, chunk).notes.map(({ code }) => code)).toEqual([
        'snapshot-unknown-top-key',
      ]);
    }
    expect(refusalOf(long.subarray(0, 5000))).toMatch(/^snapshot-cut/);
  });

  it('tuples, POP, POP_MARK, DUP, LIST, DICT, and marks in front of them', () => {
    const snapshot = snapshotOf(
      pickle(
        bytesOf(MARK, 'segments', LIST, 'device_traces'),
        bytesOf(MARK, MARK, event('alloc', 'pool_id', [...bytesOf(int1(0), int1(3), 0x86)])),
        bytesOf(event('oom', 'pool_id', [...bytesOf(MARK, int1(0), int1(3), 0x74)])),
        bytesOf(NONE, 0x30, MARK, NONE, NONE, 0x31, 0x6c, 0x6c),
        bytesOf('a', [0x29], 'b', NONE, 0x85, 'c', NONE, 0x32, 0x88, 0x87, 0x64),
      ),
    );
    expect(events(snapshot).count).toBe(2);
    expect([...(events(snapshot).pool ?? [])]).toEqual([1, 1]);
    expect(snapshot.pools).toEqual([
      [0, 0],
      [0, 3],
    ]);
    expect(snapshot.notes).toHaveLength(3);
  });

  it('a dict filled one key at a time, in any order', () => {
    const bytes = traces([
      ...bytesOf(DICT, 'size', int1(7), SETITEM, 'name', 'x', SETITEM, 'addr', int1(9), SETITEM),
      ...bytesOf('action', 'alloc', SETITEM, 'stream', int1(0), SETITEM),
    ]);
    const { size, address, action } = events(snapshotOf(bytes));
    expect([size[0], address[0], action[0]]).toEqual([7, 9, 0]);
  });

  it('a list longer than a batch, and frames that come in several pieces', () => {
    const one = frame('f', 'a.py', 1);
    const frames = [
      LIST,
      MEMOIZE,
      ...bytesOf(one, APPEND, MARK, frame('g', 'a.py', 2), frame('f', 'a.py', 1), APPENDS),
    ];
    const snapshot = snapshotOf(
      traces(event('alloc', 'frames', frames), event('free_requested', 'frames', get(0))),
    );
    const { stack } = events(snapshot);
    expect(stack[0]).toBe(stack[1]);
    expect(framesOf(snapshot, stack[0])).toEqual(['f a.py:1', 'g a.py:2', 'f a.py:1']);
    expect(snapshot.frames.count).toBe(2);
    expect(snapshot.stacks.count).toBe(1);
  });

  it('values that stand in two places are shared, also before their first owner is complete', () => {
    const snapshot = snapshotOf(
      pickle(
        dict(
          'device_traces',
          list(
            list(
              event('alloc', 'x', [...frame('f', 'a.py', 1), MEMOIZE], 'frames', list(get(0))),
              // The list is used while the dict that it was first put into is still open.
              event('alloc', 'y', [...list(get(0), get(0)), MEMOIZE], 'frames', get(1)),
            ),
          ),
        ),
      ),
    );
    const { stack } = events(snapshot);
    expect(framesOf(snapshot, stack[0])).toEqual(['f a.py:1']);
    expect(framesOf(snapshot, stack[1])).toEqual(['f a.py:1', 'f a.py:1']);
  });

  it('a list in one group of 40,000, as the C++ pickler writes it', () => {
    const one = bytesOf(get(0));
    const snapshot = snapshotOf(
      pickle(
        bytesOf(DICT, MARK, 'device_traces', LIST, MARK, LIST, MARK),
        bytesOf(event('alloc'), MEMOIZE),
        ...Array.from({ length: 40_000 }, (_, i) => (i % 2 === 0 ? event('alloc') : [...one])),
        bytesOf(APPENDS, APPENDS, SETITEMS),
      ),
    );
    // An event that is named a second time is none of its own.
    expect(events(snapshot).count).toBe(20_001);
    expect(snapshot.problems.map(({ code }) => code)).toEqual(['snapshot-odd-events']);
  });
});

describe('what is refused', () => {
  const ACTIVE: [string, number[]][] = [
    ['GLOBAL', [0x63, 0x6f, 0x73, 0x0a, 0x73, 0x0a]],
    ['STACK_GLOBAL', [0x93]],
    ['REDUCE', [0x52]],
    ['BUILD', [0x62]],
    ['INST', [0x69]],
    ['OBJ', [0x6f]],
    ['NEWOBJ', [0x81]],
    ['NEWOBJ_EX', [0x92]],
    ['PERSID', [0x50]],
    ['BINPERSID', [0x51]],
    ['EXT1', [0x82, 1]],
    ['EXT2', [0x83, 1, 0]],
    ['EXT4', [0x84, 1, 0, 0, 0]],
    ['NEXT_BUFFER', [0x97]],
    ['READONLY_BUFFER', [0x98]],
  ];
  it.each(ACTIVE)('%s, by name and place', (name, bytes) => {
    const { problem } = read(pickle('os', 'system', bytes));
    expect(problem?.code).toBe('snapshot-code');
    expect(render(problem?.what ?? NOTHING)).toContain(name);
    expect(render(problem?.why ?? NOTHING)).toBe(`It stands at byte 14: ${name}.`);
  });

  it.each([
    ['INT', [0x49, 0x31, 0x0a]],
    ['STRING', [0x53]],
    ['UNICODE', [0x56]],
    ['GET', [0x67]],
    ['EMPTY_SET', [0x8f]],
    ['FROZENSET', [0x91]],
  ] as [string, number[]][])('%s, which no snapshot has', (name, bytes) => {
    expect(refusalOf(pickle(bytes))).toBe(`snapshot-unused | It stands at byte 2: ${name}.`);
  });

  it.each([
    ['an unknown byte', pickle([0xff]), 'snapshot-unknown'],
    ['protocol 1', bytesOf(0x80, 1, 0x2e), 'snapshot-protocol'],
    ['protocol 6', bytesOf(0x80, 6, 0x2e), 'snapshot-protocol'],
    ['nothing on the stack', pickle(), 'snapshot-stop'],
    ['two values', pickle(NONE, NONE), 'snapshot-stop'],
    ['a group without a beginning', pickle(LIST, APPENDS), 'snapshot-no-mark'],
    ['items of what is no list', pickle(NONE, MARK, NONE, APPENDS), 'snapshot-not-list'],
    ['keys of what is no dict', pickle(LIST, MARK, 'a', NONE, SETITEMS), 'snapshot-not-dict'],
    ['a key without a value', pickle(DICT, MARK, 'a', SETITEMS), 'snapshot-odd-pairs'],
    ['too few values', pickle(0x86), 'snapshot-empty-stack'],
    ['values below a mark', pickle(NONE, NONE, MARK, 0x86), 'snapshot-empty-stack'],
    ['a value that was not stored', pickle(get(0)), 'snapshot-bad-memo'],
    ['a place far ahead', pickle(NONE, [0x72, 0xff, 0xff, 0xff, 0xff]), 'snapshot-bad-memo'],
    [
      'a negative length of an integer',
      pickle([0x8b, 0xff, 0xff, 0xff, 0xff]),
      'snapshot-negative',
    ],
    ['a negative length of a text', pickle([0x54, 0xff, 0xff, 0xff, 0xff]), 'snapshot-negative'],
    ['an integer of 200 bytes', pickle([0x8a, 200], Array(200).fill(1)), 'snapshot-huge-int'],
    ['a text of 16 EiB', pickle([0x8d], Array(8).fill(255)), 'snapshot-cut'],
    ['a list in itself', pickle(LIST, MEMOIZE, MARK, get(0), APPENDS), 'snapshot-recursive'],
    ['a list appended to itself', pickle(LIST, MEMOIZE, get(0), APPEND), 'snapshot-not-list'],
    ['a dict in itself', pickle(DICT, MEMOIZE, MARK, 'a', get(0), SETITEMS), 'snapshot-recursive'],
    [
      'a list that is changed after it was used',
      pickle(LIST, MARK, LIST, MEMOIZE, APPENDS, get(0), MARK, NONE, APPENDS),
      'snapshot-not-list',
    ],
    ['a text', pickle('segments'), 'snapshot-other-data'],
    ['a dict of other things', pickle(dict('a', int1(1))), 'snapshot-other-data'],
    ['a list of other things', pickle(list(int1(1), 'a')), 'snapshot-other-data'],
    ['gzip', Uint8Array.of(0x1f, 0x8b, 8, 0), 'snapshot-gzip'],
    ['zip', Uint8Array.of(0x50, 0x4b, 3, 4), 'snapshot-zip'],
    ['SQLite', new TextEncoder().encode('SQLite format 3\0'), 'snapshot-sqlite'],
    ['protocol 0', new TextEncoder().encode('(dp0\nS"segments"\n'), 'snapshot-old-pickle'],
    ['a log', new TextEncoder().encode('step 1 loss 2.0\n'), 'snapshot-unknown'],
    ['nothing at all', new Uint8Array(), 'snapshot-empty'],
  ] as [string, Uint8Array, string][])('%s', (_, bytes, code) => {
    expect(refusalOf(bytes).split(' | ')[0]).toBe(code);
  });

  it('nesting without end', () => {
    const deep = (bytes: number[]): Uint8Array =>
      pickle(Array.from({ length: 200_000 }, () => bytes).flat());
    expect(refusalOf(deep([LIST, MARK]))).toMatch(/^snapshot-deep/);
    expect(refusalOf(deep([LIST]))).toMatch(/^snapshot-stop/);
    expect(refusalOf(deep([MARK]))).toMatch(/^snapshot-deep/);
    expect(refusalOf(pickle(NONE, Array(200_000).fill(0x85)))).toMatch(/^snapshot-other-data/);
    const json = new TextEncoder().encode('['.repeat(100_000));
    expect(refusalOf(json)).toMatch(/^snapshot-deep/);
  });

  it('a list that doubles 200 times through the memo stays as small as the file', () => {
    const doubled = Array.from({ length: 200 }, (_, i) => [
      ...bytesOf(LIST, MEMOIZE, MARK, get(i), get(i), APPENDS),
    ]);
    const bytes = pickle(LIST, MARK, LIST, MEMOIZE, ...doubled, APPENDS);
    expect(refusalOf(bytes)).toMatch(/^snapshot-other-data/);
  });
});

const NOTHING = { texts: { en: { a: '' }, zh: { a: '' }, ru: { a: '' } }, key: 'a', params: {} };

describe('keys that a prototype would answer for', () => {
  it('are keys like others', () => {
    const bytes = pickle(
      dict(
        '__proto__',
        dict('polluted', int1(1)),
        'constructor',
        NONE,
        'device_traces',
        list(list(event('__proto__', '__proto__', NONE, 'toString', NONE))),
      ),
    );
    const snapshot = snapshotOf(bytes);
    expect(events(snapshot).action[0]).toBe(9);
    expect(snapshot.notes.map(({ text }) => render(text)).join('\n')).toContain('"__proto__"');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('pieces', () => {
  const bytes = written(syntheticTraining({ events: 300, stackDepth: 5 }));
  it('of every size give the same', () => {
    const whole = snapshotOf(bytes);
    for (const chunk of [1, 2, 3, 7, 64, 65, 1000, 65_536]) {
      expect(snapshotOf(bytes, {}, chunk)).toEqual(whole);
    }
  });

  it('may be overwritten after each push', () => {
    const reader = new SnapshotReader();
    const buffer = new Uint8Array(100);
    for (let at = 0; at < bytes.length; at += 100) {
      const piece = bytes.subarray(at, at + 100);
      buffer.set(piece);
      reader.push(buffer.subarray(0, piece.length));
      buffer.fill(0xff);
    }
    expect(reader.finish().snapshot).toEqual(snapshotOf(bytes));
  });

  it('and their progress', async () => {
    const seen: number[] = [];
    await readSnapshot([bytes.subarray(0, 1000), bytes.subarray(1000)], {
      onProgress: ({ bytes }) => seen.push(bytes),
    });
    expect(seen).toEqual([1000, bytes.length]);
  });

  it('of a stream that breaks give a problem', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 1000);
      throw new Error('unexpected end of file');
    }
    const { problem } = await readSnapshot(broken());
    expect(problem?.code).toBe('snapshot-unreadable');
  });
});

describe('damage', () => {
  const small = syntheticTraining({ events: 12, stackDepth: 2, distinctStacks: 3 });
  const FORMS: [string, Uint8Array][] = [
    ['protocol 4', written(small)],
    ['protocol 2', written(small, { protocol: 2 })],
    ['the C++ pickler', written(small, { layout: 'cpp' })],
    ['JSON', written(small, { container: 'json' })],
  ];

  const TINY = new TextEncoder().encode(
    '{"segments": [{"device": 0, "address": 1e3, "total_size": 2097152, "blocks": []}], "device_traces": [[{"action": "alloc", "addr": 12, "size": 3, "frames": [{"name": "\\u00e9", "filename": "a.py", "line": 1}]}], []], "x": [true, null, -1.5e3]}\n',
  );
  const CUT: [string, Uint8Array][] = [...FORMS.slice(0, 3), ['JSON', TINY]];
  it.each(CUT)('%s cut at every byte is a problem', (_, bytes) => {
    // The end is a full stop or a brace: every shorter file lacks it.
    const end = bytes.length - (bytes.at(-1) === 0x0a ? 2 : 1);
    // The everyday ring takes some of the places, which meets each operation somewhere.
    for (let length = 0; length <= end; length += inRing(1, 41)) {
      const { problem } = read(bytes.subarray(0, length));
      if (problem === undefined) expect.fail(`cut at ${length} of ${bytes.length} it is read`);
    }
  });

  it.each(FORMS)('%s with wrong bytes is a snapshot or a problem', (_, bytes) => {
    const places = fc.array(
      fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }), fc.nat({ max: 2 })),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(places, fc.constantFrom(bytes.length, 97), (changes, chunk) => {
        let changed: Uint8Array = bytes.slice();
        for (const [at, byte, kind] of changes) {
          const place = at % changed.length;
          if (kind === 0) changed[place] = byte;
          else if (kind === 1)
            changed = joined([changed.subarray(0, place), changed.subarray(place + 1)]);
          else {
            changed = joined([
              changed.subarray(0, place),
              Uint8Array.of(byte),
              changed.subarray(place),
            ]);
          }
        }
        const { snapshot, problem } = read(changed, {}, chunk);
        expect((snapshot === undefined) !== (problem === undefined)).toBe(true);
        for (const lang of LANGS) {
          for (const each of problem === undefined ? (snapshot?.problems ?? []) : [problem]) {
            expect(
              render(each.what, lang) + render(each.why, lang) + render(each.todo, lang),
            ).not.toBe('');
          }
          for (const { text } of snapshot?.notes ?? []) expect(render(text, lang)).not.toBe('');
        }
      }),
      { numRuns: numRuns(400) },
    );
  });

  it('any bytes behind a header are a problem or a snapshot', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
        const { snapshot, problem } = read(joined([Uint8Array.of(0x80, 4), tail]));
        expect((snapshot === undefined) !== (problem === undefined)).toBe(true);
      }),
      { numRuns: numRuns(2000) },
    );
  });

  it('bytes behind the end are said', () => {
    const bytes = joined([written(small), Uint8Array.of(1, 2, 3)]);
    for (const chunk of [bytes.length, 1, 64]) {
      expect(snapshotOf(bytes, {}, chunk).problems.map(({ code }) => code)).toEqual([
        'snapshot-trailing-bytes',
      ]);
    }
  });
});

describe('JSON', () => {
  const small = syntheticTraining({ events: 200, stackDepth: 4 });
  const comparable = ({ shape: _, ...rest }: Snapshot) => rest;

  it('gives what the pickle gives', () => {
    const json = snapshotOf(written(small, { container: 'json' }));
    expect(json.shape).toMatchObject({ container: 'json', form: 'dict' });
    expect(comparable(json)).toEqual(comparable(snapshotOf(written(small))));
  });

  it('in pieces of every size, and with blanks', () => {
    const text = new TextDecoder().decode(written(small, { container: 'json' }));
    const spaced = new TextEncoder().encode(
      `\ufeff \n${JSON.stringify(JSON.parse(text), undefined, 1)}\n`,
    );
    const whole = snapshotOf(spaced);
    for (const chunk of [1, 2, 5, 64, 4096]) {
      expect(snapshotOf(spaced, {}, chunk)).toEqual(whole);
    }
    expect(comparable(whole)).toEqual(comparable(snapshotOf(written(small))));
  });

  const withCategory = (json: string): string =>
    `{"segments":[],"device_traces":[[{"action":"alloc","addr":1,"size":2,"stream":0,"category":${json}}]]}`;
  const category = (json: string, chunk?: number): string | undefined => {
    const snapshot = snapshotOf(new TextEncoder().encode(withCategory(json)), {}, chunk);
    return snapshot.strings[events(snapshot).category?.[0] ?? -1];
  };

  it('escapes of texts', () => {
    const odd = 'a"b\\c/d\b\f\n\r\té漢😀\u007f';
    expect(category(JSON.stringify(odd))).toBe(odd);
    const escaped = [...odd]
      .flatMap((c) =>
        [...c].flatMap((d) => Array.from({ length: d.length }, (_, i) => d.charCodeAt(i))),
      )
      .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join('');
    for (const chunk of [undefined, 1, 2, 3, 5]) expect(category(`"${escaped}"`, chunk)).toBe(odd);
    expect(category('"\\ud800x"')).toMatch(/x$/);
  });

  it.each([
    '"\\x"',
    '"\\u12"',
    '"a\nb"',
    '01',
    '1.',
    '-',
    'nul',
    'True',
    '[1,]',
    '{"a":1,}',
    '{"a" 1}',
    '{1:2}',
    '[1 2]',
    ']',
    '',
    '"a',
  ])('refuses %s', (json) => {
    expect(refusalOf(new TextEncoder().encode(withCategory(json)))).toMatch(/^snapshot-json/);
  });

  it('numbers, also those of Python', () => {
    const sizes = ['0', '12', '1e3', '123456789012345', '4503599627370497', '2.5E+1'];
    const json = `{"device_traces":[[${sizes.map((size) => `{"action":"alloc","addr":0,"size":${size}}`).join()}]]}`;
    expect([...events(snapshotOf(new TextEncoder().encode(json))).size]).toEqual(sizes.map(Number));
    const odd = `{"device_traces":[[{"action":"alloc","addr":0,"size":NaN},{"action":"alloc","addr":-Infinity,"size":1},{"action":"alloc","addr":36028797018963969,"size":1}]]}`;
    const snapshot = snapshotOf(new TextEncoder().encode(odd));
    expect(events(snapshot).count).toBe(1);
    expect(snapshot.problems.map(({ code }) => code)).toEqual([
      'snapshot-rounded-integers',
      'snapshot-unusable-events',
    ]);
  });
});

describe('what was asked for', () => {
  const bytes = written(syntheticTraining({ events: 500 }));
  const whole = snapshotOf(bytes);
  const all = events(whole);

  it('events by number, end exclusive', () => {
    const part = snapshotOf(bytes, { events: [100, 250] });
    expect(events(part).count).toBe(150);
    expect([...events(part).address]).toEqual([...all.address.subarray(100, 250)]);
    expect(part.devices[0]?.firstEvent).toBe(100);
    expect(part.notes.map(({ text }) => render(text))).toEqual([
      `100 of ${all.count} events lie outside of what was asked for and were not read.`,
      'GPU 0: event 0 is event 100 of the file.',
      `GPU 0: ${all.count - 250} events after the end that was asked for were undone; its state is that of that moment.`,
    ]);
  });

  it('events by time', () => {
    const from = all.time?.[100] ?? 0;
    const to = all.time?.[300] ?? 0;
    const part = snapshotOf(bytes, { time: [from, to] });
    const kept = [...(all.time ?? [])].filter((at) => at >= from && at < to);
    expect([...(events(part).time ?? [])]).toEqual(kept);
  });

  it('one device', () => {
    const trace = (n: number) => list(...Array.from({ length: n }, () => event('alloc')));
    const two = pickle(dict('device_traces', list(trace(3), trace(5), trace(1), [LIST])));
    for (const options of [{}, { events: [1, 3] as const }]) {
      expect(
        snapshotOf(two, options).devices.map(({ index, events }) => [index, events.count]),
      ).toEqual(
        options.events === undefined
          ? [
              [0, 3],
              [1, 5],
              [2, 1],
            ]
          : [
              [0, 2],
              [1, 2],
            ],
      );
    }
    const one = snapshotOf(two, { device: 1 });
    expect(one.devices.map(({ index, events }) => [index, events.count])).toEqual([[1, 5]]);
  });
});

describe('odd contents', () => {
  it('unknown actions and keys are notes with counts', () => {
    const snapshot = snapshotOf(
      traces(event('teleport', 'spin', int1(1)), event('teleport', 'spin', int1(1)), event('oom')),
    );
    expect([...events(snapshot).action]).toEqual([9, 9, 8]);
    expect(snapshot.notes.map(({ text }) => render(text))).toEqual([
      '2 events have the action "teleport", which this version of unoom does not know.',
      'The key "spin" of 2 rows (event) is not used.',
    ]);
  });

  it('entries of the wrong kind are counted and left out', () => {
    const snapshot = snapshotOf(
      pickle(
        dict(
          'segments',
          list(int1(1), dict('a', NONE)),
          'device_traces',
          list(list(event('alloc'), NONE, int1(3)), int1(1)),
          'external_annotations',
          list(NONE),
        ),
      ),
    );
    expect(events(snapshot).count).toBe(1);
    expect(snapshot.problems.map(({ code }) => code)).toEqual([
      'snapshot-odd-events',
      'snapshot-odd-segments',
      'snapshot-odd-annotations',
    ]);
  });
});

describe('looksLikeSnapshot', () => {
  const small = syntheticTraining({ events: 20 });
  it('knows every form', () => {
    for (const options of [
      {},
      { protocol: 2 as const },
      { layout: 'cpp' as const },
      { form: 'list' as const },
      { container: 'json' as const },
    ]) {
      expect(looksLikeSnapshot(written(small, options).subarray(0, 4096))).toBe(true);
    }
  });
  it.each(['{"event": "oom"}', '[]', 'segments', '', '(dp0'])('leaves %s alone', (text) => {
    expect(looksLikeSnapshot(new TextEncoder().encode(text))).toBe(false);
  });
});
