import { expect, test } from 'vitest';
import { redact } from './redact.ts';

test.each([
  ['line 3 of "/home/mira/train.py"', 'line 3 of "/home/user/train.py"'],
  ['读取 /home/mira，显存不足', '读取 /home/user，显存不足'],
  ['最后一个错误（~mira/train.log）', '最后一个错误（~user/train.log）'],
  ['日志“/home/mira”：第 3 行', '日志“/home/user”：第 3 行'],
  ['файл «/home/mira» не прочитан', 'файл «/home/user» не прочитан'],
  ['主机node2.cluster，rank 3', '主机host，rank 3'],
])('people and machines go out beside the marks of every language: %s', (text, redacted) => {
  expect(redact({ text })).toEqual({ text: redacted });
});
