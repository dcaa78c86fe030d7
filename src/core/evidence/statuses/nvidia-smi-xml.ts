/**
 * `nvidia-smi -q -x`. The text is first brought into order: only known elements are kept, what is
 * open at the end is closed, the document type is dropped. So a fragment or a cut file can be
 * parsed, and no entity of a hostile file is ever seen.
 */
import { XMLParser } from 'fast-xml-parser';
import { phrase, type Statement } from '../../base/texts.ts';
import type { SeenProcess } from '../../ledger/device.ts';
import {
  LIST_OF_CARDS,
  LIST_OF_MIG_DEVICES,
  LIST_OF_PROCESSES,
  sectionOfGpu,
} from '../gap-places-n-z.ts';
import {
  BROKEN,
  type Draft,
  draft,
  finish,
  instanceOf,
  MOST_DEVICES,
  MOST_PROCESSES,
  modeOf,
  ownerOf,
  percentOf,
  setListed,
  sliceOf,
  troubleOf,
  UUID,
} from '../nvidia.ts';
import {
  type Gap,
  type Passage,
  type SeenEvent,
  type Sighting,
  type StatusReader,
  shown,
} from '../status.ts';
import type { Line } from '../text/dress.ts';

const ROOT = 'nvidia_smi_log';
/** Elements that are read; all others are passed over with what is in them. */
const WANTED: ReadonlySet<string> = new Set([
  ...[ROOT, 'timestamp', 'driver_version', 'kmd_version', 'cuda_version', 'cuda_umd_version'],
  ...['attached_gpus', 'gpu', 'product_name', 'uuid', 'performance_state', 'compute_mode'],
  ...['persistence_mode', 'addressing_mode', 'gpu_recovery_action', 'driver_model', 'current_dm'],
  ...['mig_mode', 'current_mig', 'mig_devices', 'mig_device', 'index', 'gpu_instance_id'],
  ...['compute_instance_id', 'fb_memory_usage', 'total', 'reserved', 'used', 'free'],
  ...['utilization', 'gpu_util', 'memory_util', 'processes', 'compute_processes', 'process_info'],
  ...['pid', 'type', 'process_name', 'used_memory'],
]);
const LEAVES: ReadonlySet<string> = new Set([
  ...['timestamp', 'driver_version', 'kmd_version', 'cuda_version', 'cuda_umd_version', 'uuid'],
  ...['attached_gpus', 'product_name', 'performance_state', 'compute_mode', 'persistence_mode'],
  ...['addressing_mode', 'gpu_recovery_action', 'current_dm', 'current_mig', 'index', 'pid'],
  ...['gpu_instance_id', 'compute_instance_id', 'total', 'reserved', 'used', 'free', 'gpu_util'],
  ...['memory_util', 'type', 'process_name', 'used_memory'],
]);
/** What begins a piece without its root. */
const PIECE =
  /<\/?(?:process_info|mig_device|fb_memory_usage|nvidia_smi_log)\b|<gpu id="|<(?:process_name|used_memory|product_name|gpu_instance_id)>/;
const TAG = /<(\/?)([A-Za-z_][\w.-]{0,60})((?:\s[^<>]{0,400})?)>/g;
const STUMP = /<\/?[A-Za-z_!?]?[^<>]{0,400}$/;

const MOST_FOREIGN = 40;
const MOST_TEXT = 8_000_000;
const DEEPEST = 32;
/** Names of elements that a document may have; real ones have about 300. */
const MOST_NAMES = 1000;
/** Closing tags whose beginning is not in the text. */
const MOST_ORPHANS = 16;

const THE_XML = phrase({ en: 'The XML', zh: 'XML', ru: 'XML' });
const beginningOf = (name: string): Statement =>
  phrase(
    { en: 'the beginning of <{name}>', zh: '<{name}> 的开头', ru: 'начало <{name}>' },
    { name },
  );

