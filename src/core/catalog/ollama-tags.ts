/**
 * Names of ollama's library (`qwen3:8b`, `mistral`, `llama3.1:70b-instruct-q4_K_M`) as the hub has them. Most follow from
 * a rule; the tables hold which size `latest` is, and the names that no rule gives. Both are recalled.
 */

/** What `latest` is. */
const LATEST: Readonly<Record<string, string>> = {
  llama2: '7b',
  llama3: '8b',
  'llama3.1': '8b',
  'llama3.2': '3b',
  'llama3.3': '70b',
  codellama: '7b',
  mistral: '7b',
  mixtral: '8x7b',
  'mistral-nemo': '12b',
  'mistral-small': '24b',
  qwen: '4b',
  qwen2: '7b',
  'qwen2.5': '7b',
  'qwen2.5-coder': '7b',
  qwen3: '8b',
  qwq: '32b',
  gemma: '7b',
  gemma2: '9b',
  gemma3: '4b',
  phi: '2.7b',
  phi3: '3.8b',
  'phi3.5': '3.8b',
  phi4: '14b',
  'phi4-mini': '3.8b',
  'deepseek-r1': '8b',
  'gpt-oss': '20b',
  tinyllama: '1.1b',
  smollm2: '1.7b',
  vicuna: '7b',
  zephyr: '7b',
};

/** Names that no rule gives, by name and size. */
const NAMED: Readonly<Record<string, string>> = {
  'mistral:7b': 'mistralai/Mistral-7B-Instruct-v0.3',
  'mistral-nemo:12b': 'mistralai/Mistral-Nemo-Instruct-2407',
  'mistral-small:24b': 'mistralai/Mistral-Small-24B-Instruct-2501',
  'phi:2.7b': 'microsoft/phi-2',
  'phi3:3.8b': 'microsoft/Phi-3-mini-128k-instruct',
  'phi3:mini': 'microsoft/Phi-3-mini-128k-instruct',
  'phi3:14b': 'microsoft/Phi-3-medium-4k-instruct',
  'phi3:medium': 'microsoft/Phi-3-medium-4k-instruct',
  'phi3.5:3.8b': 'microsoft/Phi-3.5-mini-instruct',
  'phi4:14b': 'microsoft/phi-4',
  'phi4-mini:3.8b': 'microsoft/Phi-4-mini-instruct',
  'deepseek-r1:1.5b': 'deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B',
  'deepseek-r1:7b': 'deepseek-ai/DeepSeek-R1-Distill-Qwen-7B',
  // DeepSeek-R1-0528 was distilled into Qwen3, whose shapes it has.
  'deepseek-r1:8b': 'Qwen/Qwen3-8B',
  'deepseek-r1:14b': 'deepseek-ai/DeepSeek-R1-Distill-Qwen-14B',
  'deepseek-r1:32b': 'deepseek-ai/DeepSeek-R1-Distill-Qwen-32B',
  'deepseek-r1:70b': 'meta-llama/Llama-3.1-70B',
  'deepseek-r1:671b': 'deepseek-ai/DeepSeek-V3',
  'tinyllama:1.1b': 'TinyLlama/TinyLlama-1.1B-Chat-v1.0',
  'vicuna:7b': 'lmsys/vicuna-7b-v1.5',
  'vicuna:13b': 'lmsys/vicuna-13b-v1.5',
  'zephyr:7b': 'HuggingFaceH4/zephyr-7b-beta',
  'qwen3:30b': 'Qwen/Qwen3-30B-A3B',
  'qwen3:235b': 'Qwen/Qwen3-235B-A22B',
};

/** `name`, `name:tag`, `library/name:tag`; names of other owners are no part of the library. */
const TAG = /^(?:(?:registry\.ollama\.ai\/)?library\/)?([a-z][\w.-]*?)(?::([\w.-]+))?$/i;

/** Whether a name can only be one of ollama's: no name on the hub has a colon. */
export const isOllamaTag = (name: string): boolean => TAG.test(name) && name.includes(':');

/** Names under which the catalog may have what ollama calls so, the likeliest first. */
export function namesOfTag(name: string): readonly string[] {
  const [, family = '', tag = 'latest'] = TAG.exec(name.toLowerCase()) ?? [];
  if (family === '') return [];
  const [head = ''] = tag.split('-');
  // A tag that begins with no size is one of the default size: `instruct`, `q8_0`, `latest`.
  const isSize = /^(?:\d+x)?\d+(?:\.\d+)?[bm]$/.test(head) || `${family}:${head}` in NAMED;
  const size = isSize ? head : LATEST[family];
  if (size === undefined) return [family];
  const named = NAMED[`${family}:${size}`];
  // Some write the version with a hyphen: llama-3.1, gemma-3; some do not: qwen3.
  const spaced = family.replace(/^([a-z]+)(?=\d)/, '$1-');
  const built = [`${family}-${size}`, `${spaced}-${size}`];
  return named === undefined ? built : [named, ...built];
}
