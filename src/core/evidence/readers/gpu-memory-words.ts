/**
 * Plain sentences about a GPU that is full, from programs of all kinds. Read only where no other
 * reader has claimed the text, and never where the sentence is advice.
 */
import { isAdvice } from '../advice.ts';
import type { Clue, Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

const REQUESTED = clause('allocate {size:size}');
const NEED = clause('Need: {size:size}');
const HAVE = clause('Have:{size:size}');
const RESERVED = clause('Cannot reserve {size:size}');
const FREE = clause('only {size:size} free');
const OF = clause('allocation of {size:size}');
/** "if you don't have enough VRAM", "requires", "may", settings and their explanations. */
const HEDGED =
  /\b(?:if|when|may|might|can|could|would|should|unless|because|requires?|avoids?|prevents?|in case|whether|try|due to)\b[^.:!\n]{0,80}$|^\W{0,8}(?:tip|note|faq|hint)\b/i;
const SOURCE =
  /(?:\bthrow\b|\braise\b|\bprintf?\b|\bcatch\b|"[^"\n]{0,80}"\s+in\s+str|\/\/|#\s|\w\(\s{0,4}["'])[^\n]{0,80}$/;

/** What there was not enough for, right behind: "… to load model". */
const LOADING = /^\s{0,2}(?:to|for|while|when) (?:load|loading)\b/i;

export const gpuMemoryWords: Reader = {
  id: 'gpu-memory-words',
  code: 'UN492',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'A sentence about a full GPU',
      summary:
        '"Out of GPU memory", "not enough VRAM", "failed to allocate … on the GPU" in a program\u2019s own words.',
    },
    zh: {
      title: '关于显存已满的一句话',
      summary:
        '程序自己的措辞：“Out of GPU memory”、“not enough VRAM”、“failed to allocate … on the GPU”。',
    },
    ru: {
      title: 'Фраза о заполненной памяти GPU',
      summary:
        '«Out of GPU memory», «not enough VRAM», «failed to allocate … on the GPU» словами самой программы.',
    },
  },
  sources: ['Redshift 3.5: render log', 'stable-diffusion-webui@v1.9.0:modules/errors.py'],
  needles: [
    'out of gpu memory',
    'out of vram',
    'out of video mem',
    'out of device memory',
    'out of graphics mem',
    'enough gpu mem',
    'enough vram',
    'memory for command submission',
    'enough video mem',
    'enough device mem',
    'enough cuda mem',
    'insufficient gpu',
    'insufficient vram',
    'insufficient device mem',
    'insufficient video mem',
    'gpu memory allocation fail',
    'gpu memory allocation error',
    'memory allocation of ',
    'not allocate ',
    'unable to allocate ',
    'failed to allocate ',
    'device memory allocation fail',
    'device memory allocation error',
    'allocate gpu memory',
    'allocate device memory',
    'allocate cuda memory',
    'allocate vram',
    'allocate video mem',
    'free device memory left',
    'allocate buffer on ',
    'allocate gpu buffer',
    'allocate device buffer',
    'allocate cuda buffer',
    'memory, use lower res',
  ],
  anchor:
    /(?:(?:ran|run|is|are)?outof|(?:not|n['’]t(?:have)?)enough(?:free)?|insufficient(?:free)?)(?:GPU|CUDA|VRAM|video|device|graphics)(?:memory|RAM|VRAM)?(?=[^a-z]|$)|(?:failed|unable|couldnot|cannot)(?:to)?allocate(?:an?|the|any)?(?:GPU|device|CUDA|video)(?:memory|VRAM|buffers?)|(?:failed|unable|couldnot|cannot|can't)(?:to)?allocate(?:an?|the)?buffers?on(?:the)?(?:GPU|CUDA|device)|Notenoughmemory,uselowerresolution|(?:GPU|device|CUDA)memoryallocation(?:of[\d.,]{1,20}(?:bytes|[KMG]i?B))?(?:failed|error|failure)|memoryallocationof[\d.,]{1,20}(?:bytes|[KMG]i?B)failedon(?:GPU|device|CUDA)|(?:failed|unable|couldnot|cannot|can't)(?:to)?allocate[\d.,]{1,20}(?:bytes|[KMG]i?B)(?:of)?(?:memory|VRAM)?on(?:the)?(?:GPU|CUDA)|(?:ran|run)?outof(?:GPU|CUDA|video|device|graphics)memory|(?:insufficient|notenough)(?:free|available)?(?:VRAM|(?:GPU|video|device|graphics)memory)(?=(?:to|for|while)[a-z])|Cannotreserve[\d.]{1,12}[KMG]i?Basthereisonly[\d.]{1,12}[KMG]i?Bfreedevicememoryleft|amdgpu:Notenoughmemoryforcommandsubmission/gi,
  precedence: 11,
  read(message): Reading | undefined {
    const lead = message.leadOnLine;
    if (isAdvice(message) || HEDGED.test(lead) || SOURCE.test(lead)) return undefined;
    // A program that asks is guessing: "Not enough GPU memory? INTERNAL: …".
    if (/^\s{0,2}\?/.test(message.following)) return undefined;
    // "… out of GPU" alone says nothing.
    if (/^(?!.*alloc)\D*(?:GPU|CUDA|video|device|graphics)$/i.test(message.match[0]))
      return undefined;
    message.size('requested', REQUESTED) ?? message.size('requested', OF);
    // Attention that counts what it would need, and does not begin.
    const isCounted = /resolution$/i.test(message.match[0]);
    if (isCounted) {
      message.size('requested', NEED);
      message.size('free', HAVE);
    }
    const isReserve = /^Cannotreserve/i.test(message.match[0]);
    if (isReserve) {
      message.size('requested', RESERVED);
      message.size('free', FREE);
    }
    const clues: Clue[] = ['first-line-only'];
    if (isReserve) clues.push('taken-at-start');
    return {
      kind: 'gpu_oom',
      framework: 'gpu',
      backend: 'cuda',
      // A program reserves its heap before it works in it.
      ...(isReserve && { wording: 'reserve', phase: 'init' as const }),
      facts: message.facts,
      clues,
      end: message.end,
      ...(isCounted && { wording: 'resolution', phase: 'forward' as const }),
      ...(LOADING.test(message.following) && { phase: 'load' as const }),
    };
  },
};