export const nvidiaSmiXml: StatusReader = {
  id: 'nvidia-smi-xml',
  code: 'UN605',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'nvidia-smi -q -x',
      summary: 'All that the driver tells of each card, as XML.',
    },
    zh: {
      title: 'nvidia-smi -q -x',
      summary: '驱动给出的每块显卡的全部信息，XML 格式。',
    },
    ru: {
      title: 'nvidia-smi -q -x',
      summary: 'Всё, что драйвер сообщает о каждой карте, в формате XML.',
    },
  },
  sources: [
    'nvidia-smi@418.43, 515.105.01, 535.54.03, 570.124.04, 595.58.03: nvidia-smi -q -x',
    'nvsmi_device_v10.dtd, nvsmi_device_v11.dtd, nvsmi_device_v12.dtd, nvsmi_device_v13.dtd',
  ],
  needles: ['<nvidia_smi_log>', '<fb_memory_usage>', '<process_info>'],
  sign: /<\/?[a-z_]{2,40}>/,
  read({ lines, goes_on }: Passage): Sighting[] {
    const end = lines.at(-1)?.number ?? 0;
    return documentsOf(lines).flatMap((document) => {
      const isOpenEnd = goes_on && end - (document.at(-1)?.number ?? 0) < 2;
      return sightingOf(document, isOpenEnd);
    });
  },
};

/** The lines of each document or piece of one. */
function documentsOf(lines: readonly Line[]): Line[][] {
  const documents: Line[][] = [];
  let document: Line[] | undefined;
  let last = 0;
  let size = 0;
  for (const line of lines) {
    const { text, number } = line;
    const hasTag = text.includes('<');
    if (document !== undefined && number - last > MOST_FOREIGN) document = undefined;
    if (hasTag && text.includes(`<${ROOT}`)) document = undefined;
    if (document === undefined) {
      if (!hasTag || !PIECE.test(text)) continue;
      document = [];
      documents.push(document);
      size = 0;
    }
    if (hasTag) last = number;
    size += text.length;
    if (size > MOST_TEXT) {
      document = undefined;
      continue;
    }
    document.push(line);
    if (hasTag && text.includes(`</${ROOT}>`)) document = undefined;
  }
  for (const one of documents) {
    while (one.length > 1 && !one.at(-1)?.text.includes('<') && one.at(-1)?.text.trim() === '') {
      one.pop();
    }
  }
  return documents;
}

