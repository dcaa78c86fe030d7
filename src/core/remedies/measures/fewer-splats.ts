import { isShortage } from '../../diagnosis/case.ts';
import { isSplatting } from '../bearing.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Fewer splats',
    summary:
      'Training adds Gaussians where the picture is poor. A higher threshold, an earlier end or smaller photographs keep the scene smaller.',
    how: 'Raise the gradient from which a splat is divided (from 0.0002 to 0.0004, say), end the densification earlier, or train at half the resolution. Keep the photographs on the host: --data_device cpu.',
    cost: 'Fine detail; the number of splats decides it.',
    nothing: 'No splats are trained here.',
    'caution-host':
      'Photographs on the host do not make the scene smaller; they give back their own share only.',
    'caution-names':
      'These are the names of the reference implementation; gsplat and nerfstudio call them otherwise.',
  },
  zh: {
    title: '减少高斯点',
    summary:
      '训练会在画面不够好的地方增加高斯点。提高阈值、提前停止加密或缩小照片，都能让场景小一些。',
    how: '提高触发分裂的梯度阈值（例如从 0.0002 到 0.0004），提前结束加密，或以一半分辨率训练。把照片留在主机上：--data_device cpu。',
    cost: '细节减少；它由高斯点的数量决定。',
    nothing: '这里不训练高斯点。',
    'caution-host': '把照片放在主机上不会让场景变小，只让出照片自己的那部分。',
    'caution-names': '这些是参考实现的参数名；gsplat 和 nerfstudio 的名称不同。',
  },
  ru: {
    title: 'Меньше сплатов',
    summary:
      'Обучение добавляет гауссианы там, где картинка плоха. Порог повыше, более ранний конец или снимки поменьше удерживают размер сцены.',
    how: 'Поднять градиент, с которого сплат делится (например, с 0.0002 до 0.0004), раньше закончить уплотнение или обучать при половинном разрешении. Снимки держать на хосте: --data_device cpu.',
    cost: 'Мелкие детали: их решает число сплатов.',
    nothing: 'Сплаты здесь не обучаются.',
    'caution-host': 'Снимки на хосте не уменьшают сцену: освобождается только их собственная доля.',
    'caution-names': 'Это имена эталонной реализации; в gsplat и nerfstudio они другие.',
  },
} as const;

export const fewerSplats: Remedy = {
  id: 'fewer-splats',
  code: 'UN398',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  answers: ['model-does-not-fit', 'activations-too-large', 'optimizer-states'],
  domain: 'training',
  category: 'experiment',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://github.com/graphdeco-inria/gaussian-splatting#faq'],
  shares: [],
  texts: TEXTS,
  sources: [
    'graphdeco-inria/gaussian-splatting@main: arguments/__init__.py: densify_grad_threshold 0.0002, densify_until_iter 15000',
  ],
  roles: ['researcher'],
  alters: 'experiment',
  often_tried: false,
  touches: { contents: ['weights', 'gradients', 'optimizer', 'activations'] },
  changes: [],
  commands: [
    'python train.py -s SCENE --densify_grad_threshold 0.0004 --densify_until_iter 10000 -r 2',
  ],
  costs: [],
  cautions: [{ says: 'caution-host' }, { says: 'caution-names' }],
  concerns: (c) => isShortage(c) && isSplatting(c),
};
