import { isShortage, mayTrain } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Less or other data augmentation',
    summary: 'Changes what the samples look like, not how large the tensors on the card are.',
    how: 'Change the size of the input instead: resolution, crop, length, batch.',
    cost: 'The model learns from other data.',
    nothing:
      'It frees nothing: augmentation runs in host memory, and the batch has the same shape with and without it.',
  },
  zh: {
    title: '减少或更换数据增强',
    summary: '改变的是样本的样子，不是显卡上张量的大小。',
    how: '改变输入的大小才有用：分辨率、裁剪、长度、batch。',
    cost: '模型学到的数据随之改变。',
    nothing: '它不释放任何显存：增强在主机内存中进行，有没有它 batch 的形状都一样。',
  },
  ru: {
    title: 'Меньше аугментаций или другие',
    summary: 'Меняет вид примеров, а не размер тензоров на карте.',
    how: 'Менять размер входа: разрешение, кроп, длину, батч.',
    cost: 'Модель учится на других данных.',
    nothing:
      'Ничего не освобождает: аугментации идут в памяти хоста, и форма батча с ними и без них одна и та же.',
  },
} as const;

export const dataAugmentation: Remedy = {
  id: 'data-augmentation',
  code: 'UN903',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  answers: [],
  domain: 'training',
  category: 'no-remedy',
  resolvable: 'no',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['PyTorch documentation: torch.utils.data'],
  roles: [],
  alters: 'nothing',
  often_tried: true,
  touches: { nothing: true },
  changes: [],

  commands: [],
  costs: [],
  cautions: [],
  concerns: (c) =>
    isShortage(c) && mayTrain(c) && !c.isEngine && c.shows('tried-augmentation') !== undefined,
};
