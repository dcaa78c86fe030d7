// @ts-check
/**
 * How often the diagnosis agrees with the labels of real failures. The labels are a check, not an oracle:
 * every disagreement is listed by its id, so that somebody can look. Texts are never printed.
 */
import { existsSync, readFileSync } from 'node:fs';
import { libraryOf, share, shareRow, table } from './lib/bench.mjs';
import { Diagnoser } from './lib/diagnoser.mjs';

/**
 * @typedef {{
 *   id: string, family: string, framework: string, text: string, text_kind: string, is_gpu_oom: boolean,
 *  numbers: Record<string, any> | null, phase: string, cause_family: string | null,
 * }} Case
 *
 * A row with its diagnosis. `best` is the incident that recovers most of the labelled figures.
 * @typedef {{ row: Case, answer: import('./lib/diagnoser.mjs').Answer, best: any, figures: Figure[] }} Judged
 *
 * @typedef {{ key: string, expected: string, got: unknown, right: boolean, reading?: Reading }} Figure
 *
 * How a printed unit was taken, where its word leaves it open (MB, GB).
 * @typedef {'binary' | 'decimal' | 'both'} Reading
 */

const LIMIT_SECONDS = 10;
const PARSEABLE = new Set(['error', 'log', 'log_or_fragment']);

/**
 * Where the figure of a label lives in `figures`; any of them will do.
 * PyTorch 1.0-1.3 prints what is reserved and not allocated as "cached".
 * @type {Record<string, readonly string[]>}
 */
const FIGURE_OF = {
  requested: ['requested_bytes'],
  requested_bytes: ['requested_bytes'],
  tried: ['requested_bytes'],
  buffer: ['requested_bytes'],
  total: ['total_bytes'],
  capacity: ['total_bytes'],
  free: ['free_bytes'],
  available: ['free_bytes'],
  used: ['used_bytes'],
  usage: ['usage_percent'],
  allocated: ['allocated_bytes'],
  gpu_allocated: ['allocated_bytes'],
  mps_allocated: ['allocated_bytes'],
  pool_used: ['allocated_bytes'],
  mem: ['allocated_bytes'],
  peak: ['peak_bytes'],
  reserved: ['reserved_bytes'],
  reserved_unallocated: ['reserved_unallocated_bytes'],
  cached: ['reserved_unallocated_bytes', 'cached_bytes'],
  process_in_use: ['process_bytes'],
  in_use: ['process_bytes', 'other_processes'],
  held: ['processes'],
  allowed: ['allowed_bytes'],
  limit: ['allowed_bytes', 'smem_limit_bytes'],
  max_allowed: ['allowed_bytes'],
  max_alloc: ['max_alloc_bytes'],
  desired: ['budget_bytes'],
  utilization: ['utilization'],
  fraction: ['memory_fraction'],
  private_pools: ['private_pool_bytes'],
  other_allocations: ['other_allocations_bytes'],
  other: ['other_allocations_bytes'],
  misc: ['other_allocations_bytes'],
  smem_required: ['smem_required_bytes'],
  required: ['smem_required_bytes'],
  smem_limit: ['smem_limit_bytes'],
  kv_available: ['kv_available_bytes'],
  kv: ['kv_cache_bytes'],
  max_seq_len: ['max_seq_len'],
  kv_tokens: ['kv_tokens'],
  prefill_tokens: ['prefill_tokens'],
  total_tokens: ['total_tokens'],
  gpu_blocks: ['gpu_blocks'],
  cpu_blocks: ['cpu_blocks'],
  mem_fraction_static: ['mem_fraction_static'],
  program_total: ['program_bytes'],
  node_used: ['host_used_bytes'],
  cpu_used: ['host_used_bytes'],
  node_total: ['host_total_bytes'],
  task_used: ['host_process_bytes'],
  cuda0_buffer: ['buffers'],
  cuda2_buffer: ['buffers'],
  cpu_buffer: ['buffers'],
  exit: ['exit_code'],
};

const POWER = { '': 0, k: 1, m: 2, g: 3, t: 4, p: 5 };

/**
 * The ranges of bytes that a printed size can mean, by reading of its unit. `1.00 MB` is open to both, so is
 * a bare `1.00 M`; `MiB` and bytes are not. Undefined when it is no size.
 * @param {string} text
 * @returns {{ binary: [number, number], decimal?: [number, number] } | undefined}
 */
