/** DirectML prints the tensor's own size, not a segment's. */
import type { Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

const REQUESTED = clause('tensor with {size:size}');

export const directml: Reader = {
  id: 'directml',
  code: 'UN409',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'torch-directml',
      summary:
        '"Could not allocate tensor with N bytes. There is not enough GPU video memory available!"',
    },
    zh: {
      title: 'DirectML 版 PyTorch（torch-directml）',
      summary:
        'torch-directml 的报错：“Could not allocate tensor with N bytes. There is not enough GPU video memory available!”。',
    },
    ru: {
      title: 'PyTorch на DirectML (torch-directml)',
      summary:
        'Сообщение torch-directml: «Could not allocate tensor with N bytes. There is not enough GPU video memory available!».',
    },
  },
  sources: ['microsoft/DirectML@main'],
  needles: ['enough gpu video memory', 'could not allocate tensor'],
  anchor: /Couldnotallocatetensorwith\d+bytes|notenoughGPUvideomemory/gi,
  read(message): Reading {
    message.size('requested', REQUESTED);
    return {
      kind: 'gpu_oom',
      framework: 'torch-directml',
      backend: 'directml',
      facts: message.facts,
      clues: [],
      end: message.end,
    };
  },
};
