import { isShortage, likeItself, MANY_ALIKE } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Free the card from other processes',
    summary: 'End or move what else holds memory on the same card, or choose another card.',
    how: 'Look who it is before anything is ended: nvidia-smi (rocm-smi, xpu-smi) with pid, name and UUID while the job runs; fuser -v /dev/nvidia* shows holders that no list shows. Then ask the owner, or the administrator.',
    cost: 'Possibly somebody else’s work.',
    nothing: 'No other process is listed, and nothing on this card is unaccounted for.',
    'caution-self':
      'In a container the process numbers are the host’s: a listed process can be this job itself.',
    'caution-ranks':
      'Processes of about the size of this one may be ranks of this very job: give each rank its own card instead.',
    'caution-late': 'A list that was taken after the job had died shows nothing of that moment.',
    'caution-engine':
      'An engine beside a trainer is there on purpose: give it a smaller share instead.',
    'caution-children':
      'Ending only a parent can leave children that still hold the card and that no list shows.',
  },
  zh: {
    title: '让其他进程让出显卡',
    summary: '结束或移走占用同一张显卡的其他进程，或换一张显卡。',
    how: '结束之前先弄清是谁：任务运行期间用 nvidia-smi（rocm-smi、xpu-smi）查看进程号、名称和 UUID；fuser -v /dev/nvidia* 能看到列表中没有的占用者。然后询问其主人或管理员。',
    cost: '可能是别人的工作。',
    nothing: '没有列出其他进程，这张显卡上也没有来历不明的占用。',
    'caution-self': '容器中看到的是宿主机的进程号：列出的进程可能就是本任务自己。',
    'caution-ranks': '与本进程大小相近的进程可能是本任务的其他 rank：应让每个 rank 使用自己的卡。',
    'caution-late': '任务结束之后取得的列表不反映当时的情况。',
    'caution-engine': '与训练器并存的推理引擎是有意安排的：应当调小它的份额。',
    'caution-children': '只结束父进程，可能留下仍占用显卡、却不在任何列表中的子进程。',
  },
  ru: {
    title: 'Освободить карту от других процессов',
    summary: 'Завершить или перенести то, что ещё держит память этой карты, или выбрать другую.',
    how: 'Прежде чем завершать, посмотреть, кто это: nvidia-smi (rocm-smi, xpu-smi) с номером процесса, именем и UUID, пока задача идёт; fuser -v /dev/nvidia* показывает и тех, кого нет в списках. Затем спросить владельца или администратора.',
    cost: 'Возможно, чужая работа.',
    nothing: 'Других процессов в списке нет, и на карте нет ничего неучтённого.',
    'caution-self':
      'В контейнере номера процессов — хостовые: процесс из списка может быть самой этой задачей.',
    'caution-ranks':
      'Процессы того же размера могут быть рангами этой же задачи: тогда каждому рангу нужна своя карта.',
    'caution-late': 'Список, снятый после падения задачи, о том моменте не говорит ничего.',
    'caution-engine': 'Движок рядом с тренером работает намеренно: лучше уменьшить его долю.',
    'caution-children':
      'Завершение одного родителя может оставить потомков, которые держат карту и не видны в списках.',
  },
} as const;

export const endNeighbour: Remedy = {
  id: 'end-neighbour',
  code: 'UN307',
  since: '0.1.0',
  status: 'preview',
  family: 'neighbour',
  answers: ['neighbour'],
  domain: 'any',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://docs.nvidia.com/deploy/nvidia-smi/index.html'],
  shares: [],
  texts: TEXTS,
  sources: ['NVIDIA documentation: nvidia-smi', 'fuser(1)'],
  roles: ['quick', 'mlops'],
  alters: 'nothing',
  often_tried: true,
  touches: { processes: 'others' },
  changes: [],

  commands: [
    'nvidia-smi --query-compute-apps=gpu_uuid,pid,used_memory,process_name --format=csv',
    'fuser -v /dev/nvidia*',
  ],
  costs: [],
  cautions: [
    { says: 'caution-self', applies: (c) => !c.selfIsMarked },
    { says: 'caution-ranks', applies: (c) => likeItself(c) >= MANY_ALIKE },
    { says: 'caution-late' },
    { says: 'caution-engine', applies: (c) => c.shows('rollout-engine') !== undefined },
    { says: 'caution-children' },
  ],
  // A TPU's core belongs to one program, and a compiler's sum is of that program alone.
  concerns: (c) =>
    isShortage(c) && c.backend !== 'mps' && c.backend !== 'tpu' && c.amounts.total !== undefined,
};
