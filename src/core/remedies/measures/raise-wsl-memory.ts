import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'More memory for WSL',
    summary: 'WSL2 is a virtual machine: by default it may use half of the PC’s memory.',
    how: 'Write memory= and swap= into .wslconfig in the Windows user folder; leave Windows a few GB. It takes effect when WSL starts anew, which ends what runs in it: save first.',
    cost: 'Windows has that much less.',
    nothing: 'It raises host memory; the card is what is short.',
    'caution-inside': 'ulimit and privileged containers inside WSL do not change it.',
  },
  zh: {
    title: '给 WSL 更多内存',
    summary: 'WSL2 是虚拟机：默认最多使用一半的主机内存。',
    how: '在 Windows 用户目录的 .wslconfig 中写入 memory= 和 swap=，给 Windows 留几 GB。WSL 重新启动后生效，其中运行的程序会结束：先保存。',
    cost: 'Windows 可用的内存相应减少。',
    nothing: '它增加的是主机内存，而不足的是显存。',
    'caution-inside': '在 WSL 内设置 ulimit 或使用特权容器都不改变它。',
  },
  ru: {
    title: 'Больше памяти для WSL',
    summary: 'WSL2 — виртуальная машина: по умолчанию ей доступна половина памяти компьютера.',
    how: 'Записать memory= и swap= в .wslconfig в папке пользователя Windows, оставив Windows несколько ГБ. Действует после нового запуска WSL, при котором всё в нём завершится: сначала сохранить.',
    cost: 'У Windows останется на столько же меньше.',
    nothing: 'Добавляется память хоста, а не хватает памяти GPU.',
    'caution-inside': 'ulimit и привилегированные контейнеры внутри WSL этого не меняют.',
  },
} as const;

export const raiseWslMemory: Remedy = {
  id: 'raise-wsl-memory',
  code: 'UN376',
  since: '0.1.0',
  status: 'preview',
  family: 'host-memory',
  answers: ['host-memory'],
  domain: 'any',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://learn.microsoft.com/en-us/windows/wsl/wsl-config'],
  shares: [],
  texts: TEXTS,
  sources: ['Microsoft documentation: advanced settings configuration in WSL (.wslconfig)'],
  roles: ['quick'],
  alters: 'nothing',
  often_tried: false,
  touches: { host: true },
  changes: [],

  commands: ['# %UserProfile%\\.wslconfig: [wsl2] memory=48GB swap=16GB'],
  costs: [],
  cautions: [{ says: 'caution-inside' }],
  concerns: (c) =>
    c.kind === 'host_oom' &&
    c.shows('wsl') !== undefined &&
    !c.has('shared-memory-segment') &&
    !c.has('paging-file'),
};
