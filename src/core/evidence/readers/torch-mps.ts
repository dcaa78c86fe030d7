/** The MPS allocator of PyTorch: unified memory, so its limit is a watermark and not a card's size. */
import type { Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

const ALLOCATED = clause('MPS allocated : {size:size}');
const OTHER = clause('other allocations : {size:size}');
const ALLOWED = clause('max allowed : {size:size}');
const BUFFER = clause('Invalid buffer size: {size:size}');
const REQUESTED = clause('Tried to allocate {size:size}');

export const torchMps: Reader = {
  id: 'torch-mps',
  code: 'UN403',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'PyTorch on Apple silicon (MPS)',
      summary:
        'The message of the MPS allocator. Its GB and MB are 2^30 and 2^20: the watermark is 1.7 times the recommended working set.',
    },
    zh: {
      title: 'Apple 芯片上的 PyTorch（MPS）',
      summary: 'MPS 分配器的报错。其中 GB 和 MB 指 2^30 和 2^20：水位线是推荐工作集的 1.7 倍。',
    },
    ru: {
      title: 'PyTorch на Apple silicon (MPS)',
      summary:
        'Сообщение аллокатора MPS. Его GB и MB — это 2^30 и 2^20: порог (watermark) в 1,7 раза больше рекомендованного рабочего набора.',
    },
  },
  sources: ['pytorch@v2.6.0:aten/src/ATen/mps/MPSAllocator.mm'],
  needles: [
    'mps backend out',
    'mps allocated',
    'other allocations',
    'out of memory',
    'invalid buffer size',
  ],
  anchor: /MPSbackendoutofmemory|Invalidbuffersize:(?=[\d.]{1,12}[GTP]i?B)/gi,
  precedence: -1,
  read(message): Reading | undefined {
    if (/^Invalid/i.test(message.match[0])) {
      // The words are of other programs too; PyTorch's line has nothing else.
      const isWhole =
        /(?:^|\n|[Ee]rror: |[!:] |['"(])\s*$/.test(message.lead) &&
        /^ ?[\d.]{1,12} [GTP]i?B\W{0,3}(?:\n|$)/.test(message.following);
      if (!isWhole) return undefined;
      message.size('requested', BUFFER);
      return {
        kind: 'gpu_oom',
        framework: 'pytorch',
        backend: 'mps',
        wording: 'one-buffer',
        facts: message.facts,
        clues: ['per-buffer-limit'],
        end: message.end,
      };
    }
    message.size('requested', REQUESTED);
    message.size('allocated', ALLOCATED);
    message.size('other_allocations', OTHER);
    message.size('allowed', ALLOWED);
    return {
      kind: 'gpu_oom',
      framework: 'pytorch',
      backend: 'mps',
      facts: message.facts,
      clues: ['caching-allocator'],
      end: message.end,
    };
  },
};
