/** Servers, pipelines and scripts without an optimizer that keep what they should let go. */
import { upTo } from '../pen.ts';
import { about, Code, Loop } from './code.ts';
import { KiB, llama, MiB, written } from './nets.ts';

/** An engine with continuous batching: prefixes of prompts are cached, and nothing evicts them. */
function prefixCache(): string {
  const c = new Code({ lib: '/srv/llm/venv/lib/python3.12', torch: '2.6', frames: 'python' });
  const run = new Loop(c, 'device 0 40GiB', 'seed 213');
  const p = run.pen;
  const loop = ['/srv/llm/server.py:140 in serve', '/srv/llm/engine/scheduler.py:66 in step'];
  p.at(
    c.main([
      '/srv/llm/server.py:31 in main',
      '/srv/llm/engine/loader.py:28 in load',
      ...c.lib('safetensors/torch.py:315 in load_file'),
    ]),
  );
  for (const i of upTo(30)) p.alloc(`w_${i}`, 448 * MiB);
  const net = llama(c, [...loop, '/srv/llm/engine/runner.py:90 in execute'], {
    count: 4,
    hidden: 6 * MiB,
    weights: [],
    vary: (size) => about(size, 40),
  });
  const admit = (request: number, pages: number): void => {
    p.at(c.main([...loop, '/srv/llm/engine/blocks.py:39 in allocate'], 'empty'));
    for (const page of upTo(pages)) p.alloc(`kv_${request}_${page}`, 2 * MiB);
  };
  const pages = [5, 9, 3, 12, 7, 4, 10, 6];
  for (const request of upTo(44)) {
    const n = pages[request % pages.length] ?? 1;
    admit(request, n);
    for (const _ of upTo(3)) run.infer(net, 'hidden');
    if (request < 4) continue;
    // The oldest of four that run is done: a copy of its first pages becomes a prefix.
    const done = request - 4;
    p.at(c.main([...loop, '/srv/llm/engine/prefix_cache.py:52 in insert'], 'clone'));
    for (const page of upTo(3)) p.alloc(`prefix_${done}_${page}`, 2 * MiB);
    p.at(c.main([...loop, '/srv/llm/engine/blocks.py:58 in release']));
    for (const page of upTo(pages[done % pages.length] ?? 1)) p.free(`kv_${done}_${page}`);
  }
  return run.text();
}

/** Embeddings of a corpus, longest texts first, as tensors in a list. */
function embedCorpus(): string {
  const c = new Code({ lib: '/data/search/.venv/lib/python3.11', torch: '2.4', frames: 'python' });
  const run = new Loop(c, 'device 0 16GiB', 'seed 214');
  const p = run.pen;
  const user = ['/data/search/index.py:33 in main'];
  p.at(
    c.main([
      '/data/search/index.py:21 in main',
      ...c.lib('sentence_transformers/SentenceTransformer.py:336 in __init__'),
      ...c.to(),
    ]),
  );
  for (const i of upTo(12)) p.alloc(`w_${i}`, 110 * MiB);
  const encode = [...user, ...c.lib('sentence_transformers/SentenceTransformer.py:622 in encode')];
  for (const batch of upTo(42)) {
    const length = (42 - batch) * 2 * MiB + 8 * MiB;
    const net = written(c, encode, {
      file: `/data/search/.venv/lib/python3.11/site-packages/transformers/models/bert/modeling_bert.py`,
      count: 4,
      lines: [
        [440, 'linear', length],
        [465, undefined, 2 * length],
        [544, 'layer_norm', length],
      ],
      weights: [],
      upstream: 1,
    });
    run.infer(net, 'hidden');
    p.at(
      c.main(
        [...encode, ...c.call(...c.lib('sentence_transformers/models/Pooling.py:160 in forward'))],
        'sum',
      ),
    );
    p.alloc(`emb_${batch}`, 12 * MiB);
    p.free('hidden');
  }
  return run.text();
}

/** Perplexity without no_grad(): each loss in the list holds the graph of its window, until the card is full. */
function perplexity(): string {
  const c = new Code({ lib: '/root/eval/env/lib/python3.10', torch: '2.1', frames: 'symbols' });
  const run = new Loop(c, 'device 0 24GiB', 'seed 215');
  const p = run.pen;
  const user = ['/root/eval/ppl.py:60 in <module>', '/root/eval/ppl.py:41 in evaluate'];
  const net = llama(c, user, {
    count: 6,
    hidden: 12 * MiB,
    weights: [210 * MiB, 210 * MiB],
    vary: (size) => about(size, 2),
  });
  run.load(
    c.main([
      '/root/eval/ppl.py:52 in <module>',
      ...c.lib('transformers/modeling_utils.py:3850 in from_pretrained'),
    ]),
    net,
  );
  for (const window of upTo(40)) {
    p.at(
      c.main(['/root/eval/ppl.py:60 in <module>', '/root/eval/ppl.py:38 in evaluate'], 'to'),
    ).alloc('ids', 32 * KiB);
    run.forward(net, `win${window}`);
    p.at(
      c.op(
        [
          ...user,
          ...c.call(...c.lib('transformers/models/llama/modeling_llama.py:830 in forward')),
        ],
        'linear',
      ),
    );
    p.alloc(`logits_${window}`, 240 * MiB);
  }
  return run.text();
}

