import { describe, expect, test } from 'vitest';
import { diagnoseText } from '../diagnose.ts';

/** Lines that have the words of failures, and in which nothing failed. */
const QUIET: readonly string[] = [
  '- Fixed: out of memory when rendering large scenes',
  '- Fix "OSError: Too many open files" in the loader',
  'tests/test_alloc.py::test_OutOfMemory PASSED',
  'Insufficient memory: false',
  'CUDA error:\n2. check the driver\n3. reinstall',
  'enum AMF_RESULT { AMF_OK, AMF_FAIL, AMF_OUT_OF_MEMORY, AMF_INVALID_ARG }',
  'case MFX_ERR_MEMORY_ALLOC: return "memory";',
  '#define VA_STATUS_ERROR_ALLOCATION_FAILED 0x00000002',
  'CUDA status: 2, GPUs online: 2',
  'CUDA result: 2, expected: 2',
  'max cufft error: 2',
  'cuBLAS error = 3, max rel err 1e-3\nPASS',
  'CUDA error code = [2, 3, 4]',
  'FAIL test_oom: hipMalloc returned 1002 [PASS expected]',
  '  - [ ] nvjpeg error (5) when decoding, see #12',
  'rknn_init fail! ret=-3',
  'Rate limit exceeded. This limit was set by your organization.',
  'ERROR nginx: upload is 1073741824, which exceeds the maximum size of 104857600',
  '3D allocation failed! seats in theatre row 3',
  'could not allocate port 8080: CL_SUCCESS',
  '    GGML_ASSERT(ggml_is_contiguous(a));',
  '- Fix GGML_ASSERT in rope (#2345)',
  'bash: abort: command not found',
  'websocket: no heartbeat received in 30 seconds, closing',
  'Running 4 tests, failed: 9 at t/test.pl line 44',
  'main: crash reporter enabled\nsystem_info: n_threads = 8 / 16',
  'disk: Attempted allocation of 1024, but only 512 free blocks on /dev/sda1',
  'lammps: allocBytes=102400, allocBuffers=12, lockBytes=0',
  '# Out of memory #\n\nThis chapter explains it.',
  'Error pinning memory page in browser: tab unpinned',
  'less than the minimum allocation of 4 seats',
  'Traceback (most recent call last):\n  File "/srv/site/views.py", line 14, in shop\n    return render_template("shop.html", rows=rows)\n  File "/srv/venv/lib/python3.11/site-packages/flask/templating.py", line 150, in render_template\n    return _render(app, template, context)',
  'cudaStreamCreate: 2 streams\nCUDA runtime version 12.2\nFound 2 CUDA devices',
  'OpenCL platform 2 status: ready\nclCreateBuffer: 4 buffers',
  'vkCreateInstance succeeded, 2 layers\nVkResult: 0',
  'amdgpu: allocated 12 buffers',
  'Moved 3 tensors, CUDA error count: 0',
  '0/5 nodes are available: 3 Insufficient memory',
  'not enough memory bandwidth to saturate the units',
  'var ErrOutOfMemory = errors.New("out of memory")',
  'lvcreate: failed to allocate 10 GB on volume group: not enough extents',
  'failed to allocate IP address from pool: no buffers',
  'unable to allocate port for textures service, retrying',
  '没有出现显存不足，一切正常。',
  '如果显存不足，请减小 batch size。',
  'Ошибок OOM не было.',
  'Solved! The OOM is gone',
  'He was reading a book.\nThe night was quiet.\nShe kept working on the train...',
  'Reading package lists... Done\nBuilding dependency tree... Done\nReading state information...\n0 upgraded',
  'Epoch 2/2\n10/10 [==============================] - 1s - loss: 0.2\nAUC 0.93',
  'ValueError: bad shape\nbatch 1\nbatch 2\nLoading model...',
  'Fehler beim Laden\nDatensatz train\nLoading model...',
  '[I] Allocated pinned memory of 268435456 bytes',
  'using 2048 bytes of pinned memory for staging',
  'Tip: use an instance type with more memory for faster builds.',
  'If you see "Memory limit of 512 MiB exceeded with 530 MiB used", raise it.',
  'Terminated due to memory issue is displayed by Xcode.',
  'CHECK(posix_memalign(&data, gAlignment, nbytes) == 0);',
  'terminated by signal 9 because it exceeded the time limit (walltime)',
  'Filling up shuffle buffer (this may take a while): 100 of 200\nShuffle buffer filled',
  'failed to load model: 404 from registry',
  'If GPU 0: out of memory appears, lower the batch size.',
  'NCCL: "unhandled cuda error" may be returned by a collective',
  'def train():\n for epoch in range(10):\n  step()\n # start the next epoch',
  'epochs: 10\nbatch_size: 4\ngpus: 1\nloading: lazy',
  "I'll try it\nwith the model\nand more samples...",
  'epoch 10 loss 0.1\nTest accuracy 0.98\nC:\\Users\\me>pause\nPress any key to continue . . .',
  'The file is larger than 2GB, using large-file support.',
  'RLIMIT_MEMLOCK is set to 65536',
  '// throws System.OutOfMemoryException: when full',
  'vmaCreateBuffer failed with error -2 appears when the heap is full; see the FAQ.',
  'fold 2 training\nTraceback (most recent call last):',
  'SysRq : Show Memory\nMem-Info:\nFree swap  = 0kB\nTotal swap = 0kB',
  'worker exited with exit code 135',
  "OSError: [Errno 28] No space left on device: '/data/out/results.csv'",
  'LogRenderer: Warning: texture streaming pool over 212.3 MiB budget\nFPS 60',
  'Training complete, accuracy 0.93\nSaved model checkpoint to out\nDone.\nEpoch 3:  99%|█████████▉| 780/781 [01:10<00:00, 11.1it/s]',
  'INFO cache resources exhausted; flushing to disk',
  'faulthandler: SIGSEGV handler installed',
  'INFO worker process exited unexpectedly tests: 0 failures',
  'ssh: session unexpectedly terminated by remote host, reconnecting',
  'npm ERR! The dev server process exited unexpectedly. Port 3000 is in use.',
  'CAN bus error counter: 0',
  'i2c i2c-1: Bus error, retry',
  'INFO security: access violation by user bob on door 7',
  'If you see a segmentation fault, update your driver.',
  'Fixed rare segmentation fault in the loader',
  'registers: eax=0xC0000005 ebx=0x0',
  'The test could not reproduce the OOM.',
  'This can not cause OOM.',
  'kernel[0]: memorystatus: killing_idle_process pid 1 [com.apple.photos]',
  'estimate: unlikely to have enough memory. Requires 10.5G, has 15.7G available',
  'there is no more memory left to explain, all good',
  'tensor is bigger than max pooling window',
  'mlx: wired_limit limit set to 12 GB',
  'slurm: Remaining 12 nodes with 8 GPUs free',
  'allocate weights buffer took 13 ms',
  'Error allocating memory for you? read our guide',
  'ArrowMemoryError: raised by Arrow when a pool is empty',
  [...'2345'].map((n) => `[10:00:0${n}] [INFO] Booting worker with pid: ${n}`).join('\n'),
  'INFO texture size 2048x2048, well below the WebGL maximum [16384x16384]',
  'config: device allocation of 512 bytes per thread',
  [...'1234567'].map((n) => `[10:00:02] [INFO] Booting worker with pid: ${n}`).join('\n'),
  'Creation of a resource failed for a reason other than running out of memory.',
  '* Fix segmentation fault in the tokenizer',
  'Fixed a bus error on aligned loads',
  '// a segmentation fault handler writes the last lines',
  '    assert num_gpu_blocks > 0, "no blocks"',
  'libx.so: failed to map segment from shared object: Operation not permitted',
  "UserWarning: CUDA initialization: No CUDA GPUs are available\nTraceback (most recent call last):\n  File \"a.py\", line 4, in <module>\n    cfg['lr']\nKeyError: 'lr'",
];

