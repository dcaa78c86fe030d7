import { expect, test } from 'vitest';
import { gather } from './gather.ts';
import { readers } from './readers.gen.ts';

const TEXT =
  'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.00 GiB (GPU 0; 8.00 GiB total capacity)\n';

test.each([
  ['rank_5.log', 5],
  ['logs/rank5.txt', 5],
  ['out/rank.5/stderr', 5],
  ['run_rank-12.err', 12],
  ['logs/none_abc/attempt_0/5/stderr.log', 5],
  ['user_logs/std_log_process_05.txt', 5],
  ['job/worker-3.out', 3],
  ['worker_3.log', 3],
  ['frank5.log', undefined],
  ['worker-3f2a91-01000000-4711.out', undefined],
  ['python-core-worker-9f3a_4711.log', undefined],
  ['workers-3/train.log', undefined],
  ['train.log', undefined],
])('the rank of %s', async (name, rank) => {
  const { incidents } = await gather(
    [{ name, bytes: [new TextEncoder().encode(TEXT)] }],
    readers,
    [],
  );
  expect(incidents[0]?.failure.where.rank).toBe(rank);
});

test('files of several ranks stand in the order of their moments, seconds since 1970 too', async () => {
  const record = (timestamp: string): string =>
    JSON.stringify({ message: { message: TEXT, extraInfo: { py_callstack: TEXT, timestamp } } });
  const sources = [
    ['rank_0.json', record('1749629472')],
    ['rank_5.json', record('1749627672')],
  ].map(([name = '', text = '']) => ({ name, bytes: [new TextEncoder().encode(text)] }));
  const { incidents } = await gather(sources, readers, []);
  expect(incidents.map(({ failure }) => failure.where.rank)).toEqual([5, 0]);
});

/** More than is read without looking for needles first. */
const PADDING = 'step 1 of 9: loss 2.31, 0.4 s\n'.repeat(5_000);

test.each([
  'OSError: Файл подкачки слишком мал для завершения операции.',
  'OSError: 页面文件太小，无法完成操作。',
  'OSError: ページング ファイルが小さすぎるため、この操作を完了できません。',
  'OSError: Le fichier de pagination est insuffisant pour terminer cette opération',
  'run.sh: line 4: 5120 Убито                  python3 train.py',
  './run.sh：行 4： 5120 已杀死               python3 train.py',
])('in a short source and in a long one: %s', async (line) => {
  for (const text of [`${line}\n`, `${PADDING}${line}\n`]) {
    const bytes = [new TextEncoder().encode(text)];
    const { incidents } = await gather([{ name: 'train.log', bytes }], readers, []);
    expect(incidents.map(({ failure }) => failure.reading.kind)).toEqual(['host_oom']);
  }
});
