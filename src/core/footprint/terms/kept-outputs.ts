import { constant } from '../../base/factor.ts';
import { count } from '../inputs.ts';
import { outputCells } from '../static.ts';
import type { Term } from '../term.ts';

export const keptOutputs: Term = {
  id: 'kept-outputs',
  code: 'UN574',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Outputs kept in evaluation',
      summary:
        'A trainer that computes metrics keeps the logits of every sequence on the card until evaluation is over or moves them on.',
    },
    zh: {
      title: '评估时保留的输出',
      summary:
        '需要计算指标的训练器会把每个序列的 logits 留在显卡上，直到评估结束或转移到主机内存。',
    },
    ru: {
      title: 'Выходы, хранимые при оценке',
      summary:
        'Тренер, считающий метрики, держит логиты каждой последовательности на карте до конца оценки или до переноса на хост.',
    },
  },
  sources: ['transformers@4.57.1: trainer.py evaluation_loop (eval_accumulation_steps)'],
  category: 'outputs',
  pool: 'torch',
  basis: 'modelled',
  formula: 'kept_sequences × positions × vocabulary × width',
  inputs: ({ job }, size) => {
    const kept = job.evaluation?.kept ?? 1;
    const cells = outputCells(job);
    return {
      kept_sequences: count(kept),
      'positions × vocabulary': count(cells),
      width: count(size / kept / cells),
    };
  },
  at: ({ job, moment }) => {
    if (moment.point !== 'evaluate' || job.evaluation === undefined) return undefined;
    const width = job.convertsOutputs ? 4 : (job.autocast ?? job.width);
    const bytes = job.evaluation.kept * outputCells(job) * width;
    return bytes === 0 ? undefined : constant(bytes);
  },
};
