/**
 * Networks by the names that torchvision and timm give them. Parameters of each are checked against the published
 * counts (`test/models/networks.txt`, written from torchvision's own modules).
 */
import type { Model, Weight } from '../model/model.ts';
import { type NetRecord, type Network, type Parameter, parametersIn } from './graph.ts';
import { type ConvNextSize, convNext } from './nets/convnext.ts';
import { type DenseNetDepth, denseNet } from './nets/densenet.ts';
import { type EfficientNetSize, efficientNet } from './nets/efficientnet.ts';
import { mobileNetV2 } from './nets/mobilenet-v2.ts';
import { mobileNetV3 } from './nets/mobilenet-v3.ts';
import { type ResNetOptions, resNet } from './nets/resnet.ts';
import { SWIN_SIZES, swin } from './nets/swin.ts';
import { unet } from './nets/unet.ts';
import { type VggDepth, vgg } from './nets/vgg.ts';
import { type VitOptions, vit } from './nets/vit.ts';

/** Classes of ImageNet. */
const CLASSES = 1000;

const networks = new Map<string, Network>();

function put(names: string | readonly string[], build: Network['build'], resolution = 224): void {
  const [name = '', ...others] = typeof names === 'string' ? [names] : names;
  const network = { name, resolution, classes: CLASSES, build };
  for (const one of [name, ...others]) networks.set(one, network);
}

const RESNETS: readonly (readonly [string, ResNetOptions])[] = [
  ['resnet18', { depth: 18 }],
  ['resnet34', { depth: 34 }],
  ['resnet50', { depth: 50 }],
  ['resnet101', { depth: 101 }],
  ['resnet152', { depth: 152 }],
  ['resnext50_32x4d', { depth: 50, groups: 32, base: 4 }],
  ['resnext101_32x8d', { depth: 101, groups: 32, base: 8 }],
  ['resnext101_64x4d', { depth: 101, groups: 64, base: 4 }],
  ['wide_resnet50_2', { depth: 50, base: 128 }],
  ['wide_resnet101_2', { depth: 101, base: 128 }],
];
for (const [name, options] of RESNETS) put(name, (h, w, n) => resNet(h, w, n, options));

for (const depth of [11, 13, 16, 19] as readonly VggDepth[]) {
  put(`vgg${depth}`, (h, w, n) => vgg(h, w, n, { depth }));
  put(`vgg${depth}_bn`, (h, w, n) => vgg(h, w, n, { depth, normed: true }));
}

for (const depth of [121, 161, 169, 201] as readonly DenseNetDepth[]) {
  put(`densenet${depth}`, (h, w, n) => denseNet(h, w, n, { depth }));
}

put(['mobilenet_v2', 'mobilenetv2_100'], mobileNetV2);
put(['mobilenet_v3_large', 'mobilenetv3_large_100'], (h, w, n) =>
  mobileNetV3(h, w, n, { size: 'large' }),
);
put(['mobilenet_v3_small', 'mobilenetv3_small_100'], (h, w, n) =>
  mobileNetV3(h, w, n, { size: 'small' }),
);

const EFFICIENT: readonly (readonly [readonly string[], EfficientNetSize, number])[] = [
  [['efficientnet_b0'], 'b0', 224],
  [['efficientnet_b1'], 'b1', 240],
  [['efficientnet_b2'], 'b2', 288],
  [['efficientnet_b3'], 'b3', 300],
  [['efficientnet_b4'], 'b4', 380],
  [['efficientnet_b5'], 'b5', 456],
  [['efficientnet_b6'], 'b6', 528],
  [['efficientnet_b7'], 'b7', 600],
  [['efficientnet_v2_s', 'tf_efficientnetv2_s'], 'v2-s', 384],
  [['efficientnet_v2_m', 'tf_efficientnetv2_m'], 'v2-m', 480],
  [['efficientnet_v2_l', 'tf_efficientnetv2_l'], 'v2-l', 480],
];
for (const [names, size, resolution] of EFFICIENT) {
  put(names, (h, w, n) => efficientNet(h, w, n, { size }), resolution);
}

