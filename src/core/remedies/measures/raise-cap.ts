import { smallShare } from '../../diagnosis/case.ts';
import type { Remedy } from '../remedy.ts';

const TEXTS = {
  en: {
    title: 'Raise or remove the cap',
    summary: 'A memory fraction or watermark below the device’s size is the limit.',
    how: 'Raise the fraction, or remove it; look in the script, in the allocator options and in the job’s environment. In ONNX Runtime raise gpu_mem_limit or the arena’s max_mem. On Apple silicon raise PYTORCH_MPS_HIGH_WATERMARK_RATIO in the environment, before Python starts.',
    cost: 'Others on the same card lose that memory.',
    nothing: 'The cap is not below what the device has.',
    'caution-purpose': 'A cap is often there for somebody: a second process, an engine, a desktop.',
    'caution-mac':
      'On a Mac the memory is shared with the system: without a watermark it can start to swap or become unusable.',
    'caution-context':
      'The fraction counts only what the caching allocator reserves, not the CUDA context or NCCL.',
  },
  zh: {
    title: '提高或取消上限',
    summary: '限制来自小于设备容量的显存占比或水位线。',
    how: '提高或取消该占比；在脚本、分配器选项和任务环境中查找。在 ONNX Runtime 中提高 gpu_mem_limit 或 arena 的 max_mem。在 Apple 芯片上，Python 启动之前用环境变量提高 PYTORCH_MPS_HIGH_WATERMARK_RATIO。',
    cost: '同一张显卡上的其他进程会失去这部分显存。',
    nothing: '上限并不低于设备的容量。',
    'caution-purpose': '上限往往是为他人预留的：另一个进程、推理引擎或桌面。',
    'caution-mac': 'Mac 的内存与系统共享：取消水位线后可能开始换页，甚至无法使用。',
    'caution-context': '该占比只计算缓存分配器的已保留显存，不含 CUDA 上下文和 NCCL。',
  },
  ru: {
    title: 'Поднять или снять лимит',
    summary: 'Предел задаёт доля памяти или отметка (watermark) ниже размера устройства.',
    how: 'Увеличить долю или убрать её; искать в скрипте, в настройках аллокатора и в окружении задачи. В ONNX Runtime увеличить gpu_mem_limit или max_mem арены. На Apple silicon увеличить PYTORCH_MPS_HIGH_WATERMARK_RATIO в окружении, до запуска Python.',
    cost: 'Другие на той же карте лишаются этой памяти.',
    nothing: 'Лимит не ниже того, что есть у устройства.',
    'caution-purpose': 'Лимит часто стоит ради кого-то: второго процесса, движка, рабочего стола.',
    'caution-mac':
      'На Mac память общая с системой: без отметки может начаться подкачка или система зависнет.',
    'caution-context':
      'Доля учитывает лишь зарезервированное кэширующим аллокатором, без контекста CUDA и NCCL.',
  },
} as const;

export const raiseCap: Remedy = {
  id: 'raise-cap',
  code: 'UN309',
  since: '0.1.0',
  status: 'preview',
  family: 'memory-cap',
  answers: ['memory-cap'],
  domain: 'any',
  category: 'surroundings',
  resolvable: 'yes',
  applies_to: [],
  docs: [
    'https://docs.pytorch.org/docs/stable/generated/torch.cuda.memory.set_per_process_memory_fraction.html',
    'https://docs.pytorch.org/docs/stable/mps_environment_variables.html',
  ],
  shares: [],
  texts: TEXTS,
  sources: [
    'PyTorch documentation: torch.cuda.set_per_process_memory_fraction',
    'PyTorch documentation: MPS environment variables',
  ],
  roles: ['quick', 'mlops'],
  alters: 'nothing',
  often_tried: false,
  touches: { limit: 'own' },
  changes: [{ setting: 'memory_fraction', to: 1 }],

  commands: [],
  costs: [],
  cautions: [
    { says: 'caution-purpose', applies: (c) => c.backend !== 'mps' },
    { says: 'caution-mac', applies: (c) => c.backend === 'mps' },
    { says: 'caution-context', applies: (c) => c.backend !== 'mps' },
  ],
  concerns: (c) =>
    (c.has('arena-limit') && !c.has('page-memory') && c.wording !== 'scene-buffer') ||
    smallShare(c) !== undefined ||
    (c.kind === 'gpu_oom' &&
      c.ledger.limits.some(({ name }) => name === 'fraction' || name === 'watermark')),
};
