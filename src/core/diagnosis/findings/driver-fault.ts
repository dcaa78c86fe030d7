/** A fault of card, bus or driver: no matter of memory size. */
import { say } from '../../base/texts.ts';
import { eventsOf } from '../events.ts';
import type { FindingRule, Found } from '../finding.ts';
import type { Observed } from '../observed.ts';

const TEXTS = {
  en: {
    title: 'The driver reported a fault of the card',
    summary:
      'An Xid, a card that fell off the bus, a reset that is due: no setting of the job helps.',
    headline: 'The driver reported a fault: {says}.',
    'headline-code': 'The driver reported {code}: {says}.',
    todo: 'Give the kernel’s log to the administrator; the card needs a reset, the machine perhaps a restart.',
  },
  zh: {},
  ru: {},
} as const;

export const driverFault: FindingRule = {
  id: 'driver-fault',
  code: 'UN705',
  since: '0.1.0',
  status: 'stable',
  texts: TEXTS,
  sources: ['docs.nvidia.com/deploy/xid-errors'],
  assess(observed: readonly Observed[]): Found[] {
    return eventsOf(observed, ['driver-fault']).map(({ event, observation }) => ({
      strength: 'proven',
      headline:
        event.code === undefined
          ? say(TEXTS, 'headline', { says: event.says })
          : say(TEXTS, 'headline-code', { says: event.says, code: event.code }),
      because: [],
      todo: [say(TEXTS, 'todo')],
      commands: [
        'sudo dmesg --ctime | grep -iE "nvrm|xid|amdgpu"',
        'nvidia-smi -q -d ECC,PAGE_RETIREMENT',
      ],
      observation,
      weight: 9,
    }));
  },
};
