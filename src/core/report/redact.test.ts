import { expect, test } from 'vitest';
import { Redactor, redact } from './redact.ts';

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

test('two people stay two, and the same one has the same pseudonym', () => {
  const redactor = new Redactor();
  expect(redactor.text('/home/mira/a.py, /home/noor/b.py, ~mira/c.log')).toBe(
    '/home/user/a.py, /home/user2/b.py, ~user/c.log',
  );
  expect(redactor.value({ at: ['node2.cluster', 'node1.cluster', 'node2.cluster'] })).toEqual({
    at: ['host', 'host2', 'host'],
  });
  expect(redactor.text('C:\\Users\\noor\\x.py')).toBe('C:\\Users\\user2\\x.py');
  expect(redactor.path('/home/mira/x.py')).toBe('/home/user/x.py');
});

test('the user’s name goes out of the folder of compiled code', () => {
  expect(redact('/tmp/torchinductor_mira/ab/cab.py')).toBe('/tmp/torchinductor_user/ab/cab.py');
});

test.each([
  ['/home/mira/secret/src/train.py', '/home/user/dir1/src/train.py'],
  ['C:\\Users\\Mira K\\secret\\train.py', 'C:\\Users\\user\\dir1\\train.py'],
  ['secret/deep/secret/train.py', 'dir1/dir2/dir1/train.py'],
  ['../mira/kvcache_v2/cache.py', '../dir1/dir2_kvcache/cache.py'],
  ['/tmp/torchinductor_mira/ab/cab.py', '/tmp/torchinductor_user/dir1/cab.py'],
  ['train.py', 'train.py'],
  ['', ''],
  ['<string>', '<string>'],
])('folders of a path have pseudonyms: %s', (path, redacted) => {
  expect(new Redactor().path(path)).toBe(redacted);
});
