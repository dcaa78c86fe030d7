/** Look-alike: the word memory, and no shortage of it. */
import { say } from '../../base/texts.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'A kernel fault, not memory',
    summary: 'An illegal address, a failed device assertion or an invalid launch.',
    headline: 'A CUDA kernel faulted; no memory ran out.',
    after: 'A fault of a kernel is reported right after it, in the same process.',
    fault:
      'The error names a fault of a kernel (an index out of range, a bad address, an invalid launch).',
    simulator:
      'A simulator that overflows or fails to get its own GPU buffers (contacts, pairs) goes on to such a fault.',
    follow: 'The library’s complaint follows from that fault: the context is lost.',
  },
  zh: {
    title: 'kernel 故障，与显存无关',
    summary: '非法地址、设备断言失败或无效的启动参数。',
    headline: '一个 CUDA kernel 出错；没有耗尽显存。',
    after: '紧接其后，同一进程报告了 kernel 故障。',
    fault: '错误指出 kernel 的故障（索引越界、地址错误、启动无效）。',
    simulator: '仿真器自己的 GPU 缓冲区（接触、碰撞对）溢出或分配失败后，也会走到这样的故障。',
    follow: '库的报错由该故障引起：上下文已丢失。',
  },
  ru: {
    title: 'Сбой ядра, а не память',
    summary: 'Недопустимый адрес, сработавшая проверка на устройстве или неверный запуск.',
    headline: 'Сбой ядра CUDA; память не кончалась.',
    after: 'Сразу после этого тот же процесс сообщает о сбое ядра.',
    fault: 'Ошибка называет сбой ядра (индекс вне границ, неверный адрес, неверный запуск).',
    simulator:
      'К такому сбою приходит и симулятор, чьи буферы на GPU (контакты, пары) переполнились или не выделены.',
    follow: 'Жалоба библиотеки — следствие этого сбоя: контекст потерян.',
  },
} as const;

export const kernelFault: Cause = {
  id: 'kernel-fault',
  code: 'UN214',
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
  sources: ['cuda@12.4: error codes 9, 700, 710'],
  assess(c): Assessment | undefined {
    if (!c.has('kernel-fault')) return undefined;
    if (c.wording === 'fault-after') {
      return { strength: 'likely', because: [say(TEXTS, 'after')], against: [], weight: 9 };
    }
    const because = [say(TEXTS, 'fault')];
    if (c.has('library-workspace')) because.push(say(TEXTS, 'follow'));
    if (c.frameworks.includes('isaac')) {
      return { strength: 'possible', because, against: [say(TEXTS, 'simulator')], weight: 9 };
    }
    // A size that wraps makes a buffer too small, and the kernel that fills it faults.
    const strength = c.shows('negative-size') === undefined ? 'proven' : 'possible';
    return { strength, because, against: [], weight: 9 };
  },
};
