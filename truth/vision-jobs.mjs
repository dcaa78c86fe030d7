// @ts-check
/**
 * Rows of networks of images: from what a row says of its inputs to the network and the job. What a library does unless told
 * otherwise was read in its source: detectron2 0.1, mmdetection 2.28, mmsegmentation 0.30, mmrotate 0.3, timm 1.0.
 */

/** @typedef {import('./jobs.mjs').Row & { image_size?: string | null }} Row */
/** @typedef {import('./jobs.mjs').Covered} Covered */
/** @typedef {import('../dist/types/core/footprints.d.ts').Job} Job */
/** @typedef {import('../dist/types/core/footprints.d.ts').BackboneOptions} BackboneOptions */
/** @typedef {import('../dist/types/core/footprints.d.ts').DetectorOptions} DetectorOptions */

/** @type {readonly (readonly [RegExp, (row: Row) => Covered | string])[]} */
const LIBRARIES = [
  [/^detectron2/, detectron2],
  [/^mmdetection/, mmdetection],
  [/^mmrotate/, mmrotate],
  [/^mmsegmentation/, mmsegmentation],
];

/** @param {Row} row */
export const isVisionRow = ({ framework }) => LIBRARIES.some(([name]) => name.test(framework ?? ''));

/**
 * @param {Row} row
 * @returns {Covered | string}
 */
export function visionJob(row) {
  const [, job] = LIBRARIES.find(([name]) => name.test(row.framework ?? '')) ?? [];
  if (job === undefined) return 'the framework is not covered';
  if (row.metric !== 'max_memory_allocated') return `metric ${row.metric}`;
  return job(row);
}

/**
 * What PyTorch before 1.11 did: gradients were set to zero and stayed, DDP copied them into buckets, softmax kept its input.
 * @param {Row} row
 * @param {number} batch
 * @param {{ height: number, width: number }} image
 * @returns {Partial<Job>}
 */
function trained(row, batch, image) {
  const ranks = row.n_gpus ?? 1;
  const isHalf = /amp|fp16/i.test(row.precision ?? '');
  return {
    purpose: 'training',
    trains: 'all',
    weightWidth: 4,
    wholeWidth: 4,
    gradientWidth: 4,
    width: 4,
    ...(isHalf ? { autocast: 2 } : {}),
    optimizer: /^adamw/i.test(row.optimizer ?? '') ? 'adamw-loop' : 'sgd-momentum',
    keepsGradients: true,
    keepsScores: true,
    bucketCopies: ranks > 1,
    parallel: { data: ranks, tensor: 1, pipeline: 1, context: 1, expert: 1 },
    batch,
    image,
  };
}

/**
 * The largest image of training, padded to a multiple of 32: images of a batch are of one orientation.
 * @param {string | null | undefined} text
 */
function largestImage(text) {
  const [, long, short] = /^(\d+)x(\d+)$/.exec(text ?? '') ?? [];
  const up = (/** @type {number} */ size) => Math.ceil(size / 32) * 32;
  if (long !== undefined) return { height: up(Number(short)), width: up(Number(long)) };
  // Crops of 384 to 600 a side, enlarged to 800 for the shorter one: 1250 of either orientation in one batch.
  if (/^ms-crop 480-800/.test(text ?? '')) return { height: 1280, width: 1280 };
  if (/640-800|short side 800/.test(text ?? '')) return { height: 800, width: 1344 };
  return undefined;
}

/** @param {DetectorOptions} options @returns {NonNullable<Covered['network']>} */
const detection = (options) => ({ detectorNetwork }) => detectorNetwork(options);

const ALL = ['forward', 'backward', 'optimizer'];