export function rangesOf(text) {
  const exact = /\((\d+) bytes\)/.exec(text);
  if (exact) return { binary: [Number(exact[1]), Number(exact[1])] };
  const match = /^\D*?(-?\d+(?:\.(\d+))?)\s*(?:([kmgtp]?)(i?)b?|bytes?)[\s.,;)]*$/i.exec(
    text.trim(),
  );
  if (!match) return undefined;
  const value = Number(match[1]);
  const power = POWER[/** @type {keyof typeof POWER} */ ((match[3] ?? '').toLowerCase())];
  const half = match[2] === undefined && power === 0 ? 0 : 0.5 * 10 ** -(match[2]?.length ?? 0);
  /** @type {(unit: number) => [number, number]} */
  const range = (unit) => {
    // A byte of slack for the rounding to whole bytes.
    const slack = half * unit + (half > 0 ? 1 : 0);
    return [value * unit - slack, value * unit + slack];
  };
  if (power === 0 || match[4]) return { binary: range(1024 ** power) };
  return { binary: range(1024 ** power), decimal: range(1000 ** power) };
}

/**
 * @param {unknown} got
 * @param {string} expected
 * @returns {{ right: boolean, reading?: Reading }}
 */
export function compareBytes(got, expected) {
  const ranges = rangesOf(expected);
  if (!ranges) return { right: false };
  if (typeof got === 'object' && got !== null) {
    return { right: 'raw' in got && 'why' in got && ranges.binary[1] > Number.MAX_SAFE_INTEGER };
  }
  if (typeof got !== 'number') return { right: false };
  const within = (/** @type {[number, number] | undefined} */ range) =>
    range !== undefined && got >= range[0] && got <= range[1];
  const binary = within(ranges.binary);
  if (!ranges.decimal) return { right: binary };
  const decimal = within(ranges.decimal);
  if (binary && decimal) return { right: true, reading: 'both' };
  if (binary) return { right: true, reading: 'binary' };
  return decimal ? { right: true, reading: 'decimal' } : { right: false };
}

/** Figures that are no sizes. */
const COUNTED = new Set([
  'usage_percent',
  'utilization',
  'memory_fraction',
  'max_seq_len',
  'kv_tokens',
  'prefill_tokens',
  'total_tokens',
  'gpu_blocks',
  'cpu_blocks',
  'mem_fraction_static',
  'exit_code',
]);

/** @param {unknown} got @param {string} expected */
function compareCount(got, expected) {
  return { right: got === Number(/\d+(?:\.\d+)?/.exec(expected)?.[0]) };
}

