/** A recording whose requests need far less under other settings: what is between is held for nothing. */
import { GiB } from '../../base/bytes.ts';
import { say } from '../../base/texts.ts';
import type { FindingRule, Found } from '../finding.ts';
import type { Observed } from '../observed.ts';

const TEXTS = {
  en: {
    title: 'Much is reserved that the run does not need',
    summary:
      'The requests that a memory snapshot recorded, run again under other allocator settings, reserve far less at their peak.',
    headline:
      'PyTorch reserved {base} at most; with other allocator settings the same requests need {peak}.',
    replayed:
      'Run again with {settings}, the recorded requests reserve {saved} less ({percent} %).',
    modelled: 'By a model of the allocator {settings} saves {saved} ({percent} %).',
    todo: 'Set it before the process starts, if others or larger inputs need the room; nothing failed here.',
  },
  zh: {
    title: '保留的显存远多于运行所需',
    summary: '用其他分配器设置重放显存快照所记录的申请，峰值保留量要小得多。',
    headline: 'PyTorch 最多保留了 {base}；换用其他分配器设置，同样的申请只需 {peak}。',
    replayed: '用 {settings} 重放所记录的申请，少保留 {saved}（{percent} %）。',
    modelled: '按分配器模型推算，{settings} 可节省 {saved}（{percent} %）。',
    todo: '如果其他进程或更大的输入需要空间，在进程启动前设置；这里没有失败。',
  },
  ru: {
    title: 'Зарезервировано намного больше, чем нужно запуску',
    summary:
      'Запросы, записанные в снимке памяти, при других настройках аллокатора резервируют на пике намного меньше.',
    headline:
      'PyTorch резервировал до {base}; при других настройках аллокатора тем же запросам нужно {peak}.',
    replayed:
      'При повторе с {settings} записанные запросы резервируют на {saved} меньше ({percent} %).',
    modelled: 'По модели аллокатора {settings} экономит {saved} ({percent} %).',
    todo: 'Задать до запуска процесса, если место нужно другим или под большие входы; сбоя здесь не было.',
  },
} as const;

/** Below these nobody would change a setting for it. */
const MUCH = 0.25;
const LEAST = GiB;

export const idleReservation: FindingRule = {
  id: 'idle-reservation',
  code: 'UN711',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'PyTorch documentation: CUDA semantics, optimizing memory usage with PYTORCH_ALLOC_CONF',
    'pytorch@v2.6.0:c10/cuda/CUDACachingAllocator.cpp, replayed (src/core/allocator)',
  ],
  assess(observed: readonly Observed[]): Found[] {
    return observed.flatMap(({ sighted: { recorded } }, observation): Found[] => {
      const base = recorded?.replays.find(({ is_reference: isReference }) => isReference);
      const best = recorded?.replays.find(({ is_best: isBest }) => isBest);
      const { settings } = best ?? {};
      if (base === undefined || best === undefined || settings === undefined) return [];
      const saved = base.peak_reserved - best.peak_reserved;
      const percent = Math.round((100 * saved) / base.peak_reserved);
      if (saved < LEAST || saved < MUCH * base.peak_reserved) return [];
      return [
        {
          strength: best.basis === 'replayed' ? 'proven' : 'possible',
          headline: say(TEXTS, 'headline', {
            base: { size: base.peak_reserved },
            peak: { size: best.peak_reserved },
          }),
          because: [
            say(TEXTS, best.basis, { settings, saved: { size: saved }, percent }),
            ...best.why,
          ],
          todo: [say(TEXTS, 'todo'), ...best.dangers],
          commands: [`export ${settings}`],
          observation,
          weight: 4,
        },
      ];
    });
  },
};
