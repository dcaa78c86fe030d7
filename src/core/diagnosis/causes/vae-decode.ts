/** Decoding an image or video in one piece: memory with the number of pixels. */

import { say } from '../../base/texts.ts';
import { isShortage } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'Decoding the image in one piece',
    summary:
      'The decoder of a diffusion model works at full resolution; its memory grows with the number of pixels and comes after all steps are done.',
    headline: 'The image decoder (VAE) works at full resolution and does not fit.',
    frame: 'It failed in the image encoder or decoder: {place}.',
  },
  zh: {
    title: '一次解码整幅图像',
    summary: '扩散模型的解码器以原始分辨率工作；显存随像素数增长，并出现在所有步骤之后。',
    headline: '图像解码器（VAE）以原始分辨率工作，放不下。',
    frame: '在图像编码器或解码器中失败：{place}。',
  },
  ru: {
    title: 'Декодирование изображения целиком',
    summary:
      'Декодер диффузионной модели работает в полном разрешении; его память растёт с числом пикселей и приходит после всех шагов.',
    headline: 'Декодер изображений (VAE) работает в полном разрешении и не помещается.',
    frame: 'Сбой в кодере или декодере изображений: {place}.',
  },
} as const;

export const vaeDecode: Cause = {
  id: 'vae-decode',
  code: 'UN220',
  since: '0.1.0',
  status: 'preview',
  family: 'activations-too-large',
  domain: 'inference',
  category: 'work',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: [
    'memory model: SD/SDXL decode without tiling needs 768 × height × width × bytes per element',
  ],
  assess(c): Assessment | undefined {
    const place = c.shows('vae');
    if (!isShortage(c) || place === undefined) return undefined;
    return {
      strength: 'likely',
      because: [say(TEXTS, 'frame', { place: placeText(place) })],
      against: [],
      weight: 8,
    };
  },
};