/** Adapters are loaded for each request and never unloaded. */
function adapterPerRequest(): string {
  const c = new Code({ lib: '/app/studio/venv/lib/python3.11', torch: '2.6', frames: 'python' });
  const run = new Loop(c, 'device 0 24GiB', 'seed 216');
  const p = run.pen;
  const pipeline = 'diffusers/pipelines/flux/pipeline_flux.py';
  p.at(
    c.main([
      '/app/studio/generate.py:17 in <module>',
      ...c.lib('diffusers/pipelines/pipeline_utils.py:482 in to'),
      ...c.to(),
    ]),
  );
  for (const i of upTo(22)) p.alloc(`w_${i}`, 520 * MiB);
  for (const request of upTo(14)) {
    const user = (line: number): readonly string[] => [
      ...c.lib('gradio/blocks.py:1520 in call_function', 'anyio/_backends/_asyncio.py:967 in run'),
      `/app/studio/generate.py:${line} in render`,
    ];
    p.at(
      c.main(
        [
          ...user(41),
          ...c.lib(
            'diffusers/loaders/lora_pipeline.py:1820 in load_lora_weights',
            'diffusers/loaders/peft.py:300 in load_lora_adapter',
            'peft/utils/save_and_load.py:445 in set_peft_model_state_dict',
          ),
        ],
        'to',
      ),
    );
    for (const i of upTo(24)) p.alloc(`lora_${request}_${i}`, 4 * MiB);
    p.at(c.main([...user(44), ...c.lib(`${pipeline}:640 in prepare_latents`)], 'randn')).alloc(
      'latents',
      2 * MiB,
    );
    for (const _ of upTo(request % 3 === 0 ? 28 : 12)) {
      const block = [
        ...user(44),
        ...c.lib(
          'torch/utils/_contextlib.py:116 in decorate_context',
          `${pipeline}:906 in __call__`,
        ),
        ...c.call(...c.lib('diffusers/models/transformers/transformer_flux.py:520 in forward')),
      ];
      p.at(c.op(block, 'linear')).alloc('h', about(310 * MiB, 3));
      p.at(c.op(block, 'gelu')).temp(about(620 * MiB, 3));
      p.at(c.main([...user(44), ...c.lib(`${pipeline}:930 in __call__`)])).alloc(
        'latents',
        2 * MiB,
      );
    }
    p.at(
      c.op(
        [
          ...user(44),
          ...c.lib(
            `${pipeline}:955 in __call__`,
            'diffusers/models/autoencoders/autoencoder_kl.py:303 in decode',
          ),
        ],
        'conv2d',
      ),
    ).temp(about(1500 * MiB, 10));
    p.at('').free('h');
    p.free('latents');
  }
  return run.text();
}

/** A model over four cards; the last one keeps scores of all prompts. */
function deviceMap(): string {
  const c = new Code({ lib: '/home/q/env/lib/python3.10', torch: '2.1', frames: 'python' });
  const run = new Loop(c, ...upTo(4).map((i) => `device ${i} 24GiB`), 'seed 222');
  const p = run.pen;
  const hooked = [
    '/home/q/bench/score.py:80 in <module>',
    '/home/q/bench/score.py:47 in score',
    ...c.lib('accelerate/hooks.py:165 in new_forward'),
  ];
  for (const device of upTo(4))
    p.on(`device ${device}`, () => {
      p.at(
        c.main([
          '/home/q/bench/score.py:25 in load',
          ...c.lib(
            'transformers/modeling_utils.py:3706 in from_pretrained',
            'accelerate/utils/modeling.py:384 in set_module_tensor_to_device',
          ),
        ]),
      );
      for (const i of upTo(10)) p.alloc(`w_${device}_${i}`, 1200 * MiB);
    });
  for (const prompt of upTo(25)) {
    const length = (6 + ((prompt * 7) % 11)) * MiB;
    for (const device of upTo(4))
      p.on(`device ${device}`, () => {
        run.infer(llama(c, hooked, { count: 3, hidden: length, weights: [] }), `passed_${device}`);
        if (device > 0) p.at('').free(`passed_${device - 1}`);
      });
    p.on('device 3', () => {
      p.at(
        c.main(
          ['/home/q/bench/score.py:80 in <module>', '/home/q/bench/score.py:52 in score'],
          'log_softmax',
        ),
      ).alloc(`score_${prompt}`, 30 * MiB);
      p.free('passed_3');
    });
  }
  return run.text();
}

