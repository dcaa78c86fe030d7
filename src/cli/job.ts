/** What commands that look at a job share: reading it from files, command lines and options. */
import { readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import {
  asGraph,
  asStored,
  isMachine,
  isPipelineIndex,
  knownPipeline,
  type Machine,
  networkModel,
  networkNamed,
  type OnnxGraph,
  type PipelineFiles,
  phrase,
  readGgufModel,
  readMachine,
  readModelConfig,
  readPipeline,
  weightsOf,
} from '../core/footprints.ts';
import type { Lang } from '../core/index.ts';
import {
  formatBytes,
  isOfType,
  type KnownModel,
  mixIn,
  purposed,
  renderProblem,
  SETTING_NAMES,
  SETTINGS,
  type SettingName,
} from '../core/plans.ts';
import {
  type Architecture,
  type Purpose,
  readWorkload,
  type Source,
  type WorkloadReading,
} from '../core/workloads.ts';
import {
  cachedModel,
  fetchModel,
  type ModelFiles,
  readModelPath,
  thisMachine,
} from '../node/models.ts';
import { Refusal } from './refusal.ts';

/** Options that say something of a job. */
export interface JobArguments {
  readonly model?: string;
  readonly on?: string;
  readonly for?: Purpose;
  readonly command: readonly string[];
  readonly batch?: string;
  readonly seq?: string;
  readonly image?: string;
  readonly prompt?: string;
  readonly newTokens?: string;
  readonly context?: string;
  readonly sequences?: string;
  readonly gpus?: string;
  readonly dtype?: string;
  readonly optimizer?: string;
  readonly loraRank?: string;
  readonly frames?: string;
  readonly set: readonly string[];
  readonly fetch: boolean;
  readonly lang: Lang;
}

type Words = Readonly<Record<Lang, string>>;

export type Word =
  | 'no-measure'
  | 'no-model'
  | 'not-known'
  | 'not-a-tag'
  | 'bare-weights'
  | 'points-nowhere'
  | 'similar'
  | 'bad-number'
  | 'bad-size'
  | 'bad-slowdown'
  | 'bad-set'
  | 'bad-value'
  | 'too-large'
  | 'cannot-read'
  | 'is-folder'
  | 'graph-alone'
  | 'no-config';

export const WORDS: Readonly<Record<Word, Words>> = {
  'no-measure': {
    en: 'no measure has this id; unoom explain lists them',
    zh: '没有这个 id 的措施；unoom explain 列出全部',
    ru: 'меры с таким id нет; все перечисляет unoom explain',
  },
  'no-model': {
    en: 'no model is named. Give one with --model: a name (meta-llama/Llama-3.1-8B), a folder, a config.json or a .gguf file',
    zh: '没有指定模型。用 --model 给出：名称（meta-llama/Llama-3.1-8B）、文件夹、config.json 或 .gguf 文件',
    ru: 'модель не названа. Задать её: --model имя (meta-llama/Llama-3.1-8B), папка, config.json или файл .gguf',
  },
  'not-known': {
    en: 'is not among the models known offline, and no cache on this machine has it. --fetch reads its config from the hub; or give a folder or a config.json',
    zh: '不在离线目录中，本机缓存里也没有。--fetch 从 hub 读取其配置；或给出文件夹、config.json',
    ru: 'нет среди известных без сети и в кэше этой машины. --fetch прочтёт конфиг с хаба; либо задать папку или config.json',
  },
  'not-a-tag': {
    en: 'is a tag of ollama that is not known here. Give the model by its name on the hub (--model meta-llama/Llama-3.1-8B), or its .gguf file or config.json',
    zh: '是本工具不认识的 ollama 标签。用 --model 给出模型在 hub 上的名称（meta-llama/Llama-3.1-8B）、.gguf 文件或 config.json',
    ru: '— неизвестный здесь тег ollama. Назвать модель как на хабе (--model meta-llama/Llama-3.1-8B) либо дать её файл .gguf или config.json',
  },
  'bare-weights': {
    en: 'is a file of weights, which does not say how its network computes; networks of YOLO are not modelled. Where it is a model of the hub, name it with --model, or give its folder or config.json',
    zh: '只是权重文件，没有说明网络如何计算；YOLO 网络未建模。若是 hub 上的模型，用 --model 给出名称，或给出文件夹、config.json',
    ru: '— файл весов, и как считает его сеть, в нём не сказано; сети YOLO не моделируются. Если это модель с хаба, назвать её в --model либо дать её папку или config.json',
  },
  'points-nowhere': {
    en: 'is pointed to and was not found; it may name the model: give the file beside its command (tune cp NAME FILE copies a configuration of torchtune)',
    zh: '被引用但未找到，其中可能写有模型：把该文件与命令一并给出（torchtune 的配置可用 tune cp 名称 文件 复制出来）',
    ru: '— на него есть ссылка, но файл не найден, а модель может быть названа в нём: дать файл рядом с командой (конфиг torchtune копирует tune cp ИМЯ ФАЙЛ)',
  },
  similar: { en: 'Similar names', zh: '相近的名称', ru: 'Похожие имена' },
  'bad-number': {
    en: 'wants a whole number above 0',
    zh: '需要正整数',
    ru: 'требует целого числа больше 0',
  },
  'bad-size': {
    en: 'wants a size such as 2GiB or a share such as 5%',
    zh: '需要大小（如 2GiB）或比例（如 5%）',
    ru: 'требует размера (2GiB) или доли (5%)',
  },
  'bad-slowdown': {
    en: 'wants a share such as 20% or a factor such as 1.5',
    zh: '需要比例（如 20%）或倍数（如 1.5）',
    ru: 'требует доли (20%) или множителя (1.5)',
  },
  'bad-set': {
    en: 'wants NAME=VALUE with the name of a setting',
    zh: '需要 名称=值，名称须是已有设置',
    ru: 'требует ИМЯ=ЗНАЧЕНИЕ с именем настройки',
  },
  'bad-value': { en: 'is not one of its values', zh: '不是它的取值', ru: 'не из его значений' },
  'too-large': {
    en: 'this job needs more bytes than can be counted; look at --batch, --seq, --context',
    zh: '该任务所需字节数超出可计数范围；检查 --batch、--seq、--context',
    ru: 'байтов нужно больше, чем можно сосчитать; проверить --batch, --seq, --context',
  },
  'is-folder': {
    en: 'is a folder; name the files of the job in it',
    zh: '是文件夹；列出其中属于该任务的文件',
    ru: '— папка; назвать файлы задачи в ней',
  },
  'cannot-read': { en: 'cannot be read', zh: '无法读取', ru: 'не читается' },
  'graph-alone': {
    en: 'these are its weights, inputs and outputs. What its layers keep only a config tells: put the config.json of the model beside it',
    zh: '以上是它的权重、输入和输出。各层的中间结果要靠配置得知：把模型的 config.json 放在旁边',
    ru: 'это её веса, входы и выходы. Что держат слои, говорит только конфиг: положить рядом config.json модели',
  },
  'no-config': {
    en: 'holds no config of a model',
    zh: '其中没有模型配置',
    ru: 'не содержит конфига модели',
  },
};

/** Sources are configurations and scripts: more than this is something else. */
const LONGEST_SOURCE = 16 * 2 ** 20;

export type Say = (key: Word) => string;

export const sayIn =
  (lang: Lang): Say =>
  (key) =>
    WORDS[key][lang];

export interface ReadJob {
  readonly reading: WorkloadReading;
  readonly known: KnownModel;
}

/** A file that is damaged: whatever it says is not known. */
export const isBroken = ({ code }: { readonly code: string }): boolean =>
  code === 'workload-broken';

/**
 * Reads a job from sources and options. @param inputs paths beside which files may lie that the sources point to
 * @returns nothing where no model is named
 * @throws Refusal where the model is not known, or an option makes no sense
 */
export async function readJob(
  sources: readonly Source[],
  inputs: readonly string[],
  options: JobArguments,
): Promise<ReadJob | undefined> {
  const say = sayIn(options.lang);
  const commands = options.command.map((text, index) => ({ name: `--command ${index + 1}`, text }));
  const modelFiles =
    options.model === undefined ? undefined : await filesOf(options.model, options.lang);
  const about = {
    settings: settingsOf(options, say),
    ...(options.for === undefined ? {} : { purpose: options.for }),
    ...(options.model === undefined ? {} : { model: { name: options.model, source: '--model' } }),
  };
  const given = [...sources, ...commands, ...adapterSources(modelFiles)];
  const first = readWorkload(given, about);
  const { found: pointed, lacking: away } = await mentionedSources(first.mentions, inputs);
  const reading = pointed.length === 0 ? first : readWorkload([...given, ...pointed], about);
  const name = options.model ?? reading.workload.model;
  const { architecture } = reading;
  if (name === undefined) {
    // What could not be read may have named it.
    const broken = reading.problems.find(isBroken);
    if (broken !== undefined) throw new Refusal(renderProblem(broken, options.lang));
    const lacking = reading.problems.find(({ code }) => code === 'workload-no-vocabulary');
    if (lacking !== undefined) throw new Refusal(renderProblem(lacking, options.lang));
    const [config] = away;
    if (architecture === undefined && config !== undefined)
      throw new Refusal(`${say('no-model')}. ${config} ${say('points-nowhere')}`);
    return architecture === undefined
      ? undefined
      : { reading, known: described(architecture, say) };
  }
  const model = await modelOf(
    name,
    modelFiles,
    options,
    { isOllama: reading.workload.dialects.includes('ollama'), class: reading.modelClass },
    say,
  );
  const mix = [name, ...options.command].map(mixIn).find((one) => one !== undefined);
  const known = { ...model, ...(mix === undefined ? {} : { mix }) };
  const workload = purposed(reading.workload, known);
  return { reading: { ...reading, workload }, known };
}

export async function sourceOf(path: string, say: Say): Promise<Source> {
  try {
    const bytes = path === '-' ? await standardInput() : await readFile(path);
    return { name: path, text: bytes.subarray(0, LONGEST_SOURCE).toString('utf8') };
  } catch (error) {
    const isFolder = error instanceof Error && 'code' in error && error.code === 'EISDIR';
    if (isFolder) throw new Refusal(`${path} ${say('is-folder')}`);
    throw new Refusal(`${path} ${say('cannot-read')}: ${reasonOf(error)}`);
  }
}

async function standardInput(): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of process.stdin) {
    parts.push(part as Buffer);
    size += (part as Buffer).length;
    if (size > LONGEST_SOURCE) break;
  }
  return Buffer.concat(parts);
}

