/** Saving a sharded model gathers all of it on one GPU. */
import { PHASES } from '../../base/phase.ts';
import { say } from '../../base/texts.ts';
import { isShortage } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'Saving gathers the whole model',
    summary:
      'A full state dict of a sharded model is put together on the GPU: for a moment one card holds all weights.',
    headline: 'Saving gathers the whole sharded model on one GPU.',
    shown: 'The text shows a full state dict being gathered: {place}.',
    phase: 'It failed {phase}, after training itself had run.',
  },
  zh: {
    title: '保存时聚合整个模型',
    summary: '切分模型的完整 state dict 在 GPU 上拼成：一时之间一张卡要容纳全部权重。',
    headline: '保存时在一张 GPU 上聚合整个切分模型。',
    shown: '文本显示正在聚合完整的 state dict：{place}。',
    phase: '失败发生在{phase}，此前训练本身已经跑过。',
  },
  ru: {
    title: 'При сохранении собирается вся модель',
    summary:
      'Полный state dict шардированной модели собирается на GPU: на миг одна карта держит все веса.',
    headline: 'При сохранении вся шардированная модель собирается на одном GPU.',
    shown: 'В тексте видно, как собирается полный state dict: {place}.',
    phase: 'Сбой {phase}; само обучение уже прошло.',
  },
} as const;

export const fullStateGatherOnSave: Cause = {
  id: 'full-state-gather-on-save',
  code: 'UN224',
  since: '0.1.0',
  status: 'preview',
  family: 'outside-the-pool',
  domain: 'training',
  category: 'copies',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['torch.distributed.fsdp: FullStateDictConfig(offload_to_cpu, rank0_only)'],
  assess(c): Assessment | undefined {
    const place = c.shows('full-state-gather');
    if (!isShortage(c) || place === undefined) return undefined;
    if (c.phase.value !== 'save' && c.phase.value !== 'unknown') return undefined;
    return {
      strength: 'likely',
      because: [
        say(TEXTS, 'shown', { place: placeText(place) }),
        ...(c.phase.value === 'save' ? [say(TEXTS, 'phase', { phase: PHASES.save })] : []),
      ],
      against: [],
      weight: 9,
    };
  },
};
