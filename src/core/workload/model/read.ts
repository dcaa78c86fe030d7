/** From the `config.json` of a checkpoint to a model, and what such a file can be instead. */
import type { Note, Problem } from '../../base/problem.ts';
import { enumerated, say, type TextTable } from '../../base/texts.ts';
import { CLASS_DEFAULTS } from './class-defaults.ts';
import { families } from './families.gen.ts';
import type { Architecture, Context, Family } from './family.ts';
import { type FieldFault, Fields, isPlain } from './fields.ts';
import type { Model } from './model.ts';
import { MAX_LAYERS } from './parts.ts';
import { quantizationOf } from './quantization.ts';
import { parameterCount } from './weights.ts';

/** What a JSON file beside a checkpoint is, when it is no model's config. */
export type OtherConfig =
  | 'adapter'
  | 'diffusers'
  | 'quantization'
  | 'weight-index'
  | 'tokenizer'
  | 'timm';

export type ModelReading =
  | { readonly ok: true; readonly model: Model; readonly notes: readonly Note[] }
  | {
      readonly ok: false;
      readonly problem: Problem;
      /** Present where it was recognised as something else. */
      readonly is?: OtherConfig;
      /** The model that an adapter belongs to, as it calls it. */
      readonly base?: string;
    };

/**
 * Reads a parsed `config.json`. Never throws for what the file holds.
 * @param source where it came from, as the user named it
 */
export function readModelConfig(json: unknown, source: string): ModelReading {
  if (!isPlain(json)) return refused('not_object', source);
  const other = otherConfigOf(json);
  if (other !== undefined) {
    const base = json['base_model_name_or_path'];
    return {
      ...refused(other === 'weight-index' ? 'weight_index' : other, source),
      is: other,
      ...(other === 'adapter' && typeof base === 'string' && { base }),
    };
  }
  const type = typeOf(json);
  const known = type === undefined ? undefined : FAMILY_BY_TYPE.get(type);
  const readAs = known === undefined ? nearestType(json) : type;
  if (readAs === undefined) {
    return type === undefined
      ? refused('no_type', source)
      : refused('unknown_type', source, { type: shortened(type) });
  }
  const config = new Fields(json, known === undefined ? {} : defaultsOf(readAs));
  const architecture = readPart(config, contextOf(config, readAs));
  if (config.faults.length > 0) return faulty(config.faults, source);
  if (isTooLarge(architecture)) return refused('too_large', source);
  const notes = known === undefined ? [readAsNote(type, readAs, source)] : [];
  return { ok: true, model: modelOf(config, architecture, type ?? readAs, source), notes };
}

/** Far more parameters than any model has: sums of their bytes stay exact. */
const MAX_PARAMETERS = 2 ** 48;

const isTooLarge = ({ stacks }: Architecture): boolean =>
  stacks.some(({ pattern }) => pattern.length >= MAX_LAYERS) ||
  !(parameterCount({ stacks }) < MAX_PARAMETERS);

const FAMILY_BY_TYPE: ReadonlyMap<string, Family> = new Map(
  families.flatMap((family) => family.types.map((type) => [type, family] as const)),
);

/** Model types that a family reads, in the order of the alphabet. */
export const MODEL_TYPES: readonly string[] = [...FAMILY_BY_TYPE.keys()].sort();

const defaultsOf = (type: string | undefined): Readonly<Record<string, unknown>> =>
  CLASS_DEFAULTS.get(type ?? '') ?? {};

/** Depth to which parts of a model hold parts. */
const MAX_DEPTH = 4;

function readPart(config: Fields, context: Context): Architecture {
  const family = FAMILY_BY_TYPE.get(context.type);
  if (family !== undefined) return family.read(config, context);
  // A part of an unknown type: the fault is told with the part's own name.
  config.count('model_type');
  return { stacks: [], vocab: 0, tied: false, head: 'none' };
}

function contextOf(config: Fields, type: string, depth = 0): Context {
  const [first] = config.list('architectures') ?? [];
  const architecture = typeof first === 'string' ? first : undefined;
  const part = (name: string, otherwise?: string): Architecture => {
    const own = config.inside(name).text('model_type') ?? otherwise ?? '';
    const inner = config.inside(name, () => defaultsOf(own));
    const readAs = FAMILY_BY_TYPE.has(own) ? own : (nearestType(inner.get.bind(inner)) ?? own);
    if (depth >= MAX_DEPTH) {
      config.count(`${name}.depth`);
      return { stacks: [], vocab: 0, tied: false, head: 'none' };
    }
    return readPart(inner, { ...contextOf(inner, readAs, depth + 1), head: 'none' });
  };
  return {
    type,
    ...(architecture !== undefined && { architecture }),
    head: headOf(architecture),
    // A question's answer has a start and an end.
    labels: /ForQuestionAnswering/.test(architecture ?? '') ? 2 : labelsOf(config),
    part,
    itself: (other) => readPart(config, { ...contextOf(config, other, depth + 1), head: 'none' }),
  };
}

