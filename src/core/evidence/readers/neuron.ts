/** AWS Neuron: the driver of Trainium and Inferentia, its table of what fills a core, and status 4. */
import { isAdvice } from '../advice.ts';
import type { Clue, Message, Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

const REQUESTED = clause('Failed to allocate {size:size}');
const EXACT = /Failedtoalloc(?:ate)?(?:DEVICE|HOST)memory:(?<size>\d{1,19})/i;
const TENSOR = /Failedtoallocate(?<size>\d{1,19})(?<size_unit>bytes)/i;
const CORE = /onND(?<device>\d{1,3}):NC(?<core>\d{1,3})/i;
const TABLE =
  /\*(?<name>[A-Za-z][A-Za-z ()_-]{1,40}?):(?<size>\d{1,9}(?:\.\d{1,3})?)(?<size_unit>[KMGT]?B)(?![a-z]{2})/g;

/** "* tensors: 15.855GB" down the list, "total" apart. */
function takeTable(message: Message): void {
  const start = /currentutilization:/i.exec(message.text);
  if (start === null) return;
  const until = start.index + 600;
  for (const match of message.findAll(TABLE)) {
    if (match.index < start.index || match.index > until) continue;
    const name = match.groups?.['name'] ?? '';
    if (/^total$/i.test(name)) message.take('used', match);
    else {
      const role = /^tensors?$/i.test(name)
        ? 'other'
        : /scratchpad/i.test(name)
          ? 'compute'
          : 'other';
      message.take('buffer', match, { scope: { buffer: name, role } });
    }
  }
}

export const neuron: Reader = {
  id: 'neuron',
  code: 'UN471',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'AWS Neuron',
      summary:
        'The Neuron runtime could not allocate memory of a NeuronCore: TDRV lines with the table of use, NRT_RESOURCE, status 4.',
    },
    zh: {
      title: 'AWS Neuron',
      summary:
        'Neuron 运行时无法分配 NeuronCore 的内存：带用量表的 TDRV 行、NRT_RESOURCE、状态码 4。',
    },
    ru: {
      title: 'AWS Neuron',
      summary:
        'Среда выполнения Neuron не смогла выделить память NeuronCore: строки TDRV с таблицей использования, NRT_RESOURCE, статус 4.',
    },
  },
  sources: [
    'awsdocs-neuron: neuron-runtime/nrt-troubleshoot',
    'awsdocs-neuron: neuron-runtime/nrt-api-guide (NRT_RESOURCE = 4)',
  ],
  needles: [
    'failed to alloc device',
    'failed to alloc host',
    'tdrv:log_dev_mem',
    'current utilization:',
    'bytes on device for',
    'nrt_resource',
    'status=4 message',
    'status=4, error',
    'nrt_tensor_allocate',
    'failed to allocate static',
    'failed to allocated io',
    'failed to load nn',
  ],
  anchor:
    /Failedtoalloc(?:ate)?(?:DEVICE|HOST)memory:\d{1,19}|Failedtoallocate[\d.]{1,16}[KMGT]?B\((?:alignment:(?:none|[\d.]{1,12}[KMGT]?B),)?usage:[^()]{1,60}\)onND\d|Failedtoallocate\d{1,19}bytesonDEVICEfor|nrt_\w{2,40}status=4(?!\d)|status=4,?(?:message|error)=?:?"?Allocation(?:Failure|failed)|Failedtoallocatestatic[rt]xring|Failedtoallocatedioqueues|FailedtoloadNN:\S{1,200}?,err:4(?!\d)|NRT_RESOURCE(?:innrt_\w{2,40})/gi,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    const text = message.match[0];
    const isHost = /HOST/i.test(text);
    message.size('requested', EXACT) ??
      message.size('requested', TENSOR) ??
      (/usage/i.test(text) ? message.size('requested', REQUESTED) : undefined);
    takeTable(message);
    const core = message.find(CORE)?.groups;
    const clues: Clue[] = isHost ? ['host-allocator'] : [];
    if (/status=4|NRT_RESOURCE/i.test(text)) clues.push('first-line-only');
    return {
      kind: isHost ? 'host_oom' : 'gpu_oom',
      framework: 'aws-neuron',
      backend: isHost ? 'cpu' : 'neuron',
      wording: /status=4|NRT_/i.test(text) ? 'status' : 'driver',
      facts: message.facts,
      clues,
      end: message.end,
      ...(core?.['core'] !== undefined && { device: Number(core['core']) }),
      ...(/load/i.test(text) && { phase: 'load' as const }),
      reportLines: 200,
    };
  },
};
