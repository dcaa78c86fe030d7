/** Look-alike: a builder or tuner passes over one way to compute, and goes on with others. */
import { MiB } from '../../base/bytes.ts';
import { say } from '../../base/texts.ts';
import type { Case } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'A kernel was passed over; nothing failed',
    summary:
      'A builder warns of each way to compute that it cannot try. The engine is built from the others, perhaps a slower one.',
    headline: 'A builder passed over one of its kernels; that alone is no failure.',
    warning: 'The line is a warning: the builder goes on with other kernels.',
    tiny: '{requested} is so little that a shortage of memory on the card is hardly the reason.',
    end: 'Whether the build ended well the text does not show.',
  },
  zh: {
    title: '跳过了一个 kernel，并没有失败',
    summary: '构建器会为每个无法尝试的计算方式给出警告，并用其余方式构建引擎，可能慢一些。',
    headline: '构建器跳过了某个 kernel；仅此一点不算失败。',
    warning: '这一行是警告：构建器会改用其他 kernel 继续。',
    tiny: '{requested} 太小，原因几乎不可能是显存不足。',
    end: '文本没有显示构建最后是否成功。',
  },
  ru: {
    title: 'Пропущено одно из ядер; сбоя нет',
    summary:
      'Сборщик предупреждает о каждом способе вычисления, который не может испробовать, и строит движок из остальных, возможно более медленный.',
    headline: 'Сборщик пропустил одно из ядер; само по себе это не сбой.',
    warning: 'Это предупреждение: сборщик продолжает с другими ядрами.',
    tiny: '{requested} — так мало, что нехватка памяти карты едва ли причина.',
    end: 'Чем кончилась сборка, из текста не видно.',
  },
} as const;

/** Less than this a card that computes at all has. */
const TINY = MiB;

/** Whether what a kernel asked for is too little to run short of. */
const isTiny = ({ amounts: { requested } }: Case): boolean =>
  requested !== undefined && requested.high < TINY;

export const kernelPassedOver: Cause = {
  id: 'kernel-passed-over',
  code: 'UN247',
  since: '0.1.0',
  status: 'preview',
  family: 'not-oom',
  domain: 'inference',
  category: 'defect',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['TensorRT: warnings of its builder about tactics that it skips'],
  assess(c): Assessment | undefined {
    if (!c.has('tactic-scratch') || !c.has('only-a-warning')) return undefined;
    const { requested } = c.amounts;
    const because = [say(TEXTS, 'warning')];
    const tiny = isTiny(c);
    if (tiny && requested !== undefined) because.push(say(TEXTS, 'tiny', { requested }));
    return {
      strength: 'possible',
      because,
      against: [say(TEXTS, 'end')],
      weight: tiny ? 10 : 2,
    };
  },
};
