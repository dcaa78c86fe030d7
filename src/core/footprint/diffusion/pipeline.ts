/** A pipeline of diffusers from its `model_index.json` and the `config.json` of each part. */
import type { Problem } from '../../base/problem.ts';
import { enumerated, say, type TextTable } from '../../base/texts.ts';
import { Fields, isPlain } from '../../workload/model/fields.ts';
import type { Model, Weight } from '../../workload/model/model.ts';
import { readModelConfig } from '../../workload/model/read.ts';
import { weightsOf } from '../../workload/model/weights.ts';
import { AUTOENCODERS, DENOISERS, type KnownAutoencoder, type KnownDenoiser } from './nets.ts';

export interface TextEncoder {
  /** `text_encoder`, `text_encoder_2`, … */
  readonly part: string;
  readonly model: Model;
  readonly weights: readonly Weight[];
}

/** What a class of pipelines does unless it is told otherwise. */
export interface Usual {
  /** Prompt and negative prompt go through the denoiser as one batch of twice the size. */
  readonly guided: boolean;
  /** Tokens of the text that the denoiser attends to. */
  readonly textTokens: number;
  /** Longer edge in pixels, and the shorter one as a share of it. */
  readonly resolution: number;
  readonly aspect: number;
  /** Of a video; 1 for images. */
  readonly frames: number;
  /** The autoencoder is cast to fp32 to decode where its config asks for it. */
  readonly upcasts: boolean;
}

export interface Pipeline {
  readonly name: string;
  /** `StableDiffusionXLPipeline`. */
  readonly class: string;
  readonly denoiser: KnownDenoiser;
  /** Absent where its class is not known: decoding is not predicted then. */
  readonly autoencoder?: KnownAutoencoder;
  /** Pixels of an edge and frames for one latent, and channels of one. */
  readonly latent: { readonly space: number; readonly time: number; readonly channels: number };
  readonly encoders: readonly TextEncoder[];
  readonly usual: Usual;
  /** Parts that are not counted, with their classes: `transformer_2 (WanTransformer3DModel)`. */
  readonly unread: readonly string[];
  readonly source: string;
}

export type PipelineReading =
  | { readonly ok: true; readonly pipeline: Pipeline }
  | { readonly ok: false; readonly problem: Problem };

/** Parsed JSON by its place: `model_index.json`, `unet/config.json`. */
export type PipelineFiles = ReadonlyMap<string, unknown>;

/** The denoiser as a model: a pipeline has no layers that other parts of a plan could divide. */
export const modelOf = ({ name, class: family, denoiser, source }: Pipeline): Model => ({
  name,
  family,
  stacks: [],
  vocab: 0,
  tied: false,
  head: 'none',
  // Networks over maps are run in fp16 as a rule, transformers in bf16.
  dtype: denoiser.class.includes('UNet') ? 'fp16' : 'bf16',
  source,
});

/** What a plan is made with. */
export const knownPipeline = (
  pipeline: Pipeline,
): { readonly model: Model; readonly weights: readonly Weight[]; readonly pipeline: Pipeline } => ({
  model: modelOf(pipeline),
  weights: pipeline.denoiser.weights,
  pipeline,
});

const IMAGE = {
  guided: true,
  textTokens: 77,
  resolution: 1024,
  aspect: 1,
  frames: 1,
  upcasts: false,
};

/**
 * Sources: diffusers@0.42.1:pipelines: stable_diffusion, stable_diffusion_xl, stable_diffusion_3, flux, flux2,
 * pixart_alpha, ltx, cogvideo, wan, hunyuan_video, qwenimage: defaults of `__call__`. Where guidance runs the denoiser twice in turn, the batch stays.
 */
const USUAL: readonly (readonly [name: RegExp, usual: Usual])[] = [
  [/^StableDiffusionXL/, { ...IMAGE, upcasts: true }],
  [/^StableDiffusion3/, { ...IMAGE, textTokens: 77 + 256 }],
  [/^StableDiffusion/, { ...IMAGE, resolution: 512 }],
  [/^Flux/, { ...IMAGE, guided: false, textTokens: 512 }],
  [/^PixArtAlpha/, { ...IMAGE, textTokens: 120 }],
  [/^PixArtSigma/, { ...IMAGE, textTokens: 300 }],
  [/^LTX/, { ...IMAGE, textTokens: 128, resolution: 704, aspect: 512 / 704, frames: 161 }],
  [
    /^Wan/,
    { ...IMAGE, guided: false, textTokens: 512, resolution: 832, aspect: 480 / 832, frames: 81 },
  ],
  [
    /^HunyuanVideo/,
    { ...IMAGE, guided: false, textTokens: 256, resolution: 1280, aspect: 720 / 1280, frames: 129 },
  ],
  [/^QwenImage/, { ...IMAGE, guided: false, textTokens: 512 }],
  [/^CogVideoX/, { ...IMAGE, textTokens: 226, resolution: 720, aspect: 480 / 720, frames: 49 }],
];

