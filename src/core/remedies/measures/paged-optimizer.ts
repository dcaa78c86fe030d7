import { hasSeveralDevices, isAboutStates, trainsShort } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'A paged 8-bit optimizer',
    summary:
      'The states are in 8 bit and in unified memory: when the card is full the driver moves them to the host, and back for the step.',
    how: 'Choose the paged variant of the 8-bit optimizer. It is the 8-bit optimizer with a way out for the spikes of long batches.',
    cost: 'Nothing while all fits. What is evicted crosses the link twice: it is slow where it happens in every step.',
    nothing: 'No optimizer states are held in this phase.',
    'when-pcie': 'for each gigabyte that is moved, PCIe 3.0 x16',
    'caution-small':
      'Only states of tensors with 100,000 elements or more are paged; weights, gradients and activations are not.',
    'caution-host': 'Host memory must take what is evicted.',
    'caution-windows':
      'On Windows and under WSL unified memory cannot be larger than what the card has: it does not spill there.',
    'caution-one': 'With several GPUs sharding the states is steadier than paging them.',
  },
  zh: {
    title: '分页的 8 位优化器',
    summary: '状态为 8 位，并放在统一内存里：显卡占满时，驱动把它们移到主机，更新时再移回。',
    how: '选用 8 位优化器的分页变体。它就是 8 位优化器，另外为长 batch 的峰值留了出路。',
    cost: '放得下时没有代价。被换出的部分要经过互连两次：每步都发生时就很慢。',
    nothing: '这一阶段没有优化器状态。',
    'when-pcie': '每移动 1 GB，PCIe 3.0 x16',
    'caution-small': '只有元素数不少于 100,000 的张量的状态会分页；权重、梯度和激活值不会。',
    'caution-host': '主机内存必须容得下被换出的部分。',
    'caution-windows': '在 Windows 和 WSL 上，统一内存不能超过显卡的容量：在那里不会溢出到主机。',
    'caution-one': '有多张显卡时，切分状态比分页更稳定。',
  },
  ru: {
    title: 'Страничный 8-битный оптимизатор',
    summary:
      'Состояния — в 8 битах и в единой памяти: когда карта полна, драйвер переносит их на хост, а для шага возвращает.',
    how: 'Выбрать страничный вариант 8-битного оптимизатора: это тот же 8-битный оптимизатор, но с запасным выходом для пиков на длинных батчах.',
    cost: 'Пока всё помещается — ничего. Вытесненное дважды проходит по шине: если это случается на каждом шаге, работа замедляется.',
    nothing: 'На этом этапе состояний оптимизатора нет.',
    'when-pcie': 'на каждый перенесённый гигабайт, PCIe 3.0 x16',
    'caution-small':
      'Постранично хранятся только состояния тензоров от 100 000 элементов; веса, градиенты и активации — нет.',
    'caution-host': 'Память хоста должна вместить вытесненное.',
    'caution-windows':
      'В Windows и WSL единая память не может быть больше памяти карты: там вытеснения не будет.',
    'caution-one': 'Когда GPU несколько, шардирование состояний надёжнее страничной памяти.',
  },
} as const;

export const pagedOptimizer: Remedy = {
  id: 'paged-optimizer',
  code: 'UN349',
  since: '0.1.0',
  status: 'preview',
  family: 'optimizer-states',
  answers: ['optimizer-states'],
  domain: 'training',
  category: 'offload',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://huggingface.co/docs/bitsandbytes/explanations/optimizers'],
  shares: [],
  texts: TEXTS,
  sources: [
    'bitsandbytes documentation: paged optimizers (125 ms for 1 GB over PCIe 3.0 x16)',
    'bitsandbytes: bitsandbytes/optim/optimizer.py (states of at least 1e5 elements are paged)',
    'CUDA C++ Programming Guide: unified memory on Windows and WSL',
  ],
  roles: ['researcher'],
  alters: 'rounding',
  often_tried: false,
  touches: { contents: ['optimizer'] },
  changes: [{ setting: 'optimizer', to: 'adamw-paged' }],
  commands: [],
  costs: [
    {
      what: 'time',
      low: 125,
      high: 125,
      unit: 'ms/GB',
      when: 'when-pcie',
      source: 'bitsandbytes documentation: paged optimizers',
    },
  ],
  cautions: [
    { says: 'caution-small' },
    { says: 'caution-host' },
    {
      says: 'caution-windows',
      applies: (c) => c.shows('windows') !== undefined || c.shows('wsl') !== undefined,
    },
    { says: 'caution-one', applies: hasSeveralDevices },
  ],
  // DeepSpeed and FSDP keep states in flat parts of their own.
  concerns: (c) =>
    trainsShort(c) &&
    isAboutStates(c) &&
    c.backend === 'cuda' &&
    c.shows('zero') === undefined &&
    c.shows('fsdp') === undefined,
};
