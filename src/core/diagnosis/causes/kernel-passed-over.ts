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
    says: 'The message itself says that this is not a failure: a way to compute that wants more memory was passed over.',
    later: 'What the program did after it the text does not show.',
    'headline-says':
      'Nothing failed here: a faster way to compute was passed over for want of memory.',
    end: 'Whether the build ended well the text does not show.',
  },
  zh: {
    title: '跳过了一个 kernel，并没有失败',
    summary: '构建器会为每个无法尝试的计算方式给出警告，并用其余方式构建引擎，可能慢一些。',
    headline: '构建器跳过了某个 kernel；仅此一点不算失败。',
    warning: '这一行是警告：构建器会改用其他 kernel 继续。',
    tiny: '{requested} 太小，原因几乎不可能是显存不足。',
    says: '消息自己说明这不是失败：只是跳过了一种需要更多显存的算法。',
    later: '之后程序如何，文本没有显示。',
    'headline-says': '这里没有失败：只是因显存不够跳过了一种更快的算法。',
    end: '文本没有显示构建最后是否成功。',
  },
  ru: {
    title: 'Пропущено одно из ядер; сбоя нет',
    summary:
      'Сборщик предупреждает о каждом способе вычисления, который не может испробовать, и строит движок из остальных, возможно более медленный.',
    headline: 'Сборщик пропустил одно из ядер; само по себе это не сбой.',
    warning: 'Это предупреждение: сборщик продолжает с другими ядрами.',
    tiny: '{requested} — так мало, что нехватка памяти карты едва ли причина.',
    says: 'Сообщение само говорит, что это не сбой: пропущен способ вычисления, которому нужно больше памяти.',
    later: 'Что было с программой дальше, из текста не видно.',
    'headline-says':
      'Сбоя здесь нет: из-за нехватки памяти пропущен более быстрый способ вычисления.',
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
    if (!c.has('only-a-warning')) return undefined;
    if (c.wording === 'pool-warning') {
      return {
        strength: 'possible',
        because: [say(TEXTS, 'says')],
        against: [say(TEXTS, 'later')],
        weight: 10,
        headline: say(TEXTS, 'headline-says'),
      };
    }
    if (!c.has('tactic-scratch')) return undefined;
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