/** @param {Row} row @returns {Covered | string} */
function detectron2(row) {
  const config = /config (\S+)/.exec(row.other_flags ?? '')?.[1] ?? '';
  if (/^projects\/ViTDet|ViTDet\/README/.test(row.source.replace(/^.*detectron2 /, ''))) return vitDet(row);
  const image = largestImage(row.image_size);
  if (image === undefined) return `images of ${row.image_size}`;
  if (row.batch_per_gpu === null) return 'batch is not told';
  if (/densepose/.test(config)) return 'a head for dense poses';
  if (/dconv/.test(config)) return 'deformable convolutions';
  if (/scratch/.test(config)) return 'trained from scratch with norms of the batch';
  const [, kind, letter = 'R', depth, , neck = 'FPN'] =
    /^(faster_rcnn|mask_rcnn|cascade_mask_rcnn|keypoint_rcnn|retinanet|rpn|panoptic_fpn)_([RX])_(50|101)(_32x8d)?_?(FPN|C4|DC5)?/.exec(config) ?? [];
  if (kind === undefined || depth === undefined) return `config ${config}`;
  const isGroup = /_gn$/.test(config);
  if (/LVIS/.test(row.model)) return 'annotated boxes of the fullest image are not known';
  /** @type {BackboneOptions} */
  const backbone = {
    depth: depth === '50' ? 50 : 101,
    ...(letter === 'X' ? { groups: 32, base: 8 } : {}),
    norm: isGroup ? 'group' : 'constant',
    frozen: 2,
    caffe: letter === 'R' && !isGroup,
  };
  const neckOf = { FPN: 'pyramid', C4: 'c4', DC5: 'dc5' };
  /** @type {DetectorOptions} */
  const options = {
    backbone: { kind: 'resnet', of: backbone },
    library: 'detectron2',
    head: kind === 'rpn' ? 'rpn' : kind === 'retinanet' ? 'retina' : 'faster',
    neck: /** @type {'pyramid' | 'c4' | 'dc5'} */ (neckOf[/** @type {'FPN' | 'C4' | 'DC5'} */ (neck)]),
    masks: /mask|panoptic/.test(kind),
    cascade: /cascade/.test(kind),
    keypoints: kind === 'keypoint_rcnn',
    panoptic: kind === 'panoptic_fpn',
    classes: kind === 'keypoint_rcnn' ? 1 : /VOC/.test(row.model) ? 20 : 80,
    ...(isGroup ? { norm: 'group' } : {}),
  };
  return { job: trained(row, row.batch_per_gpu, image), view: 'allocated', moments: ALL, network: detection(options) };
}

/**
 * ViTDet: the name says the size, a config may be one that others are made from. Images are padded to their square.
 * @param {Row} row
 * @returns {Covered | string}
 */
function vitDet(row) {
  const [, side] = /^(\d+)x\1/.exec(row.image_size ?? '') ?? [];
  if (side === undefined || row.batch_per_gpu === null) return 'images or batch are not told';
  const [, vit, swin] = /\b(?:ViT-([BLH])|Swin-([BL]))\b/.exec(row.model) ?? [];
  if (vit === undefined && swin === undefined) return `backbone ${row.model}`;
  const isCascade = /^Cascade/.test(row.model);
  /** @type {DetectorOptions} */
  const options = {
    backbone: vit === undefined ? { kind: 'swin', size: SIZES[/** @type {'B' | 'L'} */ (swin)] } : { kind: 'vitdet', size: vit.toLowerCase() },
    library: 'detectron2',
    head: 'faster',
    masks: true,
    cascade: isCascade,
    norm: 'channel',
    proposalConvs: 2,
  };
  // Several cards; PyTorch of 2022 keeps the result of softmax alone.
  const of = trained({ ...row, n_gpus: row.n_gpus ?? 2 }, row.batch_per_gpu, { height: Number(side), width: Number(side) });
  return { job: { ...of, keepsScores: false }, view: 'allocated', moments: ALL, network: detection(options) };
}

/**
 * A ResNet as mmdetection and mmrotate train it: statistics fixed, the weights of norms trained unless it is Caffe's.
 * @param {string} text
 * @returns {BackboneOptions | undefined}
 */
function openmmlab(text) {
  const [, letter, depth, shape] = /\b(R|X|ResNet)-?(18|50|101)(?:-(32x4d|64x4d))?/.exec(text) ?? [];
  if (letter === undefined || (letter === 'X' && shape === undefined)) return undefined;
  const [groups, base] = shape === undefined ? [1, 64] : shape === '32x4d' ? [32, 4] : [64, 4];
  return {
    depth: /** @type {18 | 50 | 101} */ (Number(depth)),
    groups,
    base,
    norm: 'eval',
    frozen: 2,
    caffe: /caffe/.test(text),
  };
}

/** @typedef {import('../dist/types/core/footprints.d.ts').Encoder} Encoder */

