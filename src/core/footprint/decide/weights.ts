/** How the weights of a model are held. */
import type { Model, Quantization } from '../../workload/model/model.ts';
import type { Job, Packing } from '../job.ts';
import { packingOf } from '../packing.ts';
import type { KnownModel, Reader } from './reader.ts';

/** Bytes of an element. */
export const WIDTHS: Readonly<Record<string, number>> = { fp32: 4, fp16: 2, bf16: 2, fp8: 1 };

/** Bytes of an element of a KV cache. */
export const CACHE_WIDTHS: Readonly<Record<string, number>> = {
  fp16: 2,
  fp8: 1,
  q8: 34 / 32,
  q4: 18 / 32,
};

/** Kernels of attention, by what frameworks call them. */
export const KERNELS: Readonly<Record<string, Job['attention']>> = {
  eager: 'eager',
  sdpa: 'flash',
  flash: 'flash',
};

/** Families whose configs drop a tenth of states and of attention unless told otherwise. */
export const DROPPING: ReadonlySet<string> = new Set([
  'gpt2',
  'bert',
  'roberta',
  'xlm-roberta',
  'electra',
  'distilbert',
  't5',
  'opt',
  'bart',
]);

/** Families that were published in fp32, before configs said a format. Recalled. */
const IN_FP32: ReadonlySet<string> = new Set([
  ...DROPPING,
  'albert',
  'deberta-v2',
  'mpnet',
  'vit',
  'deit',
  'dinov2',
  'swin',
  'clip',
  'siglip',
]);

/** Formats of weights, packed or whole. */
export function weightsOf(
  r: Reader,
  known: KnownModel,
): Pick<Job, 'weightWidth' | 'wholeWidth' | 'packing'> {
  const { dtype: saved, family } = known.model;
  // Older families were published in fp32, and their configs do not say so.
  const stored = saved === 'fp8' ? 'bf16' : (saved ?? (IN_FP32.has(family) ? 'fp32' : 'bf16'));
  const isPipeline = known.pipeline !== undefined;
  const packing = packingFor(r, known.model);
  const rest = packing === undefined ? 'checkpoint' : 'unpacked';
  const dtype = r.wordOr('weights_dtype', stored, isPipeline ? 'usual' : rest);
  const weightWidth = WIDTHS[dtype] ?? 2;
  return packing === undefined
    ? { weightWidth, wholeWidth: weightWidth }
    : { weightWidth: Math.min(2, weightWidth), wholeWidth: Math.min(2, weightWidth), packing };
}

function packingFor(r: Reader, { quantization }: Model): Packing | undefined {
  const asked = r.word('quantization');
  if (asked === '4bit' || asked === '8bit' || r.word('adapter') === 'qlora') {
    const bits = asked === '8bit' ? 8 : 4;
    // bitsandbytes leaves the head whole.
    const double_quant = bits === 4 && r.is('double_quantization');
    const packing = packingOf({ method: 'bitsandbytes', bits, double_quant, skipped: ['lm_head'] });
    // Before that its products in 4 bits kept their input though nothing was trained.
    const keepsInput = bits === 4 && r.isOlder('bitsandbytes', '0.44');
    return keepsInput ? { ...packing, keepsInput } : packing;
  }
  if (asked === 'none' || quantization === undefined) return undefined;
  r.assumed('quantization', formatName(quantization), SAID_BY[quantization.said_by ?? 'file']);
  return packingOf(quantization);
}

const SAID_BY = { file: 'packed', name: 'named', recall: 'recalled' } as const;

/** `fp8`, `mxfp4`; `awq 4bit` where the method has several widths. */
const formatName = ({ method, bits }: Quantization): string =>
  /\d/.test(method) ? method : `${method} ${bits}bit`;
