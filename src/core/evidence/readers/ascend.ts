/** Huawei's CANN under PyTorch, MindSpore and its own tools: EL0004 and ACL code 207001. */
import { isAdvice } from '../advice.ts';
import type { Clue, Reader, Reading } from '../reader.ts';

const SIZE = /(?:,|;|\u0001|\()(?:malloc_?)?size[:=](?<size>\d{1,19})/i;
const DEVICE = /(?:device_?id[:=]|,Device:)(?<index>\d{1,3})/i;
/** The collectives of Ascend, which take buffers beside the framework's pool. */
const COLLECTIVE = /Hccl\w{0,40}(?:Alloc|Malloc|CommInit|Resource)\w{0,40}/;
/** Calls that take host memory. */
const HOST =
  /Call(?:rt|aclrt)MallocHost|(?:rt|aclrt)MallocHostfail|allochostmemoryfailed|HostMallocfail/i;

export const ascend: Reader = {
  id: 'ascend',
  code: 'UN470',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Ascend (CANN)',
      summary:
        'CANN on Ascend: Memory_Allocation_Failure (EL0004), rtMalloc and aclrtMalloc with code 207001, the workspace allocator.',
    },
    zh: {
      title: '昇腾（CANN）',
      summary:
        '昇腾上的 CANN：Memory_Allocation_Failure（EL0004）、错误码 207001 的 rtMalloc 和 aclrtMalloc、工作区分配器。',
    },
    ru: {
      title: 'Ascend (CANN)',
      summary:
        'CANN на Ascend: Memory_Allocation_Failure (EL0004), rtMalloc и aclrtMalloc с кодом 207001, аллокатор рабочих областей.',
    },
  },
  sources: [
    'hiascend.com: CANN error codes, EL0004',
    'hiascend.com: aclError, ACL_ERROR_RT_MEMORY_ALLOCATION 207001',
  ],
  needles: [
    'memory_allocation_failure',
    'el0004: failed',
    'el0004: [pid',
    'rtmalloc fail',
    'rtmalloc execute fail',
    'aclrtmalloc',
    'result = 207001',
    'device memory failed',
    '_rt_memory_allocation',
    'npuworkspaceallocator',
    'pta memory error',
  ],
  anchor:
    /(?:Memory_Allocation_Failure\()?EL0004\)?:(?:\[PID:\d{1,9}\][\d.:-]{0,40})?Failedtoallocatememory|Memory_Allocation_Failure\(EL0004\)|Call(?:rt|aclrt)Malloc(?:Host)?fail|(?:rt|aclrt)Malloc(?:Host|Cached)?(?:executefailed,reason=\[drivererror:outofmemory\]|failed|fail|\([^()]{0,80}\)failed)|alloc(?:ate)?(?:device|host)memoryfailed,runtimeresult=207001|(?:aclrtMalloc|acl)\S{0,80}?(?:error(?:code)?(?:is|:|=)?|ret(?:code)?[:=]?)[[(:=]?207001|ACL_ERROR_RT_MEMORY_ALLOCATION/gi,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    const head = message.text.slice(0, 400);
    const isHost = HOST.test(message.match[0]) || HOST.test(head.slice(0, 200));
    message.size('requested', SIZE);
    const index = message.find(DEVICE)?.groups?.['index'];
    const clues: Clue[] = isHost ? ['host-allocator'] : [];
    const around = message.before + head;
    const isOfCollective = !isHost && COLLECTIVE.test(message.text.slice(0, 900));
    return {
      kind: isHost ? 'host_oom' : 'gpu_oom',
      framework: /mindspore/i.test(around) ? 'mindspore' : 'ascend-cann',
      backend: isHost ? 'cpu' : 'npu',
      ...(isOfCollective && { wording: 'collective' }),
      facts: message.facts,
      clues,
      end: message.end,
      ...(index !== undefined && !isHost && { device: Number(index) }),
      reportLines: 100,
    };
  },
};
