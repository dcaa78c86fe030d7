import { type Case, isShortage, printedValue } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Let a tool find the batch',
    summary:
      'A finder tries batch sizes until one passes. It is a help, not a proof: it knows only the batches that it tried.',
    how: 'Let it try the longest samples, two optimizer steps for each size, evaluation included. Then start afresh with a size somewhat below the one found, and accumulate up to the global batch.',
    cost: 'Some minutes of trials before the run.',
    nothing: 'No batch is on the card in this phase.',
    'caution-probe':
      'A size that passes on one short batch can fail on the longest one, in the second step, when optimizer states exist, or in evaluation.',
    'caution-after':
      'After a shortage a process is not as it was: what the failed trial left makes the next ones fail earlier. Start afresh with the size found.',
    'caution-ranks':
      'All ranks must take the same size. A finder that catches the failure on one rank leaves the others waiting in a collective.',
    'caution-kinds':
      'Not every shortage is recognised as one: errors of cuBLAS, cuDNN or NCCL can end the search.',
  },
  zh: {
    title: '用工具寻找 batch 大小',
    summary:
      '搜索工具逐个尝试 batch 大小，直到有一个通过。它有帮助但不是证明：它只知道试过的 batch。',
    how: '让它用最长的样本试，每个大小跑两次优化器更新，并包含评估。然后用比结果略小的值重新启动，并用梯度累积补足全局 batch。',
    cost: '正式运行前需要几分钟试跑。',
    nothing: '这一阶段卡上没有 batch。',
    'caution-probe':
      '在一个短 batch 上通过的大小，可能在最长的 batch 上、在优化器状态已存在的第二步，或在评估时失败。',
    'caution-after':
      '显存不足之后，进程已不是原来的状态：失败的尝试留下的内容会让后面的尝试更早失败。用找到的大小重新启动。',
    'caution-ranks':
      '所有 rank 必须采用同一大小。若工具只在一个 rank 上捕获失败，其他 rank 会一直等在集合通信中。',
    'caution-kinds': '并非每种显存不足都能被识别：cuBLAS、cuDNN 或 NCCL 的错误可能直接中断搜索。',
  },
  ru: {
    title: 'Подобрать батч инструментом',
    summary:
      'Подборщик пробует размеры батча, пока один не пройдёт. Это помощь, а не доказательство: он знает лишь те батчи, которые попробовал.',
    how: 'Пробовать на самых длинных примерах, по два шага оптимизатора на размер, вместе с оценкой. Затем запустить заново с размером чуть меньше найденного и накоплением добрать глобальный батч.',
    cost: 'Несколько минут проб до запуска.',
    nothing: 'На этом этапе батча на карте нет.',
    'caution-probe':
      'Размер, прошедший на коротком батче, может упасть на самом длинном, на втором шаге, когда есть состояния оптимизатора, или при оценке.',
    'caution-after':
      'После нехватки памяти процесс уже не тот: из-за остатков неудачной пробы следующие падают раньше. С найденным размером запустить заново.',
    'caution-ranks':
      'Размер должен быть один у всех рангов. Если подборщик поймал сбой на одном ранге, остальные ждут в коллективной операции.',
    'caution-kinds':
      'Не всякая нехватка распознаётся: ошибка cuBLAS, cuDNN или NCCL может оборвать подбор.',
  },
} as const;

/** Steps after which the batch has long been found, and something else differs. */
const LATE = 20;

/** A finder can go below what is set; with one sample, or after it gave up, it cannot. */
const canShrink = (c: Case): boolean =>
  printedValue(c, 'micro_batch') !== 1 && !c.has('reached-zero') && (c.step ?? 0) < LATE;

export const findLargestBatch: Remedy = {
  id: 'find-largest-batch',
  code: 'UN335',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large'],
  domain: 'training',
  category: 'micro-batch',
  resolvable: 'yes',
  applies_to: [],
  docs: [
    'https://huggingface.co/docs/accelerate/usage_guides/memory',
    'https://lightning.ai/docs/pytorch/stable/advanced/training_tricks.html',
  ],
  shares: [],
  texts: TEXTS,
  sources: [
    'accelerate@1.15.0:src/accelerate/utils/memory.py (find_executable_batch_size: times 0.9; cleans up inside the except block; five messages are recognised)',
    'transformers@4.57.0:src/transformers/trainer.py (auto_find_batch_size not with ZeRO-3)',
    'Lightning documentation: Tuner.scale_batch_size',
    'Lightning-AI/pytorch-lightning#21163: a margin of 5 %',
  ],
  roles: ['researcher'],
  alters: 'mathematics',
  often_tried: false,
  touches: { contents: ['activations', 'inputs', 'outputs'] },
  changes: [{ setting: 'batch_finder', to: true }],
  commands: [],
  costs: [],
  cautions: [
    { says: 'caution-probe' },
    { says: 'caution-after' },
    { says: 'caution-ranks', applies: (c) => c.situation.environment.distributed },
    { says: 'caution-kinds' },
  ],
  concerns: (c) =>
    isShortage(c) &&
    c.situation.workload?.purpose === 'training' &&
    c.mayBeTorch &&
    ['forward', 'backward'].includes(c.phase.value) &&
    // A model that is sharded over ranks cannot be retried on one of them.
    c.shows('zero-3') === undefined &&
    canShrink(c),
};
