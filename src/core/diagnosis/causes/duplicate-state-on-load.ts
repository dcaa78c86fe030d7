/** A checkpoint that is read straight to the GPU stands there beside the model. */

import { say } from '../../base/texts.ts';
import { isShortage, share } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'A checkpoint is on the GPU twice',
    summary:
      'torch.load puts tensors back on the device they were saved from, on every rank on the same one, beside the model that is already there.',
    headline: 'The checkpoint is read straight onto the GPU, beside the model that is there.',
    frame: 'It failed while a checkpoint’s tensors were being put on the device: {place}.',
    states: 'Optimizer states of the checkpoint were being loaded: {place}.',
    unseen: 'The text does not show map_location.',
  },
  zh: {
    title: '检查点在 GPU 上有两份',
    summary:
      'torch.load 会把张量放回保存时的设备，所有 rank 都放到同一张卡，与已在那里的模型并存。',
    headline: '检查点被直接读到 GPU 上，与已有的模型并存。',
    frame: '失败发生在把检查点张量放到设备上时：{place}。',
    states: '正在加载检查点中的优化器状态：{place}。',
    unseen: '文本没有显示 map_location。',
  },
  ru: {
    title: 'Чекпойнт лежит на GPU дважды',
    summary:
      'torch.load возвращает тензоры на устройство, с которого они сохранены, на всех рангах на одно и то же, рядом с уже загруженной моделью.',
    headline: 'Чекпойнт читается прямо на GPU рядом с моделью, которая там уже есть.',
    frame: 'Сбой случился, когда тензоры чекпойнта клались на устройство: {place}.',
    states: 'Загружались состояния оптимизатора из чекпойнта: {place}.',
    unseen: 'Есть ли map_location, в тексте не видно.',
  },
} as const;

export const duplicateStateOnLoad: Cause = {
  id: 'duplicate-state-on-load',
  code: 'UN225',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  domain: 'any',
  category: 'copies',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['torch.load: map_location; field report: resuming dies where a fresh start fits'],
  assess(c): Assessment | undefined {
    if (!isShortage(c)) return undefined;
    const read = c.shows('read-checkpoint');
    const states = c.shows('load-optimizer-states');
    if (read === undefined && states === undefined) return undefined;
    if (!['load', 'unknown', 'init', 'transfer', 'optimizer'].includes(c.phase.value))
      return undefined;
    // Little of its own, and most of the card somebody else's: no second copy filled it.
    const isElsewhere =
      share(c.amounts.live, c.amounts.total) < 0.2 &&
      share(c.amounts.untold_others ?? c.amounts.others, c.amounts.total) >= 0.5;
    return {
      // A bare refusal of the driver can be a card that was full before.
      strength:
        read === undefined || c.amounts.requested === undefined || isElsewhere
          ? 'possible'
          : 'likely',
      because: [
        ...(read === undefined ? [] : [say(TEXTS, 'frame', { place: placeText(read) })]),
        ...(states === undefined ? [] : [say(TEXTS, 'states', { place: placeText(states) })]),
      ],
      against: [say(TEXTS, 'unseen')],
      weight: isElsewhere ? 4 : 9,
    };
  },
};
