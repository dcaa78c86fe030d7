/**
 * A failure priced with a model, as data: the plan, how the model stands to what the failure measured, and which
 * tensor it can have been that was asked for.
 */

import { formatBytes } from '../../base/bytes.ts';
import type { Interval } from '../../base/interval.ts';
import { joinSentences, render } from '../../base/render.ts';
import { type Lang, type Param, say } from '../../base/texts.ts';
import type { Anchor, PartName } from '../../plan/anchor/anchor.ts';
import type { Explanation } from '../../plan/anchor/explain.ts';
import type { TensorMatch } from '../../plan/anchor/failing-tensor.ts';
import type { PricedMeasure } from '../../plan/plan.ts';
import type { Verdict } from '../../plan/words.ts';
import type { AnchorData, PricingData } from '../diagnosis.ts';
import { settingName } from '../words/settings.ts';
import { estimate, type PlanData } from './data.ts';
import { phaseName } from './text.ts';

const TEXTS = {
  en: {
    within:
      '{phase}: PyTorch held {live} with the request that failed; the model reaches {low} to {high} there.',
    'within-outside':
      '{phase}: beside PyTorch the process held {outside}; the model has {low} to {high}.',
    idle: 'Idle in the pool: {idle}.',
    residual: '{bytes} of it the model does not account for ({share}){name}.',
    'residual-less': 'The model has {bytes} more than there was ({share}){name}.',
    withdrawn:
      'That is above a tenth, so what is described is not quite what ran: nothing here is said to fit, and savings are those of the description.',
    'no-plans': 'More than half is unaccounted for: no plan is made of it.',
    contradicted:
      'By the model it fits, yet it failed: something that is not described was there. Nothing here is said to fit.',
    explained:
      'The model agrees if one of these is so, which nobody said: {values} (--set NAME=VALUE).',
    'check-assumed': 'First to check, since nobody said it: {settings}.',
    'kind-more': '{kind}: the snapshot has {measured}, the model at most {predicted}.',
    'kind-less': '{kind}: the snapshot has {measured}, the model at least {predicted}.',
    'kinds-agree': 'The snapshot agrees by kind: {kinds}.',
    weights: 'weights',
    gradients: 'gradients',
    optimizer: 'optimizer states',
    kv_cache: 'KV cache',
    states: 'weights, gradients and states together',
    passing: 'activations and what passes',
    'any-phase': 'in a phase that is not known',
    leak: ', and the diagnosis shows something that grows',
    fragmentation: ': lost to fragmentation',
    'second-copy': ': about one more copy of the weights',
    outside: ': outside PyTorch’s pool (NCCL, libraries, another allocator)',
    'smaller-run': ': the run was smaller than what is described',
    none: '',
  },
  zh: {
    within: '{phase}：加上失败的申请，PyTorch 占用 {live}；模型在此可达 {low} 至 {high}。',
    'within-outside': '{phase}：PyTorch 之外该进程占用 {outside}；模型为 {low} 至 {high}。',
    idle: '池内空闲：{idle}。',
    residual: '其中 {bytes} 模型无法解释（{share}）{name}。',
    'residual-less': '模型比实际多出 {bytes}（{share}）{name}。',
    withdrawn:
      '超过十分之一，说明所描述的与实际运行的并不相同：因此这里不说“放得下”，节省量只就描述而言。',
    'no-plans': '一半以上无法解释：因此不给出方案。',
    contradicted: '按模型应当放得下，却失败了：有未描述的占用。因此这里不说“放得下”。',
    explained: '若以下任一未说明的设置成立，模型即与之相符：{values}（--set 名称=值）。',
    'check-assumed': '首先核对无人说明的设置：{settings}。',
    'kind-more': '{kind}：快照中为 {measured}，模型至多 {predicted}。',
    'kind-less': '{kind}：快照中为 {measured}，模型至少 {predicted}。',
    'kinds-agree': '与快照分类一致：{kinds}。',
    weights: '权重',
    gradients: '梯度',
    optimizer: '优化器状态',
    kv_cache: 'KV 缓存',
    states: '权重、梯度与优化器状态合计',
    passing: '激活值与临时张量',
    'any-phase': '阶段未知',
    leak: '，诊断显示有占用在增长',
    fragmentation: '：损失于碎片',
    'second-copy': '：约等于多一份权重',
    outside: '：在 PyTorch 内存池之外（NCCL、库、其他分配器）',
    'smaller-run': '：实际运行比所描述的小',
    none: '',
  },
  ru: {
    within:
      '{phase}: вместе с отказанным запросом PyTorch держал {live}; модель доходит здесь до {low} – {high}.',
    'within-outside': '{phase}: помимо PyTorch процесс держал {outside}; по модели {low} – {high}.',
    idle: 'Простаивает в пуле: {idle}.',
    residual: 'Из них {bytes} модель не объясняет ({share}){name}.',
    'residual-less': 'По модели на {bytes} больше, чем было ({share}){name}.',
    withdrawn:
      'Это больше десятой части, то есть описано не совсем то, что работало: поэтому «помещается» здесь не обещано, а экономия посчитана по описанию.',
    'no-plans': 'Не объяснено больше половины: плана по нему нет.',
    contradicted:
      'По модели всё помещается, а запуск упал: было что-то неописанное. Поэтому «помещается» здесь не обещано.',
    explained:
      'Модель сходится, если верно одно из того, чего никто не сказал: {values} (--set ИМЯ=ЗНАЧЕНИЕ).',
    'check-assumed': 'Сначала проверить то, чего никто не сказал: {settings}.',
    'kind-more': '{kind}: в снимке {measured}, по модели не больше {predicted}.',
    'kind-less': '{kind}: в снимке {measured}, по модели не меньше {predicted}.',
    'kinds-agree': 'По видам тензоров снимок и модель сходятся: {kinds}.',
    weights: 'веса',
    gradients: 'градиенты',
    optimizer: 'состояния оптимизатора',
    kv_cache: 'KV-кэш',
    states: 'веса, градиенты и состояния вместе',
    passing: 'активации и временное',
    'any-phase': 'этап неизвестен',
    leak: ', и диагноз показывает, что что-то растёт',
    fragmentation: ': потеряно на фрагментации',
    'second-copy': ': примерно ещё одна копия весов',
    outside: ': вне пула PyTorch (NCCL, библиотеки, другой аллокатор)',
    'smaller-run': ': запуск был меньше описанного',
    none: '',
  },
} as const;

