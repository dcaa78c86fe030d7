/** From the text of a source to sightings: every moment of a status that stands in it. */
import type { Note, Place, Problem } from '../base/problem.ts';
import { say } from '../base/texts.ts';
import { isUnknown } from '../base/unknown.ts';
import type { Recorded } from '../ledger/recorded.ts';
import { Occurring } from './scan/occurring.ts';
import type { ScannedStream, Window } from './scan/windows.ts';
import type { Gap, Sighting, StatusReader } from './status.ts';
import { type Line, lanesOf } from './text/dress.ts';
import { linesOfWindow } from './text/window-lines.ts';

/** A sighting with its format and where it stands. */
export interface Sighted extends Sighting {
  /** The status reader's id. */
  readonly format: string;
  readonly source: string;
  /** Of a memory snapshot: all that is taken of it. */
  readonly recorded?: Recorded;
}

export interface Sightings {
  readonly found: readonly Sighted[];
  readonly notes: readonly Note[];
  readonly problems: readonly Problem[];
}

const TEXTS = {
  en: {
    'left-out':
      '{count} more moments of {format} were read and left out here; the first and the last ones are shown.',
    cut: 'The text breaks off in {where}.',
    'cut-why': 'The paste or the log ends there; what stands before it is used.',
    'cut-todo': 'Paste all of it: redirect the command to a file and give unoom the file.',
    damaged: '{where} could not be read.',
    'damaged-why': 'It does not have the form that this tool prints.',
    'damaged-todo': 'Give the output as the tool printed it.',
    error: 'The tool could not tell: {where}.',
    'error-why': 'It printed an error in the place of figures.',
  },
  zh: {
    'left-out': '另读到 {format} 的 {count} 个时刻，此处省略；只显示最前和最后的部分。',
    cut: '文本在此中断：{where}。',
    'cut-why': '粘贴的内容或日志到此为止；之前的部分已使用。',
    'cut-todo': '粘贴全部内容：把命令的输出重定向到文件，再把文件交给 unoom。',
    damaged: '无法读取：{where}。',
    'damaged-why': '不符合该工具的输出格式。',
    'damaged-todo': '给出该工具的原始输出。',
    error: '工具未能给出结果：{where}。',
    'error-why': '在本应是数据的位置，它输出了错误。',
  },
  ru: {
    'left-out':
      'Прочитаны и здесь опущены ещё моменты {format}: {count}; показаны первые и последние.',
    cut: 'Текст обрывается: {where}.',
    'cut-why': 'На этом кончается вставленный текст или лог; всё, что выше, использовано.',
    'cut-todo': 'Вставить всё целиком: перенаправить вывод команды в файл и передать файл unoom.',
    damaged: 'Не удалось прочитать: {where}.',
    'damaged-why': 'Это не тот вид, в котором печатает этот инструмент.',
    'damaged-todo': 'Передать вывод в том виде, в котором его напечатал инструмент.',
    error: 'Инструмент не смог ответить: {where}.',
    'error-why': 'На месте цифр он напечатал ошибку.',
  },
} as const;

/** Moments of one format of one source that a report lists. */
const FIRST_SHOWN = 16;
const LAST_SHOWN = 48;
/** Moments read of one source. */
const MOST_SIGHTINGS = 20_000;

/** Reads every status in a source. */
export function sightingsOf(
  scanned: ScannedStream,
  source: string,
  statuses: readonly StatusReader[],
): Sightings {
  const windows = scanned.whole === undefined ? windowsOf(scanned) : [scanned.whole];
  const seen = new Map<string, Sighted>();
  for (const window of windows) {
    const lines = linesOfWindow(window);
    for (const sighted of readPassages(lines, source, statuses, scanned.whole === undefined)) {
      // Windows overlap; the later one has the whole block.
      seen.set(
        `${sighted.format} ${sighted.line} ${sighted.rank ?? ''} ${sighted.label ?? ''}`,
        sighted,
      );
      if (seen.size >= MOST_SIGHTINGS) break;
    }
  }
  const all = withoutDoubles([...seen.values()]).sort((a, b) => a.line - b.line);
  const byFormat = new Map<string, Sighted[]>();
  for (const one of all) {
    const list = byFormat.get(one.format);
    if (list === undefined) byFormat.set(one.format, [one]);
    else list.push(one);
  }
  const notes: Note[] = [];
  const found = [...byFormat].flatMap(([format, list]) => {
    if (list.length <= FIRST_SHOWN + LAST_SHOWN) return list;
    const count = list.length - FIRST_SHOWN - LAST_SHOWN;
    notes.push({
      code: 'moments-left-out',
      text: say(TEXTS, 'left-out', { count, format }),
      at: { source },
    });
    return [...list.slice(0, FIRST_SHOWN), ...list.slice(-LAST_SHOWN)];
  });
  const problems = all.flatMap((one) =>
    (one.gaps ?? []).map((gap) => problemOf(gap, { source, line: gap.line })),
  );
  return { found: found.sort((a, b) => a.line - b.line), notes, problems: problems.slice(0, 64) };
}