/** @param {string} text @returns {Encoder | undefined} */
function encoderOf(text) {
  const swin = /\bSwin-([TSBL])\b/.exec(text)?.[1];
  if (swin !== undefined) return { kind: 'swin', size: SIZES[/** @type {'T' | 'S' | 'B' | 'L'} */ (swin)] };
  const convnext = /\bConvNeXt-([TSBL])\b/.exec(text)?.[1];
  if (convnext !== undefined) return { kind: 'convnext', size: SIZES[/** @type {'T' | 'S' | 'B' | 'L'} */ (convnext)] };
  const pvt = /\bPVT(?:-(Tiny|Small|Medium|Large)|v2-(B\d))\b/.exec(text);
  if (pvt !== null) return { kind: 'pvt', size: (pvt[1] ?? pvt[2] ?? '').toLowerCase() };
  const of = openmmlab(text);
  return of === undefined ? undefined : { kind: 'resnet', of };
}

const SIZES = /** @type {const} */ ({ T: 'tiny', S: 'small', B: 'base', L: 'large' });

/** @param {Row} row @returns {Covered | string} */
function mmdetection(row) {
  const [, family = '', variant = ''] = /^([^:]*): (.*)$/.exec(row.model) ?? [];
  const image = largestImage(row.image_size);
  if (image === undefined) return `images of ${row.image_size}`;
  // Configs of the two largest PVT v2 set one image a card.
  const batch = row.batch_per_gpu ?? (/PVTv2-B[45]/.test(variant) ? 1 : null);
  if (batch === null) return 'batch is not told';
  const head = /^(?:(Faster|Mask|Cascade(?: Mask)?) R-CNN|RetinaNet|FCOS|ATSS)\b/.exec(family);
  if (head === null) return `family ${family}`;
  if (/dconv|DCN|\bGN\b|PAFPN|BFP|NAS|\bws\b|carafe|albu|OHEM|Soft/i.test(row.model)) return 'a part that is not covered';
  const backbone = encoderOf(variant);
  if (backbone === undefined) return `backbone ${variant}`;
  const classes = Number(/(\d+) class/.exec(variant)?.[1] ?? 80);
  /** @type {DetectorOptions} */
  const options = {
    backbone,
    library: 'mmdet',
    head: head[1] === undefined ? 'retina' : 'faster',
    ...(/^(?:FCOS|ATSS)/.test(family) ? { anchors: 1, headNorms: true } : {}),
    masks: /Mask/.test(family),
    cascade: /Cascade/.test(family),
    cascadeMasks: /Cascade Mask/.test(family),
    classes,
  };
  return { job: trained(row, batch, image), view: 'allocated', moments: ALL, network: detection(options) };
}

/** @param {Row} row @returns {Covered | string} */
function mmrotate(row) {
  const config = /config=(\S+)/.exec(row.other_flags ?? '')?.[1] ?? '';
  const image = largestImage(row.image_size);
  if (image === undefined) return `images of ${row.image_size}`;
  if (row.batch_per_gpu === null) return 'batch is not told';
  const kind = /^rotated_(retinanet|atss)_/.exec(config)?.[1];
  if (kind === undefined) return `config ${config}`;
  if (/csl/.test(config)) return 'angles as classes';
  const backbone = encoderOf(row.model);
  if (backbone === undefined) return `backbone ${row.model}`;
  /** @type {DetectorOptions} */
  const options = {
    backbone,
    library: 'mmdet',
    head: 'retina',
    classes: /hrsc/.test(config) ? 1 : 15,
    sides: 5,
    // One anchor a position, norms of groups in the convolutions of the head.
    ...(kind === 'retinanet' ? {} : { anchors: 1, headNorms: true }),
  };
  const job = trained(row, row.batch_per_gpu, image);
  const isAdamW = /adamw/.test(config);
  return {
    job: isAdamW ? { ...job, optimizer: 'adamw-loop' } : job,
    view: 'allocated',
    moments: ALL,
    network: detection(options),
  };
}

/** Widths, layers and heads of plain ViTs. */
const VITS = new Map([
  ['T', { hidden: 192, layers: 12, heads: 3 }],
  ['S', { hidden: 384, layers: 12, heads: 6 }],
  ['B', { hidden: 768, layers: 12, heads: 12 }],
  ['L', { hidden: 1024, layers: 24, heads: 16 }],
]);

/** @typedef {import('../dist/types/core/footprints.d.ts').SegmenterOptions} SegmenterOptions */

