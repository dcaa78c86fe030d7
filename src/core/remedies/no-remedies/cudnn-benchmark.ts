import { isShortage } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'torch.backends.cudnn.benchmark = True',
    summary: 'Lets cuDNN try its convolution kernels and keep the fastest.',
    how: 'Leave it off while memory is short; set it for speed once the run fits and shapes are fixed.',
    cost: 'The trials and the fastest kernels may take large workspaces.',
    nothing: 'It frees nothing: the trials and the chosen kernels take more workspace, not less.',
  },
  zh: {
    title: 'torch.backends.cudnn.benchmark = True',
    summary: '让 cuDNN 试跑各种卷积 kernel，并保留最快的一个。',
    how: '显存紧张时保持关闭；能跑通且输入形状固定后，再为速度开启。',
    cost: '试跑过程和最快的 kernel 可能占用很大的工作区。',
    nothing: '它不释放任何显存：试跑和选中的 kernel 需要更多而不是更少的工作区。',
  },
  ru: {
    title: 'torch.backends.cudnn.benchmark = True',
    summary: 'cuDNN пробует разные ядра свёртки и оставляет самое быстрое.',
    how: 'Пока памяти не хватает — не включать; включить ради скорости, когда запуск помещается и формы постоянны.',
    cost: 'Пробы и самые быстрые ядра могут занимать большие рабочие области.',
    nothing:
      'Ничего не освобождает: пробы и выбранные ядра занимают больше рабочей области, а не меньше.',
  },
} as const;

export const cudnnBenchmark: Remedy = {
  id: 'cudnn-benchmark',
  code: 'UN901',
  since: '0.1.0',
  status: 'preview',
  family: 'outside-the-pool',
  answers: [],
  domain: 'any',
  category: 'no-remedy',
  resolvable: 'no',
  applies_to: [],
  docs: [
    'https://docs.pytorch.org/docs/stable/backends.html#torch.backends.cudnn.torch.backends.cudnn.benchmark',
  ],
  shares: [],
  texts: TEXTS,
  sources: [
    'PyTorch documentation: torch.backends.cudnn.benchmark',
    'pytorch/pytorch#49207: 8.7 GB of workspace',
  ],
  roles: [],
  alters: 'nothing',
  often_tried: true,
  touches: { nothing: true },
  changes: [],
  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) => isShortage(c) && c.mayBeTorch && c.shows('convolution') !== undefined,
};