/** A graph is captured for every shape that comes, and the shapes have no end. */
function captureEachShape(): string {
  const c = new Code({ lib: '/opt/serve/lib/python3.12', torch: '2.8', frames: 'python' });
  const run = new Loop(c, 'device 0 24GiB', 'seed 224');
  const p = run.pen;
  const at = (line: number, name: string): readonly string[] => [
    '/opt/serve/app.py:58 in handle',
    `/opt/serve/runner.py:${line} in ${name}`,
  ];
  p.at(c.main(['/opt/serve/app.py:20 in startup', ...c.to()]));
  for (const i of upTo(12)) p.alloc(`w_${i}`, 400 * MiB);
  for (const shape of upTo(20)) {
    const unit = (40 + ((shape * 13) % 23)) * MiB;
    p.on(`graph ${shape + 1}`, () => {
      p.at(c.main(at(66, 'capture'), 'empty')).alloc(`static_${shape}`, 30 * MiB);
      const net = written(c, at(70, 'capture'), {
        file: '/opt/serve/net.py',
        count: 3,
        lines: [
          [31, 'linear', unit],
          [33, 'gelu', unit],
        ],
        weights: [],
        upstream: 1,
      });
      run.infer(net, `output_${shape}`);
    });
    // Eager work around the replays.
    for (const _ of upTo(4)) p.at(c.main(at(90, 'postprocess'), 'topk')).temp(about(20 * MiB, 30));
  }
  return run.text();
}

/** Speech: encoder states of each file go to a dictionary by name; files differ much in length. */
function encoderStates(): string {
  const c = new Code({ lib: '/home/pod/venv/lib/python3.11', torch: '2.6', frames: 'symbols' });
  const run = new Loop(c, 'device 0 16GiB', 'seed 228');
  const p = run.pen;
  const at = (line: number): readonly string[] => [
    '/home/pod/transcribe/run.py:71 in <module>',
    `/home/pod/transcribe/run.py:${line} in transcribe_all`,
  ];
  p.at(
    c.main([
      '/home/pod/transcribe/run.py:64 in <module>',
      ...c.lib('transformers/modeling_utils.py:4225 in from_pretrained'),
    ]),
  );
  for (const i of upTo(10)) p.alloc(`w_${i}`, 300 * MiB);
  const minutes = [
    4, 1, 9, 2, 2, 7, 3, 12, 1, 5, 2, 8, 3, 3, 6, 1, 10, 2, 4, 5, 2, 7, 1, 3, 9, 2, 6, 4, 1, 8, 3,
    5, 2, 11, 4,
  ];
  for (const [file, length] of minutes.entries()) {
    p.at(
      c.main(
        [
          ...at(36),
          ...c.lib('transformers/models/whisper/feature_extraction_whisper.py:306 in __call__'),
        ],
        'stft',
      ),
    ).alloc('mel', length * 3 * MiB);
    const net = written(
      c,
      [
        ...at(37),
        ...c.call(...c.lib('transformers/models/whisper/modeling_whisper.py:1170 in forward')),
      ],
      {
        file: '/home/pod/venv/lib/python3.11/site-packages/transformers/models/whisper/modeling_whisper.py',
        count: 6,
        lines: [
          [640, 'linear', about(length * 14 * MiB, 5)],
          [644, 'gelu', about(length * 14 * MiB, 5)],
        ],
        weights: [],
        upstream: 1,
      },
    );
    run.infer(net, 'encoded');
    p.at(c.main(at(39), 'clone')).alloc(`states_${file}`, length * 5 * MiB);
    for (const token of upTo(12)) {
      p.at(
        c.main(
          [
            ...at(42),
            ...c.lib(
              'transformers/generation/utils.py:2465 in generate',
              'transformers/generation/utils.py:3431 in _sample',
              'transformers/cache_utils.py:446 in update',
            ),
          ],
          'cat',
        ),
      );
      p.alloc('k', (token + 1) * 512 * KiB);
    }
    p.at(c.main(at(44))).free('k');
    p.free('encoded');
    p.free('mel');
  }
  return run.text();
}

export const LEAKS_IN_INFERENCE: Readonly<Record<string, () => string>> = {
  'prefix-cache': prefixCache,
  'embed-corpus': embedCorpus,
  perplexity,
  'adapter-per-request': adapterPerRequest,
  'device-map': deviceMap,
  'capture-each-shape': captureEachShape,
  'encoder-states': encoderStates,
};
