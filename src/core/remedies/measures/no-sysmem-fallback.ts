import { type Case, isAbsurd } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Fail early instead of using system memory (Windows)',
    summary:
      'The Windows driver spills into RAM when the card is full: the run crawls, and fails later.',
    how: 'NVIDIA Control Panel, Manage 3D settings, CUDA – Sysmem Fallback Policy: prefer no sysmem fallback, for the Python program. Then bring down what the run needs.',
    cost: 'No memory is gained; the run fails where it crawled before.',
    nothing: 'Not more is held than the card has.',
    'caution-driver': 'The policy came with driver 536.40 and is not honoured in WSL2.',
  },
  zh: {
    title: '尽早报错，不借用系统内存（Windows）',
    summary: '显卡占满后 Windows 驱动会借用内存：运行极慢，之后才失败。',
    how: 'NVIDIA 控制面板 → 管理 3D 设置 → CUDA - 系统内存回退策略：对该 Python 程序选择不优先回退。随后再降低运行所需的显存。',
    cost: '不会多出显存；原先极慢的运行会直接失败。',
    nothing: '占用没有超过显卡的显存。',
    'caution-driver': '该策略自驱动 536.40 起提供，在 WSL2 中不生效。',
  },
  ru: {
    title: 'Ранний отказ вместо системной памяти (Windows)',
    summary: 'Когда карта заполнена, драйвер Windows берёт ОЗУ: запуск еле идёт и падает позже.',
    how: 'Панель управления NVIDIA, «Управление параметрами 3D», CUDA — Sysmem Fallback Policy: без отката в системную память, для программы Python. Затем уменьшить потребность запуска.',
    cost: 'Памяти не прибавится; там, где запуск еле шёл, он откажет.',
    nothing: 'Занято не больше, чем есть на карте.',
    'caution-driver': 'Политика появилась в драйвере 536.40 и в WSL2 не действует.',
  },
} as const;

/** More is held than the card has: the driver has lent host memory. */
function spills({ amounts: { live, reserved, total } }: Case): boolean {
  const held = reserved ?? live;
  return held !== undefined && total !== undefined && held.low > total.high;
}

export const noSysmemFallback: Remedy = {
  id: 'no-sysmem-fallback',
  code: 'UN381',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: ['model-does-not-fit', 'activations-too-large'],
  domain: 'any',
  category: 'surroundings',
  resolvable: 'partly',
  applies_to: [],
  docs: ['https://nvidia.custhelp.com/app/answers/detail/a_id/5490'],
  shares: [],
  texts: TEXTS,
  sources: ['NVIDIA support article 5490: system memory fallback'],
  roles: ['quick'],
  alters: 'nothing',
  often_tried: false,
  touches: { machine: true },
  changes: [],

  commands: [],
  costs: [],
  cautions: [{ says: 'caution-driver' }],
  concerns: (c) => c.kind === 'gpu_oom' && c.backend === 'cuda' && !isAbsurd(c) && spills(c),
};