/** A measure that is on already, or that goes no further, and where that was said. */
export interface InForce {
  readonly remedy: string;
  readonly source: string;
  readonly why: 'set' | 'lowest';
}

/** A measure that misses what failed even at its strongest. Bytes. */
export interface TooLittle {
  readonly remedy: string;
  readonly gives: number;
  readonly missing: number;
}

/** A step's change in the words of the job's frameworks. */
export interface WrittenStep {
  readonly remedy: string;
  readonly change: readonly string[];
}

export interface Priced {
  readonly inForce: readonly InForce[];
  readonly tooLittle: readonly TooLittle[];
  readonly written: readonly WrittenStep[];
  readonly plan: PlanData;
  readonly anchor?: Anchor;
  /** Values that nobody stated, each of which would make the model agree. */
  readonly explained: readonly Explanation[];
  readonly tensors: readonly TensorMatch[];
  /** What each measure of the diagnosis frees by itself. */
  readonly steps: ReadonlyMap<string, PricedMeasure>;
}

/** The word "fits" may be said. */
export function maySayFits({ plan, anchor }: Pick<Priced, 'plan' | 'anchor'>): boolean {
  if (plan.fits === 'yes' || plan.fits === 'probably') return false;
  return anchor?.holds !== false;
}

export function pricingData(priced: Priced, lang: Lang): PricingData {
  const { anchor, explained, tensors } = priced;
  const isTrusted = maySayFits(priced);
  const plan = isTrusted ? priced.plan : capped(priced.plan, isBeyond(anchor));
  return {
    plan,
    may_fit: isTrusted,
    ...(anchor === undefined ? {} : { anchor: anchorData(anchor, explained, priced.plan, lang) }),
    failing_tensors: tensors.map(({ what, dimensions, isNamed, elements, width }) => ({
      what: render(what, lang),
      dimensions: render(dimensions, lang),
      bytes: elements * width,
      is_named: isNamed,
    })),
    in_force: priced.inForce,
    too_little: priced.tooLittle.map(({ remedy, gives, missing }) => ({
      remedy,
      gives_bytes: Math.max(0, Math.round(gives)),
      missing_bytes: Math.round(missing),
    })),
    written: priced.written,
    steps: [...priced.steps].map(([remedy, { saves, verdict, limit }]) => ({
      remedy,
      bytes: estimate(saves, 'modelled'),
      ...(limit === undefined ? {} : { room_at: limit }),
      fits: isTrusted ? verdict : cap(verdict),
    })),
  };
}

const cap = (verdict: Verdict): Verdict =>
  verdict === 'yes' || verdict === 'probably' ? 'borderline' : verdict;

/** Above this share of what was measured the description is of another run: a plan for it would help nobody. */
const BEYOND = 0.5;

const isBeyond = (anchor: Anchor | undefined): boolean =>
  anchor?.holds === false && anchor.share > BEYOND;

/** The plan without a promise, or none. */
const capped = (
  { missing_bytes: missing, ...plan }: PlanData,
  withoutPlans: boolean,
): PlanData => ({
  ...plan,
  ...(missing === undefined || withoutPlans ? {} : { missing_bytes: missing }),
  fits: cap(plan.fits),
  limits: plan.limits.map((limit) => ({ ...limit, fits: cap(limit.fits) })),
  plans: (withoutPlans ? [] : plan.plans).map((one) => ({ ...one, fits: cap(one.fits) })),
});

