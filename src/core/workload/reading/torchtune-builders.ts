/**
 * Builders of torchtune, and the models that they build. A builder is called by the family, which is its module, and
 * by the size: `torchtune.models.qwen2_5.lora_qwen2_5_1_5b_base`.
 * Source: torchtune@0.6.1:torchtune/models/<family>/_model_builders.py; qwen3 and llama4 are recalled.
 */

export interface Built {
  /** As the hub has it. */
  readonly model: string;
  readonly adapter?: 'lora' | 'qlora';
}

/** Names on the hub by family; `{}` is the size in billions. */
const FAMILIES: ReadonlyMap<string, string> = new Map([
  ['llama2', 'meta-llama/Llama-2-{}b-hf'],
  ['code_llama2', 'codellama/CodeLlama-{}b-hf'],
  ['llama3', 'meta-llama/Meta-Llama-3-{}B'],
  ['llama3_1', 'meta-llama/Llama-3.1-{}B'],
  ['llama3_2', 'meta-llama/Llama-3.2-{}B'],
  ['llama3_2_vision', 'meta-llama/Llama-3.2-{}B-Vision'],
  ['llama3_3', 'meta-llama/Llama-3.3-{}B-Instruct'],
  ['llama4', 'meta-llama/Llama-4-Scout-{}B-16E'],
  ['gemma', 'google/gemma-{}b'],
  ['gemma2', 'google/gemma-2-{}b'],
  ['mistral', 'mistralai/Mistral-{}B-v0.1'],
  ['phi3', 'microsoft/Phi-3-mini-4k-instruct'],
  ['phi4', 'microsoft/phi-4'],
  ['qwen2', 'Qwen/Qwen2-{}B'],
  ['qwen2_5', 'Qwen/Qwen2.5-{}B'],
  ['qwen3', 'Qwen/Qwen3-{}B'],
]);

/** What a `_component_` builds; undefined where it is no builder of a model with a size. */
export function builtBy(component: string): Built | undefined {
  const [name = '', module] = component.split('.').reverse();
  const [, way, plain = ''] = /^(?:(lora|qlora)_)?(.+)$/.exec(name) ?? [];
  const family = module !== undefined && plain.startsWith(`${module}_`) ? module : familyOf(plain);
  if (family === undefined) return undefined;
  const rest = plain.slice(family.length + 1);
  const size = /(?:^|_)(\d+(?:_\d+)?)b(?=_|$)/.exec(rest)?.[1]?.replace('_', '.');
  const known = FAMILIES.get(family);
  if (size === undefined && known?.includes('{}') !== false) return undefined;
  const usual = `${family.replaceAll(/_(?=\d)/g, '.').replaceAll('_', '-')}-{}b`;
  const model = (known ?? usual).replace('{}', size ?? '');
  return {
    model: model + tuningOf(family, rest),
    ...(way === undefined ? {} : { adapter: way as 'lora' | 'qlora' }),
  };
}

/** The family that a name begins with, the longest where several do. */
const familyOf = (plain: string): string | undefined =>
  [...FAMILIES.keys()]
    .filter((family) => plain.startsWith(`${family}_`))
    .sort((a, b) => b.length - a.length)[0];

/** Qwen's builders tell bases and chats apart, as some of them tie their tables and others do not. */
function tuningOf(family: string, rest: string): string {
  if (!family.startsWith('qwen')) return '';
  if (/_instruct$/.test(rest)) return family === 'qwen3' ? '' : '-Instruct';
  return /_base$/.test(rest) && family === 'qwen3' ? '-Base' : '';
}