/** @param {Row} row @returns {Covered | string} */
function mmsegmentation(row) {
  const [, family = '', variant = ''] = /^([^:]*): (.*)$/.exec(row.model) ?? [];
  const [, height, width] = /^(\d+)x(\d+)$/.exec(row.image_size ?? '') ?? [];
  if (height === undefined) return `images of ${row.image_size}`;
  const classes = Number(/(\d+) classes/.exec(family)?.[1] ?? (/ADE20K/.test(family) ? 150 : /Cityscapes/.test(family) ? 19 : 0));
  if (classes === 0) return 'classes are not told';
  const options = segmenterOf(family, variant, classes);
  if (typeof options === 'string') return options;
  // Configs of UPerNet on transformers and ConvNeXt set two images a card.
  const batch = row.batch_per_gpu ?? 2;
  const image = { height: Number(height), width: Number(width) };
  return {
    job: trained(row, batch, image),
    view: 'allocated',
    moments: ALL,
    network: ({ segmenterNetwork }) => segmenterNetwork(options),
  };
}

/**
 * @param {string} family
 * @param {string} variant
 * @param {number} classes
 * @returns {SegmenterOptions | string}
 */
function segmenterOf(family, variant, classes) {
  if (/^SegFormer/.test(family)) {
    const size = /MiT-(B\d)/.exec(variant)?.[1]?.toLowerCase();
    return size === undefined ? `encoder ${variant}` : { encoder: { kind: 'mit', size }, head: 'segformer', classes };
  }
  const dense = /^(FCN|PSPNet|DeepLabV3)\b(?!\+)/.exec(family)?.[1];
  if (dense !== undefined) {
    const [, depth, kind, stride] = /R-(18|50|101)(b?)-D(8|16)/.exec(variant) ?? [];
    if (depth === undefined) return `encoder ${variant}`;
    const steps = stride === '8' ? { strides: [1, 2, 1, 1], dilations: [1, 1, 2, 4] } : { strides: [1, 2, 2, 1], dilations: [1, 1, 1, 2] };
    const of = { depth: /** @type {18 | 50 | 101} */ (Number(depth)), norm: /** @type {const} */ ('batch'), deepStem: kind === '', ...steps };
    const head = /** @type {const} */ ({ FCN: 'fcn', PSPNet: 'psp', DeepLabV3: 'aspp' })[/** @type {'FCN' | 'PSPNet' | 'DeepLabV3'} */ (dense)];
    return { encoder: { kind: 'resnet', of }, head, classes };
  }
  const isUperNet = /^UPerNet/.test(family);
  const [, scheme, letter] = /^(ConvNeXt|Swin)-([TSBL])\b/.exec(variant) ?? [];
  if (isUperNet && letter !== undefined) {
    const size = SIZES[/** @type {'T' | 'S' | 'B' | 'L'} */ (letter)];
    return { encoder: { kind: scheme === 'Swin' ? 'swin' : 'convnext', size }, head: 'upernet', classes };
  }
  const depth = /^R-(18|50|101)\b/.exec(variant)?.[1];
  if (isUperNet && depth !== undefined) {
    const of = { depth: /** @type {18 | 50 | 101} */ (Number(depth)), norm: /** @type {const} */ ('batch'), deepStem: true };
    return { encoder: { kind: 'resnet', of }, head: 'upernet', classes };
  }
  const vit = VITS.get(/\b(?:ViT|DeiT)-([TSBL])/.exec(variant)?.[1] ?? '');
  if (vit === undefined) return `encoder ${variant}`;
  const outputs = (/** @type {readonly number[]} */ of) => /** @type {const} */ ({ kind: 'vit', of: { ...vit, patch: 16, outputs: of } });
  if (isUperNet) return { encoder: outputs([2, 5, 8, 11]), head: 'upernet', classes, levels: /MLN/.test(variant) };
  if (/^SETR/.test(family)) {
    const kind = /\b(PUP|MLA)\b/.exec(variant)?.[1];
    if (kind === undefined) return `head ${variant}`;
    return { encoder: outputs(kind === 'PUP' ? [9, 14, 19, 23] : [5, 11, 17, 23]), head: kind === 'PUP' ? 'setr-pup' : 'setr-mla', classes };
  }
  if (/^Segmenter/.test(family) && /mask/.test(variant)) return { encoder: outputs([vit.layers - 1]), head: 'segmenter', classes };
  return `${family} on ${variant}`;
}
