import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Move outputs of evaluation to the host',
    summary:
      'Outputs of evaluation go to host memory every few batches, or are reduced before they are kept.',
    how: 'Reduce logits to what the metric needs, move them to the host every few batches, or keep the loss only.',
    cost: 'Host memory for all that is kept: samples × tokens × vocabulary × 4 bytes for full logits.',
    nothing: 'No outputs of evaluation are held in this phase.',
    'c-host': 'Full logits of a language model fill host memory as well: reduce them first.',
  },
  zh: {
    title: '把评估输出移到主机',
    summary: '评估输出每隔几个 batch 移到主机内存，或先压缩再保留。',
    how: '先把 logits 压缩成指标所需的内容，每隔几个 batch 移到主机，或只保留 loss。',
    cost: '占用主机内存：完整 logits 为 样本数 × token 数 × 词表 × 4 字节。',
    nothing: '这一阶段没有保留评估输出。',
    'c-host': '语言模型的完整 logits 同样会占满主机内存：先压缩。',
  },
  ru: {
    title: 'Переносить выходы оценки на хост',
    summary:
      'Выходы оценки каждые несколько батчей уходят в память хоста или сокращаются до того, как их хранить.',
    how: 'Сократить логиты до нужного метрике, переносить их на хост каждые несколько батчей или хранить только функцию потерь.',
    cost: 'Память хоста на всё хранимое: примеры × токены × словарь × 4 байта для полных логитов.',
    nothing: 'На этом этапе выходов оценки не держат.',
    'c-host': 'Полные логиты языковой модели заполнят и память хоста: сначала сократить.',
  },
} as const;

export const moveEvalOutputsToHost: Remedy = {
  id: 'move-eval-outputs-to-host',
  code: 'UN331',
  since: '0.1.0',
  status: 'preview',
  family: 'leak',
  answers: ['leak'],
  domain: 'any',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'transformers: eval_accumulation_steps, preprocess_logits_for_metrics, prediction_loss_only',
    'memory model 7.18: samples × sequence × vocabulary × 4 bytes',
  ],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['outputs'] },
  changes: [{ setting: 'eval_outputs_to_host', to: true }],

  commands: [],
  costs: [],
  cautions: [{ says: 'c-host' }],
  concerns: (c) =>
    isShortage(c) &&
    c.mayBeTorch &&
    (c.phase.value === 'eval' || c.shows('eval-outputs') !== undefined),
};