function headOf(architecture: string | undefined): Model['head'] {
  if (architecture === undefined) return 'vocab';
  if (/For(Sequence|Token|Image)Classification|ForQuestionAnswering/.test(architecture)) {
    return 'labels';
  }
  return /Model$|Encoder$/.test(architecture) && !/(LMHead|MT|ChatGLM)Model$/.test(architecture)
    ? 'none'
    : 'vocab';
}

/** Two classes are what transformers has where the config names none. */
function labelsOf(config: Fields): number {
  const labels = config.get('id2label');
  const named = isPlain(labels) ? Object.keys(labels).length : 0;
  return named > 0 ? named : (config.maybeCount('num_labels') ?? 2);
}

/** The type in which a config of an unknown one can be read, by the fields that it has. */
function nearestType(json: Readonly<Record<string, unknown>> | ((name: string) => unknown)) {
  const has = (name: string): boolean =>
    typeof (typeof json === 'function' ? json(name) : json[name]) === 'number';
  const common = ['hidden_size', 'num_hidden_layers', 'num_attention_heads', 'vocab_size'];
  if (!common.every(has)) return undefined;
  if (has('kv_lora_rank')) return has('n_routed_experts') ? 'deepseek_v3' : undefined;
  if (['num_experts', 'num_local_experts', 'n_routed_experts'].some(has)) {
    return has('moe_intermediate_size') ? 'qwen3_moe' : undefined;
  }
  return has('intermediate_size') ? 'llama' : undefined;
}

function typeOf(json: Readonly<Record<string, unknown>>): string | undefined {
  const type = json['model_type'];
  return typeof type === 'string' && type !== '' ? type : undefined;
}

function otherConfigOf(json: Readonly<Record<string, unknown>>): OtherConfig | undefined {
  const has = (name: string): boolean => Object.hasOwn(json, name);
  if (has('peft_type') || (has('target_modules') && has('base_model_name_or_path'))) {
    return 'adapter';
  }
  if (has('_diffusers_version') || has('_class_name')) return 'diffusers';
  if (has('weight_map')) return 'weight-index';
  if (has('model_type')) return undefined;
  if (has('quant_method') || has('quant_config')) return 'quantization';
  if (has('pretrained_cfg') || (has('architecture') && has('num_classes'))) return 'timm';
  return has('tokenizer_class') && !has('hidden_size') ? 'tokenizer' : undefined;
}

function modelOf(config: Fields, all: Architecture, family: string, source: string): Model {
  const { ties: _, ...read } = all;
  const inner = ['text_config', 'llm_config', 'language_config'].find((name) => config.has(name));
  const configs = [config, ...(inner === undefined ? [] : [config.inside(inner)])];
  const dtype = configs.map(dtypeOf).find((one) => one !== undefined);
  const quantization = configs.map(quantizationOf).find((one) => one !== undefined);
  return {
    name: config.text('_name_or_path') || source,
    family,
    ...read,
    ...(dtype !== undefined && { dtype }),
    ...(quantization !== undefined && { quantization }),
    source,
  };
}

const DTYPES: ReadonlyMap<string, NonNullable<Model['dtype']>> = new Map([
  ['float32', 'fp32'],
  ['float16', 'fp16'],
  ['bfloat16', 'bf16'],
  ['float8_e4m3fn', 'fp8'],
]);

const dtypeOf = (config: Fields): Model['dtype'] =>
  DTYPES.get((config.text('torch_dtype', 'dtype') ?? '').replace('torch.', ''));

const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

type Refusable =
  | 'not_object'
  | 'no_type'
  | 'unknown_type'
  | 'too_large'
  | 'weight_index'
  | Exclude<OtherConfig, 'weight-index'>;

function refused(
  what: Refusable,
  source: string,
  params: Readonly<Record<string, string>> = {},
): { readonly ok: false; readonly problem: Problem } {
  return {
    ok: false,
    problem: {
      code: `model-config-${what.replaceAll('_', '-')}`,
      what: say(TEXTS, what, params),
      why: say(TEXTS, `${what}_why`, params),
      todo: say(TEXTS, `${what}_todo`, params),
      at: { source },
    },
  };
}

/** Faults that are told by name; the first few show what is wrong with the rest. */
const MAX_TOLD = 8;

