import { GiB } from '../../base/bytes.ts';
import { type Case, isAbsurd, isCapped } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Smaller pieces instead of one large buffer',
    summary:
      'The device limits a single allocation, however much is free; several smaller ones pass.',
    how: 'Make the one buffer smaller: a smaller batch, tile, chunk or physical batch, attention in chunks, weights split into shards. Intel XPU: UR_L0_ENABLE_RELAXED_ALLOCATION_LIMITS=1 lifts the 4 GiB limit where the driver can. Browser: ask for the adapter’s maxBufferSize.',
    cost: 'More and smaller operations.',
    nothing: 'No limit of a single allocation was met.',
    'caution-driver':
      'A variable that caps the size of allocations cannot raise what the driver allows.',
  },
  zh: {
    title: '用多个小块代替一个大缓冲区',
    summary: '设备限制单次分配的大小，与空闲显存多少无关；拆成几个较小的就能通过。',
    how: '缩小这一个缓冲区：减小 batch、分块或物理 batch，分块计算注意力，把权重拆成多个分片。Intel XPU：驱动支持时，UR_L0_ENABLE_RELAXED_ALLOCATION_LIMITS=1 可解除 4 GiB 限制。浏览器：按适配器的 maxBufferSize 申请。',
    cost: '操作变多、变小。',
    nothing: '没有触及单次分配的上限。',
    'caution-driver': '限定分配大小的变量不能突破驱动允许的上限。',
  },
  ru: {
    title: 'Меньшие части вместо одного большого буфера',
    summary:
      'Устройство ограничивает одно выделение, сколько бы ни было свободно; несколько меньших проходят.',
    how: 'Уменьшить этот буфер: меньший батч, плитка, блок или физический батч, внимание по частям, веса в нескольких шардах. Intel XPU: UR_L0_ENABLE_RELAXED_ALLOCATION_LIMITS=1 снимает предел 4 ГиБ, если драйвер умеет. Браузер: запросить maxBufferSize адаптера.',
    cost: 'Больше операций, и они мельче.',
    nothing: 'Предел одного выделения не достигнут.',
    'caution-driver':
      'Переменная, ограничивающая размер выделений, не поднимет того, что разрешает драйвер.',
  },
} as const;

/** A request of 4 GiB or more on a backend with a limit per allocation, refused although there was room. */
function meetsFourGiB(c: Case): boolean {
  const { requested, free, reserved, total } = c.amounts;
  if (requested === undefined || requested.high < 4 * GiB) return false;
  if (c.backend === 'vulkan') return total === undefined || requested.high < total.low;
  const room =
    free?.low ??
    (total === undefined || reserved === undefined ? undefined : total.low - reserved.high);
  return c.backend === 'xpu' && room !== undefined && requested.high <= room;
}

export const splitTheAllocation: Remedy = {
  id: 'split-the-allocation',
  code: 'UN380',
  since: '0.1.0',
  status: 'preview',
  family: 'memory-cap',
  answers: ['memory-cap'],
  domain: 'any',
  category: 'same-mathematics',
  resolvable: 'yes',
  applies_to: [],
  docs: ['https://www.w3.org/TR/webgpu/#limits'],
  shares: [],
  texts: TEXTS,
  sources: [
    'intel/intel-extension-for-pytorch: 4 GiB per allocation',
    'oneapi-src/unified-runtime: UR_L0_ENABLE_RELAXED_ALLOCATION_LIMITS',
    'WebGPU specification: limits',
  ],
  roles: ['quick', 'inference'],
  alters: 'nothing',
  often_tried: false,
  touches: { program: true },
  changes: [],

  commands: [],
  costs: [],
  cautions: [{ says: 'caution-driver', applies: (c) => c.backend === 'vulkan' }],
  concerns: (c) =>
    c.kind === 'gpu_oom' &&
    !isAbsurd(c) &&
    !isCapped(c) &&
    (c.has('per-buffer-limit') || meetsFourGiB(c)),
};
