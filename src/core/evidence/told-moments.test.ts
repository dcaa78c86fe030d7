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
  ['growth', 'Out of memory in cross validation: not all GPU memory is freed between the folds'],
  ['growth', 'GPU memory is never released before the next trial starts, and it goes OOM'],
  ['growth', 'The script takes more and more GPU memory'],
  ['growth', 'VRAM usage gets higher and higher until CUDA out of memory'],
  ['growth', 'OOM, tensors are still on the GPU although I delete the trainer'],
  ['growth', 'Even after del model the GPU memory is not given back, then out of memory'],
  ['growth', 'The web UI does not unload the old checkpoint, memory fills up'],
  ['growth', '推理时显存越来越大'],
  ['evaluating', 'GPU memory explodes during validation'],
  ['evaluating', 'VRAM usage jumps in the evaluation loop, then OOM'],
  ['evaluating', 'Memory spikes at test time and it runs out of memory'],
  ['kept-outputs', 'Out of memory with eval_accumulation_steps unset'],
  ['kept-outputs', 'GPU memory is full unless preprocess_logits_for_metrics is given'],
  ['others', 'OOM, every rank loads the weights to cuda:0 first'],
  ['others', 'All tensors are moved to the first GPU, which is out of memory'],
  ['others', 'GPU0 uses much more memory than the rest and goes OOM'],
  ['others', 'Out of memory, GPU 0 has several processes of other ranks'],
  ['others', 'Two jobs were put on the same GPU and failed with out of memory'],
  ['others', 'Several users share one card, OOM follows'],
  ['others', 'Ranks of cards 1 to 3 each take some 900 MB of memory on GPU 0 as well'],
  ['others', 'Memory on the main GPU goes up when a checkpoint is loaded'],
  ['others', 'The memory of GPU0 is much higher than that of the other cards'],
  ['others', 'After the training script is stopped the GPU memory is still not released'],
  ['others', '直接 kill 主进程后显存不释放'],
  ['copies', 'Out of memory with multiple instances of the model on one server'],
  ['copies', 'With 4 gunicorn workers each loads its own copy of the model: CUDA out of memory'],
  ['copies', 'Raising the instance_count ends in CUDA out of memory'],
  ['fragments', 'Out of memory because the pool is fragmented'],
  ['fragments', 'OOM, though half of the card cannot be reused'],
  ['fragments', '显存碎片导致显存不足'],
  ['collectives', 'NCCL runs out of memory at the first all-reduce'],
  ['collectives', 'CUDA out of memory in all_gather'],
  ['saving', 'CUDA OOM at the end with FULL_STATE_DICT'],
  ['large-work', 'Out of memory when I upscale a picture'],
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
  ['growth', 'We need more and more data'],
  ['growth', 'Still on the old driver; out of memory'],
  ['evaluating', 'The validation loss explodes'],
  ['evaluating', 'System memory explodes during validation'],
  ['copies', 'Several workers read the data; no shortage'],
  ['others', 'Out of memory: multiple instances of the same model on one GPU, each a copy'],
  ['others', 'Move all tensors to cuda:0'],
  ['fragments', 'Out of memory. Try setting max_split_size_mb to avoid fragmentation'],
  ['collectives', 'NCCL watchdog timeout after another rank ran out of memory'],
  ['kept-outputs', 'The outputs are stored on disk'],
  ['others', 'Two processes run on the CPU'],
  ['others', 'The utilization of GPU 0 is higher than that of the rest'],
  ['others', 'The program ends before the results are written, and they are not saved'],
  ['others', 'The script finished and freed its memory'],
  ['saving', 'Saved the checkpoint, then out of memory in the next step'],
  ['saving', 'This option saves memory and avoids OOM'],
  ['resuming', 'Training resumes without trouble'],
  ['large-work', 'We detect hundreds of objects'],
];

test.each(NOT_TOLD)('not %s: %s', (topic, text) => {
  expect(topicsOf(text)).not.toContain(topic);
});
