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

/** Bytes of one process's context on one device. */
export const contextBytes = (): Modelled => ofFactor(CONTEXT);
