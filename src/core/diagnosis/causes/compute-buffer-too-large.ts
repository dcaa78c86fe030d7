/** The graph’s scratch buffer beside weights and cache. */
import { say } from '../../base/texts.ts';
import { isOfPicturesOrSound } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'The compute buffer does not fit beside weights and cache',
    summary:
      'llama.cpp and what embeds it allocate the scratch of one graph last: it grows with the physical batch, the vocabulary and, without flash attention, the context.',
    headline: 'Weights and cache fit; the compute buffer beside them does not.',
    message: 'It was the compute buffer that was refused, not weights and not the cache.',
    weights: 'Fewer layers on the GPU would make room as well.',
  },
  zh: {
    title: '计算缓冲区放不下',
    summary:
      'llama.cpp 及嵌入它的程序最后分配计算图的暂存：它随物理 batch、词表增长，未启用 flash attention 时还随上下文增长。',
    headline: '权重和缓存放得下，旁边的计算缓冲区放不下。',
    message: '被拒绝的是计算缓冲区，不是权重，也不是缓存。',
    weights: '减少 GPU 上的层数同样能腾出空间。',
  },
  ru: {
    title: 'Рядом с весами и кэшем не помещается вычислительный буфер',
    summary:
      'llama.cpp и то, что его встраивает, последней выделяет рабочую память графа: она растёт с физическим батчем, словарём и, без flash attention, с контекстом.',
    headline: 'Веса и кэш помещаются, а вычислительный буфер рядом с ними — нет.',
    message: 'Отказано вычислительному буферу, а не весам и не кэшу.',
    weights: 'Меньше слоёв на GPU тоже освободило бы место.',
  },
} as const;

export const computeBufferTooLarge: Cause = {
  id: 'compute-buffer-too-large',
  code: 'UN237',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  domain: 'inference',
  category: 'workspace',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'llama.cpp: ggml_gallocr_reserve; memory model 3.5: 4 × n_ubatch × (vocabulary + width) with flash attention',
  ],
  assess(c): Assessment | undefined {
    if (c.kind !== 'gpu_oom' || !c.has('allocating-compute')) return undefined;
    // What computes pictures and sound grows with them: their size is the cause, the buffer its place.
    if (isOfPicturesOrSound(c)) return undefined;
    return {
      strength: 'possible',
      because: [say(TEXTS, 'message')],
      against: [say(TEXTS, 'weights')],
      weight: 8,
    };
  },
};
