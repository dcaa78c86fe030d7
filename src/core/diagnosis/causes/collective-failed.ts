/** Look-alike: the processes of a job could not talk to each other; full cards are only one of the reasons. */
import { say } from '../../base/texts.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'The processes could not talk to each other',
    summary:
      'A collective failed: the network between the machines, the driver, versions that do not fit, or a process that had ended before.',
    headline: 'NCCL could not do its work; why stands in its own log.',
    cuda: 'A CUDA call of NCCL failed, and its error is not printed: a wrong device, a driver that does not fit, a full card.',
    system: 'A system call of NCCL failed: a socket, a network interface, a file in /dev/shm.',
    unsaid: 'A full card would be reported in the same words.',
    'unsaid-shm': 'A shared memory segment that is too small would be reported in the same words.',
  },
  zh: {
    title: '进程之间无法通信',
    summary: '集合通信失败：机器之间的网络、驱动、版本不匹配，或某个进程此前已经退出。',
    headline: 'NCCL 出错；原因要看它自己的日志。',
    cuda: 'NCCL 的一次 CUDA 调用失败，但没有打印具体错误：设备不对、驱动不匹配或显存已满都有可能。',
    system: 'NCCL 的一次系统调用失败：套接字、网络接口或 /dev/shm 中的文件。',
    unsaid: '显存已满也会以同样的措辞报告。',
    'unsaid-shm': '共享内存段过小也会以同样的措辞报告。',
  },
  ru: {
    title: 'Процессы не смогли связаться друг с другом',
    summary:
      'Коллективная операция не удалась: сеть между машинами, драйвер, несовместимые версии или процесс, завершившийся раньше.',
    headline: 'NCCL завершилась с ошибкой; причина — в её собственном журнале.',
    cuda: 'Вызов CUDA внутри NCCL не удался, а его ошибка не напечатана: не то устройство, неподходящий драйвер, полная карта.',
    system: 'Системный вызов NCCL не удался: сокет, сетевой интерфейс, файл в /dev/shm.',
    unsaid: 'О полной карте было бы сказано теми же словами.',
    'unsaid-shm': 'О слишком малом сегменте разделяемой памяти было бы сказано теми же словами.',
  },
} as const;

export const collectiveFailed: Cause = {
  id: 'collective-failed',
  code: 'UN248',
  since: '0.1.0',
  status: 'preview',
  family: 'not-oom',
  domain: 'any',
  category: 'defect',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['NCCL user guide: troubleshooting; NCCL_DEBUG'],
  assess(c): Assessment | undefined {
    if (!c.has('collective-failed')) return undefined;
    const isSystem = c.wording === 'system';
    return {
      strength: 'possible',
      because: [say(TEXTS, isSystem ? 'system' : 'cuda')],
      against: [say(TEXTS, isSystem ? 'unsaid-shm' : 'unsaid')],
      weight: 8,
    };
  },
};