/**
 * Tables of several vendors look alike row by row. Of two formats that see devices in the same lines
 * the one stands that sees more of them: its own heads and borders.
 */
function withoutDoubles(sightings: readonly Sighted[]): Sighted[] {
  const isOfDevices = ({ devices }: Sighted): boolean => (devices?.length ?? 0) > 0;
  const bySize = sightings
    .filter(isOfDevices)
    .sort((a, b) => b.last - b.line - (a.last - a.line) || worthOf(b) - worthOf(a));
  const owner = new Map<number, string>();
  const kept = new Set<Sighted>();
  for (const one of bySize) {
    const other = ownerIn(owner, one);
    if (other !== undefined && other !== one.format) continue;
    kept.add(one);
    for (let line = one.line; line <= one.last; line++) owner.set(line, one.format);
  }
  return sightings.filter((one) => {
    if (isOfDevices(one)) return kept.has(one);
    // A head without rows in what another format has read is no moment of its own.
    const isEmpty = (one.facts?.length ?? 0) + (one.events?.length ?? 0) === 0;
    const other = isEmpty ? ownerIn(owner, one) : undefined;
    return other === undefined || other === one.format;
  });
}

function ownerIn(owner: ReadonlyMap<number, string>, { line, last }: Sighted): string | undefined {
  for (let at = line; at <= last; at++) {
    const format = owner.get(at);
    if (format !== undefined) return format;
  }
  return undefined;
}

const worthOf = ({ devices, events, gaps }: Sighted): number =>
  (devices ?? []).reduce(
    (sum, { total, used, free, processes }) =>
      sum +
      processes.length +
      [total, used, free].filter((size) => size !== undefined && !isUnknown(size.bytes)).length,
    (events?.length ?? 0) - (gaps?.length ?? 0),
  );

const windowsOf = ({ windows, light, tail }: ScannedStream): Window[] =>
  [...windows, ...light, tail].sort((a, b) => a.line - b.line);

function readPassages(
  lines: readonly Line[],
  source: string,
  statuses: readonly StatusReader[],
  isPart: boolean,
): Sighted[] {
  return lanesOf(lines).flatMap((lane) => {
    const first = lane[0];
    const text = lane.map((line) => line.raw ?? line.text).join('\n');
    const occurring = new Occurring(text);
    const possible = statuses.filter(
      ({ needles, sign }) => occurring.hasAny(needles) || sign?.test(text) === true,
    );
    return possible.flatMap((status) =>
      status.read({ source, lines: lane, goes_on: isPart }).map(
        (sighting): Sighted => ({
          ...(first?.rank !== undefined && { rank: first.rank }),
          ...(first?.pid !== undefined && { pid: first.pid }),
          ...sighting,
          format: status.id,
          source,
        }),
      ),
    );
  });
}

function problemOf(gap: Gap, at: Place): Problem {
  if (gap.code === 'cut-off') {
    return {
      code: 'cut-off',
      what: say(TEXTS, 'cut', { where: gap.where }),
      why: say(TEXTS, 'cut-why'),
      todo: say(TEXTS, 'cut-todo'),
      at,
    };
  }
  if (gap.code === 'damaged') {
    return {
      code: 'damaged',
      what: say(TEXTS, 'damaged', { where: gap.where }),
      why: say(TEXTS, 'damaged-why'),
      todo: say(TEXTS, 'damaged-todo'),
      at,
    };
  }
  return {
    code: 'tool-error',
    what: say(TEXTS, 'error', { where: gap.where }),
    why: say(TEXTS, 'error-why'),
    todo: gap.todo ?? say(TEXTS, 'damaged-todo'),
    at,
  };
}