interface Ordered {
  readonly xml: string;
  /** Elements that are open at the end, outermost first. */
  readonly open: readonly string[];
  /** Whether the text ends within a tag. */
  readonly hasStump: boolean;
  /** Elements that end without a beginning. */
  readonly orphans: readonly string[];
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const plain = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');

/** The known elements of a text as well-formed XML. Each that can repeat says its line in `l`. */
function inOrder(lines: readonly Line[]): Ordered {
  const starts: number[] = [];
  let text = '';
  lines.forEach((line, at) => {
    // A very long line comes in pieces that belong together.
    text += at > 0 && lines[at - 1]?.number === line.number ? '' : '\n';
    starts.push(text.length);
    text += line.text;
  });
  let atLine = 0;
  const lineAt = (offset: number): number => {
    while (atLine + 1 < starts.length && (starts[atLine + 1] ?? 0) <= offset) atLine++;
    return lines[atLine]?.number ?? 0;
  };
  const ends = new Map<string, number>();
  const lastEnd = (name: string): number => {
    const known = ends.get(name);
    if (known !== undefined || ends.size >= MOST_NAMES) return known ?? -1;
    const offset = text.lastIndexOf(`</${name}>`);
    ends.set(name, offset);
    return offset;
  };
  const out: string[] = [];
  const stack: { name: string; isKept: boolean }[] = [];
  const orphans: string[] = [];
  let hidden = 0;
  let from = 0;
  const close = (): void => {
    const top = stack.pop();
    if (top?.isKept === true) out.push(`</${top.name}>`);
    else if (top !== undefined) hidden--;
  };
  TAG.lastIndex = 0;
  for (let tag = TAG.exec(text); tag !== null; tag = TAG.exec(text)) {
    const [whole, slash, name = '', rest = ''] = tag;
    const top = stack.at(-1);
    const content = text.slice(from, tag.index);
    from = tag.index + whole.length;
    if (slash === '/') {
      if (top?.name === name) {
        if (top.isKept && LEAVES.has(name)) out.push(escaped(content.trim()));
        close();
      } else if (stack.some((one) => one.name === name)) {
        while (stack.at(-1)?.name !== name) close();
        close();
      } else if (WANTED.has(name) && !LEAVES.has(name) && orphans.length < MOST_ORPHANS) {
        // Its beginning stands before the text: all so far is in it.
        while (stack.length > 0) close();
        out.unshift(`<${name} l="${lines[0]?.number ?? 0}">`);
        out.push(`</${name}>`);
        orphans.push(name);
      }
      continue;
    }
    if (rest.trimEnd().endsWith('/')) {
      if (hidden === 0 && WANTED.has(name)) out.push(`<${name}></${name}>`);
      continue;
    }
    if (top !== undefined && LEAVES.has(top.name)) {
      if (!WANTED.has(name)) {
        // "<defunct>" in the name of a process is text.
        from = tag.index - content.length;
        continue;
      }
      // The end of the leaf is lost, and what it held is no figure.
      close();
    }
    if (stack.length >= DEEPEST) continue;
    // What no tag closes is text of another program: "<stdin>".
    if (!WANTED.has(name) && lastEnd(name) < tag.index) continue;
    const isKept = hidden === 0 && WANTED.has(name);
    if (!isKept) hidden++;
    stack.push({ name, isKept });
    if (isKept) {
      const id = name === 'gpu' ? /\bid="([\w:.]{1,40})"/.exec(rest)?.[1] : undefined;
      out.push(
        LEAVES.has(name)
          ? `<${name}>`
          : `<${name} l="${lineAt(tag.index)}"${id === undefined ? '' : ` id="${id}"`}>`,
      );
    }
  }
  const hasStump = STUMP.test(text.slice(Math.max(from, text.length - 500)));
  const open = stack.map(({ name }) => name);
  while (stack.length > 0) close();
  return { xml: out.join(''), open, hasStump, orphans };
}

const parser: XMLParser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  htmlEntities: false,
  isArray: (name: string) => ['gpu', 'mig_device', 'process_info', ROOT].includes(name),
});

type Node = ReadonlyMap<string, unknown>;

const nodeOf = (value: unknown): Node | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? new Map(Object.entries(value))
    : undefined;

const nodesOf = (value: unknown): Node[] =>
  (Array.isArray(value) ? value : [value]).flatMap((one) => nodeOf(one) ?? []);

/** The first element of a path. */
function at(node: Node | undefined, ...path: readonly string[]): unknown {
  let value: unknown = node;
  for (const name of path) {
    const inner = value instanceof Map ? node : nodeOf(Array.isArray(value) ? value[0] : value);
    value = inner?.get(name);
  }
  return Array.isArray(value) ? value[0] : value;
}

function textAt(node: Node | undefined, ...path: readonly string[]): string {
  const value = at(node, ...path);
  return typeof value === 'string'
    ? plain(value)
        .replace(/\s*\n\s*/g, ' ')
        .trim()
    : '';
}

const lineOf = (node: Node): number => Number(node.get('@l') ?? 0);

