/** Tensors travel between processes through files in /dev/shm; a full segment shows in several ways. */
import { isAdvice } from '../advice.ts';
import type { Reader, Reading } from '../reader.ts';

/** Squeezed characters in which the other process's traceback follows. */
const NEARBY = 4000;

/** The signal alone: any mapped file that is shorter than it was gives it too. */
const BUS_ERROR = /-7$|SIGBUS/i;

export const sharedMemory: Reader = {
  id: 'shared-memory',
  code: 'UN423',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Shared memory segment full',
      summary:
        'A file in /dev/shm could not be written or opened: the segment through which worker processes pass tensors is full.',
    },
    zh: {
      title: '共享内存段已满',
      summary: '无法写入或打开 /dev/shm 中的文件：worker 进程之间传递张量所用的共享内存段已满。',
    },
    ru: {
      title: 'Сегмент разделяемой памяти заполнен',
      summary:
        'Не удалось записать или открыть файл в /dev/shm: сегмент, через который рабочие процессы передают тензоры, заполнен.',
    },
  },
  sources: ['pytorch@v2.6.0:aten/src/ATen/MapAllocator.cpp'],
  needles: [
    'unable to write to file',
    'cpu_shared_storage_manager',
    'shared memory object',
    'no space left on device',
    '/dev/shm/nccl-',
    'shared memory segment',
    'shared memory key',
    'current shm size of',
    'resize shared memory',
    'usage of emptydir volume',
    'sigbus, bus error',
    'exits with return -7',
    'return code=-7',
    'return code = -7',
    'exitcode: -7',
    'exitcode  : -7',
    '(sigbus)',
    'signals.sigbus',
  ],
  anchor:
    /cpu_shared_storage_manager\.h:\d{1,5}:?Checkfailed(?!\S{0,200}?(?:Toomanyopenfiles|Permissiondenied|Fileexists))|unabletowritetofile<\/torch_\w+>|unabletoopensharedmemoryobject<\/torch_\w+>|Nospaceleftondevice:?'?\/dev\/shm|(?<=multiprocessing[\\/](?:queues|context|synchronize|heap)\.py[^\u0001]{0,240})(?:OSError:)?(?:\[Errno28\])?Nospaceleftondevice|\[Errno28\]Nospaceleftondevice\.joblibwilloperateinserialmode|failedtoextend\/dev\/shm\/nccl-\w{1,20}to\d{1,18}bytes|(?:creating|attaching)sharedmemorysegment(?:\/dev\/shm\/)?nccl-[\w-]{1,60}|UsageofEmptyDirvolume"(?:d?shm|shared-?memory)"exceedsthelimit|couldnotresizesharedmemorysegment\S{0,60}?Nospaceleftondevice|receivedsignalSIGBUS,Buserror|Unabletoinitializesharedmemorykey|SHMsizeof[\d.]{1,9}[MG]i?Bistoosmall|(?:returncode=|exitswithreturn=?)-7(?!\d)|exitcode:-7(?!\d)|Signal7\(SIGBUS\)|diedwith<Signals\.SIGBUS:7>|(?<=NCCLWARN)Calltoposix_fallocatefailed:?Nospaceleftondevice/gi,
  precedence: -1,
  read(message): Reading | undefined {
    if (isAdvice(message)) return undefined;
    // Opened, not written: what ran out then can be file handles, of which each tensor takes one.
    const isOpened = /^unabletoopen/i.test(message.match[0]);
    if (isOpened && /Toomanyopenfiles/i.test(message.text.slice(0, NEARBY))) return undefined;
    const isOfDatabase = /^couldnotresize/i.test(message.match[0]);
    return {
      kind: 'host_oom',
      framework: isOfDatabase ? 'system' : 'pytorch',
      backend: 'cpu',
      ...(BUS_ERROR.test(message.match[0]) && { wording: 'bus-error' }),
      facts: message.facts,
      clues: ['shared-memory-segment'],
      end: message.end,
    };
  },
};
