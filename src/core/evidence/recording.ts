/**
 * A memory snapshot beside other evidence: which source is one, and how a failed request in it becomes a
 * failure like those that texts hold. The snapshot itself is read elsewhere, and only where there is one.
 */
import type { Phase } from '../base/phase.ts';
import type { Unit } from '../base/unit.ts';
import type { Recorded, RecordedFailure, RecordedStage } from '../ledger/recorded.ts';
import type { Failure } from './failure.ts';
import { frameworksShown } from './frameworks.ts';
import { type PhaseReading, phaseOfFrames, type Turn } from './phase-of.ts';
import type { Sighted } from './sightings.ts';
import { signsOfFrames } from './signs.ts';
import { type Frame, ownDeepest } from './tracebacks/frame.ts';

/** What a snapshot is as a format of evidence, for those who ask. */
export const memorySnapshot: Unit = {
  id: 'memory-snapshot',
  code: 'UN699',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Memory snapshot of PyTorch',
      summary:
        'The file that torch.cuda.memory._dump_snapshot writes: every block of the caching allocator, and the events that led there. Its figures are exact.',
    },
    zh: {
      title: 'PyTorch 显存快照',
      summary:
        'torch.cuda.memory._dump_snapshot 写出的文件：缓存分配器的每一个块，以及此前的各个事件。其中的数字是精确的。',
    },
    ru: {
      title: 'Снимок памяти PyTorch',
      summary:
        'Файл, который пишет torch.cuda.memory._dump_snapshot: все блоки кэширующего аллокатора и события до этого момента. Цифры в нём точные.',
    },
  },
  sources: [
    'pytorch@v2.6.0:torch/csrc/cuda/memory_snapshot.cpp',
    'pytorch@v2.6.0:torch/cuda/memory.py (_dump_snapshot)',
  ],
};

/** Protocols of Python's pickler that a snapshot can have. */
const PROTO = 0x80;

/** Keys of a snapshot; of those of a segment two are needed, as each alone is an ordinary word. */
const TRACES = '"device_traces"';
const SEGMENT_KEYS = [
  '"total_size"',
  '"allocated_size"',
  '"active_size"',
  '"segment_type"',
  '"segment_pool_id"',
];

/**
 * Whether a source that begins like this goes to the snapshot reader: any pickle, and JSON whose first
 * keys are those of a snapshot.
 */
export function mayBeSnapshot(head: Uint8Array): boolean {
  const [first, protocol = 0] = head;
  if (first === PROTO) return protocol >= 2 && protocol <= 5;
  const text = new TextDecoder('latin1').decode(head);
  if (!/^(?:\u00ef\u00bb\u00bf)?\s{0,200}[{[]/.test(text)) return false;
  if (text.includes(TRACES)) return true;
  return SEGMENT_KEYS.filter((key) => text.includes(key)).length >= 2;
}

const OF_STAGE: Readonly<Record<RecordedStage, Phase>> = {
  unknown: 'unknown',
  load: 'load',
  data: 'transfer',
  forward: 'forward',
  backward: 'backward',
  optimizer: 'optimizer',
  eval: 'eval',
  generate: 'generate',
  capture: 'capture',
  save: 'save',
  compile: 'compile',
  kv_alloc: 'kv_alloc',
};

/** Steps that had begun when it failed: from the third on the first step is surely over. */
const SURELY_LATER = 3;

/** Frames of C++ are never the user's place. */
const IN_PYTHON = /\.py$|^</;

/** The failed request of a recording as a failure. */
export function failureOfRecorded(recorded: Recorded, failed: RecordedFailure): Failure {
  const frames: readonly Frame[] = failed.frames
    // Native code without symbols is no place.
    .filter(({ file }) => file !== '' && file !== '??')
    .map(({ file, line, function: name }) => ({ file, line, function: name, at: 0 }));
  const { source, device, rank, versions, conf } = recorded;
  const own = ownDeepest(frames.filter(({ file }) => IN_PYTHON.test(file)));
  const { steps } = failed;
  return {
    format: memorySnapshot.id,
    reading: {
      kind: 'gpu_oom',
      framework: 'pytorch',
      backend: 'cuda',
      facts: failed.facts,
      device,
      clues: ['released-cache', 'caching-allocator', 'recorded'],
      ...(versions !== undefined && { versions }),
      end: 0,
    },
    where: { source, event: failed.event, ...(rank !== undefined && { rank }) },
    ordinal: 0,
    lead: '',
    ...(failed.time !== undefined && { time: clockOf(failed.time) }),
    frames,
    frameworks: frameworksShown(frames, [], 0),
    ...(own !== undefined && { own }),
    phase: phaseOf(failed, frames),
    signs: signsOfFrames(frames),
    topics: [],
    assignments: conf === undefined ? [] : assignmentsOf(conf),
    ...(steps !== undefined && steps > 0 && { step: steps - 1 }),
    printedVersions: [],
    distributed: rank !== undefined,
  };
}

/** Stages in which a module's forward is called on the way. */
const AROUND: readonly RecordedStage[] = [
  'backward',
  'load',
  'optimizer',
  'eval',
  'generate',
  'capture',
  'save',
  'compile',
  'kv_alloc',
];

/** What frames say is finer than a stage; threads without Python have a stage only. */
function phaseOf({ stage, steps = 0 }: RecordedFailure, frames: readonly Frame[]): PhaseReading {
  const turn: { turn?: Turn } = steps >= SURELY_LATER ? { turn: 'later' } : {};
  const byFrames = phaseOfFrames(frames);
  // A forward pass that backward runs again shows by what came before it, not by its frames.
  const isWithin = byFrames?.value === 'forward' && AROUND.includes(stage);
  if (byFrames !== undefined && !isWithin) return { ...byFrames, ...turn };
  const value = OF_STAGE[stage];
  if (value === 'unknown') {
    return { value, because: { kind: 'nothing' }, moves_model: false };
  }
  return { value, because: { kind: 'recording' }, moves_model: false, ...turn };
}

/** Microseconds since the epoch as a time of day that sorts. */
const clockOf = (time: number): string => new Date(time / 1000).toISOString();

/** "expandable_segments:True,max_split_size_mb:128" as settings; they stand in no line of a text. */
function assignmentsOf(conf: string): { key: string; value: string; line: number }[] {
  return conf
    .slice(0, 4000)
    .split(',')
    .flatMap((part) => {
      const at = part.indexOf(':');
      const [key, value] = [part.slice(0, at).trim(), part.slice(at + 1).trim()];
      return at <= 0 || value === '' ? [] : [{ key, value, line: 0 }];
    });
}

/** A moment of a recording at which nothing need have failed. */
export function sightedOfRecorded(recorded: Recorded): Sighted {
  const { source, device, rank, peak, end } = recorded;
  const facts = [
    ...peak.facts.filter(({ quantity }) => quantity === 'peak' || quantity === 'peak_reserved'),
    ...end.facts.filter(({ quantity }) => quantity !== 'peak' && quantity !== 'peak_reserved'),
  ];
  return {
    format: memorySnapshot.id,
    source,
    line: 0,
    last: 0,
    label: `GPU ${device}`,
    ...(rank !== undefined && { rank }),
    facts,
    recorded,
  };
}
