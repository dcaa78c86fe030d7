/**
 * TensorRT-LLM: the PyTorch flow names the component that it could not create; the C++ runtime prints
 * the call that failed, or that its pool of KV blocks is too small.
 */

import type { Phase } from '../../base/phase.ts';
import { isAdvice } from '../advice.ts';
import type { Clue, Message, Reader, Reading } from '../reader.ts';

const COMPONENT = /couldnotbecreated:(?<name>[^\u0001]{1,90}?)TotalGPUmemory/i;
const TOTAL = /TotalGPUmemory\((?<size_unit>GiB)\):(?<size>\d{1,6}\.\d{1,3})/i;
const FREE =
  /FreeGPUmemorybeforecomponentcreationattempt\((?<size_unit>GiB)\):(?<size>\d{1,6}\.\d{1,3})/i;
const KV_TOKENS = /maxTokensInPagedKvCache\((?<count>\d{1,12})\)/i;

interface Part {
  readonly wording: string;
  readonly phase?: Phase;
  readonly clues: readonly Clue[];
}

function partOf(message: Message): Part {
  const start = message.match[0];
  if (/^maxTokens|kvcache$/i.test(start)) {
    return {
      wording: 'one-sequence',
      phase: 'kv_alloc',
      clues: ['kv-cache', 'sequence-exceeds-kv', 'engine-budget-too-small'],
    };
  }
  if (/^Musthave/i.test(start)) {
    return {
      wording: 'no-block',
      phase: 'kv_alloc',
      clues: ['kv-cache', 'engine-budget-too-small'],
    };
  }
  if (/blocksleft$/i.test(start)) {
    return { wording: 'no-blocks', phase: 'generate', clues: ['kv-cache'] };
  }
  if (!/^Executor/i.test(start)) {
    const isLoading = /loadingfailed|modelInstanceState/i.test(message.preceding(600));
    return { wording: 'runtime', clues: [], ...(isLoading && { phase: 'init' as const }) };
  }
  const name = message.find(COMPONENT)?.groups?.['name'] ?? '';
  if (/^KVcache/i.test(name)) {
    return {
      wording: 'executor',
      phase: 'kv_alloc',
      clues: ['kv-cache', 'allocating-kv', 'engine-budget-too-large'],
    };
  }
  if (/^(?:Model$|Draftmodel)/i.test(name)) {
    return { wording: 'executor', phase: 'load', clues: ['allocating-weights'] };
  }
  return { wording: 'executor', phase: 'init', clues: [] };
}

export const tensorrtLlm: Reader = {
  id: 'tensorrt-llm',
  code: 'UN434',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'TensorRT-LLM',
      summary:
        'TensorRT-LLM could not create its executor, a CUDA allocation of its runtime failed, or its KV cache cannot hold one sequence.',
    },
    zh: {
      title: 'TensorRT-LLM',
      summary:
        'TensorRT-LLM 无法创建 executor、其运行时的 CUDA 分配失败，或 KV 缓存连一个序列都放不下。',
    },
    ru: {
      title: 'TensorRT-LLM',
      summary:
        'TensorRT-LLM не смог создать executor, его среда выполнения не получила памяти от CUDA, или KV-кэш не вмещает даже одной последовательности.',
    },
  },
  sources: [
    'TensorRT-LLM@v1.0.0:tensorrt_llm/_torch/pyexecutor/py_executor_creator.py',
    'TensorRT-LLM@v0.7.1:cpp/include/tensorrt_llm/common/cudaUtils.h',
    'TensorRT-LLM@v0.9.0:cpp/tensorrt_llm/batch_manager/kvCacheManager.cpp',
  ],
  needles: [
    'executor creation failed due',
    'cuda runtime error in',
    'to process at least 1 sequence',
    'no free blocks left',
    'any sequence in kvcache',
    'block to create kv cache',
  ],
  anchor:
    /ExecutorcreationfailedduetoinsufficientGPUmemory|CUDAruntimeerrorin[^\u0001]{1,200}?:outofmemory|maxTokensInPagedKvCache(?:\(\d+\))?mustbelargeenoughtoprocessatleast1sequence|Can.?tallocatenewblocks\.Nofreeblocksleft|MusthaveatleastoneblocktocreateKVcache|Impossibletofit(?:in)?anysequenceinkvcache/gi,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    const { wording, phase, clues } = partOf(message);
    message.size('total', TOTAL);
    message.size('free', FREE);
    message.count('kv_tokens', KV_TOKENS);
    const { counts } = message;
    return {
      kind: 'gpu_oom',
      framework: 'tensorrt-llm',
      backend: 'cuda',
      wording,
      facts: message.facts,
      clues,
      end: message.end,
      ...(Object.keys(counts).length > 0 && { counts }),
      ...(phase !== undefined && { phase }),
    };
  },
};
