import { ASSUMED_COSTS } from '../assumed-costs.ts';
import { hasOneMemory, isLanguageModel, trainsShort } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Offload activations to the host',
    summary:
      'What autograd saves is copied to host memory in the forward pass and comes back in the backward pass.',
    how: 'Turn on activation checkpointing first, then the framework’s activation offload: what is left to move is one input for each block.',
    cost: 'Copies over the link, hidden where computing a block takes longer than moving its input. Without checkpointing much more has to be moved.',
    nothing: 'Nothing that autograd saves is alive in this phase.',
    'when-beside': 'Llama-3.2-3B on an A100, beside checkpointing: 23.1 → 21.8 GiB',
    'caution-host':
      'Host memory must hold it in page-locked pages, for every rank of the node together: count it against RAM and the container’s limit.',
    'caution-first':
      'Logits, the loss and the gradients stay on the GPU: where they set the peak it stays.',
  },
  zh: {
    title: '激活值卸载（offload）到主机',
    summary: '为反向传播保存的内容，在前向传播时拷贝到主机内存，反向传播时再取回。',
    how: '先启用激活重计算（checkpointing），再启用框架的激活值卸载：这样要搬动的只剩每个块的一个输入。',
    cost: '要经过互连拷贝；计算一个块的时间长于搬动其输入时，可以被掩盖。不配合激活重计算时，要搬动的多得多。',
    nothing: '这一阶段没有为反向传播保存的内容。',
    'when-beside': 'A100 上的 Llama-3.2-3B，配合激活重计算：23.1 → 21.8 GiB',
    'caution-host':
      '主机内存必须以锁页内存容纳它，并且是同一节点上所有 rank 之和：对照内存总量和容器的上限来计算。',
    'caution-first': 'logits、损失和梯度仍在显卡上：峰值由它们决定时，峰值不变。',
  },
  ru: {
    title: 'Выгрузка (offload) активаций на хост',
    summary:
      'Сохранённое для обратного прохода копируется в память хоста в прямом и возвращается в обратном.',
    how: 'Сначала включить чекпойнтинг активаций, затем выгрузку активаций во фреймворке: передавать останется по одному входу на блок.',
    cost: 'Копирование по шине; оно незаметно, если блок считается дольше, чем передаётся его вход. Без чекпойнтинга передавать нужно намного больше.',
    nothing: 'На этом этапе для обратного прохода ничего не сохранено.',
    'when-beside': 'Llama-3.2-3B на A100, вместе с чекпойнтингом: 23.1 → 21.8 GiB',
    'caution-host':
      'Память хоста должна вместить это в закреплённых страницах, для всех рангов узла сразу: сверить с ОЗУ и с лимитом контейнера.',
    'caution-first':
      'Логиты, функция потерь и градиенты остаются на GPU: если пик задают они, он не изменится.',
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
  docs: [
    'https://docs.pytorch.org/docs/stable/autograd.html#torch.autograd.graph.save_on_cpu',
    'https://docs.pytorch.org/torchtune/stable/tutorials/memory_optimizations.html',
  ],
  shares: [],
  texts: TEXTS,
  sources: [
    'torchtune README, Llama-3.2-3B on an A100: 23.1 → 21.8 GiB, 7309 → 7301 tokens/s',
    'PyTorch documentation: torch.autograd.graph.save_on_cpu',
  ],
  roles: ['researcher'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['activations'] },
  changes: [{ setting: 'activation_offload', to: true }],
  commands: [],
  costs: [
    ASSUMED_COSTS['offload-activations'],
    {
      what: 'throughput',
      low: -0.1,
      high: -0.1,
      unit: '%',
      when: 'when-beside',
      source: 'torchtune README',
    },
  ],
  cautions: [{ says: 'caution-host' }, { says: 'caution-first' }],
  // Blocks of one kind, or recomputation: elsewhere nothing bounds what would have to be moved.
  concerns: (c) =>
    trainsShort(c) &&
    !hasOneMemory(c) &&
    ['forward', 'backward'].includes(c.phase.value) &&
    (isLanguageModel(c) || c.shows('checkpointing') !== undefined),
};
