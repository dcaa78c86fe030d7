import { GiB, MiB } from '../../base/bytes.ts';
import { type Statement, say } from '../../base/texts.ts';
import { type Case, hasNeighbours, isAbsurd, isShortage, isTorch } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'A smaller pool at start (TensorFlow, JAX)',
    summary:
      'Keeps the framework from taking the card at start, so that libraries and other processes find room.',
    how: 'JAX takes 75 % of the card by default: set XLA_CLIENT_MEM_FRACTION lower (older versions: XLA_PYTHON_CLIENT_MEM_FRACTION), or switch preallocation off. TensorFlow takes nearly all of it: switch memory growth on, or give the logical device a limit. All of it before the import, or before the first use of a GPU.',
    cost: 'A smaller pool; without preallocation the pool fragments sooner.',
    nothing: 'No pool was taken at start.',
    'too-big-jax':
      'The program itself is too big for the pool: raise the fraction (XLA_CLIENT_MEM_FRACTION) first. Without preallocation it needs as much and fragments sooner.',
    'too-big-tensorflow':
      'Memory growth does not lower the peak: the program needs as much. It only lets others live beside it.',
    'caution-import':
      'Set after the import, or after the first operation on the card, it does nothing.',
    'caution-two': 'Of two frameworks in one process each needs its limit.',
  },
  zh: {
    title: '启动时少占显存（TensorFlow、JAX）',
    summary: '不让框架在启动时占满显卡，给各种库和其他进程留出空间。',
    how: 'JAX 默认占用 75 % 的显存：调低 XLA_CLIENT_MEM_FRACTION（旧版本为 XLA_PYTHON_CLIENT_MEM_FRACTION），或关闭预分配。TensorFlow 几乎占满：开启 memory growth，或给逻辑设备设上限。这些都要在 import 之前或首次使用 GPU 之前设置。',
    cost: '内存池变小；不预分配时更容易碎片化。',
    nothing: '启动时没有预占内存池。',
    'too-big-jax':
      '程序本身超出了内存池：应先调高占比（XLA_CLIENT_MEM_FRACTION）。关闭预分配后需要的显存不变，反而更易碎片化。',
    'too-big-tensorflow': 'memory growth 不降低峰值：程序需要的显存不变，只是让其他进程可以共存。',
    'caution-import': '在 import 之后或首次使用显卡之后设置不起作用。',
    'caution-two': '同一进程里有两个框架时，两者都要设上限。',
  },
  ru: {
    title: 'Меньший пул при запуске (TensorFlow, JAX)',
    summary:
      'Фреймворк не забирает карту при запуске, и библиотекам с соседними процессами остаётся место.',
    how: 'JAX по умолчанию берёт 75 % карты: уменьшить XLA_CLIENT_MEM_FRACTION (в старых версиях XLA_PYTHON_CLIENT_MEM_FRACTION) или выключить предвыделение. TensorFlow берёт почти всё: включить memory growth или задать предел логическому устройству. Всё это — до импорта или до первого обращения к GPU.',
    cost: 'Пул меньше; без предвыделения он раньше фрагментируется.',
    nothing: 'Пул при запуске не занимался.',
    'too-big-jax':
      'Сама программа больше пула: сначала увеличить долю (XLA_CLIENT_MEM_FRACTION). Без предвыделения ей нужно столько же, а фрагментация наступит раньше.',
    'too-big-tensorflow':
      'Memory growth не снижает пик: программе нужно столько же. Он лишь позволяет другим жить рядом.',
    'caution-import': 'Заданное после импорта или после первой операции на карте ничего не меняет.',
    'caution-two': 'Если в одном процессе два фреймворка, предел нужен каждому.',
  },
} as const;

/** Which of the frameworks that take a pool at start it was that failed. */
function ofPool(c: Case): 'tensorflow' | 'jax' | undefined {
  if (c.format === 'xla' || c.frameworks[0] === 'jax') return 'jax';
  return c.format === 'tensorflow' || c.frameworks[0] === 'tensorflow' ? 'tensorflow' : undefined;
}

/** So little is there in any pool: it is the pool that could not be taken. */
const LITTLE = 64 * MiB;
/** A request that a whole program makes at once. */
const MUCH = 4 * GiB;

/** A library, a neighbour or the pool itself found no room. */
function isBesidePool(c: Case): boolean {
  const { requested } = c.amounts;
  const isLittle = requested !== undefined && requested.high <= LITTLE;
  return (
    ofPool(c) !== undefined &&
    (c.has('library-workspace') || c.has('taken-at-start') || hasNeighbours(c) || isLittle)
  );
}

/** The pool is there, and the program asks for more than it has. */
function isTooBig(c: Case): boolean {
  const pool = ofPool(c);
  const { requested } = c.amounts;
  return pool === 'jax' ? (requested?.low ?? 0) >= MUCH : pool === 'tensorflow';
}

/** PyTorch failed beside a framework that takes its pool from the same card in the same process. */
const sharesProcess = (c: Case): boolean =>
  isShortage(c) &&
  isTorch(c) &&
  c.shows('other-framework') !== undefined &&
  ['tensorflow', 'jax'].some((name) => c.frameworks.includes(name));

export const limitPreallocation: Remedy = {
  id: 'limit-preallocation',
  code: 'UN366',
  since: '0.1.0',
  status: 'preview',
  family: 'outside-the-pool',
  answers: ['outside-the-pool', 'neighbour'],
  domain: 'any',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [
    'https://docs.jax.dev/en/latest/gpu_memory_allocation.html',
    'https://www.tensorflow.org/guide/gpu#limiting_gpu_memory_growth',
  ],
  shares: [],
  texts: TEXTS,
  sources: [
    'JAX documentation: GPU memory allocation',
    'TensorFlow guide: limiting GPU memory growth',
  ],
  roles: ['quick', 'mlops'],
  alters: 'nothing',
  often_tried: true,
  touches: { program: true },
  changes: [{ setting: 'preallocation', to: false }],

  commands: [],
  costs: [],
  cautions: [
    { says: 'caution-import' },
    {
      says: 'caution-two',
      applies: (c) => c.shows('other-framework') !== undefined && c.mayBeTorch,
    },
  ],
  concerns: (c) =>
    c.kind === 'gpu_oom' &&
    !isAbsurd(c) &&
    ['cuda', 'hip'].includes(c.backend) &&
    !c.has('only-a-warning') &&
    (isBesidePool(c) || isTooBig(c) || sharesProcess(c)),
  barred(c): Statement | undefined {
    if (isBesidePool(c) || sharesProcess(c)) return undefined;
    return say(TEXTS, ofPool(c) === 'jax' ? 'too-big-jax' : 'too-big-tensorflow');
  },
};