/** Words of refusals, in lines that speak of something else, or of what went well. */
const OF_ELSE: readonly string[] = [
  '2024-01-01T00:00:01.000+0000: 1.2: [GC (Allocation Failure) [PSYoungGen: 65536K->1024K(76288K)] 65536K->1100K(251392K), 0.0021 secs]',
  '[1.234s][info][gc] GC(3) Pause Young (Allocation Failure) 300M->120M(512M) 4.2ms',
  'INFO MemoryStore: Block broadcast_0 stored as values in memory (estimated size 236.5 MB, free 66.1 MB)',
  'step 100 loss 2.1 alloc 20.3GB free 3.3GB\nstep 200 loss 2.0 alloc 20.3GB free 3.3GB\nTraining finished.',
  'GPU0 memory allocated: 20480 MiB, free: 4096 MiB',
  'Mem: size 64G, 32G free',
  'Filesystem size 100G used 60G avail 40G',
  'llama_kv_cache_init: size = 1024.00 MiB, max seq 1',
  'Request of 40k tokens, limit 30k',
  'JVM heap requires Java 17, have Java 11',
  'requires 5 m of cable, only 3 m left',
  'allocated 4 GPUs, 2 free',
  'EOFError: need 4096 bytes, got 1024',
  'warning: requires 200 GB of disk, only 100 GB free',
  'size 1920 bytes, only 3 packets',
  'Failed to get frame',
  'Cannot create a string from undefined',
  'could not create image directory',
  'Unable to put object into bucket',
  'failed to acquire lock on table users',
  'Request failed with status code 404: /pages/12345',
  'ValueError: Unable to create tensor, you should probably activate truncation and/or padding',
  "RuntimeError: cannot pin 'torch.cuda.FloatTensor' only dense CPU tensors can be pinned",
  'TypeError: cannot create vector from str',
  "KeyError: 'unable to get tensor block.0.weight'",
  '_csv.Error: field larger than field limit (131072 bytes)',
  "remote: error: File model.bin is 200.00 MB; this exceeds GitHub's file size limit of 100.00 MB",
  'wandb: WARNING summary data of 1048576 bytes exceeds limit of 102400 bytes',
  'Log file reached max size 10 MB, rotating',
  'SMTP: message size exceeds maximum 10240000 bytes',
  'cache reached its limit of 512 MB; evicting oldest entries',
  'Memory limit 16 GB, peak 12 GB, hit rate 0.98',
  'insufficient core count',
  'too low core voltage',
  'Core full scan finished',
  'Swap is not available on this machine',
  'Memory pressure: normal',
  'Optimized for low VRAM cards',
  'Set vram state to: LOW_VRAM\nlow vram: using smart offloading\nPrompt executed in 12.3 seconds',
  'above the configured memory watermark, GC started',
  'The driver sits above the physical memory manager',
  'Used 12.3 GiB out of total memory 24 GiB',
  'Lack of memory safety in C',
  'ECC memory error count: 0',
  'ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000',
  'printf("malloc failed\\n");',
  'logger.error("failed to allocate buffer of %d bytes", n)',
  'malloc returns NULL on error.',
  'When the memory limit is exceeded, workers are restarted.',
  'ERR_ALLOC_FAILED,',
  'ACPI Error: AE_NO_MEMORY ignored',
  'INFO training on gpu...\nINFO epoch 1 loss 0.5\nINFO epoch 2 loss 0.4\nINFO best loss 0.4\nINFO model in /out/model.pt',
  '10:00:00 INFO Processing images...\n10:00:01 INFO 200 images on gpu\n10:00:02 INFO tensor shapes ok\n10:00:03 INFO bye',
  '10:00:00 Running benchmark...\n10:00:01 gpu: 300 it/s\n10:00:02 cpu: 20 it/s',
  '             total       used       free     shared    buffers     cached\nMem:      65536000   65100000     436000          0     200000   55000000\n-/+ buffers/cache:    9900000   55636000\nSwap:            0          0          0',
  'training finished on gpu\ncontainer stopped: exit code 143 (SIGTERM)',
  'cuda ok\nERROR optional telemetry failed, continuing without it\nmodel saved\nall done',
  'ERROR rate: 0 failed of 1000 requests, status ok\nTraining complete.',
  '[ERROR] Auth status 401 for dataset hub',
  'ERROR: Simulation failed: solver diverged at step 4',
  'FATAL: gpu temperature 99C, node terminated',
  "torch: terminate called after throwing an instance of 'std::out_of_range'\n  what():  vector::_M_range_check: __n (which is 5) >= this->size() (which is 5)",
  'F1123 is the fault label of the dataset',
  'model size is too large to upload to the hub (5 GB)',
];

