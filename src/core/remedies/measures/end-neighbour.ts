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
  zh: {
    title: '让其他进程让出这张卡',
    summary: '结束或移走同一张卡上的其他占用者，或换一张卡。',
    how: '结束任何进程之前先看清是谁：nvidia-smi（rocm-smi、xpu-smi）；fuser -v /dev/nvidia* 能看到列表中没有的占用者。或用 CUDA_VISIBLE_DEVICES 选空闲的卡。',
    cost: '那是别人的工作；在容器里，列出的进程可能就是本任务自己。',
    nothing: '没有列出其他进程，这张卡上也没有来历不明的占用。',
  },
  ru: {
    title: 'Освободить карту от других процессов',
    summary:
      'Завершить или перенести то, что ещё держит память на этой карте, либо взять другую карту.',
    how: 'Прежде чем что-то завершать, посмотреть, чьё оно: nvidia-smi (rocm-smi, xpu-smi); fuser -v /dev/nvidia* покажет и тех, кого нет в списках. Или выбрать свободную карту через CUDA_VISIBLE_DEVICES.',
    cost: 'Это чужая работа; в контейнере процесс из списка может быть самой этой задачей.',
    nothing: 'Других процессов не видно, и неучтённого на этой карте нет.',
  },
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
