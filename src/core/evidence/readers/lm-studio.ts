/** LM Studio stops a load that its estimate says will overload the system; nothing was tried. */
import type { Reader, Reading } from '../reader.ts';
import { clause } from '../text/squeeze.ts';

const NEEDS = clause('requires approximately {size:size}');
const ESTIMATE = clause('estimate it will take {size:size}');

export const lmStudio: Reader = {
  id: 'lm-studio',
  code: 'UN447',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'LM Studio: loading guardrails',
      summary:
        'LM Studio refuses to load a model because its estimate of RAM and VRAM together exceeds what its guardrails allow.',
    },
    zh: {
      title: 'LM Studio：加载保护',
      summary: 'LM Studio 估计的主机内存与显存之和超过保护设置允许的值，因而拒绝加载模型。',
    },
    ru: {
      title: 'LM Studio: защита при загрузке',
      summary:
        'LM Studio отказывается загружать модель: по его оценке ОЗУ и памяти GPU вместе нужно больше, чем разрешает защита.',
    },
  },
  sources: ['lmstudio@0.3.27: model loading guardrails', 'lmstudio@0.4.4: loader dialogue'],
  needles: [
    'insufficient system resources',
    'insufficient system memory',
    'enough resources to load the model',
    'have enough memory to load this model',
  ],
  anchor:
    /Modelloading(?:wasstopped|aborted)dueto(?:insufficientsystem(?:resources|memory))|(?:loadmodel|loadthemodel)\S{0,40}?insufficientsystemresources|Insufficientsystemmemorytoload|Notenoughresourcestoloadthemodel(?:withthecurrentsettings)?|doesnothaveenoughmemorytoloadthismodel/gi,
  read(message): Reading {
    const match = NEEDS.exec(message.text) ?? ESTIMATE.exec(message.text);
    if (match !== null) message.take('requested', match);
    return {
      kind: 'host_oom',
      framework: 'lmstudio',
      backend: 'cpu',
      wording: 'guardrail',
      phase: 'load',
      facts: message.facts,
      clues: ['may-be-no-memory'],
      end: message.match[0].length,
    };
  },
};
