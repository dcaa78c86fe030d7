import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'TensorRT',
    summary:
      'The builder tries tactics with scratch memory of up to the whole card unless its pool is limited.',
  },
  zh: {
    title: 'TensorRT',
    summary: '除非限制内存池，构建器试用各 tactic 时的工作区上限是整张显卡。',
  },
  ru: {
    title: 'TensorRT',
    summary: 'Без предела пула сборщик пробует тактики с рабочей памятью вплоть до всей карты.',
  },
} as const;

export const tensorrt: Dialect = {
  id: 'tensorrt',
  code: 'UN830',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: [
    'TensorRT API: MemoryPoolType.kWORKSPACE (defaults to max device memory)',
    'help of trtexec: --memPoolSize, in MiB where no unit is given; --workspace, in MiB, in 8.x only',
    'assumed: --memPoolSize came with 8.4',
  ],
  name: 'TensorRT',
  package: 'tensorrt',
  frameworks: ['tensorrt'],
  rests_on: [],
  settings: {
    workspace: {
      // trtexec: --memPoolSize=workspace:4096, formerly --workspace=4096.
      keys: ['workspace'],
      write: [
        {
          from: '8.4',
          code: 'trtexec --memPoolSize=workspace:{value}',
        },
        { to: '8.3', code: 'trtexec --workspace={value}' },
      ],
    },
  },
};
