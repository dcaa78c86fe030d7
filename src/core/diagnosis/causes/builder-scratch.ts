/** A builder tries kernels that need much scratch memory; it goes on without them. */
import { MiB } from '../../base/bytes.ts';
import { say } from '../../base/texts.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'A builder’s scratch memory',
    summary:
      'A builder or tuner tries kernels that need more scratch than the card has; it skips them and often goes on.',
    headline: 'A builder’s trial asked for more scratch than there is; such trials are skipped.',
    message: 'It was a tactic of the builder that asked, not the model.',
    'goes-on': 'The build usually goes on; look whether it ended well.',
    'none-left':
      'No tactic was left for a layer; that comes when none gets the scratch memory it needs.',
    unsaid: 'A layer that this version or card cannot compute is refused in the same words.',
  },
  zh: {
    title: '构建器的暂存显存',
    summary: '构建器或调优器尝试的 kernel 需要超过显存的暂存；它会跳过这些，往往继续进行。',
    headline: '构建器的一次尝试申请了超过可用的暂存；这类尝试会被跳过。',
    message: '申请显存的是构建器的 tactic，而不是模型。',
    'goes-on': '构建通常会继续；看它最终是否成功。',
    'none-left': '某一层没有可用的 tactic；暂存显存都不够时会这样。',
    unsaid: '该版本或该卡不支持的层也会以同样的措辞被拒。',
  },
  ru: {
    title: 'Рабочая память сборщика',
    summary:
      'Сборщик или подборщик пробует ядра, которым нужно больше рабочей памяти, чем есть; он пропускает их и часто продолжает.',
    headline: 'Проба сборщика запросила больше рабочей памяти, чем есть; такие пробы пропускаются.',
    message: 'Память просил вариант ядра (tactic) сборщика, а не модель.',
    'goes-on': 'Сборка обычно продолжается; посмотреть, чем она кончилась.',
    'none-left':
      'Для слоя не осталось ни одного варианта ядра; так бывает, когда рабочей памяти не хватило ни одному.',
    unsaid: 'Слой, который эта версия или карта не умеет считать, отвергается теми же словами.',
  },
} as const;

/** Less than this no card is short of. */
const TINY = MiB;

export const builderScratch: Cause = {
  id: 'builder-scratch',
  code: 'UN236',
  since: '0.1.0',
  status: 'preview',
  family: 'outside-the-pool',
  domain: 'inference',
  category: 'workspace',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['TensorRT: the workspace limit is a ceiling for tactics'],
  assess(c): Assessment | undefined {
    if (c.kind !== 'gpu_oom') return undefined;
    if (!c.has('tactic-scratch') && c.format !== 'tensorrt') return undefined;
    const { requested } = c.amounts;
    const isTiny = requested !== undefined && requested.high < TINY;
    if (c.wording === 'no-tactic') {
      return {
        strength: 'possible',
        because: [say(TEXTS, 'none-left')],
        against: [say(TEXTS, 'unsaid')],
        weight: 9,
      };
    }
    return {
      strength: c.has('tactic-scratch') && !isTiny ? 'likely' : 'possible',
      because: [say(TEXTS, 'message')],
      against: [say(TEXTS, 'goes-on')],
      weight: 9,
    };
  },
};
