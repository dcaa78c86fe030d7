/**
 * How formats of quantised checkpoints hold linear layers: bits of a weight with its scales, and what their kernels
 * need beside them.
 *
 * Sources: auto_gptq@0.7.1 nn_modules/qlinear, modeling/_utils.py (temp_dq); autoawq@0.2.6 modules/linear/gemm.py;
 * bitsandbytes@0.48 functional.py, nn/modules.py; transformers@4.57.1 integrations/finegrained_fp8.py; OCP
 * microscaling formats 1.0; torchao@0.8 quantization.
 */
import type { Quantization } from '../workload/model/model.ts';
import type { Packing } from './job.ts';

const SCALE = 16;
const GROUP = 128;

type Format = Omit<Packing, 'method' | 'skipped'>;

/** fp16 scale and a zero point of the weight's own width for each group. */
const withZeros = (bits: number, group: number): number => bits + (SCALE + bits) / group;

/** An fp32 maximum for each block, or one of 8 bits with an fp32 maximum for each 256 of them. */
function blockwiseBits(bits: number, block: number, isDouble: boolean): number {
  return bits + (isDouble ? 8 / block + 32 / (block * 256) : 32 / block);
}

function formatOf(given: Quantization): Format {
  const { bits, group = GROUP } = given;
  switch (given.method.toLowerCase()) {
    case 'gptq':
      // exllama, the kernel of 4 bits, unpacks into a buffer that it keeps.
      return { bits: withZeros(bits, group), rowBytes: 4, ...(bits === 4 ? { scratch: 2 } : {}) };
    case 'awq':
      return { bits: withZeros(bits, group), unpacked: 2, unpackedFrom: 1024 };
    case 'bitsandbytes':
      return bits === 4
        ? {
            bits: blockwiseBits(4, 64, given.double_quant === true),
            unpacked: 2,
            unpackedFrom: 2,
            loadWidth: 2,
          }
        : { bits, loadWidth: 2 };
    case 'fp8':
    case 'fine_grained_fp8':
      return { bits: 8 + 32 / (given.group ?? GROUP * GROUP) };
    case 'mxfp4':
      return { bits: 4 + 8 / 32 };
    case 'nvfp4':
    case 'modelopt_fp4':
      return { bits: 4 + 8 / 16 };
    case 'torchao':
      // Scale and zero point of each group in 16 bits; 8 bits have one scale a row.
      return { bits: bits === 4 ? 4 + (2 * SCALE) / group : bits };
    case 'hqq':
      return { bits: bits + (2 * SCALE) / group };
    default:
      return { bits: bits >= 8 ? bits : bits + SCALE / group };
  }
}

/** The packing of a checkpoint that says how it is quantised. */
export function packingOf(given: Quantization): Packing {
  // What headers say has everything in it that lies beside a row.
  const stored = given.stored_bits === undefined ? {} : { bits: given.stored_bits, rowBytes: 0 };
  return { method: given.method, skipped: given.skipped, ...formatOf(given), ...stored };
}
