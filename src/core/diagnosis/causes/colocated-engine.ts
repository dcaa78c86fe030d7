/** An inference engine in the trainer’s own process or card holds its share. */
import { PHASES } from '../../base/phase.ts';
import { say } from '../../base/texts.ts';
import { isShortage } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'A colocated inference engine holds its share',
    summary:
      'In reinforcement learning the rollout engine lives on the same cards: its weights and KV cache are taken before training starts.',
    headline: 'The rollout engine on the same card holds its share of weights and KV cache.',
    shown: 'The text shows an inference engine beside the training: {place}.',
    phase: 'Training itself failed, {phase}.',
    unsized: 'The text does not show how much the engine holds.',
    outside: 'The process holds {outside} outside this PyTorch pool.',
  },
  zh: {
    title: '同卡部署的推理引擎占着自己的份额',
    summary: '强化学习中 rollout 引擎与训练同卡：它的权重和 KV 缓存在训练开始前就已占用。',
    headline: '同一张卡上的 rollout 引擎占着权重和 KV 缓存。',
    shown: '文本显示训练旁边有推理引擎：{place}。',
    phase: '失败的是训练本身，{phase}。',
    unsized: '文本没有显示引擎占用多少。',
    outside: '进程在这个 PyTorch 内存池之外占用 {outside}。',
  },
  ru: {
    title: 'Соседний движок инференса держит свою долю',
    summary:
      'В обучении с подкреплением движок генерации живёт на тех же картах: его веса и KV-кэш заняты ещё до обучения.',
    headline: 'Движок генерации на той же карте держит свои веса и KV-кэш.',
    shown: 'В тексте рядом с обучением виден движок инференса: {place}.',
    phase: 'Упало само обучение, {phase}.',
    unsized: 'Сколько держит движок, в тексте не видно.',
    outside: 'Вне этого пула PyTorch процесс держит {outside}.',
  },
} as const;

export const colocatedEngine: Cause = {
  id: 'colocated-engine',
  code: 'UN230',
  since: '0.1.0',
  status: 'preview',
  family: 'engine-reservation',
  domain: 'training',
  category: 'engine',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'field report: GRPO with a colocated engine: the trainer dies, the engine’s share is why',
  ],
  assess(c): Assessment | undefined {
    const place = c.shows('rollout-engine');
    if (!isShortage(c) || place === undefined || c.situation.workload?.purpose !== 'training') {
      return undefined;
    }
    const { outside } = c.amounts;
    return {
      strength: 'possible',
      because: [
        say(TEXTS, 'shown', { place: placeText(place) }),
        say(TEXTS, 'phase', { phase: PHASES[c.phase.value] }),
        ...(outside === undefined ? [] : [say(TEXTS, 'outside', { outside })]),
      ],
      against: [say(TEXTS, 'unsized')],
      weight: 9,
    };
  },
};
