/** DirectML prints the tensor's own size, not a segment's. */
import { isAdvice } from '../advice.ts';
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
        '"Could not allocate tensor with N bytes. There is not enough GPU video memory available!", and the device that was suspended under it.',
    },
    zh: {
      title: 'DirectML 版 PyTorch（torch-directml）',
      summary:
        'torch-directml 的报错：“Could not allocate tensor with N bytes. There is not enough GPU video memory available!”，以及运行中设备被挂起的报错。',
    },
    ru: {
      title: 'PyTorch на DirectML (torch-directml)',
      summary:
        'Сообщение torch-directml: «Could not allocate tensor with N bytes. There is not enough GPU video memory available!», а также об устройстве, приостановленном во время работы.',
    },
  },
  sources: ['microsoft/DirectML@main'],
  needles: [
    'enough gpu video memory',
    'could not allocate tensor',
    'device instance has been suspended',
  ],
  anchor:
    /Couldnotallocatetensorwith\d+bytes|notenoughGPUvideomemory|GPUdeviceinstancehasbeensuspended/gi,
  read(message): Reading | undefined {
    if (/suspended/i.test(message.match[0])) {
      if (isAdvice(message) || /["'?]|\bfixed\b/i.test(message.line.text)) return undefined;
      // With its code it is read as Windows’ own.
      if (/887A00/i.test(message.preceding(200))) return undefined;
      return {
        kind: 'look_alike',
        framework: 'torch-directml',
        backend: 'directml',
        wording: 'suspended',
        facts: [],
        clues: ['device-removed'],
        end: message.end,
      };
    }
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
