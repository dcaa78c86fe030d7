/** The contract of a family: how the configs of a group of architectures become a model. */
import type { Fields } from './fields.ts';
import type { Model } from './model.ts';

/** What a family reads; the rest of a model is the same for all. */
export type Architecture = Pick<
  Model,
  'stacks' | 'vocab' | 'tied' | 'head' | 'labels' | 'max_positions'
> & {
  /** Of a decoder without its head: whether the config ties a head to the table. */
  readonly ties?: boolean;
};

/** What is known about a config besides its fields. */
export interface Context {
  readonly type: string;
  /** First of `architectures`, the class that made the checkpoint: `LlamaForCausalLM`. */
  readonly architecture?: string;
  /** The head that the class has. A config without a class is a language model where it can be one. */
  readonly head: Model['head'];
  /** Classes of a classifier. */
  readonly labels: number;
  /** Reads the config of a part of a model, without a head. An empty one is of the type given. */
  part(name: string, type?: string): Architecture;
  /** Reads the same config as another type, without a head. */
  itself(type: string): Architecture;
}

export interface Family {
  readonly id: string;
  /** `model_type` of the configs that it reads. */
  readonly types: readonly string[];
  /** Files that were read for it: package@version:path. */
  readonly sources: readonly string[];
  /** Faults of fields are noted in `config`; what it gives then is not used. */
  read(config: Fields, context: Context): Architecture;
}
