import { expect, test } from 'vitest';
import { accountIn, type Topic } from './account.ts';

const topicsOf = (text: string): Topic[] =>
  accountIn(text.split('\n').map((line, at) => ({ text: line, number: at + 1 }))).topics.map(
    ({ topic }) => topic,
  );

/** Reports as strangers write them: a title, a sentence or two; what they come to first. */
const TOLD: readonly (readonly [Topic, string])[] = [
  [
    'host-ram',
    'Preprocessing eats up all system memory\nAfter ten minutes htop shows 125 of 128 GB in use',
  ],
  ['host-ram', 'The machine has 64 GB of RAM and the script fills it within a minute'],
  ['host-ram', 'RAM usage explodes when converting the checkpoint'],
  ['host-ram', 'Host memory keeps growing until the node goes down'],
  ['host-ram', 'My job gets killed with no error message after the second epoch'],
  ['host-ram', 'The pod was OOMKilled while reading the shards'],
  ['host-ram', 'Process finished with exit code -9'],
  ['host-ram', 'Reading the whole dataset into memory is not possible here, I get a MemoryError'],
  ['host-ram', 'pip install of the extension uses up all RAM and my PC freezes'],
  ['host-ram', 'Compiling the kernels takes over 90GB of memory with ninja'],
  ['host-ram', 'OSError: [Errno 12] Cannot allocate memory as soon as workers fork'],
  ['host-ram', 'Setting num_workers to 16 runs out of memory on our server'],
  ['host-ram', 'Colab crashes because the RAM is full after loading'],
  ['host-ram', 'Out of memory when running on CPU with a long audio file'],
  ['host-ram', 'Merging the adapter crashes the session, a memory problem'],
  ['host-ram', 'save_pretrained_gguf takes all memory and the notebook crashes'],
  ['host-ram', 'Runs into CPU OOM while gathering'],
  ['host-ram', 'distributed.nanny - WARNING - Worker exceeded 95% memory budget. Restarting'],
  ['host-ram', 'BrokenProcessPool: a process was terminated abruptly'],
  ['pinned', 'Allocating 2 GB of pinned memory fails in the container'],
  ['pinned', 'cudaHostAlloc returns an error past 1 GB'],
  ['pinned', 'Out of memory: page-locked memory is limited under WSL2'],
  ['pinned', 'cudaHostRegister failed'],
  ['build-scratch', 'The engine build says there is not enough workspace for this layer'],
  ['build-scratch', 'Some tactics do not have sufficient workspace memory'],
  ['program-fault', 'Why is it "illegal memory access" instead of "out of memory"?'],
  ['program-fault', 'cuBLAS says that its allocation failed when a label is out of range'],
  ['program-fault', 'resource allocation failed after I pass index 7 to an embedding with 7 rows'],
  ['absurd-size', 'The requested allocation size is 2**63'],
  ['absurd-size', 'It tries to allocate 2^60 bytes'],
  ['cap', 'Can one work around maxBufferSize?'],
  ['cap', 'The tensor exceeds maxStorageBufferRange of the driver'],
  ['context-failed', 'Failed to create context: null reference from llama.cpp'],
  ['context-failed', 'Error: could not initialize the llama context for model.gguf'],
  ['engine-gone', 'llama-server process has terminated: signal: aborted (core dumped)'],
  ['engine-gone', 'RuntimeError: Engine core initialization failed. See root cause above.'],
  ['library-failed', 'RuntimeError: cuDNN error: CUDNN_STATUS_INTERNAL_ERROR'],
  ['larger-than-card', 'This model requires 40 GiB of VRAM but only 24 GiB is available'],
  ['larger-than-card', 'Weights exceed GPU memory: 28.3 GiB > 24 GiB'],
  ['large-data', 'Memory issue with a 30000x4000000 sparse matrix'],
  ['large-data', 'One graph, edge_index=[2, 64000000], does not go through'],
  ['large-model', 'Insufficient graphics memory for this model'],
  ['large-model', 'There is not enough VRAM to run this model'],
  ['host-ram', '数据集太大，内存不够，进程被杀死'],
  ['host-ram', 'Не хватает оперативной памяти: процесс падает при загрузке'],
  ['host-ram', 'CPU memory not enough while saving'],
  ['host-ram', 'the kernel OOM killer terminates one of the ranks'],
  ['paging-file', 'The paging file is too small for this operation to complete'],
  ['paging-file', 'Fails with not enough memory unless I increase virtual memory'],
  ['cap', 'Out of memory although set_per_process_memory_fraction(0.5) leaves half of the card'],
  ['cap', 'XLA_PYTHON_CLIENT_MEM_FRACTION=.2 gives RESOURCE_EXHAUSTED'],
  ['cap', 'Cannot allocate a buffer larger than 2GB in the browser'],
  ['cap', 'A single allocation may not exceed 4 GB on this device, and it fails'],
  ['cap', 'Runs out of memory at a limit of 16GB, the node has 128GB'],
  ['cap', 'OOM inside a MIG slice'],
  ['absurd-size', 'Why does it want to allocate 90000 GB of memory?'],
  ['absurd-size', 'It tried to allocate 18446744073709551615 bytes'],
  ['absurd-size', 'RuntimeError: requested negative size'],
  ['absurd-size', 'allocation of 3.1 EB requested for two images'],
  ['long-context', 'OOM with a long prompt, short prompts are fine'],
  ['long-context', 'llama-server -c 131072 runs out of memory on my 12GB card'],
  ['long-context', 'max_model_len 128k does not start: out of memory'],
  ['long-context', 'How can I shrink the KV cache? It OOMs at load'],
  ['long-context', '上下文长度设为 32k 就爆显存'],
  ['long-context', 'CUDA out of memory after about 12000 tokens of chat'],
  ['host-ram', 'Most likely you have unsufficient RAM for this profile'],
  ['host-ram', 'loader: out of RAM while blocks are moved'],
  ['host-ram', 'Not enough system memory to load the model'],
  ['host-ram', 'The virtual machine ran out of memory.'],
  ['large-data', 'Out of memory with 15 million gaussians'],
  ['large-data', 'The full graph does not go onto the GPU, out of memory'],
  ['large-data', 'Point cloud of 30,000,000 points: not enough GPU memory'],
  ['large-data', 'OOM when I move the whole dataset to the GPU'],
  ['large-model', 'OOM when loading the model onto a 3060'],
  ['larger-than-card', 'Llama 70B on a single A100 80GB goes out of memory'],
  ['large-model', 'CUDA out of memory with --load-in-8bit'],
  ['large-model', 'How much VRAM do I need to run this? I get OOM'],
  ['large-model', 'model too big for my 8GB card, out of memory'],
  ['large-model', '加载模型时显存不足'],
  ['states', 'Full fine-tuning of a 7B model on one 24 GB GPU: OOM'],
  ['reservation', 'OOM with --gpu-memory-utilization 0.95'],
];

