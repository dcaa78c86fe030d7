/** The size of a CUDA context, which the diagnosis needs too. */
import { type Factor, type Modelled, ofFactor } from '../base/factor.ts';

/** Assumed: typical values for one process with PyTorch's modules loaded; to be replaced by measured ones. */
const CONTEXT: Factor = {
  name: 'cuda_context',
  low: 300e6,
  mid: 500e6,
  high: 900e6,
  unit: 'bytes',
  source:
    'typical range of the CUDA context with loaded modules, 300-900 MB; more where modules are loaded eagerly',
};

/** From compute capability 9.0 the bare context alone takes half a gigabyte. */
const LARGER: Factor = {
  ...CONTEXT,
  low: 480e6,
  mid: 620e6,
  high: 950e6,
  source: 'H100: 0.61 GiB before any weights, published start-up log; 520 MB quoted',
};

/** Transformer Engine, Apex, flash-attn and cuDNN bring modules of hundreds of megabytes each, loaded at once or kernel by kernel. */
const EXTENDED: Factor = {
  ...LARGER,
  name: 'cuda_context_extended',
  low: 500e6,
  mid: 1000e6,
  high: 3200e6,
  source: 'assumed: the bare context, and modules of extension libraries beside it',
};

/** Bytes of the context of a process that trains with Megatron's kernels. */
export const extendedContextBytes = (): Modelled => ofFactor(EXTENDED);

/** Bytes of one process's context on one device. @param capability compute capability, where it is known */
export const contextBytes = (capability?: number): Modelled =>
  ofFactor(capability !== undefined && capability >= 9 ? LARGER : CONTEXT);