/** Files that a source points to (`deepspeed: ds.json`), beside it or where it says, as far as they are there. */
async function mentionedSources(
  mentions: readonly { readonly path: string; readonly source: string }[],
  inputs: readonly string[],
): Promise<{ readonly found: readonly Source[]; readonly lacking: readonly string[] }> {
  const folders = ['', ...inputs.filter((path) => path !== '-').map((path) => dirname(path))];
  const found: Source[] = [];
  const lacking: string[] = [];
  for (const { path } of mentions.slice(0, MOST_MENTIONED)) {
    let isFound = false;
    for (const folder of isAbsolute(path) ? [''] : folders) {
      const at = folder === '' ? path : join(folder, path);
      const isSmall = await stat(at).then(
        (file) => file.isFile() && file.size <= LONGEST_SOURCE,
        () => false,
      );
      if (!isSmall) continue;
      found.push({ name: at, text: await readFile(at, 'utf8') });
      isFound = true;
      break;
    }
    const recipe = isFound ? undefined : await recipeOf(path);
    if (recipe !== undefined) found.push(recipe);
    else if (!isFound) lacking.push(path);
  }
  return { found, lacking };
}

/** A name of a configuration of torchtune: `llama3_1/8B_lora`. */
async function recipeOf(path: string): Promise<Source | undefined> {
  if (!/^[\w.-]+\/[\w.-]+$/.test(path)) return undefined;
  const { torchtuneRecipe } = await import('../core/models.ts');
  return torchtuneRecipe(path);
}

