import { type Case, isShortage, printedValue } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Reduce outputs of evaluation, or move them to the host',
    summary:
      'Evaluation loops collect the outputs of all batches on the GPU until the last one. no_grad does not change that.',
    how: 'Best: reduce each batch’s logits to what the metric reads (preprocess_logits_for_metrics, argmax). Where only the loss is read, keep the loss only. Else move outputs to the host every few batches (eval_accumulation_steps).',
    cost: 'Reducing costs nothing. On the host full logits take samples × tokens × vocabulary × 4 bytes, and the copies take time.',
    nothing: 'No outputs of evaluation are held in this phase.',
    'caution-host': 'Full logits of a language model fill host memory as well: reduce them first.',
    'caution-ranks': 'Gathering gives every rank the outputs of all ranks.',
  },
  zh: {
    title: '缩减评估输出，或移到主机内存',
    summary:
      '评估循环会把所有 batch 的输出一直收集在 GPU 上，直到最后一个。no_grad 改变不了这一点。',
    how: '最好：把每个 batch 的 logits 缩减为指标所需的内容（preprocess_logits_for_metrics、argmax）。只看损失时只保留损失。否则每隔几个 batch 把输出移到主机（eval_accumulation_steps）。',
    cost: '缩减没有代价。移到主机的完整 logits 占用 样本数 × token 数 × 词表 × 4 字节，拷贝也需要时间。',
    nothing: '这一阶段没有保留评估的输出。',
    'caution-host': '语言模型的完整 logits 同样会占满主机内存：先缩减。',
    'caution-ranks': '汇总会让每个 rank 都拿到所有 rank 的输出。',
  },
  ru: {
    title: 'Сокращать выходы оценки или переносить их на хост',
    summary:
      'Цикл оценки копит выходы всех батчей на GPU до самого конца. no_grad этого не меняет.',
    how: 'Лучше всего сводить логиты каждого батча к тому, что читает метрика (preprocess_logits_for_metrics, argmax). Если нужна только функция потерь — хранить только её. Иначе каждые несколько батчей переносить выходы на хост (eval_accumulation_steps).',
    cost: 'Сокращение ничего не стоит. На хосте полные логиты занимают примеры × токены × словарь × 4 байта, и копирование требует времени.',
    nothing: 'На этом этапе выходы оценки не хранятся.',
    'caution-host': 'Полные логиты языковой модели заполнят и память хоста: сначала сократить их.',
    'caution-ranks': 'При сборе каждый ранг получает выходы всех рангов.',
  },
} as const;

/** Outputs pile up: it is seen, or gradients are off and it took many batches to fail. */
const collects = (c: Case): boolean =>
  c.shows('eval-outputs') !== undefined ||
  (c.phase.value === 'eval' && c.shows('no-grad') !== undefined && (c.step ?? 0) > 1);

/** It is moved every few batches, or never kept. */
function isHandled(c: Case): boolean {
  const steps = printedValue(c, 'eval_outputs_to_host');
  return (typeof steps === 'number' && steps > 0) || printedValue(c, 'eval_loss_only') === true;
}

export const moveEvalOutputsToHost: Remedy = {
  id: 'move-eval-outputs-to-host',
  code: 'UN331',
  since: '0.1.0',
  status: 'preview',
  family: 'leak',
  answers: ['leak', 'activations-too-large'],
  domain: 'any',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://huggingface.co/docs/transformers/main_classes/trainer'],
  shares: [],
  texts: TEXTS,
  sources: [
    'transformers@4.57.0:src/transformers/trainer.py (evaluation_loop: preprocess_logits_for_metrics, eval_accumulation_steps, prediction_loss_only)',
  ],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['outputs'] },
  changes: [{ setting: 'eval_outputs_to_host', to: true }],
  commands: ['preds.append(logits.argmax(-1).cpu())'],
  costs: [],
  cautions: [
    {
      says: 'caution-host',
      applies: (c) => c.shows('logits') !== undefined || c.frameworks.includes('transformers'),
    },
    { says: 'caution-ranks', applies: (c) => c.situation.environment.distributed },
  ],
  concerns: (c) =>
    isShortage(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    ['eval', 'generate', 'unknown'].includes(c.phase.value) &&
    collects(c) &&
    !isHandled(c),
};