function sightingOf(lines: readonly Line[], goesOn: boolean): Sighting[] {
  const { xml, open, hasStump, orphans } = inOrder(lines);
  const first = lines[0]?.number ?? 0;
  const last = lines.at(-1)?.number ?? first;
  let parsed: Node | undefined;
  try {
    parsed = nodeOf(parser.parse(`<all>${xml}</all>`));
  } catch {
    return [
      {
        line: first,
        last,
        devices: [],
        gaps: [{ code: 'damaged', line: first, where: THE_XML }],
      },
    ];
  }
  const all = nodeOf(at(parsed, 'all'));
  const root = nodeOf(at(all, ROOT)) ?? all;
  if (root === undefined) return [];
  const devices: Draft[] = [];
  const events: SeenEvent[] = [];
  const gaps: Gap[] = [];
  const cards = [...nodesOf(root.get('gpu')), ...(all === root ? [] : nodesOf(all?.get('gpu')))];
  for (const card of cards) readCard(card, devices, events, gaps, open.length > 0);
  // Pieces without their card.
  const loose = readLoose(root, devices, first);
  const attached = instanceOf(textAt(root, 'attached_gpus'));
  if (attached === cards.length) {
    let index = -1;
    for (const device of devices) {
      if (device.mig === undefined) index++;
      if (index >= 0) device.index = index;
    }
  }
  const isCut = open.length > 0 || hasStump;
  if (orphans.some((name) => name !== ROOT)) {
    const name = orphans[0] ?? '';
    gaps.push({ code: 'cut-off', line: first, where: beginningOf(name) });
  }
  if (isCut && !goesOn) gaps.push({ code: 'cut-off', line: last, where: whereOf(open, devices) });
  const isRoot = at(all, ROOT) !== undefined;
  if (devices.length === 0 && !isRoot && !loose && !open.includes(ROOT)) return [];
  const versions = {
    driver: modeOf(textAt(root, 'driver_version') || textAt(root, 'kmd_version')),
    cuda: modeOf(textAt(root, 'cuda_version') || textAt(root, 'cuda_umd_version')),
  };
  const time = textAt(root, 'timestamp');
  return [
    {
      line: first,
      last,
      ...(time !== '' && { time }),
      ...((versions.driver !== undefined || versions.cuda !== undefined) && {
        versions: {
          ...(versions.driver !== undefined && { driver: versions.driver }),
          ...(versions.cuda !== undefined && { cuda: versions.cuda }),
        },
      }),
      devices: devices.map(finish),
      ...(events.length > 0 && { events }),
      ...(gaps.length > 0 && { gaps }),
    },
  ];
}

function whereOf(open: readonly string[], devices: readonly Draft[]): Statement {
  if (open.some((name) => name.includes('process'))) return LIST_OF_PROCESSES;
  if (open.includes('mig_devices')) return LIST_OF_MIG_DEVICES;
  if (open.includes('gpu')) {
    return sectionOfGpu(devices.findLast(({ mig }) => mig === undefined)?.bus_id);
  }
  return LIST_OF_CARDS;
}

function readCard(
  card: Node,
  devices: Draft[],
  events: SeenEvent[],
  gaps: Gap[],
  isCut: boolean,
): void {
  if (devices.length >= MOST_DEVICES) return;
  const device = draft(lineOf(card));
  const bus = card.get('@id');
  if (typeof bus === 'string' && bus !== '') device.bus_id = bus;
  identify(device, card);
  readMemory(device, card);
  const own: Draft[] = [device];
  for (const slice of nodesOf(
    at(card, 'mig_devices', 'mig_device') === undefined
      ? undefined
      : nodeOf(card.get('mig_devices'))?.get('mig_device'),
  )) {
    if (devices.length + own.length >= MOST_DEVICES) break;
    own.push(sliceOfCard(slice, device));
  }
  const trouble = troubleOf(device.total?.raw ?? '', { line: device.line });
  if (trouble !== undefined) {
    events.push(trouble.event);
    gaps.push(trouble.gap);
  }
  const list = card.has('processes') ? 'processes' : 'compute_processes';
  const processes = card.get(list);
  const isListed = processes !== undefined && !/^N\/A$|Not Supported/.test(textAt(card, list));
  const isOpen = isCut && isLastOf(card, list);
  if (isListed) readProcesses(nodesOf(nodeOf(processes)?.get('process_info')), own, device, isOpen);
  setListed(own, isListed ? (isOpen ? 'part' : 'all') : 'none');
  devices.push(...own);
}

/** Whether an element is the last of its parent: where the text is cut it may be the one. */
const isLastOf = (node: Node, name: string): boolean => [...node.keys()].at(-1) === name;

function sliceOfCard(node: Node, card: Draft | undefined): Draft {
  const slice = draft(lineOf(node));
  slice.mig = sliceOf(
    textAt(node, 'gpu_instance_id'),
    textAt(node, 'compute_instance_id'),
    textAt(node, 'index'),
  );
  if (card?.bus_id !== undefined) slice.bus_id = card.bus_id;
  if (card?.name !== undefined) slice.name = card.name;
  readMemory(slice, node);
  return slice;
}

