import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'More memory for WSL',
    summary: 'WSL gets half of the machine’s RAM unless .wslconfig says otherwise.',
    how: 'Write memory= and swap= under [wsl2] in %UserProfile%\\.wslconfig, then wsl --shutdown.',
    cost: 'Less for Windows.',
    nothing: 'It did not run under WSL.',
  },
  zh: {
    title: '给 WSL 更多内存',
    summary: '除非 .wslconfig 另有设置，WSL 只得到机器内存的一半。',
    how: '在 %UserProfile%\\.wslconfig 的 [wsl2] 下写 memory= 和 swap=，然后 wsl --shutdown。',
    cost: 'Windows 可用内存减少。',
    nothing: '并非在 WSL 下运行。',
  },
  ru: {
    title: 'Больше памяти для WSL',
    summary: 'WSL получает половину ОЗУ машины, если .wslconfig не говорит иного.',
    how: 'Записать memory= и swap= в разделе [wsl2] файла %UserProfile%\\.wslconfig, затем wsl --shutdown.',
    cost: 'Меньше достанется Windows.',
    nothing: 'Это выполнялось не в WSL.',
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
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['Microsoft: advanced settings configuration in WSL', 'OpenMOSS/MOSS#328'],
  roles: ['quick'],
  alters: 'nothing',
  often_tried: false,
  touches: { host: true },
  changes: [],

  commands: ['[wsl2]', 'memory=48GB', 'swap=32GB'],
  costs: [],
  cautions: [],
  concerns: (c) =>
    (c.kind === 'host_oom' ||
      (c.kind === 'gpu_oom' && !c.has('caching-allocator') && c.amounts.total === undefined)) &&
    c.shows('wsl') !== undefined,
};
