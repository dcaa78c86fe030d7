/** The device was reset or lost. */
import { say } from '../../base/texts.ts';
import type { Case } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';

const TEXTS = {
  en: {
    title: 'The device was reset or lost',
    summary:
      'A driver reset, a suspended or lost card ends programs with errors that speak of memory or of the device.',
    headline: 'The device was reset, suspended or lost; no memory ran out.',
    message: 'The error names a device that is gone.',
  },
  zh: {
    title: '设备被重置或丢失',
    summary: '驱动重置、设备挂起或丢失会使程序以涉及内存或设备的错误结束。',
    headline: '设备被重置、挂起或丢失；没有耗尽内存。',
    message: '错误指出设备已不存在。',
  },
  ru: {
    title: 'Устройство сброшено или потеряно',
    summary:
      'Сброс драйвера, приостановленная или потерянная карта завершают программы ошибками о памяти или устройстве.',
    headline: 'Устройство сброшено, приостановлено или потеряно; память не кончалась.',
    message: 'Ошибка называет устройство, которого больше нет.',
  },
} as const;

/** Devices that are lost for work that is too large as often as for a fault. */
const isLostForWork = ({ format, wording = '' }: Case): boolean =>
  format === 'vulkan' || ['lost-context', 'suspended'].includes(wording);

export const deviceRemoved: Cause = {
  id: 'device-removed',
  code: 'UN244',
  since: '0.1.0',
  status: 'preview',
  family: 'not-oom',
  domain: 'any',
  category: 'defect',
  resolvable: 'partly',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['DXGI_ERROR_DEVICE_REMOVED, DXGI_ERROR_DEVICE_HUNG; VK_ERROR_DEVICE_LOST'],
  assess(c): Assessment | undefined {
    if (!c.has('device-removed')) return undefined;
    return {
      // A page that keeps what it made loses its context as well as one whose driver gave up;
      // ncnn loses a device for tiles that take too long as often as for a fault.
      strength: c.kind === 'look_alike' && !isLostForWork(c) ? 'likely' : 'possible',
      because: [say(TEXTS, 'message')],
      against: [],
      weight: 9,
    };
  },
};
