/** Settings as a job needs them: read, and noted where they were taken for granted. */
import { type Statement, say } from '../../base/texts.ts';
import { isBefore } from '../../base/unit.ts';
import type { Assumption } from '../../workload/assumption.ts';
import type { Model, Weight } from '../../workload/model/model.ts';
import type { SettingName, SettingValue } from '../../workload/settings.ts';
import type { Workload } from '../../workload/workload.ts';
import type { Pipeline } from '../diffusion/pipeline.ts';

const TEXTS = {
  en: {
    usual: 'not said; a usual value',
    checkpoint: 'not said; as the checkpoint has it',
    capped:
      'the model limits its scores, which sdpa cannot do: it falls back to eager; flash (FlashAttention 2) can',
    packed: 'not said; as the checkpoint has it',
    named: 'not said; as the name of the checkpoint says',
    recalled:
      'not said; as the model is published (recalled; a config.json or --fetch says it for certain)',
    unpacked: 'not said; of what the checkpoint leaves unpacked',
    cards: 'not said; a process for each card',
    framework: 'not said; the default of {source}',
    log: 'not said; what the engine was started with, says {source}',
    engine: 'not said; what the engine takes on such a card',
    longest: 'not said; the longest that the model allows',
    model: 'not said; what the model was made for',
    peft: 'not said; where PEFT puts them by default',
    deepspeed: 'not said; what DeepSpeed takes by default',
    samples: 'not said; one batch of outputs is counted, and all samples stay until the end',
  },
  zh: {
    usual: '未指定，按常见取值',
    checkpoint: '未指定，按检查点的格式',
    capped:
      '模型对注意力分数做 soft-capping，sdpa 不支持，会退回 eager；flash（FlashAttention 2）支持',
    packed: '未指定，按检查点的量化格式',
    named: '未指定，按检查点名称所示',
    recalled: '未指定，按模型发布时的格式（凭记忆；以 config.json 或 --fetch 为准）',
    unpacked: '未指定，检查点中未量化部分的格式',
    cards: '未指定，每张卡一个进程',
    framework: '未指定，按 {source} 的默认值',
    log: '未指定，{source} 显示引擎以此启动',
    engine: '未指定，按引擎在这种显卡上的取值',
    longest: '未指定，按模型允许的最大长度',
    model: '未指定，按模型自身的取值',
    peft: '未指定，按 PEFT 默认的位置',
    deepspeed: '未指定，按 DeepSpeed 的默认值',
    samples: '未指定，只计入一个批次的输出，而所有样本的输出都会保留到评估结束',
  },
  ru: {
    usual: 'не сказано; обычное значение',
    checkpoint: 'не сказано; как в чекпойнте',
    capped:
      'модель ограничивает оценки внимания, sdpa этого не умеет и заменяется на eager; flash (FlashAttention 2) умеет',
    packed: 'не сказано; как в чекпойнте',
    named: 'не сказано; как говорит имя чекпойнта',
    recalled:
      'не сказано; как модель опубликована (по памяти; точно скажет config.json или --fetch)',
    unpacked: 'не сказано; то, что в чекпойнте не упаковано',
    cards: 'не сказано; по процессу на карту',
    framework: 'не сказано; по умолчанию в {source}',
    log: 'не сказано; с чем запущен движок, говорит {source}',
    engine: 'не сказано; что движок берёт на такой карте',
    longest: 'не сказано; наибольшая длина, которую допускает модель',
    model: 'не сказано; на что рассчитана модель',
    peft: 'не сказано; где их по умолчанию ставит PEFT',
    deepspeed: 'не сказано; что DeepSpeed берёт по умолчанию',
    samples: 'не сказано; учтены выходы одного батча, а до конца хранятся выходы всех',
  },
} as const;

/** A model with its weights. */
export interface KnownModel {
  readonly model: Model;
  readonly weights: readonly Weight[];
  /** The mix of a GGUF file: `Q4_K_M`. */
  readonly mix?: string;
  /** The pipeline of diffusers whose denoiser this is. */
  readonly pipeline?: Pipeline;
}

/** Options of `unoom plan` that say a setting. */
const FLAGS: Readonly<Partial<Record<SettingName, string>>> = {
  micro_batch: '--batch',
  sequence_length: '--seq',
  prompt_length: '--prompt',
  new_tokens: '--new-tokens',
  context_length: '--context',
  max_sequences: '--sequences',
  optimizer: '--optimizer',
  weights_dtype: '--dtype',
  adapter_rank: '--lora-rank',
  world_size: '--gpus',
  resolution: '--image',
  frames: '--frames',
};