test.each(TOLD)('%s: %s', (topic, text) => {
  expect(topicsOf(text)[0]).toBe(topic);
});

/** Words of a topic where nothing of the kind happened. */
const NOT_TOLD: readonly (readonly [Topic, string])[] = [
  ['host-ram', 'How do I merge a LoRA adapter with the base model?'],
  ['program-fault', 'IndexError: index 5 is out of range'],
  ['pinned', 'pin_memory=True makes the loader faster'],
  ['large-data', 'Shapes 3000x4000000 of the matrix do not agree'],
  ['cap', 'The log says maxBufferSize: 4294967296'],
  ['cap', 'It tried to allocate more than 6 GB'],
  ['build-scratch', 'The workspace of the editor is empty'],
  ['host-ram', 'My machine: 2 x RTX 3090, 128 GB RAM, Ubuntu 22.04'],
  ['host-ram', 'The GPU RAM fills up and CUDA runs out of memory'],
  ['host-ram', 'I killed the process and started it again'],
  ['host-ram', 'kill -9 the leftover workers first'],
  ['host-ram', 'Moving the layers in and out of RAM would be slower'],
  ['host-ram', 'It works on CPU, on the GPU it is out of memory'],
  ['host-ram', 'VRAM usage keeps increasing'],
  ['paging-file', 'I already tried a larger paging file, still out of memory'],
  ['cap', 'Memory limit reached: 24GB of 24GB'],
  ['cap', 'Set max_split_size_mb when it is out of memory'],
  ['absurd-size', 'It tried to allocate 20.00 GiB'],
  ['absurd-size', 'trained on 2 PB of images'],
  ['long-context', 'OOM while training with a context length of 8192'],
  ['long-context', 'torch.cuda.empty_cache() does not help with OOM'],
  ['long-context', 'OOM for proteins with long sequences of 2300 residues'],
  ['large-data', 'I have a large dataset and training is slow'],
  ['large-model', 'The model loads fine, OOM at epoch 3 of training'],
  ['states', 'LoRA of a 7B model on 24 GB is out of memory'],
  ['reservation', 'gpu_memory_utilization can be set to 0.9'],
];

test.each(NOT_TOLD)('not %s: %s', (topic, text) => {
  expect(topicsOf(text)).not.toContain(topic);
});

test.each([
  ['Double allocation of memory is an error here', true],
  ['VRAM issue since the update', true],
  ['epoch 3 done, accuracy 0.71', false],
  ['The documentation has a typo', false],
])('whether memory is spoken of: %s', (text, expected) => {
  expect(accountIn([{ text, number: 1 }]).isOfMemory).toBe(expected);
});