/** Labels were cut out of texts by a pattern, so some carry what stood beside the figure. @param {string} label */
function plainLabel(label) {
  const bare = label.replace(/^[^\d-]+/, '').replace(/["')]+$/, '');
  const [, first, unit] = /^([\d.]+)\/[\d.]+ (\w+)$/.exec(bare) ?? [];
  if (first !== undefined) return `${first} ${unit}`;
  // A figure whose unit the label lost is in GiB in all of these formats.
  return /^\d+\.\d+$/.test(bare) ? `${bare} GiB` : label.includes('bytes)') ? label : bare;
}

/** Every figure of a name: of the incident, of lists in it. @param {any} shown @param {string} place */
function figuresAt(shown, place) {
  const figure = shown?.figures?.[place];
  if (place === 'buffers' || place === 'other_processes') {
    return (figure ?? []).map((/** @type {{ bytes: unknown }} */ one) => one.bytes);
  }
  if (place === 'processes') {
    return (shown?.devices ?? []).flatMap((/** @type {any} */ device) =>
      device.processes.map((/** @type {{ bytes: unknown }} */ one) => one.bytes),
    );
  }
  return [figure];
}

/**
 * @param {string} key
 * @param {any} label
 * @param {any} incident
 * @returns {Figure | undefined} undefined when the label is not one that we print
 */
function judgeFigure(key, label, incident) {
  if (key === 'device') {
    const got = incident?.device;
    return { key, expected: label, got, right: got === Number(/\d+/.exec(label)?.[0]) };
  }
  if (key === 'listed_processes') {
    /** @type {{ pid: unknown, bytes: unknown }[]} */
    const got = incident?.figures?.other_processes ?? [];
    const right = label.every((/** @type {{ pid: string, in_use: string }} */ one) =>
      got.some(
        ({ pid, bytes }) => String(pid) === one.pid && compareBytes(bytes, one.in_use).right,
      ),
    );
    const expected = label
      .map((/** @type {{ pid: string, in_use: string }} */ one) => `${one.pid}: ${one.in_use}`)
      .join(', ');
    return { key, expected, got, right };
  }
  if (key === 'shape') {
    const got = incident?.figures?.tensor?.shape?.join(',');
    return { key, expected: label, got, right: got === /\[([\d,]+)\]/.exec(label)?.[1] };
  }
  const places = FIGURE_OF[key];
  if (!places) return undefined;
  const isSize = places.some((place) => place.endsWith('_bytes') || !COUNTED.has(place));
  /** @type {Figure} */
  let best = { key, expected: label, got: incident?.figures?.[places[0] ?? ''], right: false };
  for (const place of places) {
    for (const got of figuresAt(incident, place)) {
      const verdict = isSize ? compareBytes(got, plainLabel(label)) : compareCount(got, label);
      if (verdict.right) best = { key, expected: label, got, ...verdict };
    }
  }
  return best;
}

/**
 * @param {Case} row
 * @param {any} incident
 */
function judgeFigures(row, incident) {
  const figures = Object.entries(row.numbers ?? {}).map(([key, label]) =>
    judgeFigure(key, label, incident),
  );
  return figures.filter((figure) => figure !== undefined);
}

/**
 * @param {Case} row
 * @param {import('./lib/diagnoser.mjs').Answer} answer
 * @returns {Judged}
 */
function judge(row, answer) {
  /** @type {any[]} */
  const incidents = answer.report?.incidents ?? [];
  let best = incidents[0];
  let figures = judgeFigures(row, best);
  for (const incident of incidents.slice(1)) {
    const these = judgeFigures(row, incident);
    if (rightOf(these) > rightOf(figures)) {
      best = incident;
      figures = these;
    }
  }
  // What stands in the text beside the failure is in the observations.
  for (const observation of answer.report?.observations ?? []) {
    const these = judgeFigures(row, observation);
    figures = figures.map((figure, i) => (figure.right ? figure : (these[i] ?? figure)));
  }
  return { row, answer, best, figures };
}

/** @param {readonly Figure[]} figures */
function rightOf(figures) {
  return figures.filter((figure) => figure.right).length;
}

/** @param {string} text */
export function hasFrames(text) {
  return FRAMES.some((pattern) => pattern.test(text));
}

const FRAMES = [
  /File\s+(["'`]).+?\1,\s+line\s+\d+/,
  /^\W*-{2,}>\s*\d+ /m, // ----> 3 b = torch.randn(…)
  /\b(?:Cell In|Input In)\s*\[/,
  /^\W*\S+\.py:\d+ in [\w<]/m, // a rich box: │ /home/u/train.py:143 in training_step │
  /^\S+\.py in \S+\(/m, // older IPython: ~/lib/module.py in forward(self, x)
];

/** @param {Judged} judged */
function phaseOf(judged) {
  return String(judged.best?.phase?.value ?? 'unknown');
}

/** @param {Judged} judged */
function phaseRight(judged) {
  const ours = phaseOf(judged);
  const label = judged.row.phase;
  return label === 'checkpoint' ? ours === 'save' || ours === 'load' : ours === label;
}

/** @param {Judged} judged */
function verdictRight(judged) {
  return judged.row.is_gpu_oom === (judged.answer.report?.verdict === 'gpu_oom');
}

/** Names of labels that are parts or other names of what we say. */
const OTHER_NAMES = {
  tgi: ['text-generation-inference'],
  'transformers.js': ['onnxruntime-web', 'onnxruntime'],
  'web-llm': ['mlc', 'webgpu', 'dawn', 'vulkan'],
  'linux-oom-killer': ['system', 'linux', 'kernel'],
  kubernetes: ['system'],
  shm: ['system', 'pytorch'],
  windows: ['system', 'pytorch'],
  wsl2: ['pytorch', 'wsl', 'cuda'],
  'cuda-driver': ['cuda'],
  'cublas/cudnn': ['cublas', 'cudnn', 'pytorch'],
  'intel-xpu': ['sycl', 'pytorch', 'level-zero'],
  'ascend-cann': ['cann', 'ascend', 'pytorch'],
  'docker/gb10': ['system', 'pytorch'],
  'nvidia-dali': ['dali'],
  'ollama-metal': ['ollama', 'llama.cpp'],
  jetson: ['jetson-utils', 'tegra', 'cuda'],
  fsdp: ['pytorch'],
  ddp: ['pytorch'],
};

/** Whether the text itself names what the label says. @param {Judged} judged */
function frameworkShown({ row }) {
  const text = row.text.toLowerCase();
  return row.framework
    .toLowerCase()
    .split('/')
    .some((name) => text.includes(name));
}

/** @param {Judged} judged */
function frameworkRight(judged) {
  const { framework, family } = judged.row;
  const label = framework.toLowerCase();
  const names = new Set([label, ...label.split(/[/]/), ...label.split('-').slice(0, 1)]);
  for (const name of [...names]) {
    const others = Object.entries(OTHER_NAMES).find(([key]) => key === name)?.[1] ?? [];
    for (const other of others) names.add(other);
  }
  // A message of PyTorch alone does not tell what was built on it.
  if (family === 'pytorch')
    for (const name of ['pytorch', 'torch-directml', 'system']) names.add(name);
  const incidents = judged.answer.report?.incidents ?? [];
  const shown = [
    ...incidents.flatMap((/** @type {any} */ one) => [one.framework, ...one.frameworks]),
    ...(judged.answer.report?.frameworks ?? []),
    ...(judged.answer.report?.observations ?? []).map((/** @type {any} */ one) => one.format),
  ];
  return shown.some((name) => names.has(name) || [...names].some((one) => name.startsWith(one)));
}

/**
 * @param {string} title
 * @param {readonly Judged[]} set
 * @param {{ verdict: number, figures: number, phase: number, framework?: number }} least in percent
 */
function summarize(title, set, least) {
  const all = set.flatMap((one) => one.figures);
  const withFigures = set.filter((one) => one.figures.length > 0);
  const complete = withFigures.filter((one) => one.figures.every((figure) => figure.right));
  const framed = set.filter((one) => hasFrames(one.row.text));
  const known = set.filter((one) => one.row.phase !== 'unknown');
  const rows = [
    shareRow(`${title}: verdict`, set.filter(verdictRight).length, set.length, least.verdict),
    shareRow(
      `${title}: rows with every figure`,
      complete.length,
      withFigures.length,
      least.figures,
    ),
    shareRow(`${title}: figures`, rightOf(all), all.length, least.figures),
    shareRow(
      `${title}: framework, named in the text`,
      set.filter((one) => frameworkShown(one) && frameworkRight(one)).length,
      set.filter(frameworkShown).length,
      least.framework,
    ),
    shareRow(`${title}: framework, label`, set.filter(frameworkRight).length, set.length),
    shareRow(
      `${title}: phase, text has frames`,
      framed.filter(phaseRight).length,
      framed.length,
      least.phase,
    ),
    shareRow(`${title}: phase, label not unknown`, known.filter(phaseRight).length, known.length),
  ];
  const host = set.filter((one) => !one.row.is_gpu_oom && one.row.cause_family === 'host-memory');
  const hostRight = host.filter((one) => one.answer.report?.verdict === 'host_oom');
  const other = set.filter((one) => one.row.cause_family === 'not-oom');
  const otherRight = other.filter((one) =>
    ['look_alike', 'none'].includes(one.answer.report?.verdict),
  );
  if (host.length)
    rows.push(shareRow(`${title}: host memory → host_oom`, hostRight.length, host.length));
  if (other.length) {
    rows.push(
      shareRow(`${title}: no shortage → look_alike or none`, otherRight.length, other.length),
    );
  }
  return rows;
}

/** @param {readonly Judged[]} set */
function readings(set) {
  const counts = { binary: 0, decimal: 0, both: 0 };
  for (const { reading } of set.flatMap((one) => one.figures)) if (reading) counts[reading] += 1;
  return counts;
}

/** @param {readonly Judged[]} set */
function perFigure(set) {
  /** @type {Map<string, [hits: number, of: number]>} */
  const counts = new Map();
  for (const figure of set.flatMap((one) => one.figures)) {
    const [hits, of] = counts.get(figure.key) ?? [0, 0];
    counts.set(figure.key, [hits + (figure.right ? 1 : 0), of + 1]);
  }
  return table([...counts].map(([key, [hits, of]]) => [key, share(hits, of)]));
}

/** @param {readonly Judged[]} set */
function confusion(set) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const one of set) {
    const pair = `${one.row.phase}\0${phaseOf(one)}`;
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  const rows = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  return table([
    ['label', 'ours', 'rows'],
    ...rows.map(([pair, count]) => [...pair.split('\0'), String(count)]),
  ]);
}

/**
 * @param {string} title
 * @param {readonly Judged[]} set
 */
function misses(title, set) {
  const verdicts = set
    .filter((one) => !verdictRight(one))
    .map((one) => [
      one.row.id,
      one.row.is_gpu_oom ? 'gpu_oom' : `not gpu_oom (${one.row.cause_family ?? 'unknown'})`,
      String(one.answer.report?.verdict),
    ]);
  const figures = set.flatMap((one) =>
    one.figures
      .filter((figure) => !figure.right)
      .map((figure) => [
        one.row.id,
        figure.key,
        figure.expected,
        JSON.stringify(figure.got) ?? '-',
      ]),
  );
  const frameworks = set
    .filter((one) => !frameworkRight(one))
    .map((one) => [
      one.row.id,
      one.row.framework,
      (one.answer.report?.incidents ?? [])
        .map((/** @type {any} */ incident) =>
          [incident.framework, ...incident.frameworks].join('+'),
        )
        .join(', '),
    ]);
  const phases = set
    .filter((one) => hasFrames(one.row.text) && !phaseRight(one))
    .map((one) => [one.row.id, one.row.phase, phaseOf(one), frameOf(one)]);
  const late = set
    .filter((one) => one.answer.fault)
    .map((one) => [one.row.id, one.answer.fault?.split('\n')[0] ?? '']);
  return [
    ...section(`${title}: no usable answer`, ['id', 'fault'], late),
    ...section(`${title}: verdict misses`, ['id', 'label', 'ours'], verdicts),
    ...section(`${title}: figure misses`, ['id', 'key', 'expected', 'got'], figures),
    ...section(`${title}: framework misses`, ['id', 'label', 'ours'], frameworks),
    ...section(
      `${title}: phase misses, text has frames`,
      ['id', 'label', 'ours', 'because'],
      phases,
    ),
  ];
}

/** @param {Judged} judged */
function frameOf(judged) {
  const because = judged.best?.phase?.because;
  const text = typeof because === 'string' ? because : (JSON.stringify(because) ?? '');
  return text.length > 70 ? `${text.slice(0, 69)}…` : text;
}

/**
 * @param {string} title
 * @param {string[]} head
 * @param {string[][]} rows
 */
function section(title, head, rows) {
  return rows.length === 0 ? [] : ['', `${title} (${rows.length})`, ...table([head, ...rows])];
}

/**
 * @param {import('./lib/bench.mjs').Options} options
 * @returns {Promise<import('./lib/bench.mjs').Result>}
 */
export async function run(options) {
  const name = 'accuracy: labelled failures';
  if (!existsSync(options.cases)) {
    return { name, skipped: `${options.cases} not present`, rows: [] };
  }
  /** @type {Case[]} */
  const cases = readFileSync(options.cases, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line));
  const rows = cases.filter((row) => PARSEABLE.has(row.text_kind));

  const diagnoser = new Diagnoser(libraryOf(options), { limitSeconds: LIMIT_SECONDS });
  const answers = await diagnoser.ask(rows.map((row) => row.text));
  await diagnoser.close();
  /** @type {Judged[]} */
  const judged = [];
  rows.forEach((row, i) => {
    const answer = answers[i];
    if (answer) judged.push(judge(row, answer));
  });

  const pytorch = judged.filter(
    ({ row }) => row.family === 'pytorch' && row.text_kind !== 'log_or_fragment',
  );
  const rest = judged.filter((one) => !pytorch.includes(one));
  const framed = pytorch.filter((one) => hasFrames(one.row.text));
  const read = readings(pytorch);
  return {
    name,
    rows: [
      ...summarize('pytorch', pytorch, { verdict: 98, figures: 99, phase: 90 }),
      ...summarize('other families', rest, { verdict: 98, figures: 95, phase: 80, framework: 97 }),
    ],
    details: [
      '',
      'pytorch: figures by key',
      ...perFigure(pytorch),
      '',
      `pytorch: units open to both readings (MB, GB): ${read.binary} taken as binary, ${read.decimal} as decimal, ${read.both} where both agree`,
      '',
      'pytorch: phase, rows whose text has frames',
      ...confusion(framed),
      ...misses('pytorch', pytorch),
      ...(options.verbose
        ? misses('other rows', rest)
        : ['', 'misses of the other rows: --verbose']),
    ],
    data: judged.map((one) => ({
      id: one.row.id,
      verdict: one.answer.report?.verdict,
      verdict_right: verdictRight(one),
      figures: one.figures,
      phase: phaseOf(one),
      phase_right: phaseRight(one),
      has_frames: hasFrames(one.row.text),
    })),
  };
}
