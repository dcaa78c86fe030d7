/** Words for values that several dialects print alike. */
import type { SettingValue } from './settings.ts';

type Words = Readonly<Record<string, SettingValue>>;

/** Formats, as torch and its frameworks spell them. */
export const DTYPES: Words = {
  bfloat16: 'bf16',
  'torch.bfloat16': 'bf16',
  bf16: 'bf16',
  float16: 'fp16',
  'torch.float16': 'fp16',
  fp16: 'fp16',
  half: 'fp16',
  float32: 'fp32',
  'torch.float32': 'fp32',
  fp32: 'fp32',
  float: 'fp32',
};

/** What Accelerate and what rests on it call the format of the computation. */
export const MIXED_PRECISION: Words = {
  no: 'fp32',
  fp16: 'fp16',
  bf16: 'bf16',
  fp8: 'fp8',
};

/** `attn_implementation`; its kernels of flash attention are one to the memory. */
export const ATTENTION: Words = {
  eager: 'eager',
  sdpa: 'sdpa',
  flash_attention_2: 'flash',
  flash_attention_3: 'flash',
  flash_attention_4: 'flash',
};

/** ZeRO's stages. */
export const ZERO_STAGES: Words = {
  '0': 'none',
  '1': 'optimizer',
  '2': 'gradients',
  '3': 'full',
};

/** `OptimizerNames` of transformers, by value and as its repr prints it. */
export const HF_OPTIMIZERS: Words = withRepr('optimizernames', {
  adamw_hf: 'adamw',
  adamw_torch: 'adamw',
  adamw_torch_fused: 'adamw-fused',
  adamw_apex_fused: 'adamw-fused',
  adamw_bnb: 'adamw-8bit',
  adamw_bnb_8bit: 'adamw-8bit',
  adamw_8bit: 'adamw-8bit',
  adamw_torch_8bit: 'adamw-8bit',
  paged_adamw: 'adamw-paged-32bit',
  paged_adamw_32bit: 'adamw-paged-32bit',
  paged_adamw_8bit: 'adamw-paged',
  adafactor: 'adafactor',
  lion: 'lion',
  lion_32bit: 'lion',
  lion_8bit: 'lion-8bit',
  paged_lion: 'lion',
  paged_lion_32bit: 'lion',
  paged_lion_8bit: 'lion-8bit',
  sgd: 'sgd',
  galore_adamw: 'galore',
  galore_adamw_8bit: 'galore',
  galore_adafactor: 'galore',
  galore_adamw_layerwise: 'galore',
  galore_adamw_8bit_layerwise: 'galore',
  galore_adafactor_layerwise: 'galore',
});

function withRepr(enumeration: string, words: Words): Words {
  const named = Object.entries(words).map(([word, value]) => [`${enumeration}.${word}`, value]);
  return { ...words, ...Object.fromEntries(named) };
}

/** Words for "off" in options that name a device or a number. */
export const OFFLOADED: Words = { cpu: true, nvme: true, none: false };