const ENCODER = /^text_encoder(?:_\d)?$/;

export const isPipelineIndex = (json: unknown): boolean =>
  isPlain(json) && typeof json['_class_name'] === 'string' && /Pipeline$/.test(json['_class_name']);

/** @param source where it came from, as the user named it */
export function readPipeline(files: PipelineFiles, source: string): PipelineReading {
  const index = files.get('model_index.json');
  const name = isPlain(index) ? index['_class_name'] : undefined;
  if (!isPlain(index) || typeof name !== 'string') return refused('no_index', source);
  const usual = USUAL.find(([pattern]) => pattern.test(name))?.[1] ?? IMAGE;
  const main = ['transformer', 'unet'].find((part) => isPart(index[part]));
  const config = main === undefined ? undefined : files.get(`${main}/config.json`);
  if (main === undefined || !isPlain(config)) return refused('no_denoiser', source);
  const deep = depthsBeyond(config);
  if (deep.length > 0) return refused('bad_fields', source, { fields: enumerated(deep) });
  const type = classOf(config, index[main]);
  const read = DENOISERS.get(type);
  if (read === undefined) return refused('unknown_class', source, { type });
  const fields = new Fields(config, {}, [], `${main}.`);
  const denoiser = read(fields, type);
  if (denoiser === undefined) {
    const names = fields.faults.slice(0, 8).map(({ field }) => field);
    return refused('bad_fields', source, { fields: enumerated(names) });
  }
  const encoders: TextEncoder[] = [];
  for (const [part, entry] of Object.entries(index)) {
    if (!ENCODER.test(part) || !isPart(entry)) continue;
    const encoder = readModelConfig(files.get(`${part}/config.json`), `${source}/${part}`);
    if (!encoder.ok) return { ok: false, problem: encoder.problem };
    encoders.push({ part, model: encoder.model, weights: weightsOf(encoder.model) });
  }
  const autoencoder = autoencoderOf(index, files);
  return {
    ok: true,
    pipeline: {
      name: source,
      class: name,
      denoiser,
      ...(autoencoder === undefined ? {} : { autoencoder }),
      latent: latentOf(files.get('vae/config.json'), autoencoder),
      encoders,
      usual: ofSample(usual, config, autoencoder),
      unread: unreadOf(index, [
        main,
        ...encoders.map(({ part }) => part),
        ...(autoencoder === undefined ? [] : ['vae']),
      ]),
      source,
    },
  };
}

/** Parts without weights. */
const LIGHT = /^(?:scheduler|tokenizer|processor|feature_extractor|image_processor|feature_)/;

const unreadOf = (
  index: Readonly<Record<string, unknown>>,
  known: readonly string[],
): readonly string[] =>
  Object.entries(index)
    .filter(([part, entry]) => isPart(entry) && !LIGHT.test(part) && !known.includes(part))
    .map(([part, entry]) => `${part} (${classOf({}, entry)})`);

/** What a plan for the pipeline does not count. */
export function uncountedOf({ unread, source }: Pipeline): readonly Problem[] {
  if (unread.length === 0) return [];
  const params = { parts: enumerated(unread.slice(0, 8)) };
  return [
    {
      code: 'pipeline-parts-uncounted',
      what: say(TEXTS, 'uncounted', params),
      why: say(TEXTS, 'uncounted_why'),
      todo: say(TEXTS, 'uncounted_todo'),
      at: { source },
    },
  ];
}

/** Blocks that a network may have: each is gone through. */
const MOST_BLOCKS = 1000;

