import { expect, test } from 'vitest';
import { accountIn } from './account.ts';
import type { Moment } from './told-moments.ts';

const topicsOf = (text: string): string[] =>
  accountIn(text.split('\n').map((line, at) => ({ text: line, number: at + 1 }))).topics.map(
    ({ topic }) => topic,
  );

/** Reports as strangers write them, and what they come to first. */
const TOLD: readonly (readonly [Moment, string])[] = [
  ['growth', 'GPU memory grows after each epoch'],
  ['growth', 'VRAM usage creeps up with every request'],
  ['growth', 'Memory leak in the training loop'],
  ['growth', 'GPU memory keeps increasing until it crashes'],
  ['growth', 'Runs fine for 300 batches, then out of memory'],
  ['growth', 'OOM after a few epochs'],
  ['growth', 'CUDA out of memory in the second epoch'],
  [
    'growth',
    'Out of memory when I rerun the cell; the memory of the previous model is not released',
  ],
  ['growth', '训练时显存一直增长，最后爆显存'],
  ['growth', 'Видеопамять постепенно растёт с каждой эпохой'],
  ['kept-outputs', 'All predictions are kept on the GPU during evaluation, so it goes OOM'],
  ['kept-outputs', 'Losses are appended to a list and memory fills up'],
  ['kept-outputs', 'Storing the outputs of every step leads to out of memory'],
  ['others', 'Out of memory: all four processes are on GPU 0'],
  ['others', 'OOM, there are zombie processes on the GPU'],
  ['others', 'CUDA out of memory because another user is on the card'],
  ['others', 'Using TensorFlow together with PyTorch gives OOM'],
  ['saving', 'Out of memory when saving the checkpoint'],
  ['saving', 'Training is fine but save_model ends in OOM'],
  ['saving', '保存模型时爆显存'],
  ['resuming', 'A fresh run fits, resuming from a checkpoint goes out of memory'],
  ['resuming', 'OOM on resume'],
  ['gradients-kept', 'Out of memory in validation, there is no torch.no_grad()'],
  ['large-work', 'OOM with images that have hundreds of ground-truth boxes'],
  ['large-work', 'Out of memory with a large batch size'],
  ['large-work', 'Prediction of 3000 residues is out of memory'],
];

test.each(TOLD)('%s: %s', (topic, text) => {
  expect(topicsOf(text)[0]).toBe(topic);
});

/** Words of a moment where nothing of the kind happened. */
const NOT_TOLD: readonly (readonly [Moment, string])[] = [
  ['growth', 'GPU memory increases with each image when I raise the batch size'],
  ['growth', 'The learning rate increases every epoch'],
  ['growth', 'System RAM grows with every epoch'],
  ['growth', 'Fixes a memory leak in the loader'],
  ['growth', 'It ran out of memory in the first epoch'],
  ['kept-outputs', 'The outputs are stored on disk'],
  ['others', 'Two processes run on the CPU'],
  ['saving', 'Saved the checkpoint, then out of memory in the next step'],
  ['saving', 'This option saves memory and avoids OOM'],
  ['resuming', 'Training resumes without trouble'],
  ['large-work', 'We detect hundreds of objects'],
];

test.each(NOT_TOLD)('not %s: %s', (topic, text) => {
  expect(topicsOf(text)).not.toContain(topic);
});