function faulty(
  faults: readonly FieldFault[],
  source: string,
): { readonly ok: false; readonly problem: Problem } {
  const missing = faults.filter(({ fault }) => fault === 'missing');
  const told = missing.length > 0 ? missing : faults;
  const names = [...new Set(told.map(({ field }) => shortened(field)))];
  const fields = enumerated(names.slice(0, MAX_TOLD));
  return {
    ok: false,
    problem: {
      code: missing.length > 0 ? 'model-config-missing-fields' : 'model-config-bad-fields',
      what: say(TEXTS, missing.length > 0 ? 'missing' : 'bad', { fields }),
      why: say(TEXTS, missing.length > 0 ? 'missing_why' : 'bad_why'),
      todo: say(TEXTS, 'fields_todo'),
      at: { source },
    },
  };
}

function readAsNote(type: string | undefined, readAs: string, source: string): Note {
  return {
    code: 'model-type-unknown',
    text: say(TEXTS, type === undefined ? 'read_without_type' : 'read_as', {
      type: shortened(type ?? ''),
      as: readAs,
    }),
    at: { source },
  };
}

type Key =
  | Refusable
  | `${Refusable}_why`
  | `${Refusable}_todo`
  | 'missing'
  | 'missing_why'
  | 'bad'
  | 'bad_why'
  | 'fields_todo'
  | 'read_as'
  | 'read_without_type';