for (const size of ['tiny', 'small', 'base', 'large'] as readonly ConvNextSize[]) {
  put([`convnext_${size}`], (h, w, n) => convNext(h, w, n, { size }));
}

for (const [letter, size] of [
  ['t', 'tiny'],
  ['s', 'small'],
  ['b', 'base'],
  ['l', 'large'],
] as const) {
  const names = [`swin_${letter}`, `swin_${size}_patch4_window7_224`];
  put(names, (h, w, n) => swin(h, w, n, SWIN_SIZES[size]));
}

const VITS: Readonly<Record<string, Omit<VitOptions, 'patch'>>> = {
  tiny: { hidden: 192, layers: 12, heads: 3, mlp: 768 },
  small: { hidden: 384, layers: 12, heads: 6, mlp: 1536 },
  base: { hidden: 768, layers: 12, heads: 12, mlp: 3072 },
  large: { hidden: 1024, layers: 24, heads: 16, mlp: 4096 },
  huge: { hidden: 1280, layers: 32, heads: 16, mlp: 5120 },
};
const OF_TORCHVISION: readonly (readonly [string, string, number, number])[] = [
  ['vit_b_16', 'base', 16, 224],
  ['vit_b_32', 'base', 32, 224],
  ['vit_l_16', 'large', 16, 224],
  ['vit_l_32', 'large', 32, 224],
  ['vit_h_14', 'huge', 14, 224],
];
for (const [name, size, patch, resolution] of OF_TORCHVISION) {
  const options = VITS[size];
  if (options === undefined) continue;
  put(name, (h, w, n) => vit(h, w, n, { ...options, patch, copies: true }), resolution);
}
const OF_TIMM = /^vit_(tiny|small|base|large|huge)_patch(\d+)_(\d+)$/;

put('unet', (h, w, n) => unet(h, w, n), 512);

/**
 * A network by its name: of torchvision, or of timm without or with its tag (`timm/resnet50.a1_in1k`). Nothing where
 * none is known by it.
 */
export function networkNamed(name: string): Network | undefined {
  const plain = name
    .toLowerCase()
    .replace(/^(?:timm|torchvision|torchvision\.models)[/.]/, '')
    .replace(/\..*$/, '');
  const known = networks.get(plain);
  if (known !== undefined) return known;
  const [, size = '', patch, pixels] = OF_TIMM.exec(plain) ?? [];
  const options = VITS[size];
  if (options === undefined) return undefined;
  return {
    name: plain,
    resolution: Number(pixels),
    classes: CLASSES,
    build: (h, w, n) => vit(h, w, n, { ...options, patch: Number(patch) }),
  };
}

/** Every network once, in the order of the table. */
export const knownNetworks = (): readonly Network[] => [...new Set(networks.values())];

/** The weights as a model has them, equal shapes together. */
export function networkWeights(record: NetRecord): readonly Weight[] {
  const counts = new Map<string, { parameter: Parameter; count: number }>();
  for (const parameter of parametersIn(record)) {
    const key = `${parameter.role} ${parameter.shape.join('x')}`;
    const known = counts.get(key);
    if (known === undefined) counts.set(key, { parameter, count: 1 });
    else known.count += 1;
  }
  return [...counts].map(([name, { parameter, count }]) => ({
    name: name.replace(' ', '.'),
    shape: parameter.shape,
    role: parameter.role,
    count,
  }));
}

/** A network as a model: no layers of a transformer, a head over labels. Its weights are those for its own resolution. */
export function networkModel(
  network: Network,
  name: string = network.name,
): { readonly model: Model; readonly weights: readonly Weight[] } {
  const { resolution, classes } = network;
  const model: Model = {
    name,
    family: 'network',
    stacks: [],
    vocab: 0,
    tied: false,
    head: 'labels',
    labels: classes,
    source: 'torchvision',
    network,
  };
  return { model, weights: networkWeights(network.build(resolution, resolution, classes)) };
}
