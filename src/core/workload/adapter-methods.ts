/**
 * Methods of PEFT beside LoRA, by the names of its `PeftType`, with the classes of their configs.
 *
 * Source: peft@0.21.2:peft/utils/peft_types.py, mapping.py.
 */

/** Adapters beside linear layers. */
const BESIDE_LAYERS = {
  adalora: 'AdaLoraConfig',
  beft: 'BeftConfig',
  boft: 'BOFTConfig',
  c3a: 'C3AConfig',
  deft: 'DeftConfig',
  delora: 'DeloraConfig',
  fourierft: 'FourierFTConfig',
  glora: 'GloraConfig',
  gralora: 'GraloraConfig',
  hira: 'HiraConfig',
  hra: 'HRAConfig',
  ia3: 'IA3Config',
  loha: 'LoHaConfig',
  miss: 'MissConfig',
  oft: 'OFTConfig',
  peanut: 'PeanutConfig',
  psoft: 'PsoftConfig',
  pvera: 'PveraConfig',
  road: 'RoadConfig',
  shira: 'ShiraConfig',
  tinylora: 'TinyLoraConfig',
  unilora: 'UniLoraConfig',
  vera: 'VeraConfig',
  waveft: 'WaveFTConfig',
} as const;

/** Norms, or tokens and caches that are trained before the text. */
const ELSEWHERE = {
  ln_tuning: 'LNTuningConfig',
  p_tuning: 'PromptEncoderConfig',
  prefix_tuning: 'PrefixTuningConfig',
  prompt_tuning: 'PromptTuningConfig',
} as const;

export type BesideLayers = keyof typeof BESIDE_LAYERS;
export type OtherMethod = BesideLayers | keyof typeof ELSEWHERE;

/** The class of the config of each method. */
export const METHOD_CONFIGS: Readonly<Record<OtherMethod, string>> = {
  ...BESIDE_LAYERS,
  ...ELSEWHERE,
};

export const OTHER_METHODS: readonly OtherMethod[] = Object.keys(METHOD_CONFIGS) as OtherMethod[];

export const isBesideLayers = (method: string): method is BesideLayers =>
  Object.hasOwn(BESIDE_LAYERS, method);

/** As configs print a method (`IA3`, `PeftType.IA3`), each with what it means. */
export function printedMethods<T>(
  meaning: (method: OtherMethod) => T,
): Readonly<Record<string, T>> {
  return Object.fromEntries(
    OTHER_METHODS.flatMap((method) => [
      [method, meaning(method)],
      [`pefttype.${method}`, meaning(method)],
    ]),
  );
}
