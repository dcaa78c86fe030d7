/** Rows that training programs print with every step or epoch and that have a memory column. */
import { type Entry, joinEntries } from '../own-memory.ts';
import type { Passage, Sighting, StatusReader } from '../status.ts';
import { figuresOfForms, PROGRESS } from '../trainer-lines.ts';

export const trainingProgressMemory: StatusReader = {
  id: 'training-progress-memory',
  code: 'UN634',
  since: '0.1.0',
  status: 'preview',
  texts: {
    en: {
      title: 'Memory in rows of training progress',
      summary: 'The memory column of the rows that trainers print with every step or epoch.',
    },
    zh: {
      title: '训练进度行中的显存',
      summary: '训练程序每个 step 或 epoch 打印的行中的显存列。',
    },
    ru: {
      title: 'Память в строках хода обучения',
      summary:
        'Столбец памяти в строках, которые программы обучения печатают на каждом шаге или в каждой эпохе.',
    },
  },
  sources: [
    'detectron2@0.6: detectron2/utils/events.py: CommonMetricPrinter',
    'detr@main: util/misc.py: MetricLogger',
    'mmcv@1.7.1: mmcv/runner/hooks/logger/text.py',
    'ultralytics@8.3.220: ultralytics/engine/trainer.py',
    'fairseq@0.12.2: fairseq/trainer.py: gb_free',
    'torchtitan@0.1.0: torchtitan/components/metrics.py',
    'torchtune@0.6.1: torchtune/training/memory.py',
    'ms-swift@3.5.0: memory(GiB)',
  ],
  needles: ['memory(gib)', 'peak_memory_reserved', 'vram_reserved', ' gpu_mem '],
  sign: /mem|gb_free|\d\.?G\b/i,
  read({ source, lines }: Passage): Sighting[] {
    const entries = lines.flatMap((line): Entry[] => {
      if (line.text.length > 4000) return [];
      const found = figuresOfForms(line.text, PROGRESS, { source, line: line.number });
      return found === undefined ? [] : [{ line, begins: true, ...found }];
    });
    return joinEntries(entries, { source, apart: 0 });
  },
};
