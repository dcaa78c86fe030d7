import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Offload activations to the host',
    summary: 'What autograd saves waits in host memory until the backward pass.',
    how: 'Use the framework’s activation offload, best together with checkpointing.',
    cost: 'Host memory for what is saved; hidden behind computation where the link is fast enough.',
    nothing: 'Nothing that autograd saves is alive in this phase.',
    'w-tune': 'Llama-3.2-3B on an A100, beside checkpointing: 23.1 → 21.8 GiB',
    'c-host': 'Host memory must hold it, times the ranks of the node.',
  },
  zh: {
    title: '把激活值卸载到主机',
    summary: 'autograd 保存的内容在主机内存里等到反向传播。',
    how: '使用框架的激活值卸载，最好与 checkpointing 同用。',
    cost: '占用主机内存；互连足够快时可与计算重叠。',
    nothing: '这一阶段没有 autograd 保存的内容。',
    'w-tune': 'A100 上的 Llama-3.2-3B，配合 checkpointing：23.1 → 21.8 GiB',
    'c-host': '主机内存必须容得下，且要乘以节点上的 rank 数。',
  },
  ru: {
    title: 'Выгружать активации на хост',
    summary: 'То, что сохраняет autograd, ждёт обратного прохода в памяти хоста.',
    how: 'Включить выгрузку активаций фреймворка, лучше вместе с чекпойнтингом.',
    cost: 'Память хоста под сохранённое; прячется за вычислениями, если связь быстрая.',
    nothing: 'На этом этапе autograd ничего не хранит.',
    'w-tune': 'Llama-3.2-3B на A100 вместе с чекпойнтингом: 23.1 → 21.8 GiB',
    'c-host': 'Это должно поместиться в память хоста, помноженное на число рангов узла.',
  },
} as const;

export const offloadActivations: Remedy = {
  id: 'offload-activations',
  code: 'UN346',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: ['activations-too-large'],
  domain: 'training',
  category: 'offload',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['torchtune README: -1.3 GiB, -0.1 % tokens/s', 'memory model 6'],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['activations'] },
  changes: [{ setting: 'activation_offload', to: true }],

  commands: [],
  costs: [
    {
      what: 'throughput',
      low: -0.1,
      high: -0.1,
      unit: '%',
      when: 'w-tune',
      source: 'torchtune README',
    },
  ],
  cautions: [{ says: 'c-host' }],
  concerns: (c) =>
    isShortage(c) &&
    mayTrain(c) &&
    c.mayBeTorch &&
    !c.isEngine &&
    ['forward', 'backward'].includes(c.phase.value),
};
