/** What is said of a snapshot beside its columns: problems and notes, with counts. */
import type { Note, Problem } from '../base/problem.ts';
import { type Param, say, type TextTable } from '../base/texts.ts';

type ProblemKey =
  | 'odd_events'
  | 'odd_values'
  | 'unusable_events'
  | 'odd_segments'
  | 'odd_blocks'
  | 'odd_annotations'
  | 'odd_stacks';
type NoteKey = 'events_left_out' | 'numbers' | 'unknown_action' | 'unknown_key' | 'unknown_top_key';
type Key = ProblemKey | NoteKey | 'why_types' | 'todo_report';

const TEXTS: TextTable<Key> = {
  en: {
    odd_events: '{count} entries of device_traces are no events of their own and were left out.',
    odd_values: '{count} values of events are not of the type that they should have.',
    unusable_events: '{count} events have no usable size or address and were left out.',
    odd_segments: '{count} entries of segments are no segments and were left out.',
    odd_blocks: '{count} entries of blocks are no blocks and were left out.',
    odd_annotations:
      '{count} entries of external_annotations are no annotations and were left out.',
    odd_stacks: '{count} values of frames are no list of frames.',
    events_left_out: '{count} of {all} events lie outside of what was asked for and were not read.',
    numbers: 'GPU {device}: event 0 is event {first} of the file.',
    unknown_action:
      '{count} events have the action "{name}", which this version of unoom does not know.',
    unknown_key: 'The key "{name}" of {count} rows ({row}) is not used.',
    unknown_top_key: 'The key "{name}" of the snapshot is not used.',
    why_types: 'The file does not have the shape that PyTorch writes.',
    todo_report: 'If PyTorch wrote it, please report it with the version of PyTorch.',
  },
  zh: {
    odd_events: 'device_traces 中有 {count} 项不是独立的事件，已略去。',
    odd_values: '事件中有 {count} 个值的类型不对。',
    unusable_events: '有 {count} 个事件没有可用的大小或地址，已略去。',
    odd_segments: 'segments 中有 {count} 项不是段，已略去。',
    odd_blocks: 'blocks 中有 {count} 项不是块，已略去。',
    odd_annotations: 'external_annotations 中有 {count} 项不是标注，已略去。',
    odd_stacks: '有 {count} 个 frames 不是栈帧列表。',
    events_left_out: '{all} 个事件中有 {count} 个不在所要求的范围内，没有读取。',
    numbers: 'GPU {device}：事件 0 是文件中的事件 {first}。',
    unknown_action: '有 {count} 个事件的动作是“{name}”，本版本的 unoom 不认识。',
    unknown_key: '{count} 行（{row}）中的键“{name}”没有使用。',
    unknown_top_key: '快照的键“{name}”没有使用。',
    why_types: '文件结构与 PyTorch 写出的不同。',
    todo_report: '如果文件由 PyTorch 写出，附上 PyTorch 版本反馈给我们。',
  },
  ru: {
    odd_events:
      'Элементов device_traces, которые не являются отдельными событиями: {count}; они пропущены.',
    odd_values: 'Значений неподходящего типа в событиях: {count}.',
    unusable_events: 'Событий без пригодного размера или адреса: {count}; они пропущены.',
    odd_segments: 'Элементов segments, которые не являются сегментами: {count}; они пропущены.',
    odd_blocks: 'Элементов blocks, которые не являются блоками: {count}; они пропущены.',
    odd_annotations:
      'Элементов external_annotations, которые не являются пометками: {count}; они пропущены.',
    odd_stacks: 'Значений frames, которые не являются списком кадров: {count}.',
    events_left_out: 'Вне запрошенного лежат и не прочитаны {count} событий из {all}.',
    numbers: 'GPU {device}: событие 0 — это событие {first} файла.',
    unknown_action: 'Действие «{name}» этой версии unoom неизвестно; событий с ним: {count}.',
    unknown_key: 'Ключ «{name}» не используется; записей ({row}) с ним: {count}.',
    unknown_top_key: 'Ключ снимка «{name}» не используется.',
    why_types: 'Строение файла не такое, как пишет PyTorch.',
    todo_report: 'Если файл записал PyTorch, сообщи нам вместе с версией PyTorch.',
  },
};

export class Remarks {
  readonly problems: Problem[] = [];
  readonly notes: Note[] = [];

  problem(code: string, params: Readonly<Record<string, Param>>): void {
    this.problems.push({
      code: `snapshot-${code}`,
      what: say(TEXTS, keyOf<ProblemKey>(code), params),
      why: say(TEXTS, 'why_types'),
      todo: say(TEXTS, 'todo_report'),
    });
  }

  note(code: string, params: Readonly<Record<string, Param>>): void {
    this.notes.push({ code: `snapshot-${code}`, text: say(TEXTS, keyOf<NoteKey>(code), params) });
  }
}

const keyOf = <K extends Key>(code: string): K => code.replaceAll('-', '_') as K;
