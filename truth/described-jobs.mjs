// @ts-check
/**
 * Configs from sizes that a row tells in words: `L24 h512 heads4 GQA groups1 ffn1792 swiglu RMSNorm rope untied vocab
 * 128256`. What is not said has the defaults of Megatron-LM's arguments.py: an MLP of four times the width, GELU,
 * LayerNorm, learned positions, heads that share nothing, a vocabulary that is padded as the row says.
 */

/** @typedef {import('./jobs.mjs').Row} Row */

/** @param {string} text @param {RegExp} pattern */
const numberIn = (text, pattern) => {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
};

/** Rows of its vocabulary where it is not told: of GPT-2's files and of BERT's uncased one, padded to a multiple of 128. */
const VOCABULARIES = { gpt2: 50304, bert: 30592 };

/**
 * @param {Row} row
 * @returns {Record<string, unknown> | undefined}
 */
export function configFrom(row) {
  const text = `${row.model} ${row.other_flags ?? ''}`;
  const layers = numberIn(text, /\bL(\d+)\b/);
  const hidden = numberIn(text, /\bh(\d+)\b/);
  if (layers === undefined || hidden === undefined) return undefined;
  const heads = numberIn(text, /\bheads ?(\d+)/) ?? Math.max(1, hidden / 64);
  const vocabulary = numberIn(text, /vocab (\d+)/);
  const inner = numberIn(text, /\bffn ?(\d+)/) ?? 4 * hidden;
  const positions = row.seq_len ?? 1024;
  if (/bert/i.test(row.model)) {
    return {
      architectures: ['BertForMaskedLM'],
      model_type: 'bert',
      hidden_size: hidden,
      intermediate_size: inner,
      num_hidden_layers: layers,
      num_attention_heads: heads,
      vocab_size: vocabulary ?? VOCABULARIES.bert,
      max_position_embeddings: positions,
    };
  }
  if (/swiglu|RMSNorm/i.test(text)) {
    return {
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
      hidden_size: hidden,
      intermediate_size: inner,
      num_hidden_layers: layers,
      num_attention_heads: heads,
      num_key_value_heads: numberIn(text, /\bgroups ?(\d+)/) ?? heads,
      vocab_size: vocabulary,
      tie_word_embeddings: !/untied/.test(text),
      max_position_embeddings: positions,
    };
  }
  return {
    architectures: ['GPT2LMHeadModel'],
    model_type: 'gpt2',
    n_embd: hidden,
    n_inner: inner,
    n_layer: layers,
    n_head: heads,
    vocab_size: vocabulary ?? VOCABULARIES.gpt2,
    n_positions: positions,
    tie_word_embeddings: !/untied/.test(text),
  };
}
