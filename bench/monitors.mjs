// @ts-check
/**
 * How much of real monitor outputs is read: every card, every memory figure, every process. What a text
 * holds is found here by plain patterns of each format, which share nothing with the readers. Then the
 * same texts are cut: a cut must add no figure that the whole does not have.
 */
import { existsSync, readFileSync } from 'node:fs';
import { libraryOf, randomFrom, shareRow, table } from './lib/bench.mjs';
import { Diagnoser } from './lib/diagnoser.mjs';

/** @typedef {{ id: string, kind: string, text: string }} Row */
/** @typedef {{ bytes: number[], pids: number[], cards: number }} Held what a text holds */

const MiB = 2 ** 20;
const LIMIT_SECONDS = 10;
const CUTS = 25;

/** @param {string} text @param {RegExp} pattern @returns {RegExpMatchArray[]} */
const all = (text, pattern) => [...text.matchAll(pattern)];

/** @param {string} size "40536 MiB", "3 KiB" */
function bytesOf(size) {
  const [, digits = '', prefix = ''] = /([\d.]+)\s*([KMGT]?)i?B/.exec(size) ?? [];
  return Number(digits) * 1024 ** ['', 'K', 'M', 'G', 'T'].indexOf(prefix);
}

/** @type {Readonly<Record<string, (text: string) => Held>>} */
const HOLDS = {
  smi_table(text) {
    const pairs = all(text, /(\d+)MiB \/ +(\d+)MiB/g).filter((match) => {
      // The second row of a MIG slice is about its BAR, not its memory.
      const line = text.slice(text.lastIndexOf('\n', match.index) + 1, match.index);
      return !/^\|\s+\|/.test(line);
    });
    const processes = all(
      text,
      /^\|\s+\d+\s+(?:\S+\s+\S+\s+)?(\d+)\s+(?:C|G|C\+G|M\+C|M)\s+\S.*?(?:(\d+)MiB|N\/A)\s*\|$/gm,
    );
    return {
      cards: pairs.length,
      bytes: [
        ...pairs.flatMap(([, used, total]) => [Number(used) * MiB, Number(total) * MiB]),
        ...processes.flatMap(([, , size]) => (size === undefined ? [] : [Number(size) * MiB])),
      ],
      pids: processes.map(([, pid]) => Number(pid)),
    };
  },
  smi_xml(text) {
    const plain = text
      .replace(/<bar1_memory_usage>[\s\S]*?<\/bar1_memory_usage>/g, '')
      .replace(/<cc_protected_memory_usage>[\s\S]*?<\/cc_protected_memory_usage>/g, '');
    return {
      cards: all(text, /<gpu id=/g).length,
      bytes: all(plain, /<(?:total|used|free|reserved|used_memory)>(\d+ MiB)</g).map(([, size]) =>
        bytesOf(String(size)),
      ),
      pids: all(text, /<pid>(\d+)<\/pid>/g).map(([, pid]) => Number(pid)),
    };
  },
  smi_csv(text) {
    const [head = '', ...rows] = text.trim().split('\n');
    const names = head.split(', ').map((name) => name.trim());
    const memory = names.flatMap((name, i) =>
      /^(?:memory\.(?:total|used|free|reserved)|used_gpu_memory|used_memory) \[MiB\]$/.test(name)
        ? [i]
        : [],
    );
    const pid = names.indexOf('pid');
    const cells = rows.map((row) => row.split(', '));
    return {
      cards: pid < 0 ? rows.length : 0,
      bytes: cells.flatMap((row) =>
        memory.flatMap((i) => (/^\d+ MiB$/.test(row[i] ?? '') ? [bytesOf(String(row[i]))] : [])),
      ),
      pids: pid < 0 ? [] : cells.map((row) => Number(row[pid])),
    };
  },
  smi_dmon: (text) => ({
    cards: 0,
    bytes: [],
    pids: [
      ...new Set(all(text, /^\s+\d+\s+(\d+)\s+(?:C|G|C\+G|M)\s/gm).map(([, pid]) => Number(pid))),
    ],
  }),
  rocm_smi: (text) => ({
    cards: new Set(
      all(text, /"?(card\d+)"?\s*[:,]|GPU\[(\d+)\]/g).map(([, card, gpu]) => card ?? gpu),
    ).size,
    bytes: all(text, /[^_]VRAM Total (?:Used )?Memory \(B\)"?: "?(\d+)/g).map(([, size]) =>
      Number(size),
    ),
    pids: [],
  }),
};

