import { expect, test } from 'vitest';
import { LANGS } from '../../base/texts.ts';
import { SETTING_NAMES } from '../../workload/settings.ts';
import { SETTING_WORDS, settingName } from './settings.ts';

test('each setting has a name of its own in each language', () => {
  for (const lang of LANGS) {
    const names = SETTING_NAMES.map((name) => settingName(name, lang));
    expect(new Set(names).size).toBe(names.length);
  }
});

test('Chinese and Russian names have no English but what has no other name', () => {
  for (const { zh, ru } of Object.values(SETTING_WORDS)) {
    for (const word of `${zh} ${ru}`.match(/[A-Za-z]+/g) ?? [])
      expect(['token', 'logits', 'KL', 'KV', 'CUDA', 'GPU', 'VAE']).toContain(word);
  }
});
