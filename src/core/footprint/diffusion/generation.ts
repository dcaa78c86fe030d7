/**
 * A pipeline at work, moment by moment: loading, encoding of the prompt, a step of denoising, decoding.
 *
 * Sources: diffusers@0.42.1:pipelines/pipeline_utils.py (to, enable_model_cpu_offload, enable_sequential_cpu_offload);
 * accelerate@1.15:hooks.py (AlignDevicesHook, CpuOffload).
 */
import { constant, type Factor, type Modelled, plus } from '../../base/factor.ts';
import type { Moment } from '../term.ts';
import {
  autoencoderPart,
  type DiffusionJob,
  denoiserPart,
  encoderPart,
  type Part,
  widthOf,
} from './parts.ts';
import { decodePass, denoisePass, heldBetween, textPass } from './passes.ts';

export interface GenerationMoment {
  readonly moment: Moment;
  /** Bytes by the id of the term. */
  readonly bytes: ReadonlyMap<string, Modelled>;
}

/** Of what is no weight: blocks of one phase are idle in the next. */
const IDLE: Factor = {
  name: 'idle_share_phases',
  low: 0.02,
  mid: 0.12,
  high: 0.5,
  unit: 'ratio',
  source: 'assumed: blocks that one phase leaves and the next does not fit into',
};

type Point = 'load' | 'encode' | 'denoise' | 'render';

interface Parts {
  readonly denoiser: Part;
  readonly encoders: readonly Part[];
  readonly autoencoder: Part;
}

/** Weights on the card: of the denoiser, and of the other parts. */
interface OnCard {
  readonly denoiser: number;
  readonly others: number;
}

const sumOf = (parts: readonly Part[]): number => parts.reduce((sum, { bytes }) => sum + bytes, 0);

/** @param encoder the text encoder at work */
function onCard({ diffusion }: DiffusionJob, parts: Parts, point: Point, encoder: number): OnCard {
  const { denoiser, encoders, autoencoder } = parts;
  if (diffusion.offload === 'none') {
    return { denoiser: denoiser.bytes, others: sumOf(encoders) + autoencoder.bytes };
  }
  // Layer by layer the largest weight at work is there.
  const of = (part: Part | undefined): number =>
    part === undefined ? 0 : diffusion.offload === 'layers' ? part.largest : part.bytes;
  if (point === 'denoise') return { denoiser: of(denoiser), others: 0 };
  if (point === 'encode') return { denoiser: 0, others: of(encoders[encoder]) };
  return { denoiser: 0, others: point === 'render' ? of(autoencoder) : 0 };
}

/** The moments of a pipeline that makes images, each with the bytes of its terms in PyTorch's pool and on the host. */
export function generationMoments(job: DiffusionJob): readonly GenerationMoment[] {
  const { pipeline, diffusion } = job;
  const parts: Parts = {
    denoiser: denoiserPart(job),
    encoders: pipeline.encoders.map((one) => encoderPart(one, diffusion)),
    autoencoder: autoencoderPart(pipeline, diffusion.upcasts ? 4 : widthOf(diffusion)),
  };
  const all = parts.denoiser.bytes + sumOf(parts.encoders) + parts.autoencoder.bytes;
  const at = (point: Point, pass: Modelled, between: number, encoder = 0): GenerationMoment => {
    const { denoiser, others } = onCard(job, parts, point, encoder);
    const held = plus(pass, constant(between));
    const isHostFull = point === 'load' || diffusion.offload === 'layers';
    const waiting = isHostFull ? all : diffusion.offload === 'parts' ? all - denoiser - others : 0;
    const bytes = new Map<string, Modelled>([
      [
        'idle-segments',
        {
          factors: [...held.factors, IDLE],
          at: (values) => held.at(values) * (values.get(IDLE.name) ?? IDLE.mid),
        },
      ],
    ]);
    const put = (id: string, value: number): void => {
      if (value > 0) bytes.set(id, constant(value));
    };
    put('weights', denoiser);
    put('pipeline-parts', others);
    put('latents', between);
    put('host-weights', waiting);
    bytes.set('activations', pass);
    return { moment: { point, turn: 'once' }, bytes };
  };
  const between = heldBetween(job);
  const encoding = pipeline.encoders.map((one, i) =>
    at('encode', constant(textPass(job, one)), 0, i),
  );
  return [
    at('load', constant(0), 0),
    ...highest(encoding),
    at('denoise', denoisePass(job), between),
    ...(diffusion.latentsOnly || pipeline.autoencoder === undefined
      ? []
      : [at('render', decodePass(job), between)]),
  ];
}

/** Text encoders work one after another: the one that needs most. */
function highest(moments: readonly GenerationMoment[]): readonly GenerationMoment[] {
  const total = ({ bytes }: GenerationMoment): number =>
    plus(...[...bytes].filter(([id]) => id !== 'host-weights').map(([, value]) => value)).at(
      new Map(),
    );
  const [first, ...rest] = moments;
  if (first === undefined) return [];
  return [rest.reduce((best, next) => (total(next) > total(best) ? next : best), first)];
}