function anchorData(
  anchor: Anchor,
  explained: readonly Explanation[],
  plan: PlanData,
  lang: Lang,
): AnchorData {
  const { correction, moment, role, parts, share, residualName, holds } = anchor;
  return {
    role,
    phase: moment?.point ?? 'unknown',
    turn: moment?.turn ?? 'once',
    holds,
    parts: parts.map(({ name, measured, predicted, residual }) => ({
      name,
      measured_bytes: estimate(measured, 'measured'),
      predicted_bytes: estimate(predicted, 'modelled'),
      residual_bytes: Math.round(residual),
    })),
    ...(anchor.kinds === undefined
      ? {}
      : {
          kinds: anchor.kinds.map(({ kind, measured, predicted, residual }) => ({
            kind,
            measured_bytes: estimate(measured, 'measured'),
            predicted_bytes: estimate(predicted, 'modelled'),
            residual_bytes: Math.round(residual),
          })),
        }),
    residual_bytes: Math.round(correction.residual),
    residual_share: Math.round(share * 1000) / 1000,
    ...(residualName === undefined ? {} : { residual_name: residualName }),
    explained_by: explained.map(({ setting, value }) => ({ setting, value })),
    why: joinSentences(sentencesOf(anchor, explained, plan, lang)),
  };
}

const capitalized = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/** A residual below this share is not worth a sentence. */
const NOTHING = 0.005;

function sentencesOf(
  anchor: Anchor,
  explained: readonly Explanation[],
  plan: PlanData,
  lang: Lang,
): string[] {
  const { correction, parts, share, residualName, moment, holds } = anchor;
  const text = (key: keyof (typeof TEXTS)['en'], params: Record<string, Param> = {}): string =>
    render(say(TEXTS, key, params), lang);
  const part = (name: PartName): Anchor['parts'][number] | undefined =>
    parts.find((one) => one.name === name);
  const phase =
    moment === undefined
      ? text('any-phase')
      : phaseName({ phase: moment.point, turn: moment.turn }, lang);
  const sentences: string[] = [];
  const [live, outside, idle] = [part('live'), part('outside'), part('idle')];
  const range = ({ low, high }: Interval): Record<string, Param> => ({
    low: { size: low },
    high: { size: high },
  });
  if (live !== undefined) {
    sentences.push(
      text('within', { phase, live: live.measured, ...range(live.predicted) }),
      ...(idle === undefined ? [] : [text('idle', { idle: idle.measured })]),
    );
  } else if (outside !== undefined) {
    sentences.push(
      text('within-outside', { phase, outside: outside.measured, ...range(outside.predicted) }),
    );
  }
  const { residual } = correction;
  if (share >= NOTHING) {
    sentences.push(
      text(residual > 0 ? 'residual' : 'residual-less', {
        bytes: formatBytes(Math.abs(residual)),
        share: `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`,
        name: text(residualName ?? 'none'),
      }),
    );
  }
  const of = live?.measured.mid ?? 0;
  const kinds = anchor.kinds ?? [];
  const apart = kinds.filter(({ residual: own }) => Math.abs(own) > NOTHING * of);
  for (const { kind, measured, predicted, residual: own } of apart) {
    const [key, value] =
      own > 0 ? (['kind-more', predicted.high] as const) : (['kind-less', predicted.low] as const);
    sentences.push(
      text(key, {
        kind: capitalized(text(kind)),
        measured: { size: measured.mid },
        predicted: { size: value },
      }),
    );
  }
  const seen = kinds.filter(({ measured }) => measured.mid > 0);
  if (apart.length === 0 && seen.length > 0) {
    sentences.push(text('kinds-agree', { kinds: seen.map(({ kind }) => text(kind)).join(', ') }));
  }
  const isContradicted = plan.fits === 'yes' || plan.fits === 'probably';
  if (!holds) sentences.push(text('withdrawn'));
  if (isBeyond(anchor)) sentences.push(text('no-plans'));
  if (holds && isContradicted) sentences.push(text('contradicted'));
  const settings = plan.assumptions
    .filter(({ flag }) => flag !== undefined)
    .slice(0, 4)
    .map(({ setting, value, flag }) => `${settingName(setting, lang)} = ${value} (${flag})`);
  if (holds && !isContradicted) return sentences;
  const values = explained.map(({ setting, value }) => `${settingName(setting, lang)} = ${value}`);
  if (values.length > 0) sentences.push(text('explained', { values: values.join(', ') }));
  else if (settings.length > 0) {
    sentences.push(text('check-assumed', { settings: settings.join(', ') }));
  }
  return sentences;
}