/** The words alone are worth a possibility, and no failure. */
const NO_FAILURE: readonly string[] = [
  'cudaMalloc failed:\n2 (second) retry',
  'catch (System.OutOfMemoryException: e)',
  'base64_encode: Not enough space in the buffer to hold the output',
  'jackd: Invalid buffer size: 512 KB, must be power of two',
  '[12:01] [Bob] Killed  ',
  'Loading [====>....] 45% Enemies: 7. Killed',
  'FAILED by user; Task exited with return code Negsignal.SIGKILL',
  'expected_exit_code -9',
  'Subprocess returned non-zero status 137 as expected, test passed',
];

/** A line beside it says another thing, and the kill stays one. */
const KILLED: readonly string[] = [
  'failed call to cuInit: CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected\nEpoch 1/3\nKilled',
  '$ python clean.py --fix\nKilled',
  'JOB 88123 ON node12 CANCELLED AT 2022-11-03T04:12:55 DUE TO TIME LIMIT ***\nslurmstepd: requeued\nEpoch 1\n./run.sh: line 17: 30122 Killed                  python train.py',
  '[CRITICAL] WORKER TIMEOUT (pid:4123)\n[INFO] Booting worker with pid: 4130\n[ERROR] Worker (pid:4130) was sent SIGKILL! Perhaps out of memory?',
];

