/** Tensors that a recording tells apart, kind by kind against a prediction. */
import { describe, expect, test } from 'vitest';
import { bound, type Interval } from '../../base/interval.ts';
import { say } from '../../base/texts.ts';
import { findCatalogModel } from '../../catalog/models.ts';
import type { Atom, Category } from '../../ledger/ledger.ts';
import { isMachine, readMachine } from '../../workload/machine-reading.ts';
import { readModelConfig } from '../../workload/model/read.ts';
import { weightsOf } from '../../workload/model/weights.ts';
import type { SettingName, SettingValue } from '../../workload/settings.ts';
import { type Priced, price } from '../price.ts';
import { type Anchor, anchorOf } from './anchor.ts';
import { byCategory } from './by-category.ts';
import type { Measured } from './measured.ts';

const GiB = 2 ** 30;

function priced(settings: Readonly<Partial<Record<SettingName, SettingValue>>>): Priced {
  const found = findCatalogModel('Qwen/Qwen2.5-1.5B');
  const reading = found && readModelConfig(found.model.config, found.model.source);
  const machine = readMachine('24GB');
  if (reading?.ok !== true || !isMachine(machine)) throw new Error('the test is wrong');
  const { model } = reading;
  const all = { micro_batch: 2, sequence_length: 1024, weights_dtype: 'bf16', ...settings };
  return price({
    workload: {
      purpose: 'training',
      dialects: [],
      versions: new Map(),
      settings: new Map(
        Object.entries(all).map(([name, value]) => [
          name as SettingName,
          { value, by: 'option' as const, source: 'test' },
        ]),
      ),
      unread: [],
    },
    known: { model, weights: weightsOf(model) },
    machine,
    margin: 0,
  });
}

const atom = (category: Category, gib: number, basis: Atom['basis'] = 'exact'): Atom => ({
  bytes: bound(gib * GiB),
  metric: 'current',
  space: 'device:0',
  process: 'this',
  pool: 'torch',
  category,
  basis,
  source: say({ en: { a: 'a' }, zh: { a: 'a' }, ru: { a: 'a' } }, 'a'),
});

/** What PyTorch held in a forward pass after the first, by these atoms. */
function anchored(atoms: readonly Atom[], of: Priced = priced({})): Anchor {
  const live: Interval = bound(
    atoms.reduce((sum, { bytes }) => sum + ('mid' in bytes ? bytes.mid : 0), 0),
  );
  const apart = byCategory(atoms);
  const measured: Measured = {
    points: ['forward'],
    turn: 'later',
    live,
    requested: bound(GiB / 2),
    isLeaking: false,
    ...(apart === undefined ? {} : { byCategory: apart }),
  };
  const found = anchorOf(of, measured);
  if (found === undefined) throw new Error('an anchor was expected');
  return found;
}

const residuals = ({ kinds = [] }: Anchor): Readonly<Record<string, number>> =>
  Object.fromEntries(kinds.map(({ kind, residual }) => [kind, residual / GiB]));

/** Of the model in bf16: 1,543,714,304 parameters. */
const WEIGHTS = (1_543_714_304 * 2) / GiB;

describe('a failure in a forward pass', () => {
  test('agrees kind by kind: states from the beginning, activations so far', () => {
    const anchor = anchored([
      atom('weights', WEIGHTS),
      atom('optimizer', 2 * WEIGHTS),
      atom('activations', 1),
    ]);
    for (const residual of Object.values(residuals(anchor))) {
      expect(Math.abs(residual)).toBeLessThan(0.01);
    }
    expect(anchor.holds).toBe(true);
  });

  test('weights twice as wide show, though the total is one that the model comes to', () => {
    const described = priced({ micro_batch: 8 });
    const atoms = [atom('weights', 2 * WEIGHTS), atom('optimizer', 2 * WEIGHTS)];
    const apart = anchored([...atoms, atom('activations', 1)], described);
    const together = anchored([atom('tensors', 4 * WEIGHTS + 1)], described);
    expect(together).toMatchObject({ holds: true, correction: { residual: 0 } });
    expect(together.kinds).toBeUndefined();
    expect(apart.holds).toBe(false);
    expect(residuals(apart)['weights']).toBeCloseTo(WEIGHTS, 2);
    expect(apart.correction.residual / GiB).toBeCloseTo(WEIGHTS, 2);
    expect(apart.residualName).toBe('second-copy');
  });

  test('what is too much of one kind does not make up for what another lacks', () => {
    const anchor = anchored([atom('weights', 3 * WEIGHTS), atom('activations', 1)]);
    expect(residuals(anchor)['optimizer']).toBeCloseTo(-2 * WEIGHTS, 2);
    expect(residuals(anchor)['weights']).toBeCloseTo(2 * WEIGHTS, 2);
    expect(anchor.holds).toBe(false);
  });

  test('what is told apart by lifetimes alone, or not at all, can be of any kind', () => {
    const weak = anchored([
      atom('weights', WEIGHTS),
      atom('temporaries', 2 * WEIGHTS, 'modelled'),
      atom('activations', 1),
    ]);
    expect(residuals(weak)['optimizer']).toBe(0);
    const unknown = anchored([atom('weights', 1.5 * WEIGHTS), atom('tensors', WEIGHTS)]);
    expect(residuals(unknown)['weights']).toBeCloseTo(0.5 * WEIGHTS, 2);
    expect(residuals(unknown)['optimizer']).toBeCloseTo(-WEIGHTS, 2);
  });

  test('fp32 copies of weights are weights or states, as frames have it', () => {
    const of = priced({ master_weights: true });
    const anchor = anchored(
      [atom('weights', 3 * WEIGHTS), atom('optimizer', 4 * WEIGHTS), atom('activations', 1)],
      of,
    );
    expect(Object.keys(residuals(anchor))).toEqual(['states', 'passing']);
    expect(Math.abs(residuals(anchor)['states'] ?? Number.NaN)).toBeLessThan(0.02);
  });
});

test('a recording that tells less than half apart says nothing by kind', () => {
  expect(byCategory([atom('tensors', 3), atom('weights', 2)])).toBeUndefined();
  expect(byCategory([])).toBeUndefined();
  expect(byCategory([atom('idle', 3), atom('weights', 2)])?.sure.get('weights')).toBe(2 * GiB);
});
