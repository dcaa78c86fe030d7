import { constant } from '../../base/factor.ts';
import { isDiffusion } from '../diffusion/parts.ts';
import { heldParts } from '../diffusion/training.ts';
import type { Term } from '../term.ts';

export const pipelineParts: Term = {
  id: 'pipeline-parts',
  code: 'UN592',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Other parts of the pipeline',
      summary:
        'Text encoders and the autoencoder beside the network that takes noise away: all of them, or with offload the one at work.',
    },
    zh: {
      title: '流水线的其他部分',
      summary: '去噪网络之外的文本编码器和自编码器：全部驻留，或在卸载时只有正在工作的那个。',
    },
    ru: {
      title: 'Остальные части конвейера',
      summary:
        'Текстовые кодировщики и автокодировщик рядом с сетью, убирающей шум: все сразу, а при выгрузке — только работающая.',
    },
  },
  sources: [
    'diffusers@0.42.1: pipelines/pipeline_utils.py',
    'transformers@5.18: models/t5/modeling_t5.py (_keep_in_fp32_modules)',
  ],
  category: 'weights',
  pool: 'torch',
  basis: 'modelled',
  formula: 'sum(elements × width)',
  at: ({ engine, job }) => {
    if (engine !== undefined) return engine.get('pipeline-parts');
    const bytes = isDiffusion(job) && job.purpose === 'training' ? heldParts(job) : 0;
    return bytes === 0 ? undefined : constant(bytes);
  },
};