const MOST_MENTIONED = 8;

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** Options that say a setting, with the names that they have on the command line. */
const NUMBERS = [
  ['batch', 'micro_batch', '--batch'],
  ['seq', 'sequence_length', '--seq'],
  ['prompt', 'prompt_length', '--prompt'],
  ['newTokens', 'new_tokens', '--new-tokens'],
  ['context', 'context_length', '--context'],
  ['sequences', 'max_sequences', '--sequences'],
  ['gpus', 'world_size', '--gpus'],
  ['loraRank', 'adapter_rank', '--lora-rank'],
  ['frames', 'frames', '--frames'],
] as const;

const isSetting = (name: string): name is SettingName =>
  (SETTING_NAMES as readonly string[]).includes(name);

type Given = NonNullable<NonNullable<Parameters<typeof readWorkload>[1]>['settings']>[number];

/** Settings that are shares, not counts. */
const SHARES: ReadonlySet<SettingName> = new Set<SettingName>([
  'engine_fraction',
  'memory_fraction',
  'gc_threshold',
  'adapter_dropout',
  'aspect',
  'reference_weight',
]);

function settingsOf(options: JobArguments, say: Say): readonly Given[] {
  const given: Given[] = [];
  for (const [option, setting, source] of NUMBERS) {
    const text = options[option];
    if (text === undefined) continue;
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new Refusal(`${source} ${say('bad-number')}: ${text}`);
    given.push({ setting, value: Number(text), source });
    if (option === 'loraRank') given.push({ setting: 'adapter', value: 'lora', source });
  }
  if (options.image !== undefined) given.push(...imageOf(options.image, say));
  const { dtype, optimizer } = options;
  if (dtype !== undefined)
    given.push({ setting: 'weights_dtype', value: dtype, source: '--dtype' });
  if (optimizer !== undefined)
    given.push({ setting: 'optimizer', value: optimizer, source: '--optimizer' });
  for (const text of options.set) {
    const [, setting, value] = /^(\w+)=(.+)$/.exec(text) ?? [];
    if (setting === undefined || value === undefined || !isSetting(setting)) {
      throw new Refusal(`--set ${say('bad-set')}: ${text}`);
    }
    given.push({ setting, value: settingValue(value), source: '--set' });
  }
  for (const { setting, value, source } of given) {
    const isCount = typeof value === 'number' && setting !== 'gpu_layers' && !SHARES.has(setting);
    if (isOfType(setting, value) && (!isCount || (Number.isInteger(value) && value > 0))) continue;
    const { type } = SETTINGS[setting];
    const wanted = typeof type === 'string' ? type : type.join(', ');
    throw new Refusal(`${source} ${setting}=${value} ${say('bad-value')}: ${wanted}`);
  }
  return given;
}

