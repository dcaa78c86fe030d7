import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Turn the driver’s fallback to system memory off',
    summary:
      'Under Windows the driver moves memory beyond the card into RAM; without it the run fails at once instead of crawling.',
    how: 'In the NVIDIA control panel set the CUDA system memory fallback policy to "prefer no sysmem fallback".',
    cost: 'Runs that only just crawled now fail.',
    nothing: 'No more is held than the card has.',
    'c-none': 'It gains no memory; it shows early that there is too little.',
  },
  zh: {
    title: '关闭驱动的系统内存回退',
    summary: 'Windows 下驱动会把超出显存的部分移到内存；关闭后任务会立刻失败，而不是缓慢爬行。',
    how: '在 NVIDIA 控制面板中，把 CUDA 系统内存回退策略设为“首选无系统内存回退”。',
    cost: '原本勉强爬行的任务现在会失败。',
    nothing: '占用没有超过显存。',
    'c-none': '它不会增加显存，只是及早表明显存不够。',
  },
  ru: {
    title: 'Выключить откат драйвера в системную память',
    summary:
      'В Windows драйвер переносит память сверх карты в ОЗУ; без этого запуск падает сразу, а не ползёт.',
    how: 'В панели NVIDIA задать политику отката CUDA в системную память «предпочитать без отката».',
    cost: 'Запуски, что едва ползли, теперь падают.',
    nothing: 'Занято не больше, чем есть у карты.',
    'c-none': 'Памяти это не добавит, но рано покажет, что её мало.',
  },
} as const;

export const noSysmemFallback: Remedy = {
  id: 'no-sysmem-fallback',
  code: 'UN381',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: ['model-does-not-fit'],
  domain: 'any',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['NVIDIA driver 536.40 and later: CUDA system memory fallback policy'],
  roles: ['quick'],
  alters: 'nothing',
  often_tried: false,
  touches: { program: true },
  changes: [],

  commands: [],
  costs: [],
  cautions: [{ says: 'c-none' }],
  concerns: (c) =>
    c.kind === 'gpu_oom' &&
    c.backend === 'cuda' &&
    c.amounts.total !== undefined &&
    ((c.amounts.reserved ?? c.amounts.live)?.low ?? 0) > c.amounts.total.high,
};