/** Fields that say how many blocks there are, and say too many. */
const depthsBeyond = (config: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.entries(config)
    .filter(
      ([name, value]) =>
        (Array.isArray(value) && value.length > MOST_BLOCKS) ||
        (/layers|blocks/.test(name) &&
          [value].flat(2).some((one) => typeof one === 'number' && one > MOST_BLOCKS)),
    )
    .map(([name]) => name);

/** What one latent stands for: known with the autoencoder, else as its config says. */
function latentOf(config: unknown, known: KnownAutoencoder | undefined): Pipeline['latent'] {
  if (known !== undefined) return { ...known.scale, channels: known.latentChannels };
  const fields = new Fields(isPlain(config) ? config : {});
  return {
    space: fields.maybeCount('spatial_compression_ratio', 'scale_factor_spatial') ?? 8,
    time: fields.maybeCount('temporal_compression_ratio', 'scale_factor_temporal') ?? 1,
    channels: fields.maybeCount('latent_channels', 'z_dim') ?? 4,
  };
}

/** `["diffusers", "AutoencoderKL"]`; a part that a pipeline does without is `[null, null]`. */
const isPart = (entry: unknown): boolean => Array.isArray(entry) && typeof entry[1] === 'string';

const classOf = (config: Readonly<Record<string, unknown>>, entry: unknown): string =>
  String(config['_class_name'] ?? (Array.isArray(entry) ? entry[1] : ''));

function autoencoderOf(
  index: Readonly<Record<string, unknown>>,
  files: PipelineFiles,
): KnownAutoencoder | undefined {
  const config = files.get('vae/config.json');
  if (!isPart(index['vae']) || !isPlain(config) || depthsBeyond(config).length > 0)
    return undefined;
  const type = classOf(config, index['vae']);
  return AUTOENCODERS.get(type)?.(new Fields(config, {}, [], 'vae.'), type);
}

/** Networks over maps say for what edge of latents they were trained. */
function ofSample(
  usual: Usual,
  config: Readonly<Record<string, unknown>>,
  autoencoder: KnownAutoencoder | undefined,
): Usual {
  const sample = config['sample_size'];
  if (typeof sample !== 'number' || autoencoder === undefined) return usual;
  return { ...usual, resolution: sample * autoencoder.scale.space };
}

type Fault = 'no_index' | 'no_denoiser' | 'unknown_class' | 'bad_fields';

function refused(
  fault: Fault,
  source: string,
  params: Parameters<typeof say>[2] = {},
): { readonly ok: false; readonly problem: Problem } {
  return {
    ok: false,
    problem: {
      code: `pipeline-${fault.replaceAll('_', '-')}`,
      what: say(TEXTS, fault, params),
      why: say(TEXTS, `${fault}_why`),
      todo: say(TEXTS, 'todo'),
      at: { source },
    },
  };
}

const TEXTS: TextTable<
  Fault | `${Fault}_why` | 'todo' | 'uncounted' | 'uncounted_why' | 'uncounted_todo'
> = {
  en: {
    no_index: 'This is no pipeline of diffusers.',
    no_index_why: 'It has no model_index.json with a class.',
    no_denoiser: 'The pipeline has no network that takes noise away.',
    no_denoiser_why: 'Neither unet/config.json nor transformer/config.json is there.',
    unknown_class: 'The network {type} is not known here.',
    unknown_class_why:
      'What a network allocates follows from its code, which was not read for this class.',
    bad_fields: 'Fields of the config are missing or no counts: {fields}.',
    bad_fields_why: 'Without them the shapes of the weights are not known.',
    uncounted: 'Parts of the pipeline are not counted: {parts}.',
    uncounted_why: 'What they allocate follows from their code, which was not read.',
    uncounted_todo: 'Leave room for their weights and for what they compute.',
    todo: 'Give the folder of the pipeline, or a name that is known offline.',
  },
  zh: {
    no_index: '这不是 diffusers 的流水线。',
    no_index_why: '没有写明类名的 model_index.json。',
    no_denoiser: '流水线中没有去噪网络。',
    no_denoiser_why: '既没有 unet/config.json，也没有 transformer/config.json。',
    unknown_class: '无法识别网络 {type}。',
    unknown_class_why: '网络占用的显存取决于其代码，这个类的代码没有读过。',
    bad_fields: '配置缺少字段，或字段不是有效的数量：{fields}。',
    bad_fields_why: '缺少它们就无法确定权重的形状。',
    uncounted: '流水线中有未计入的部分：{parts}。',
    uncounted_why: '它们占用的显存取决于其代码，而这些代码没有读过。',
    uncounted_todo: '需为它们的权重和计算留出余量。',
    todo: '给出流水线的目录，或离线目录中的名称。',
  },
  ru: {
    no_index: 'Это не конвейер diffusers.',
    no_index_why: 'Нет model_index.json с именем класса.',
    no_denoiser: 'В конвейере нет сети, убирающей шум.',
    no_denoiser_why: 'Нет ни unet/config.json, ни transformer/config.json.',
    unknown_class: 'Сеть {type} здесь неизвестна.',
    unknown_class_why:
      'Сколько памяти берёт сеть, следует из её кода, а для этого класса он не читался.',
    bad_fields: 'Поля конфигурации отсутствуют или не годятся как размеры: {fields}.',
    bad_fields_why: 'Без них формы весов неизвестны.',
    uncounted: 'Не учтены части конвейера: {parts}.',
    uncounted_why: 'Сколько памяти они берут, следует из их кода, а он не читался.',
    uncounted_todo: 'Оставить место для их весов и вычислений.',
    todo: 'Передать папку конвейера или имя, известное без сети.',
  },
};
