import { isSharded, isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Save the parts, or gather into host memory',
    summary: 'No rank gathers the whole model on its card while a checkpoint is saved.',
    how: 'Save a sharded state dict, each rank its own part, and merge the parts offline. Where one file is needed: gather with CPU offload and on rank 0 only.',
    cost: 'A merge before the weights are used elsewhere; with CPU offload, host memory for the whole model on rank 0.',
    nothing: 'Nothing is gathered in this phase.',
    'caution-broken':
      'A checkpoint that was being written when this happened is likely to be incomplete: do not resume from it.',
    'caution-optimizer':
      'The optimizer’s states need the same option; gathered they are larger than the weights.',
  },
  zh: {
    title: '分片保存，或在主机内存中汇总',
    summary: '保存检查点时，没有任何 rank 在自己的显卡上汇总整个模型。',
    how: '保存分片的 state dict，每个 rank 写自己的一份，之后离线合并。必须要单个文件时：开启 CPU offload，并只在 rank 0 汇总。',
    cost: '权重用于他处之前要合并一次；使用 CPU offload 时，rank 0 需要容纳整个模型的主机内存。',
    nothing: '这一阶段没有汇总。',
    'caution-broken': '当时正在写入的检查点很可能不完整：不要从它恢复。',
    'caution-optimizer': '优化器状态也要用同样的选项；汇总后比权重还大。',
  },
  ru: {
    title: 'Сохранять частями или собирать в памяти хоста',
    summary: 'При сохранении чекпойнта ни один ранг не собирает всю модель на своей карте.',
    how: 'Сохранять шардированный state dict, каждый ранг — свою часть, и сливать части потом. Если нужен один файл: собирать с выгрузкой на CPU и только на ранге 0.',
    cost: 'Слияние перед использованием весов в другом месте; с выгрузкой на CPU — память хоста под всю модель на ранге 0.',
    nothing: 'На этом этапе ничего не собирается.',
    'caution-broken':
      'Чекпойнт, который писался в этот момент, скорее всего неполон: не продолжать с него.',
    'caution-optimizer':
      'Состояниям оптимизатора нужна та же настройка; собранные, они больше весов.',
  },
} as const;

export const saveShardedState: Remedy = {
  id: 'save-sharded-state',
  code: 'UN372',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: ['model-does-not-fit', 'optimizer-states'],
  domain: 'training',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: [
    'https://docs.pytorch.org/docs/stable/fsdp.html',
    'https://docs.pytorch.org/docs/stable/distributed.checkpoint.html',
  ],
  shares: [],
  texts: TEXTS,
  sources: ['PyTorch documentation: FSDP (StateDictType), torch.distributed.checkpoint'],
  roles: ['researcher', 'mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['copies'] },
  changes: [{ setting: 'sharded_save', to: true }],

  commands: [],
  costs: [],
  cautions: [{ says: 'caution-broken' }, { says: 'caution-optimizer' }],
  concerns: (c) =>
    isShortage(c) &&
    c.mayBeTorch &&
    (c.shows('full-state-gather') !== undefined || (c.phase.value === 'save' && isSharded(c))),
};
