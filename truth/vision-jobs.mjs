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
 * What PyTorch before 2.0 did: gradients were set to zero and stayed, DDP copied them into buckets.
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
  if (/640-800|short side 800|480-800/.test(text ?? '')) return { height: 800, width: 1344 };
  return undefined;
}

/** @param {DetectorOptions} options @returns {NonNullable<Covered['network']>} */
const detection = (options) => ({ detectorNetwork }) => detectorNetwork(options);

const ALL = ['forward', 'backward', 'optimizer'];

/** @param {Row} row @returns {Covered | string} */
function detectron2(row) {
  const config = /config (\S+)/.exec(row.other_flags ?? '')?.[1] ?? '';
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
    backbone,
    library: 'detectron2',
    head: kind === 'rpn' ? 'rpn' : kind === 'retinanet' ? 'retina' : 'faster',
    neck: /** @type {'pyramid' | 'c4' | 'dc5'} */ (neckOf[/** @type {'FPN' | 'C4' | 'DC5'} */ (neck)]),
    masks: /mask|panoptic/.test(kind),
    cascade: /cascade/.test(kind),
    keypoints: kind === 'keypoint_rcnn',
    panoptic: kind === 'panoptic_fpn',
    classes: kind === 'keypoint_rcnn' ? 1 : /VOC/.test(row.model) ? 20 : 80,
    groupNorms: isGroup,
  };
  return { job: trained(row, row.batch_per_gpu, image), view: 'allocated', moments: ALL, network: detection(options) };
}

/**
 * A ResNet as mmdetection and mmrotate train it: statistics fixed, the weights of norms trained unless it is Caffe's.
 * @param {string} text
 * @returns {BackboneOptions | undefined}
 */
function openmmlab(text) {
  const [, letter, depth, shape] = /\b([RX])-?(18|50|101)(?:-(32x4d|64x4d))?/.exec(text) ?? [];
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

/** @param {Row} row @returns {Covered | string} */
function mmdetection(row) {
  const [, family = '', variant = ''] = /^([^:]*): (.*)$/.exec(row.model) ?? [];
  const image = largestImage(row.image_size) ?? (/640-800/.test(row.image_size ?? '') ? { height: 800, width: 1344 } : undefined);
  if (image === undefined) return `images of ${row.image_size}`;
  if (row.batch_per_gpu === null) return 'batch is not told';
  const backbone = openmmlab(variant);
  if (backbone === undefined) return `backbone ${variant}`;
  const classes = Number(/(\d+) class/.exec(variant)?.[1] ?? 80);
  /** @type {DetectorOptions} */
  const options = {
    backbone,
    library: 'mmdet',
    head: /RetinaNet/.test(family) ? 'retina' : 'faster',
    masks: /Mask/.test(family),
    cascade: /Cascade/.test(family),
    cascadeMasks: /Cascade Mask/.test(family),
    classes,
  };
  return { job: trained(row, row.batch_per_gpu, image), view: 'allocated', moments: ALL, network: detection(options) };
}

/** @param {Row} row @returns {Covered | string} */
function mmrotate(row) {
  const config = /config=(\S+)/.exec(row.other_flags ?? '')?.[1] ?? '';
  const image = largestImage(row.image_size);
  if (image === undefined) return `images of ${row.image_size}`;
  if (row.batch_per_gpu === null) return 'batch is not told';
  if (!/^rotated_retinanet_.*_r50_/.test(config)) return `config ${config}`;
  const isAdamW = /adamw/.test(config);
  if (/csl/.test(config)) return 'angles as classes';
  const backbone = openmmlab('R-50');
  if (backbone === undefined) return 'backbone';
  /** @type {DetectorOptions} */
  const options = { backbone, library: 'mmdet', head: 'retina', classes: /hrsc/.test(config) ? 1 : 15, sides: 5 };
  const job = trained(row, row.batch_per_gpu, image);
  return { job: isAdamW ? { ...job, optimizer: 'adamw-loop' } : job, view: 'allocated', moments: ALL, network: detection(options) };
}
