/** The allocator of PyTorch 0.2 to 0.4, and THC kernels a little longer. */
import type { Phase } from '../../base/phase.ts';
import type { Reader, Reading } from '../reader.ts';

const IN_REQUIRE = /THCGeneral\.c\S{0,400}infunction'require'/;

/** What the Lua functions of a stack trace were at, the innermost that says it. */
const LUA_PHASES: readonly (readonly [RegExp, Phase])[] = [
  [
    /^\S{0,500}?(?:optim\/\w{1,20}\.lua:\d+:infunction|infunction'(?:optimMethod|adam|sgd)')/,
    'optimizer',
  ],
  [/^\S{0,500}?(?:infunction'readObject'|torch\/File\.lua:\d+:infunction)/, 'load'],
  [/^\S{0,500}?infunction'(?:accGradParameters|updateGradInput|backward)'/, 'backward'],
  [/^\S{0,500}?infunction'(?:updateOutput|forward)'/, 'forward'],
];

const luaPhase = (text: string): Phase | undefined =>
  /stacktraceback:/.test(text.slice(0, 800))
    ? LUA_PHASES.find(([pattern]) => pattern.test(text.slice(0, 900)))?.[1]
    : undefined;

export const torchThc: Reader = {
  id: 'torch-thc',
  code: 'UN405',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'PyTorch before 1.0 (THC)',
      summary:
        '"cuda runtime error (2) : out of memory" and "THCudaCheck FAIL \u2026 error=2", which carry no figures.',
    },
    zh: {
      title: '1.0 之前的 PyTorch（THC）',
      summary:
        '“cuda runtime error (2) : out of memory”和“THCudaCheck FAIL … error=2”，不含任何数据。',
    },
    ru: {
      title: 'PyTorch до 1.0 (THC)',
      summary:
        '«cuda runtime error (2) : out of memory» и «THCudaCheck FAIL … error=2», в которых нет цифр.',
    },
  },
  sources: ['pytorch@v0.4.1:aten/src/THC/THCGeneral.cpp'],
  needles: ['cuda runtime err', 'thcudacheck fail', 'out of memory'],
  anchor:
    /cudaruntimeerr(?:or)?\(2\):outofmemory(?:at\S{0,200}?\.cu[h]?:\d+)?|THCudaCheckFAIL.{0,300}?error=2:outofmemory/gi,
  precedence: -1,
  read(message): Reading {
    const phase = luaPhase(message.text);
    return {
      kind: 'gpu_oom',
      framework: 'pytorch',
      backend: 'cuda',
      wording: 'THC',
      versions: { package: 'torch', to: '1.4' },
      facts: message.facts,
      // Loading the library makes the context.
      ...(IN_REQUIRE.test(message.text.slice(0, 600))
        ? { clues: ['context-creation'], phase: 'init' }
        : {
            // Page-locked memory has an allocator of its own.
            clues: /CachingHostAllocator/i.test(message.match[0] + message.text.slice(0, 300))
              ? []
              : ['caching-allocator'],
            ...(phase !== undefined && { phase }),
          }),
      end: message.end,
    };
  },
};