/** What stands beside the words does not deny them. */
const SAID: readonly string[] = [
  'Worker on cuda:0 ran out of memory',
  'WARNING task on GPU:0 OOM',
  '程序报错：显存不足。如果减小batch就好了',
  'My GPU runs out of memory. Any fix?',
  'out of memory. если уменьшить батч, работает',
];

describe('words of failures where nothing failed', () => {
  test.each([...QUIET, ...OF_ELSE])('%s', async (text) => {
    const { verdict, causes } = await diagnoseText(text);
    expect({ verdict, causes: causes.map(({ id }) => id) }).toEqual({
      verdict: 'none',
      causes: [],
    });
  });
  test.each(SAID)('%s', async (text) => {
    expect((await diagnoseText(text)).causes.length).toBeGreaterThan(0);
  });
  test('a walltime beside an exit code explains nothing, a limit that was reached does', async () => {
    const verdictOf = async (text: string): Promise<string> => (await diagnoseText(text)).verdict;
    expect(await verdictOf('Command exited with exit code 137. Job walltime used: 00:12:30')).toBe(
      'host_oom',
    );
    expect(await verdictOf('terminated by signal 9: walltime exceeded')).toBe('none');
  });
  test.each(NO_FAILURE)('%s', async (text) => {
    expect((await diagnoseText(text)).verdict).toBe('none');
  });

  test.each(KILLED)('a kill beside other lines: %s', async (text) => {
    const { verdict, incidents } = await diagnoseText(text);
    expect([verdict, incidents[0]?.causes[0]?.strength]).toEqual(['host_oom', 'likely']);
  });

  test('a fault in one process says nothing of another', async () => {
    const { incidents } = await diagnoseText(
      '[rank0]: RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`\n[rank1]: RuntimeError: CUDA error: device-side assert triggered',
    );
    expect(incidents.map(({ kind }) => kind)).toEqual(['gpu_oom', 'look_alike']);
  });
});