/** Of `repository@commit:path` or `package@version:path` what people call it. */
const nameOf = (source: string): string =>
  source.replace(/:.*/s, '').replace(/^[\w.-]+\/([\w.-]+)@[0-9a-f]{40}$/, '$1');

/** A line of a log, where it is no package, repository or page that says what is usual. */
const PLACE = /^(?:[A-Za-z]:[\\/])?[^:@]*(?::\d+)?$/;

/** Reads settings, and notes what was taken for granted. */
export class Reader {
  /** Settings that the job depends on. */
  readonly considered: Set<SettingName> = new Set();
  readonly #noted: Assumption[] = [];
  readonly #workload: Workload;
  constructor(workload: Workload) {
    this.#workload = workload;
    for (const [setting, { by, source, value }] of workload.settings) {
      if (by !== 'default') continue;
      const why = PLACE.test(source)
        ? say(TEXTS, 'log', { source })
        : say(TEXTS, 'framework', { source: nameOf(source) });
      this.#note(setting, value, why);
    }
  }

  #note(setting: SettingName, value: SettingValue, why: Statement): void {
    const flag = FLAGS[setting] ?? `--set ${setting}=`;
    this.#noted.push({ setting, value, why, flag });
  }

  /** What was taken for granted of all that the job depends on; what a framework does by default comes last. */
  get assumptions(): readonly Assumption[] {
    const isDefault = ({ setting }: Assumption): boolean =>
      this.#workload.settings.get(setting)?.by === 'default';
    const counted = this.#noted.filter(({ setting }) => this.considered.has(setting));
    return [...counted.filter((one) => !isDefault(one)), ...counted.filter(isDefault)];
  }

  given(setting: SettingName): SettingValue | undefined {
    this.considered.add(setting);
    return this.#workload.settings.get(setting)?.value;
  }

  /** What somebody said; what a framework does by default is nobody's word. */
  stated(setting: SettingName): SettingValue | undefined {
    this.considered.add(setting);
    const found = this.#workload.settings.get(setting);
    return found?.by === 'default' ? undefined : found?.value;
  }

  /** A file or a command line says it in words of its own; options and changes mean the neutral setting. */
  isFromFile(setting: SettingName): boolean {
    this.considered.add(setting);
    return this.#workload.settings.get(setting)?.by === 'file';
  }

  number(setting: SettingName): number | undefined {
    const value = this.given(setting);
    if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
    // Nothing is done less than once; only layers on a card are counted from -1.
    return value > 0 || setting === 'gpu_layers' ? value : undefined;
  }

  is(setting: SettingName): boolean {
    return this.given(setting) === true;
  }

  word(setting: SettingName): string | undefined {
    const value = this.given(setting);
    return typeof value === 'string' ? value : undefined;
  }

  /** The number that was given, else one that is taken for granted and noted. */
  numberOr(setting: SettingName, value: number, why: keyof typeof TEXTS.en = 'usual'): number {
    const given = this.number(setting);
    if (given !== undefined) return given;
    this.#note(setting, value, say(TEXTS, why));
    return value;
  }

  wordOr(setting: SettingName, value: string, why: keyof typeof TEXTS.en = 'usual'): string {
    const given = this.word(setting);
    if (given !== undefined) return given;
    this.#note(setting, value, say(TEXTS, why));
    return value;
  }

  /** A value that no setting can have, taken for granted and noted. */
  assumed<T extends SettingValue>(
    setting: SettingName,
    value: T,
    why: keyof typeof TEXTS.en = 'usual',
  ): T {
    this.considered.add(setting);
    this.#note(setting, value, say(TEXTS, why));
    return value;
  }

  speaks(...dialects: readonly string[]): boolean {
    return dialects.some((one) => this.#workload.dialects.includes(one));
  }

  /** True where the version of a package is shown and is an older one. */
  isOlder(package_: string, than: string): boolean {
    const version = this.version(package_);
    return version !== undefined && isBefore(version, than);
  }

  version(package_: string): string | undefined {
    const since = this.#workload.versions.get(package_);
    return since?.to ?? since?.from;
  }
}
