import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Free the card from other processes',
    summary: 'End or move what else holds memory on the same card, or choose another card.',
    how: 'Look who it is before anything is ended: nvidia-smi (rocm-smi, xpu-smi); fuser -v /dev/nvidia* shows holders that no list shows. Or choose a free card with CUDA_VISIBLE_DEVICES.',
    cost: 'Somebody else’s work; in a container the listed process can be this job itself.',
    nothing: 'No other process is listed, and nothing on this card is unaccounted for.',
  },
  zh: {},
  ru: {},
} as const;

export const endNeighbour: Remedy = {
  id: 'end-neighbour',
  code: 'UN307',
  since: '0.1.0',
  status: 'preview',
  family: 'neighbour',
  domain: 'any',
  answers: ['neighbour'],
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['nvidia-smi; fuser(1)'],
  roles: ['quick', 'mlops'],
  alters: 'nothing',
  often_tried: true,
  touches: { processes: 'others' },
  changes: [],
  commands: ['nvidia-smi --query-compute-apps=gpu_uuid,pid,used_memory,process_name --format=csv'],
  costs: [],
  cautions: [],
  concerns: (c) => isShortage(c) && c.backend !== 'mps' && c.amounts.total !== undefined,
};
