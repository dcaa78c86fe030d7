/** More is held than the card has: the driver put the rest into system memory. */
import { say } from '../../base/texts.ts';
import { share } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'The driver spilled into system memory',
    summary:
      'Under Windows and WSL the driver moves memory beyond the card into RAM instead of failing: everything becomes slow, and in the end it fails all the same.',
    headline: 'PyTorch holds {held}, more than the card’s {total}: the rest was in system memory.',
    spill: '{held} is held on a card of {total}.',
    kind: 'Whether model or activations are too large the message does not show.',
  },
  zh: {
    title: '驱动溢出到系统内存',
    summary:
      'Windows 和 WSL 下，驱动会把超出显存的部分移到内存而不是报错：一切变慢，最终仍会失败。',
    headline: 'PyTorch 占用 {held}，超过显存 {total}：其余部分在系统内存里。',
    spill: '{total} 的卡上占用了 {held}。',
    kind: '是模型还是激活值过大，这条消息没有显示。',
  },
  ru: {
    title: 'Драйвер вышел в системную память',
    summary:
      'В Windows и WSL драйвер переносит память сверх карты в ОЗУ, а не падает: всё замедляется, и в конце сбой всё равно наступает.',
    headline:
      'PyTorch держит {held} — больше, чем {total} карты: остальное было в системной памяти.',
    spill: 'На карте {total} занято {held}.',
    kind: 'Велика модель или активации, сообщение не показывает.',
  },
} as const;

/** A share of the card that one tensor of a pass can be, and hardly one of weights. */
const MUCH = 0.3;

export const sysmemFallback: Cause = {
  id: 'sysmem-fallback',
  code: 'UN239',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  domain: 'any',
  category: 'capacity',
  resolvable: 'partly',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['NVIDIA driver 536.40: system memory fallback policy under Windows'],
  assess(c): Assessment | undefined {
    const { live, reserved, total } = c.amounts;
    const held = reserved ?? live;
    if (c.kind !== 'gpu_oom' || held === undefined || total === undefined) return undefined;
    if (c.backend !== 'cuda' && c.backend !== 'hip' && c.backend !== 'xpu') return undefined;
    if (held.low <= total.high) return undefined;
    return {
      strength: 'possible',
      because: [say(TEXTS, 'spill', { held, total })],
      against: [say(TEXTS, 'kind')],
      // Within a pass it is the pass that asks for more, on whatever memory.
      weight:
        c.phase.value === 'forward' || c.phase.value === 'backward'
          ? 5
          : share(c.amounts.requested, total) >= MUCH
            ? 3.5
            : 8,
      headline: say(TEXTS, 'headline', { held, total }),
    };
  },
};