/** `1024`, or both edges in pixels: `1024x768`. */
function imageOf(text: string, say: Say): readonly Given[] {
  const [, first, second = first] = /^([1-9]\d{0,4})(?:[x×]([1-9]\d{0,4}))?$/i.exec(text) ?? [];
  if (first === undefined) throw new Refusal(`--image ${say('bad-number')}: ${text}`);
  const [a, b] = [Number(first), Number(second)];
  const source = '--image';
  return [
    { setting: 'resolution', value: Math.max(a, b), source },
    { setting: 'aspect', value: Math.min(a, b) / Math.max(a, b), source },
  ];
}

function settingValue(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

async function filesOf(name: string, lang: Lang): Promise<ModelFiles | undefined> {
  const isThere = await stat(name).then(
    () => true,
    () => false,
  );
  if (!isThere) return undefined;
  const read = await readModelPath(name);
  if (!read.ok) throw new Refusal(renderProblem(read.problem, lang));
  return read.files;
}

/** An adapter beside the model says its rank and targets. */
const adapterSources = (files: ModelFiles | undefined): readonly Source[] => {
  const text = files?.texts.get('adapter_config.json');
  return text === undefined ? [] : [{ name: 'adapter_config.json', text }];
};

/** Of a GGUF file or a tag of one the model: `org/Qwen3-8B-GGUF:Q4_K_M`, `Qwen3-8B-Q4_K_M.gguf`. */
const baseName = (name: string): string => {
  const plain = name.replace(/\.gguf$/i, '').replace(/:[^/:]*$/, '');
  const mix = mixIn(plain);
  const at = mix === undefined ? -1 : plain.toUpperCase().lastIndexOf(mix);
  return (at > 0 ? plain.slice(0, at - 1) : plain).replace(/^.*\//, '');
};

async function modelOf(
  name: string,
  files: ModelFiles | undefined,
  options: JobArguments,
  use: { readonly isOllama: boolean; readonly class: string | undefined },
  say: Say,
): Promise<KnownModel> {
  if (files !== undefined) return fromFiles(name, files, use.class, options.lang, say);
  const {
    findCatalogModel,
    findCatalogPipeline,
    isOllamaTag,
    namesOfTag,
    pipelineFiles,
    similarModels,
  } = await import('../core/models.ts');
  const listed = findCatalogPipeline(name);
  if (listed !== undefined) return fromPipeline(name, pipelineFiles(listed), options.lang);
  const isTag = isOllamaTag(name) || (use.isOllama && !name.includes('/'));
  const found = [...(isTag ? namesOfTag(name) : []), name, baseName(name)]
    .map((one) => findCatalogModel(one))
    .find((one) => one !== undefined);
  if (found !== undefined) {
    const reading = readModelConfig(withClass(found.model.config, use.class), found.model.source);
    if (reading.ok) {
      const { stored } = found;
      const model = {
        ...reading.model,
        name,
        ...(stored === undefined ? {} : { quantization: stored }),
      };
      return { model, weights: weightsOf(model) };
    }
  }
  const network = networkNamed(name);
  if (network !== undefined) return networkModel(network, name);
  if (/\.(?:pt|pth|ckpt|bin|h5|pkl)$/i.test(name))
    throw new Refusal(`${name} ${say('bare-weights')}`);
  if (isTag) throw new Refusal(`${name} ${say('not-a-tag')}`);
  const cached = options.fetch ? await fetchModel(name) : await cachedModel(name);
  if (cached?.ok === true) return fromFiles(name, cached.files, use.class, options.lang, say);
  if (cached?.ok === false) throw new Refusal(renderProblem(cached.problem, options.lang));
  const similar = similarModels(name);
  const more = similar.length === 0 ? '' : `. ${say('similar')}: ${similar.join(', ')}`;
  throw new Refusal(`${name} ${say('not-known')}${more}`);
}

/** JSON of a file, or nothing where it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fromPipeline(name: string, files: PipelineFiles, lang: Lang): KnownModel {
  const read = readPipeline(files, name);
  if (!read.ok) throw new Refusal(renderProblem(read.problem, lang));
  return knownPipeline(read.pipeline);
}

/** The index of a pipeline and the configs of its parts. */
function pipelineOf({ texts, parts }: ModelFiles): PipelineFiles | undefined {
  const index = parsed(texts.get('model_index.json') ?? '');
  if (!isPipelineIndex(index)) return undefined;
  const files = new Map<string, unknown>([['model_index.json', index]]);
  for (const [part, { texts: own }] of parts) {
    files.set(`${part}/config.json`, parsed(own.get('config.json') ?? ''));
  }
  return files;
}

/** A script that reads a model with a class puts that class's head on it, whatever its checkpoint had. */
const withClass = (config: unknown, name: string | undefined): unknown =>
  name === undefined || typeof config !== 'object' || config === null
    ? config
    : { ...config, architectures: [name] };

function fromFiles(
  name: string,
  files: ModelFiles,
  class_: string | undefined,
  lang: Lang,
  say: Say,
): KnownModel {
  const pipeline = pipelineOf(files);
  if (pipeline !== undefined) return fromPipeline(name, pipeline, lang);
  const text = files.texts.get('config.json');
  const { gguf } = files;
  const reading =
    gguf !== undefined
      ? readGgufModel(gguf, name)
      : text === undefined
        ? undefined
        : readModelConfig(withClass(parsed(text), class_), name);
  if (reading === undefined && files.onnx !== undefined) {
    throw new Refusal(`${name}: ${shapeOf(files.onnx)}; ${say('graph-alone')}`);
  }
  if (reading?.ok !== true) throw new Refusal(`${name} ${say('no-config')}`);
  const model = { ...reading.model, name };
  const { weights } = files;
  if (weights?.format === 'onnx') return asGraph(model, weights.tensors);
  const isWhole = weights?.format === 'safetensors' && weights.missing.length === 0;
  return isWhole
    ? asStored(model, weightsOf(model), weights.tensors)
    : { model, weights: weightsOf(model) };
}

/** What a graph says of itself: `weights 1.20 GiB, input_ids [batch, sequence] → logits [batch, sequence, 32000]`. */
function shapeOf({ bytes, inputs, outputs }: OnnxGraph): string {
  const list = (values: OnnxGraph['inputs']): string =>
    values
      .slice(0, 4)
      .map(({ name, shape }) => `${name} [${shape.join(', ')}]`)
      .join(', ');
  return `${formatBytes(bytes)}, ${list(inputs)} → ${list(outputs)}`;
}

const HERE = phrase({
  en: 'No machine is named: the cards of this one are taken, as nvidia-smi shows them.',
  zh: '没有指定机器：采用本机的显卡，以 nvidia-smi 的输出为准。',
  ru: 'Машина не названа: взяты карты этой, как их показывает nvidia-smi.',
});

/** This machine; nothing where none of its cards can be seen. */
export async function machineHere(): Promise<Machine | undefined> {
  const text = await thisMachine();
  const read = text === undefined ? undefined : readMachine(text);
  if (read === undefined || !isMachine(read)) return undefined;
  const name = read.cards
    .map(({ count, name: card }) => (count === 1 ? card : `${count}x ${card}`))
    .join(' + ');
  return { ...read, name, notes: [HERE, ...read.notes] };
}

/** A model that flags describe, called by its shape. */
function described({ config, source }: Architecture, say: Say): KnownModel {
  const found = readModelConfig(config, source);
  if (!found.ok) throw new Refusal(`${source} ${say('no-config')}`);
  const { stacks, family } = found.model;
  const name = stacks.map(({ hidden, pattern }) => `${pattern.length}x${hidden}`).join('+');
  const model = { ...found.model, name: `${family}-${name}` };
  return { model, weights: weightsOf(model) };
}

/** The machine of `--on`: a name, or a file with what a tool prints. */
export async function machineOf(on: string, lang: Lang): Promise<Machine> {
  const text = await readFile(on, 'utf8').catch(() => undefined);
  const read = readMachine(text ?? on, text === undefined ? {} : { name: on });
  if (!isMachine(read)) throw new Refusal(renderProblem(read, lang));
  return read;
}
