/** Evaluation with gradients on. */
import { say } from '../../base/texts.ts';
import { type Case, hadRoom, isShortage, keepsGraphUnasked, share } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'Evaluation keeps the autograd graph',
    summary:
      'Without no_grad or inference_mode every activation of an evaluation or inference pass stays alive.',
    headline: 'Evaluation may be keeping activations for a backward pass that never comes.',
    phase: 'It failed during evaluation or inference, which needs no saved activations.',
    warned: 'PyTorch warns that “volatile” no longer turns gradients off: {place}.',
    unseen: 'The text does not show whether gradients were on; trainers usually turn them off.',
  },
  zh: {
    title: '评估时保留了计算图',
    summary: '没有 no_grad 或 inference_mode 时，评估或推理的所有激活值都会保留。',
    headline: '评估可能在为不会发生的反向传播保留激活值。',
    phase: '失败发生在评估或推理期间，这时不需要保存激活值。',
    warned: 'PyTorch 警告“volatile”已不再关闭梯度：{place}。',
    unseen: '文本没有显示是否启用了梯度；训练器通常会关闭。',
  },
  ru: {
    title: 'При оценке хранится граф autograd',
    summary: 'Без no_grad или inference_mode все активации оценки или инференса остаются в памяти.',
    headline: 'Оценка, возможно, хранит активации для обратного прохода, которого не будет.',
    phase: 'Сбой при оценке или инференсе, где сохранённые активации не нужны.',
    warned: 'PyTorch предупреждает, что «volatile» больше не выключает градиенты: {place}.',
    unseen: 'Включены ли градиенты, в тексте не видно; тренеры обычно их выключают.',
  },
} as const;

const SERVES = /^(?:\w+\.)*_?(?:infer|inference\w*|\w+_inference|sliding_window_inference)$/;

/** Programs that come with a finished model. */
const SERVING_FILE =
  /(?:^|[\\/])(?:(?:demo|predict|prediction|inference|infer|visuali[sz]e)(?:[_-]\w{1,40})?|run_inference|serve|server|app)\.py$/i;

/** A graph that was kept would be among the live tensors. */
const isHardlyHeld = ({ amounts: { live, requested, total } }: Case): boolean =>
  live !== undefined && share(live, total) < 0.2 && share(requested, total) > share(live, total);

/** One tensor of such a size the pass needs with a graph or without it; many smaller ones are what a graph keeps. */
const LARGE_PIECE = 2 ** 30;
const isPiece = ({ amounts: { requested, total } }: Case): boolean =>
  requested !== undefined &&
  (total === undefined ? requested.mid >= LARGE_PIECE : share(requested, total) >= 0.3);

export const autogradInEval: Cause = {
  id: 'autograd-in-eval',
  code: 'UN208',
  since: '0.1.0',
  status: 'preview',
  family: 'autograd-in-eval',
  domain: 'any',
  category: 'work',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['torch.no_grad, torch.inference_mode'],
  assess(c): Assessment | undefined {
    const warned = c.shows('volatile-ignored');
    if (
      warned !== undefined &&
      isShortage(c) &&
      ['eval', 'unknown', 'forward'].includes(c.phase.value)
    ) {
      const isEval = c.phase.value === 'eval';
      return {
        strength: isEval ? 'likely' : 'possible',
        because: [
          ...(isEval ? [say(TEXTS, 'phase')] : []),
          say(TEXTS, 'warned', { place: placeText(warned) }),
        ],
        against: [],
        weight: 9,
      };
    }
    if (
      c.kind !== 'gpu_oom' ||
      !keepsGraphUnasked(c) ||
      c.phase.value !== 'eval' ||
      c.shows('no-grad') !== undefined ||
      // Programs that say so themselves predict without gradients.
      c.wording === 'prediction' ||
      hadRoom(c.amounts)
    )
      return undefined;
    const { because } = c.phase;
    const frame = because.kind === 'frame' ? because.frame : undefined;
    const serves = SERVES.test(frame?.function ?? '') || SERVING_FILE.test(frame?.file ?? '');
    return {
      strength: 'possible',
      because: [say(TEXTS, 'phase')],
      against: [say(TEXTS, 'unseen')],
      // What serves a finished model seldom keeps gradients; loops of one's own often do. Metrics over
      // all predictions come after the model: their own size is what fails, as that of a large piece is.
      // A library that finds no memory in its first call says nothing of graphs.
      weight: c.has('library-workspace')
        ? -1
        : serves || c.shows('metrics') !== undefined || isHardlyHeld(c) || isPiece(c)
          ? 5
          : 7,
    };
  },
};
