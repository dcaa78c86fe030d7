/** Retries and failures that the allocator counts: the job lives at the edge of the card. */
import { say } from '../../base/texts.ts';
import { eventsOf } from '../events.ts';
import type { FindingRule, Found } from '../finding.ts';
import type { Observed } from '../observed.ts';

const TEXTS = {
  en: {
    title: 'The allocator had to give back its cache',
    summary:
      'Allocations succeeded only after the cache had been handed back, or did not succeed at all.',
    'headline-retries': 'PyTorch had to hand back its cache {count} times to serve a request.',
    'headline-failures': 'PyTorch counts {count} out-of-memory failures.',
    because: '{says}',
    todo: 'Each of these stalls the device; a little less memory in a step makes the run faster and safer.',
  },
  zh: {
    title: '分配器不得不交还缓存',
    summary: '申请要在交还缓存之后才成功，或者根本没有成功。',
    'headline-retries': '为满足请求，PyTorch 不得不交还缓存 {count} 次。',
    'headline-failures': 'PyTorch 记录了 {count} 次显存不足。',
    because: '{says}',
    todo: '每一次都会让设备停顿；每步少用一点显存，运行会更快也更稳。',
  },
  ru: {
    title: 'Аллокатору пришлось отдать свой кэш',
    summary: 'Запросы удавались только после того, как кэш был отдан, или не удавались вовсе.',
    'headline-retries':
      'Чтобы выполнить запрос, PyTorch пришлось отдавать кэш; число раз: {count}.',
    'headline-failures': 'PyTorch насчитал сбоев из-за нехватки памяти: {count}.',
    because: '{says}',
    todo: 'Каждый такой случай останавливает устройство; если шаг займёт чуть меньше памяти, работа пойдёт быстрее и надёжнее.',
  },
} as const;

export const allocatorUnderPressure: FindingRule = {
  id: 'allocator-under-pressure',
  code: 'UN707',
  since: '0.1.0',
  status: 'stable',
  texts: TEXTS,
  sources: ['pytorch@v2.6.0:torch/cuda/memory.py: num_alloc_retries, num_ooms'],
  assess(observed: readonly Observed[]): Found[] {
    return eventsOf(observed, ['allocation-retries', 'counted-failures'])
      .filter(({ event }) => (event.count ?? 0) > 0)
      .map(({ event, observation }) => {
        const isFailure = event.kind === 'counted-failures';
        return {
          strength: 'proven',
          headline: say(TEXTS, isFailure ? 'headline-failures' : 'headline-retries', {
            count: event.count ?? 0,
          }),
          because: [say(TEXTS, 'because', { says: event.says })],
          todo: [say(TEXTS, 'todo')],
          commands: [],
          observation,
          weight: isFailure ? 6 : 5,
        };
      });
  },
};
