import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { schemas } from '../src/core/index.ts';
import { readWorkload } from '../src/core/workload/reading/read-workload.ts';

const isValid = new Ajv2020({ strict: false }).compile(schemas['workload'] ?? {});

describe('the schema of workload files', () => {
  it.each([
    [{ unoom: 'workload' }, true],
    [
      {
        unoom: 'workload',
        purpose: 'training',
        settings: { micro_batch: 2, adapter_targets: ['q_proj'] },
      },
      true,
    ],
    [{ unoom: 'workload', settings: { micro_batch: 'two' } }, false],
    [{ unoom: 'workload', settings: { optimizer: 'unheard-of' } }, false],
    [{ unoom: 'workload', settings: { colour: 1 } }, false],
    [{ unoom: 'workload', colour: 1 }, false],
    [{ unoom: 'workload', purpose: 'fun' }, false],
  ])('%j: the reader finds fault where the schema does', (file, fits) => {
    expect(isValid(file)).toBe(fits);
    const { problems } = readWorkload([{ name: 'w.json', text: JSON.stringify(file) }]);
    expect(problems.length === 0).toBe(fits);
  });
});
