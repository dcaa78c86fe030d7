/**
 * TorchServe runs each model in a worker process. The frontend only sees that it died; the worker's own
 * lines carry MODEL_LOG, and the reason stands there if anywhere.
 */
import type { Clue, IncidentKind, Reader, Reading } from '../reader.ts';

interface Part {
  readonly wording: string;
  readonly kind: IncidentKind;
  readonly clues: readonly Clue[];
}

function partOf(start: string): Part {
  if (/bad_alloc|System/i.test(start)) {
    return { wording: 'host', kind: 'host_oom', clues: ['host-allocator', 'worker-crashed'] };
  }
  // The handler answers this for every error with "CUDA" in it.
  if (/Out ?of ?resources/i.test(start)) {
    return { wording: 'out-of-resources', kind: 'gpu_oom', clues: ['may-be-no-memory'] };
  }
  return {
    wording: 'worker-died',
    kind: 'look_alike',
    clues: ['worker-crashed', 'may-be-no-memory'],
  };
}

export const torchserve: Reader = {
  id: 'torchserve',
  code: 'UN440',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'TorchServe',
      summary:
        'TorchServe’s answer 507: a worker that died, "Out of resources", "System out of memory"; and std::bad_alloc in a worker’s log.',
    },
    zh: {
      title: 'TorchServe',
      summary:
        'TorchServe 的 507 响应：worker 死亡、“Out of resources”、“System out of memory”；以及 worker 日志中的 std::bad_alloc。',
    },
    ru: {
      title: 'TorchServe',
      summary:
        'Ответ 507 от TorchServe: погибший воркер, «Out of resources», «System out of memory»; а также std::bad_alloc в логе воркера.',
    },
  },
  sources: [
    'torchserve@v0.9.0:ts/service.py',
    'torchserve@v0.9.0:ts/model_service_worker.py',
    'torchserve@v0.9.0:frontend/server/src/main/java/org/pytorch/serve/wlm/BatchAggregator.java',
  ],
  needles: ['worker died.', 'out of resources', 'system out of memory', 'bad_alloc'],
  anchor:
    /MODEL_LOG-(?:what\(\):)?std::bad_alloc|["']?message["']?:["'](?:Outofresources|Systemoutofmemory)["']|(?:["']?message["']?:["']|error:)Workerdied\./gi,
  // A log as JSON keeps only the text of the answer.
  line: /^(?:Worker died\.|Out of resources|System out of memory)$/,
  read(message): Reading {
    const { wording, kind, clues } = partOf(message.match[0]);
    return {
      kind,
      framework: 'torchserve',
      backend: kind === 'gpu_oom' ? 'cuda' : kind === 'host_oom' ? 'cpu' : 'none',
      wording,
      facts: message.facts,
      clues,
      end: message.end,
    };
  },
};