/** Every figure of bytes that a report shows of devices. @param {any} report */
function shownIn(report) {
  /** @type {any[]} */
  const devices = (report?.observations ?? []).flatMap((/** @type {any} */ one) => one.devices);
  const processes = devices.flatMap((device) => device.processes);
  return {
    cards: devices.length,
    bytes: [
      ...devices.flatMap((one) => [
        one.total_bytes,
        one.used_bytes,
        one.free_bytes,
        one.reserved_bytes,
      ]),
      ...processes.map((one) => one.bytes),
    ].filter((bytes) => typeof bytes === 'number'),
    pids: processes.flatMap((one) => one.pid ?? []),
  };
}

/** How many of `wanted` are in `got`, each once. @param {number[]} wanted @param {number[]} got */
function found(wanted, got) {
  const left = [...got];
  return wanted.filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  }).length;
}

/**
 * @param {import('./lib/bench.mjs').Options} options
 * @returns {Promise<import('./lib/bench.mjs').Result>}
 */
export async function run(options) {
  const name = 'monitors: real outputs of nvidia-smi, rocm-smi and others';
  if (!existsSync(options.monitors))
    return { name, skipped: `${options.monitors} not present`, rows: [] };
  /** @type {Row[]} */
  const rows = readFileSync(options.monitors, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const diagnoser = new Diagnoser(libraryOf(options), { limitSeconds: LIMIT_SECONDS });
  const random = randomFrom(options.seed);
  const cuts = rows.flatMap((row) =>
    Array.from({ length: CUTS }, () => ({ row, at: Math.floor(random() * row.text.length) })),
  );
  const answers = await diagnoser.ask(rows.map(({ text }) => text));
  const cutAnswers = await diagnoser.ask(cuts.map(({ row, at }) => row.text.slice(0, at)));
  await diagnoser.close();
  const sum = () => ({ hits: 0, of: 0 });
  const sums = { cards: sum(), bytes: sum(), pids: sum(), seen: sum() };
  /** @type {string[][]} */
  const missed = [];
  rows.forEach((row, i) => {
    const shown = shownIn(answers[i]?.report);
    const isSeen = (answers[i]?.report?.observations ?? []).length > 0;
    sums.seen.hits += isSeen ? 1 : 0;
    sums.seen.of += 1;
    const holds = HOLDS[row.kind]?.(row.text);
    if (!isSeen) missed.push([row.id, 'nothing seen', '']);
    if (holds === undefined) return;
    const cards = Math.min(holds.cards, shown.cards);
    const counts = /** @type {const} */ ([
      ['cards', cards, holds.cards],
      ['bytes', found(holds.bytes, shown.bytes), holds.bytes.length],
      ['pids', found(holds.pids, shown.pids), holds.pids.length],
    ]);
    for (const [key, hits, of] of counts) {
      sums[key].hits += hits;
      sums[key].of += of;
      if (hits < of) missed.push([row.id, key, `${hits} of ${of}`]);
    }
  });
  let invented = 0;
  cuts.forEach(({ row, at }, i) => {
    const whole = shownIn(answers[rows.indexOf(row)]?.report);
    const cut = shownIn(cutAnswers[i]?.report);
    if (found(cut.bytes, whole.bytes) === cut.bytes.length) return;
    invented += 1;
    missed.push([row.id, `cut at ${at}`, 'a figure that the whole does not have']);
  });
  /** @param {string} measure @param {keyof typeof sums} key */
  const shareOf = (measure, key) => shareRow(measure, sums[key].hits, sums[key].of, 100);
  return {
    name,
    rows: [
      shareOf('texts in which something is seen', 'seen'),
      shareOf('cards and slices', 'cards'),
      shareOf('memory figures', 'bytes'),
      shareOf('processes', 'pids'),
      shareRow('cut texts without an invented figure', cuts.length - invented, cuts.length, 100),
    ],
    details:
      missed.length === 0
        ? []
        : [
            '',
            'misses',
            ...table([['text', 'what', ''], ...missed.slice(0, options.verbose ? 999 : 30)]),
          ],
  };
}