const TEXTS: TextTable<Key> = {
  en: {
    not_object: 'This is not the config of a model.',
    not_object_why: 'The JSON holds no object at its top.',
    not_object_todo: "Give the checkpoint's config.json.",
    no_type: 'This config does not say what model it describes.',
    no_type_why: 'It has no model_type, and not the fields of a language model either.',
    no_type_todo: "Give the checkpoint's config.json as its authors published it.",
    unknown_type: 'The architecture {type} is not known here.',
    unknown_type_why:
      'No reader has its model_type, and its fields do not show a decoder like Llama.',
    unknown_type_todo:
      'Give the safetensors header or index, or a GGUF file: its tensors are counted without the architecture.',
    too_large: 'The config describes more than any model has.',
    too_large_why: 'It comes to 4,096 layers in a row or more than 280 trillion parameters.',
    too_large_todo: 'Take the config.json of the checkpoint again, unchanged.',
    adapter: 'This is the config of an adapter, not of a model.',
    adapter_why: 'It names the kind of adapter and the modules that it changes.',
    adapter_todo: "Give the base model's config.json as well.",
    diffusers: 'This is the config of a part of a diffusers pipeline.',
    diffusers_why: 'It names a class of diffusers.',
    diffusers_todo: "Give the pipeline's folder, or the text encoder's own config.json.",
    quantization: 'This only says how a checkpoint is quantised.',
    quantization_why: 'It has a quantisation method and no architecture.',
    quantization_todo: 'Give the config.json beside it.',
    weight_index: 'This is the index of the weights, not the config.',
    weight_index_why: 'It maps names of weights to files.',
    weight_index_todo: 'Give the config.json beside it.',
    tokenizer: 'This is the config of a tokenizer.',
    tokenizer_why: 'It names a tokenizer class and has no layers.',
    tokenizer_todo: 'Give the config.json beside it.',
    timm: 'This is a config of timm.',
    timm_why: 'It names an architecture of timm; its dimensions are in that package only.',
    timm_todo: 'Give the safetensors header: its tensors are counted without the architecture.',
    missing: 'Fields are missing in the config: {fields}.',
    missing_why: 'Without them the shapes of the weights are not known.',
    bad: 'Fields of the config are no counts: {fields}.',
    bad_why: 'A dimension is a whole number from 1 to 67,108,864.',
    fields_todo: 'Take the config.json of the checkpoint again, unchanged.',
    read_as:
      'The architecture {type} is not known here; its fields are those of {as}, and it was read as such.',
    read_without_type:
      'The config names no model_type; its fields are those of {as}, and it was read as such.',
  },
  zh: {
    not_object: '这不是模型的配置文件。',
    not_object_why: 'JSON 顶层不是对象。',
    not_object_todo: '应提供检查点的 config.json。',
    no_type: '这份配置没有说明它描述的是什么模型。',
    no_type_why: '没有 model_type，也没有语言模型应有的字段。',
    no_type_todo: '应提供作者发布的原始 config.json。',
    unknown_type: '无法识别架构 {type}。',
    unknown_type_why: '没有读取器支持这个 model_type，字段也不像 Llama 一类的解码器。',
    unknown_type_todo:
      '改为提供 safetensors 文件头或索引，或者 GGUF 文件：不知道架构也能统计其中的张量。',
    too_large: '配置描述的规模超过任何模型。',
    too_large_why: '连续 4,096 层以上，或参数超过 280 万亿。',
    too_large_todo: '重新获取检查点的 config.json，不要改动。',
    adapter: '这是适配器的配置，不是模型的配置。',
    adapter_why: '其中写的是适配器类型和它修改的模块。',
    adapter_todo: '还需要基础模型的 config.json。',
    diffusers: '这是 diffusers 流水线中某个组件的配置。',
    diffusers_why: '其中写的是 diffusers 的类名。',
    diffusers_todo: '应提供整个流水线目录，或文本编码器自己的 config.json。',
    quantization: '这份文件只说明检查点如何量化。',
    quantization_why: '有量化方法，没有架构。',
    quantization_todo: '应提供同一目录下的 config.json。',
    weight_index: '这是权重索引，不是配置。',
    weight_index_why: '其内容是权重名到文件的映射。',
    weight_index_todo: '应提供同一目录下的 config.json。',
    tokenizer: '这是分词器的配置。',
    tokenizer_why: '其中写的是分词器类名，没有层数。',
    tokenizer_todo: '应提供同一目录下的 config.json。',
    timm: '这是 timm 的配置。',
    timm_why: '其中只有 timm 的架构名，具体维度只在该软件包里。',
    timm_todo: '改为提供 safetensors 文件头：不知道架构也能统计其中的张量。',
    missing: '配置缺少字段：{fields}。',
    missing_why: '缺少它们就无法确定权重的形状。',
    bad: '配置中的字段不是有效的数量：{fields}。',
    bad_why: '维度必须是 1 到 67,108,864 之间的整数。',
    fields_todo: '重新获取检查点的 config.json，不要改动。',
    read_as: '无法识别架构 {type}；其字段与 {as} 相同，已按 {as} 读取。',
    read_without_type: '配置没有 model_type；其字段与 {as} 相同，已按 {as} 读取。',
  },
  ru: {
    not_object: 'Это не конфигурация модели.',
    not_object_why: 'На верхнем уровне JSON нет объекта.',
    not_object_todo: 'Нужен config.json чекпойнта.',
    no_type: 'Из этой конфигурации не видно, какую модель она описывает.',
    no_type_why: 'В ней нет ни model_type, ни полей языковой модели.',
    no_type_todo: 'Нужен config.json чекпойнта в том виде, в каком его опубликовали авторы.',
    unknown_type: 'Архитектура {type} здесь неизвестна.',
    unknown_type_why: 'Её model_type никто не читает, а поля не похожи на декодер вроде Llama.',
    unknown_type_todo:
      'Подойдёт заголовок или индекс safetensors либо файл GGUF: тензоры можно посчитать и без архитектуры.',
    too_large: 'Таких больших моделей, как в этой конфигурации, не бывает.',
    too_large_why: 'Получается 4096 слоёв подряд или больше 280 трлн параметров.',
    too_large_todo: 'Возьми config.json чекпойнта заново, без правок.',
    adapter: 'Это конфигурация адаптера, а не модели.',
    adapter_why: 'В ней указаны вид адаптера и модули, которые он меняет.',
    adapter_todo: 'Нужен ещё config.json базовой модели.',
    diffusers: 'Это конфигурация части конвейера diffusers.',
    diffusers_why: 'В ней указан класс diffusers.',
    diffusers_todo: 'Нужна папка конвейера или config.json текстового кодировщика.',
    quantization: 'Этот файл говорит только о том, как квантован чекпойнт.',
    quantization_why: 'В нём есть метод квантования, но нет архитектуры.',
    quantization_todo: 'Нужен config.json из той же папки.',
    weight_index: 'Это индекс весов, а не конфигурация.',
    weight_index_why: 'В нём имена весов сопоставлены файлам.',
    weight_index_todo: 'Нужен config.json из той же папки.',
    tokenizer: 'Это конфигурация токенизатора.',
    tokenizer_why: 'В ней указан класс токенизатора и нет слоёв.',
    tokenizer_todo: 'Нужен config.json из той же папки.',
    timm: 'Это конфигурация timm.',
    timm_why: 'В ней указано имя архитектуры timm; размеры есть только в самом пакете.',
    timm_todo: 'Подойдёт заголовок safetensors: тензоры можно посчитать и без архитектуры.',
    missing: 'В конфигурации не хватает полей: {fields}.',
    missing_why: 'Без них формы весов неизвестны.',
    bad: 'Поля конфигурации не годятся как размеры: {fields}.',
    bad_why: 'Размер — целое число от 1 до 67 108 864.',
    fields_todo: 'Возьми config.json чекпойнта заново, без правок.',
    read_as: 'Архитектура {type} здесь неизвестна; поля у неё как у {as}, так она и прочитана.',
    read_without_type: 'В конфигурации нет model_type; поля как у {as}, так она и прочитана.',
  },
};
