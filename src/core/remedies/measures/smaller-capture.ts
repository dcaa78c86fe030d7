import { hadRoom } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Capture fewer CUDA graphs',
    summary: 'Each captured batch size keeps memory of its own; fewer sizes, or none, need less.',
    how: 'Name fewer and smaller capture sizes; turn graphs off only as the last step.',
    cost: 'Decoding of sizes without a graph is slower.',
    nothing: 'No graphs are captured in this phase.',
    'w-eager': 'decoding without any graph',
    'c-last':
      'Turning graphs off altogether can cost a multiple in throughput: lower sequences, capture sizes and batched tokens first.',
  },
  zh: {
    title: '少捕获一些 CUDA graph',
    summary: '每个捕获的 batch 大小都占用自己的显存；减少大小种类或不捕获，占用就更少。',
    how: '指定更少、更小的捕获大小；最后才考虑完全关闭。',
    cost: '没有图的大小解码变慢。',
    nothing: '这一阶段没有捕获图。',
    'w-eager': '完全不用图的解码',
    'c-last': '完全关闭 CUDA graph 可能使吞吐成倍下降：先减少序列数、捕获大小和批处理 token。',
  },
  ru: {
    title: 'Захватывать меньше CUDA-графов',
    summary:
      'Каждый захваченный размер батча держит свою память; меньше размеров или ни одного — меньше памяти.',
    how: 'Назвать меньше и меньшие размеры захвата; выключать графы — последним шагом.',
    cost: 'Декодирование размеров без графа медленнее.',
    nothing: 'На этом этапе графы не захватываются.',
    'w-eager': 'декодирование совсем без графов',
    'c-last':
      'Полное выключение графов может в разы снизить пропускную способность: сначала меньше последовательностей, размеров захвата и токенов в батче.',
  },
} as const;

export const smallerCapture: Remedy = {
  id: 'smaller-capture',
  code: 'UN386',
  since: '0.1.0',
  status: 'preview',
  family: 'outside-the-pool',
  answers: ['outside-the-pool', 'engine-reservation'],
  domain: 'inference',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'memory model 3.3: about 24 MiB for each captured size to 1 GiB in all; 6: enforce_eager -10 to -30 %',
  ],
  roles: ['inference'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['workspace', 'activations'] },
  changes: [{ setting: 'capture_sizes', to: '1,2,4,8' }],

  commands: [],
  costs: [
    {
      what: 'throughput',
      low: -30,
      high: -10,
      unit: '%',
      when: 'w-eager',
      source: 'assumed from vLLM practice; not measured here',
    },
  ],
  cautions: [{ says: 'c-last' }],
  concerns: (c) =>
    c.kind === 'gpu_oom' &&
    !hadRoom(c.amounts) &&
    (c.phase.value === 'capture' ||
      (c.isEngine && c.shows('graph-capture') !== undefined) ||
      (c.isEngine && c.facts.some(({ quantity }) => quantity === 'private_pool'))),
};
