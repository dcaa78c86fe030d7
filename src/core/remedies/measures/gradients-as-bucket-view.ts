import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Gradients as views of DDP’s buckets',
    summary: 'DDP keeps a second copy of all gradients in its buckets; as views they are one.',
    how: 'Set gradient_as_bucket_view=True where the model is wrapped.',
    cost: 'None; gradients must not be detached or replaced.',
    nothing: 'No gradients are held in this phase.',
  },
  zh: {
    title: '梯度作为 DDP 桶的视图',
    summary: 'DDP 的桶里还有一份全部梯度的拷贝；设为视图后只剩一份。',
    how: '包装模型时设置 gradient_as_bucket_view=True。',
    cost: '没有代价；但不能 detach 或替换梯度张量。',
    nothing: '这一阶段没有梯度。',
  },
  ru: {
    title: 'Градиенты как представления бакетов DDP',
    summary: 'DDP хранит в бакетах вторую копию всех градиентов; как представления это одна копия.',
    how: 'При оборачивании модели задать gradient_as_bucket_view=True.',
    cost: 'Ничего не стоит; градиенты нельзя отсоединять или подменять.',
    nothing: 'На этом этапе градиентов нет.',
  },
} as const;

export const gradientsAsBucketView: Remedy = {
  id: 'gradients-as-bucket-view',
  code: 'UN323',
  since: '0.1.0',
  status: 'preview',
  family: 'optimizer-states',
  answers: ['optimizer-states'],
  domain: 'training',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'memory model 1.3: DDP buckets add one copy of the gradients',
    'torch.nn.parallel.DistributedDataParallel: gradient_as_bucket_view',
  ],
  roles: ['researcher', 'mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { contents: ['gradients'] },
  changes: [{ setting: 'bucket_view', to: true }],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) && mayTrain(c) && c.mayBeTorch && !c.isEngine && c.shows('ddp') !== undefined,
};
