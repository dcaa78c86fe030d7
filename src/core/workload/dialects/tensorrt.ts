import type { Dialect } from '../dialect.ts';

const TEXTS = {
  en: {
    title: 'TensorRT',
    summary: 'TensorRT’s builder.',
  },
  zh: {
    title: 'TensorRT',
    summary: 'TensorRT 的构建器。',
  },
  ru: {
    title: 'TensorRT',
    summary: 'Сборщик TensorRT.',
  },
} as const;

export const tensorrt: Dialect = {
  id: 'tensorrt',
  code: 'UN830',
  since: '0.1.0',
  status: 'preview',
  texts: TEXTS,
  sources: ['TensorRT documentation: IBuilderConfig::setMemoryPoolLimit'],
  name: 'TensorRT',
  package: 'tensorrt',
  frameworks: ['tensorrt'],
  rests_on: [],
  settings: {
    workspace: {
      keys: ['workspace', 'mempoolsize'],
      write: [{ code: 'trtexec --memPoolSize=workspace:2048  # MiB, below the card’s size' }],
    },
  },
};
