import { constant, type Factor, plus, scaled } from '../../base/factor.ts';
import { bytes, count, ratio } from '../inputs.ts';
import type { Job } from '../job.ts';
import { largestPacked, separateProjections } from '../static.ts';
import type { Term } from '../term.ts';

/** Whether the checkpoint has it is not known from the config. */
const STORED: Factor = {
  name: 'head_stored',
  low: 0,
  mid: 0,
  high: 1,
  unit: 'ratio',
  source: 'some checkpoints of models with a tied head store lm_head.weight',
};

/** Bytes of a head that the table replaces. */
function headBytes(job: Job): number {
  if (!job.model.tied || job.loadsHead !== true) return 0;
  const table = job.weights.find(({ role }) => role === 'embedding');
  const [rows = 0, columns = 0] = table?.shape ?? [];
  return rows * columns * job.wholeWidth;
}

export const loading: Term = {
  id: 'loading',
  code: 'UN563',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Copies while loading',
      summary:
        'What lies on the card only while the model is loaded: a layer before it is packed, projections beside their joined form, a stored head that the table replaces.',
    },
    zh: {
      title: '加载期间的副本',
      summary:
        '仅在加载模型时占用的显存：量化前的一层、与合并后的投影并存的各个投影、随后被词表替换的输出头。',
    },
    ru: {
      title: 'Копии при загрузке',
      summary:
        'То, что лежит на карте лишь во время загрузки: слой до упаковки, проекции рядом с их объединением, сохранённый выходной слой, который заменит таблица.',
    },
  },
  sources: [
    'bitsandbytes@0.41.1: nn/modules.py (Params4bit.cuda)',
    'autoawq@0.1.6: models/llama.py (LlamaFuser), utils/fused_utils.py',
    'transformers@4.46.0: modeling_utils.py (tie_weights after loading)',
  ],
  category: 'weights',
  pool: 'torch',
  basis: 'modelled',
  formula: 'largest_packed_layer × load_width + joined_projections + head × head_stored',
  formulaAt: ({ job }) =>
    `largest_packed_layer × load_width + joined_projections${headBytes(job) === 0 ? '' : ' + head × head_stored'}`,
  inputs: ({ job }) => ({
    largest_packed_layer: count(largestPacked(job)),
    load_width: ratio(job.packing?.loadWidth ?? 0),
    joined_projections: bytes(job.fusesProjections === true ? separateProjections(job) : 0),
    head: bytes(headBytes(job)),
  }),
  at: ({ job, moment }) => {
    if (moment.point !== 'load' || job.trains !== 'none') return undefined;
    const layer = (job.packing?.loadWidth ?? 0) * largestPacked(job);
    const joined = job.fusesProjections === true ? separateProjections(job) : 0;
    const head = headBytes(job);
    if (head === 0) return layer + joined === 0 ? undefined : constant(layer + joined);
    return plus(constant(layer + joined), scaled(head, STORED));
  },
};