function identify(device: Draft, node: Node): void {
  const name = modeOf(textAt(node, 'product_name'));
  if (name !== undefined) device.name = name;
  const uuid = textAt(node, 'uuid');
  if (UUID.test(uuid)) device.uuid = uuid;
  const used = percentOf(textAt(node, 'utilization', 'gpu_util'));
  if (used !== undefined) device.utilization_percent = used;
  const memory = percentOf(textAt(node, 'utilization', 'memory_util'));
  if (memory !== undefined) device.memory_utilization_percent = memory;
  for (const [mode, ...path] of [
    ['pstate', 'performance_state'],
    ['compute_mode', 'compute_mode'],
    ['persistence', 'persistence_mode'],
    ['addressing', 'addressing_mode'],
    ['recovery_action', 'gpu_recovery_action'],
    ['mig_mode', 'mig_mode', 'current_mig'],
    ['driver_model', 'driver_model', 'current_dm'],
  ] as const) {
    const value = modeOf(textAt(node, ...path));
    if (value !== undefined) device.modes[mode] = value;
  }
}

function readMemory(device: Draft, node: Node): void {
  const memory = nodeOf(at(node, 'fb_memory_usage'));
  if (memory === undefined) return;
  for (const key of ['total', 'reserved', 'used', 'free'] as const) {
    const value = textAt(memory, key);
    if (value !== '') device[key] = shown(value);
  }
}

function readProcesses(
  nodes: readonly Node[],
  devices: Draft[],
  card: Draft | undefined,
  isOpen: boolean,
): void {
  nodes.slice(0, MOST_PROCESSES).forEach((node, index) => {
    const at = sliceOf(textAt(node, 'gpu_instance_id'), textAt(node, 'compute_instance_id'));
    const pid = textAt(node, 'pid');
    const type = modeOf(textAt(node, 'type'));
    const name = textAt(node, 'process_name');
    const memory = textAt(node, 'used_memory');
    if (pid === '' && name === '' && memory === '') return;
    const isStump = isOpen && index === nodes.length - 1 && memory === '';
    const process: SeenProcess = {
      ...(/^\d{1,10}$/.test(pid) && { pid: Number(pid) }),
      ...(name !== '' && { name }),
      ...(type !== undefined && { type }),
      memory: isStump ? BROKEN : shown(memory),
      ...(at.gpu_instance !== undefined && { gpu_instance: at.gpu_instance }),
      ...(at.compute_instance !== undefined && { compute_instance: at.compute_instance }),
      line: lineOf(node),
    };
    const owner =
      card === undefined
        ? ownerOf(devices, {}, lineOf(node))
        : ownerOf(
            devices,
            {
              ...(card.bus_id !== undefined && { bus_id: card.bus_id }),
              ...(at.gpu_instance !== undefined && { gi: at.gpu_instance }),
              ...(at.compute_instance !== undefined && { ci: at.compute_instance }),
            },
            lineOf(node),
          );
    owner.processes.push(process);
  });
}

/** Memory and processes of a piece that shows no card. */
function readLoose(root: Node, devices: Draft[], line: number): boolean {
  const processes = [
    ...nodesOf(root.get('process_info')),
    ...nodesOf(nodeOf(at(root, 'processes'))?.get('process_info')),
  ];
  const slices = [
    ...nodesOf(root.get('mig_device')),
    ...nodesOf(nodeOf(at(root, 'mig_devices'))?.get('mig_device')),
  ];
  const hasMemory = nodeOf(at(root, 'fb_memory_usage')) !== undefined;
  const isCard = hasMemory || textAt(root, 'product_name') !== '' || textAt(root, 'uuid') !== '';
  if (processes.length === 0 && slices.length === 0 && !isCard) return false;
  const device = draft(line);
  identify(device, root);
  readMemory(device, root);
  const own: Draft[] = isCard || processes.length > 0 ? [device] : [];
  for (const slice of slices.slice(0, MOST_DEVICES)) own.push(sliceOfCard(slice, undefined));
  readProcesses(processes, own, undefined, true);
  const isWhole = root.has('processes');
  setListed(own, isWhole ? 'all' : processes.length > 0 ? 'part' : 'none');
  devices.push(...own);
  return true;
}
