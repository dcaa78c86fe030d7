import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columns, NO_BREAK, pad, shorten, wrap } from './layout.ts';

describe('wrapping', () => {
  test('English breaks at blanks only', () => {
    expect(wrap('Out of GPU memory in the optimizer step.', 16)).toEqual([
      'Out of GPU',
      'memory in the',
      'optimizer step.',
    ]);
    expect(wrap('/a/very/long/path/that/has/no/blank at all', 10)).toEqual([
      '/a/very/long/path/that/has/no/blank',
      'at all',
    ]);
  });

  test('Chinese breaks between characters, never before a closing mark nor after an opening one', () => {
    expect(wrap('优化器更新时（第一步）显存不足，详见日志。', 12)).toEqual([
      '优化器更新时',
      '（第一步）显',
      '存不足，详见',
      '日志。',
    ]);
    // The closing mark takes the character before it along.
    expect(wrap('显存不足，主机', 8)).toEqual(['显存不', '足，主机']);
    expect(wrap('显存“不足”。', 6)).toEqual(['显存', '“不', '足”。']);
  });

  test('names, commands and paths inside Chinese stay whole', () => {
    expect(wrap('使用 torch.cuda.empty_cache() 释放缓存', 20)).toEqual([
      '使用',
      'torch.cuda.empty_cache()',
      '释放缓存',
    ]);
    expect(wrap('见/data/train.log：第 3 行', 18)).toEqual(['见', '/data/train.log：', '第 3 行']);
  });

  test.each([
    ['空闲 812.5 MiB 不够', 12],
    ['frees at most 74.05 GiB of it', 18],
    ['занято 3.12 GiB на карте', 12],
    ['已用 94 % 的显存', 9],
    ['共有 12 个进程', 8],
    ['它在第 143 行失败', 8],
    ['共12个进程在运行', 6],
  ])('a number keeps its unit: %s', (text, width) => {
    const lines = wrap(text, width);
    expect(lines.join('')).toMatch(/\d/);
    for (const line of lines) expect(line).not.toMatch(/\d$|^(?:MiB|GiB|%|个|行)|第$/);
  });

  test('a blank that is no place to break is a blank in the end', () => {
    expect(wrap(`at most${NO_BREAK}${NO_BREAK}2 or so`, 6)).toEqual(['at', 'most  2', 'or so']);
  });

  test('no text is lost, and a line is too wide only where it cannot be broken', () => {
    const word = fc.constantFrom(
      '显存',
      '不足，',
      '“rank”',
      'CUDA',
      '12',
      'GiB',
      '（',
      '）',
      '。',
      'память',
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(word, fc.constantFrom('', ' ')), { maxLength: 40 }),
        fc.integer({ min: 4, max: 30 }),
        (parts, width) => {
          const text = parts.flat().join('').trim();
          const lines = wrap(text, width);
          const bare = (value: string): string => value.replaceAll(' ', '');
          expect(bare(lines.join(''))).toBe(bare(text));
          for (const line of lines) {
            if (columns(line) <= width) continue;
            expect(wrap(line, width)).toEqual([line]);
          }
        },
      ),
    );
  });
});

describe('columns', () => {
  test('Chinese characters and marks take two, Cyrillic one', () => {
    expect([columns('显存，'), columns('память'), columns('GiB')]).toEqual([6, 6, 3]);
    expect(pad('张量', 6)).toBe('张量  ');
  });

  test('a name is cut to the columns that it may take', () => {
    const title = '显存报告'.repeat(20);
    expect(columns(shorten(title, 30))).toBeLessThanOrEqual(30);
    expect(shorten('/data/runs/2026/attempt_0/rank_5/stderr.log', 30)).toBe(
      '/data/runs…0/rank_5/stderr.log',
    );
  });
});
