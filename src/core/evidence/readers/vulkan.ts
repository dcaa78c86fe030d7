/** Vulkan reports a result code; the program around it prints the size, if anybody does. */
import { isAdvice } from '../advice.ts';
import type { Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

const REQUESTED = clause('size : {size:int}');
const IN_BRACKETS = /whileallocating[^\u0001]{0,80}?\((?<size>\d{4,18})(?<size_unit>bytes)\)/i;
/** The validation layers: one heap, smaller than what was asked of it. */
const OF_HEAP = /(?:attemptingtoallocate|allocationSizeis)(?<size>\d{1,19})bytesfromheap/i;
const HEAP = /sizeofthatheapisonly(?<size>\d{1,19})bytes/i;

/** MLC puts a model on the card in one go. */
const LOADS = /Initializingthechatmodule/;

export const vulkan: Reader = {
  id: 'vulkan',
  code: 'UN417',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Vulkan device memory',
      summary:
        'ERROR_OUT_OF_DEVICE_MEMORY from a Vulkan program, with the size that failed where it is printed.',
    },
    zh: {
      title: 'Vulkan 显存',
      summary: 'Vulkan 程序报 ERROR_OUT_OF_DEVICE_MEMORY；有失败大小的一并读出。',
    },
    ru: {
      title: 'Память GPU в Vulkan',
      summary:
        'ERROR_OUT_OF_DEVICE_MEMORY от программы на Vulkan, с размером неудавшегося запроса, если он напечатан.',
    },
  },
  sources: ['vulkan@1.3:VkResult'],
  needles: [
    'out_of_device_memory',
    'vkallocatememory',
    'failed with error -2',
    'vkqueuesubmit failed',
    'vkwaitforfences failed',
    'outofdevicememory',
    'amdgpu: failed to allocate a buffer',
    'size of that heap is',
    'error_out_of_host_memory',
    'erroroutofhostmemory',
  ],
  anchor:
    /ERROR_OUT_OF_DEVICE_MEMORY|ErrorOutOfDeviceMemory|value:OutOfDeviceMemory|\(OutOfDeviceMemory\)|amdgpu:Failedtoallocateabuffer|vkAllocateMemoryfailed(?!:?(?:witherror)?-1)|vma(?:Create|Allocate)\w{3,20}failedwitherror-2(?!\d)|vk(?:CreateInstance|CreateDevice|EnumeratePhysicalDevices)\S{0,20}?(?:failed|returned|error)(?:with|:)?\S{0,12}?(?:ERROR_OUT_OF_HOST_MEMORY|ErrorOutOfHostMemory)|vk(?:QueueSubmit|WaitForFences)failed-4(?!\d)|(?:attemptingtoallocate|allocationSizeis)\d{1,19}bytesfromheap\d{1,3},?butsizeofthatheapisonly\d{1,19}bytes/gi,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    // The device is lost: a driver that stopped what took too long, or had no memory left for it.
    if (/failed-4$/i.test(message.match[0])) {
      return {
        kind: 'look_alike',
        framework: 'vulkan',
        backend: 'vulkan',
        wording: 'lost',
        facts: message.facts,
        clues: ['device-removed'],
        end: message.end,
      };
    }
    // Before there is a device: a loader that finds no driver which it can use says it in these words.
    if (/HOST_?MEMORY$/i.test(message.match[0])) {
      return {
        kind: 'look_alike',
        framework: 'vulkan',
        backend: 'vulkan',
        wording: 'instance',
        facts: message.facts,
        clues: ['may-be-no-memory'],
        end: message.end,
      };
    }
    // A pool of descriptors counts sets, not bytes.
    if (/descriptorSetsremaining/i.test(message.preceding(700))) {
      return {
        kind: 'look_alike',
        framework: 'vulkan',
        backend: 'vulkan',
        wording: 'descriptors',
        facts: message.facts,
        clues: ['session-limit'],
        end: message.end,
      };
    }
    const around = message.before + message.text.slice(0, 200);
    const isWeights = /weightallocator/i.test(around);
    const isHeap = OF_HEAP.test(message.match[0]);
    message.size('requested', isHeap ? OF_HEAP : REQUESTED) ??
      message.size('requested', IN_BRACKETS);
    if (isHeap) message.size('allowed', HEAP);
    return {
      kind: 'gpu_oom',
      framework: 'vulkan',
      backend: 'vulkan',
      facts: message.facts,
      clues: isHeap ? ['per-buffer-limit'] : isWeights ? ['allocating-weights'] : [],
      ...(LOADS.test(message.preceding(900)) && { phase: 'load' as const }),
      end: message.end,
    };
  },
};
