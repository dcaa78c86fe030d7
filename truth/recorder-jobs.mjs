// @ts-check
/**
 * Rows of our own recorder (record.py, section peaks): models of random weights whose sizes stand in the row, run with
 * eager PyTorch and transformers on one card. What the program does is read in record.py; nothing of a row's figures is used.
 */

/** @typedef {import('../dist/types/core/footprints.d.ts').Job} Job */
/**
 * @typedef {object} RecorderRow
 * @property {'peaks'} section
 * @property {string} id
 * @property {{ kind: string, name?: string, vocab?: number, hidden?: number, inter?: number, layers?: number, heads?: number, kv?: number, tie?: boolean, image?: number }} model
 * @property {string} task
 * @property {number} batch
 * @property {number} seq
 * @property {string} precision
 * @property {string} optimizer
 * @property {boolean} checkpointing
 * @property {string} attention
 * @property {number} accumulate
 * @property {string | null} lora
 * @property {string} [cc]
 * @property {{ transformers?: string }} [versions]
 */

/** @param {any} row @returns {row is RecorderRow} */
export const isRecorderRow = (row) => row.section === 'peaks' && typeof row.model === 'object' && row.model !== null;

/** Positions that record.py gives its models. */
const POSITIONS = 16384;

/** The config that record.py builds its model from; nothing for models that are not covered. @param {RecorderRow['model']} m */
function configOf(m) {
  const common = {
    vocab_size: m.vocab,
    hidden_size: m.hidden,
    intermediate_size: m.inter,
    num_hidden_layers: m.layers,
    num_attention_heads: m.heads,
  };
  if (m.kind === 'llama' || m.kind === 'qwen2') {
    const architectures = [m.kind === 'llama' ? 'LlamaForCausalLM' : 'Qwen2ForCausalLM'];
    return { ...common, architectures, model_type: m.kind, num_key_value_heads: m.kv, max_position_embeddings: POSITIONS, tie_word_embeddings: m.tie };
  }
  if (m.kind === 'gpt2') {
    return { architectures: ['GPT2LMHeadModel'], model_type: 'gpt2', vocab_size: m.vocab, n_embd: m.hidden, n_layer: m.layers, n_head: m.heads, n_positions: 2048 };
  }
  if (m.kind === 'bert') {
    return { ...common, architectures: ['BertForMaskedLM'], model_type: 'bert', max_position_embeddings: 512 };
  }
  return undefined;
}

/** @type {ReadonlyMap<string, Job['optimizer']>} */
const OPTIMIZERS = new Map([
  ['adamw_fused', 'adamw-fused'],
  ['adamw_foreach', 'adamw'],
  ['adamw_loop', 'adamw-loop'],
  ['sgd', 'sgd'],
  ['sgd_momentum', 'sgd-momentum'],
  ['adafactor', 'adafactor'],
]);

/**
 * @param {RecorderRow} row
 * @returns {import('./jobs.mjs').Covered | string}
 */
export function recorderJob(row) {
  const { kind } = row.model;
  if (kind === 'cnn' || kind === 'vit') return networkJob(row);
  const config = configOf(row.model);
  if (config === undefined) return `model of kind ${row.model.kind}`;
  const optimizer = OPTIMIZERS.get(row.optimizer);
  if (optimizer === undefined) return `optimizer ${row.optimizer}`;
  const isTraining = row.task === 'train';
  const width = row.precision === 'bf16' ? 2 : 4;
  // Both have dropout in training, on states and on attention.
  const drops = isTraining && (row.model.kind === 'gpt2' || row.model.kind === 'bert');
  const isHalf = row.precision !== 'fp32';
  /** @type {Partial<Job>} */
  const common = {
    batch: row.batch,
    sequence: row.seq,
    weightWidth: width,
    wholeWidth: width,
    width,
    gradientWidth: width,
    ...(row.precision.startsWith('amp') ? { autocast: 2 } : {}),
    // The flash kernel takes 16 bits only.
    attention: row.attention === 'eager' ? 'eager' : isHalf ? 'flash' : 'efficient',
    attentionDropout: drops,
    hiddenDropout: drops,
    loss: row.model.kind === 'bert' ? 'plain' : 'upcast',
    keepsOutputs: false,
    cacheWidth: width,
  };
  const found = { view: /** @type {const} */ ('allocated'), name: row.id, config: { [row.id]: config } };
  const version = /^(\d+)\.(\d+)/.exec(row.versions?.transformers ?? '');
  if (row.task === 'generate') {
    const numbers = /** @type {const} */ ([Number(version?.[1] ?? 5), Number(version?.[2] ?? 0)]);
    return {
      ...found,
      job: { ...common, purpose: 'generation', newTokens: 32 },
      moments: ['prefill', 'decode'],
      complete: (job, { libraryDecides }) => [
        { ...job, ...libraryDecides(job.model, numbers, { isPacked: false, isMapped: false }) },
      ],
    };
  }
  if (!isTraining && row.task !== 'forward' && row.task !== 'eval_with_grad') return `task ${row.task}`;
  if (!isTraining) {
    // One forward pass with a loss: nothing is updated.
    const trains = row.task === 'forward' ? 'none' : 'all';
    return { ...found, job: { ...common, purpose: 'training', trains, optimizer: 'sgd' }, moments: ['forward'] };
  }
  const adapter =
    row.lora === null
      ? undefined
      : {
          rank: 16,
          targets: row.lora === 'all-linear' ? /** @type {const} */ ('all-linear') : row.lora.split(','),
          // PEFT keeps adapters of 16-bit models in fp32.
          width: 4,
          dropout: false,
          dora: false,
        };
  return {
    ...found,
    job: {
      ...common,
      purpose: 'training',
      trains: adapter === undefined ? 'all' : 'adapter',
      ...(adapter === undefined ? {} : { adapter, gradientWidth: 4 }),
      optimizer,
      checkpointing: row.checkpointing,
      accumulation: row.accumulate,
    },
    moments: ['load', 'forward', 'backward', 'optimizer'],
  };
}

/**
 * Networks of torchvision, and the ViT of transformers with two labels, which keeps what timm's does.
 * @param {RecorderRow} row
 * @returns {import('./jobs.mjs').Covered | string}
 */
function networkJob(row) {
  const { kind, name = '', image = 224, hidden, layers } = row.model;
  if (kind === 'vit' && (hidden !== 768 || layers !== 12)) return 'a ViT of another size than base';
  const optimizer = OPTIMIZERS.get(row.optimizer);
  if (optimizer === undefined) return `optimizer ${row.optimizer}`;
  if (row.task !== 'train') return `task ${row.task}`;
  const width = row.precision === 'bf16' ? 2 : 4;
  return {
    view: 'allocated',
    name: row.id,
    moments: ['load', 'forward', 'backward', 'optimizer'],
    network: ({ networkNamed }) => {
      const network = networkNamed(kind === 'cnn' ? name : `vit_base_patch16_${image}`);
      return network === undefined || kind === 'cnn' ? network : { ...network, classes: 2 };
    },
    job: {
      purpose: 'training',
      trains: 'all',
      weightWidth: width,
      wholeWidth: width,
      width,
      gradientWidth: width,
      ...(row.precision.startsWith('amp') ? { autocast: 2 } : {}),
      batch: row.batch,
      image: { height: image, width: image },
      optimizer,
      checkpointing: row.checkpointing,
      accumulation: row.accumulate,
    },
  };
}
