/**
 * What logs are full of: lines as loggers, trainers, servers and launchers print them by the thousand.
 * Needles are looked for by what they have least in common with these. What stands here more often
 * counts more.
 */
const LINES: readonly string[] = [
  '2026-01-07 12:34:56,789 - INFO - __main__ - step 1200/90000 epoch 3 loss 2.3456 lr 1.25e-04 grad_norm 0.871',
  '[2026-02-18 03:14:15,926] [INFO] [logging.py:96:log_dist] [Rank 0] step=4210, skipped=0, lr=[2.5e-05], mom=[(0.9, 0.95)]',
  "{'loss': 1.8234, 'grad_norm': 0.5571, 'learning_rate': 4.9e-05, 'epoch': 0.37, 'train_samples_per_second': 12.41}",
  '{"ts":"2026-03-09T10:20:30.405Z","level":"info","logger":"trainer","msg":"step done","step":5531,"tokens_per_second":48211.7,"rank":3}',
  '{"time": "2026-04-21T22:58:01", "severity": "INFO", "message": "request completed", "status": 200, "duration_ms": 87}',
  ' 37%|███████▍            | 3712/10000 [1:02:13<1:45:09,  1.01it/s, loss=2.17, lr=3e-5, gpu_mem=61.2G]',
  'Epoch 12:  68%|██████▊   | 812/1200 [10:31<05:02,  1.28it/s, v_num=0, train_loss_step=0.412, val_acc=0.871]',
  'Epoch: [17][ 340/1251]  Time 0.312 (0.318)  Data 0.004 (0.011)  Loss 1.9812 (2.0413)  Acc@1 58.20 (56.71)',
  'Train Epoch: 4 [25600/60000 (43%)] Loss: 0.218734  Accuracy: 0.9412  batch_size: 64  dataloader workers: 8',
  'INFO:     10.12.0.7:53412 - "POST /v1/chat/completions HTTP/1.1" 200 OK',
  'INFO 05-06 07:08:09 metrics.py:351] Avg prompt throughput: 812.4 tokens/s, Avg generation throughput: 1290.7 tokens/s, Running: 42 reqs, Pending: 0 reqs, GPU KV cache usage: 37.1%',
  'node03:21177:21941 [5] NCCL INFO Channel 07/0 : 5[5] -> 6[6] via P2P/IPC/read',
  'I0611 12:13:14.151617 4242 checkpoint.cc:88] saving checkpoint to /data/runs/exp-17/checkpoints/step_0004000.pt took 12.3 s',
  'Saving model checkpoint to /home/user/output/checkpoint-2500 Configuration saved in config.json tokenizer files saved',
  'Downloading shards: 100%|██████████| 4/4 [00:31<00:00,  7.9s/it] Loading checkpoint shards: 100%|██████████| 4/4',
  'UserWarning: this function is deprecated and will be removed in a future release, use the new one instead (Triggered internally)',
  'warnings.warn( FutureWarning: Passing arguments without keywords is not supported, please use the argument name',
  '  File "/usr/lib/python3.11/site-packages/package/module/file.py", line 312, in forward return self._call_impl(*args, **kwargs)',
  'Jul 14 09:00:43 worker-2 systemd[1]: Started session 4711 of user training. service: Succeeded. Starting process group',
  'validation: loss=1.234 accuracy=0.567 precision=0.891 recall=0.234 f1=0.371 best=0.412 patience=3 samples=50000 time=81.2s',
  'memory: allocated 12.3 GB, reserved 15.6 GB, max allocated 18.9 GB, cached 2.1 GB, free 61.7 GB, total 79.2 GB, peak 20.4 GB',
  'gpu memory used 61.2 GiB / 79.1 GiB, utilization 97%, temperature 61 C, power 412 W, host memory 214.2 GB, device cuda:0',
  'worker 3 state running exit code 0 request id 7f3a9c metric train/loss type response server client connection pool node index image layer',
  'number of parameters: 6,738,415,616 trainable: 4,194,304 (0.06%) batch size 8 sequence length 4096 gradient accumulation steps 16 bf16 true',
  'global step local rank world size distributed communication backend group initialized all_reduce all_gather reduce_scatter broadcast barrier',
  '0123456789 0.0001 1.00 12.5 100 200 255 1024 4096 65536 3.14e-05 00:00:00 [00:00<00:00, ?it/s] 10/10 99.9% 2026-01-01T00:00:00.000000Z',
  '                                ---------------------------------------- ======================================== ........................',
  '################ ****************  |   |   |  +-----+-----+  |=====+=====|  ████████████████████  ▏▎▍▌▋▊▉  ────────── │ ━━━━━ ╸',
];

/** As UTF-8. */
export const ORDINARY: Uint8Array = new TextEncoder().encode(LINES.join('\n'));
