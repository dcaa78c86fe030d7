/** JSON Schema (2020-12) of what `unoom plan` prints with --format json. */

import { LANGS } from '../../base/texts.ts';
import { CLASSES, VERDICTS } from '../../plan/words.ts';
import { ALTERATIONS } from '../../remedies/remedy.ts';
import {
  count,
  described,
  integer,
  list,
  object,
  ref,
  type Schema,
  string,
  strings,
} from './words.ts';

const number: Schema = { type: 'number' };
export const value: Schema = { anyOf: [string, number, { type: 'boolean' }] };
const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });
export const verdict: Schema = described(
  'yes: the 95th percentile fits; probably: the middle of the upper half of the range does; borderline: the range reaches over the limit; no: all of it lies above.',
  { enum: VERDICTS },
);

const estimate: Schema = object({
  low: integer,
  mid: integer,
  high: integer,
  kind: { enum: ['bound', 'p90'] },
  basis: { enum: ['exact', 'measured', 'modelled', 'assumed'] },
});

const phase = { phase: string, turn: { enum: ['once', 'first', 'later'] } };

const moment: Schema = object({
  ...phase,
  ledger: object({
    atoms: list(
      object({
        term: string,
        title: string,
        category: string,
        pool: string,
        bytes: ref('estimate'),
        formula: string,
        worked: described('The formula with the numbers of this workload in it.', string),
        numbers: described('What the symbols of the formula are.', {
          type: 'object',
          additionalProperties: number,
        }),
      }),
    ),
  }),
  allocated_bytes: ref('estimate'),
  reserved_bytes: ref('estimate'),
  device_bytes: ref('estimate'),
  host_bytes: ref('estimate'),
});

/** What a need is held against. */
const limitName: Schema = {
  enum: ['card', 'cap', 'host', 'budget', 'longest-sequence', 'all-layers'],
};

export const roomAt: Schema = described(
  'Of an engine, whose cache takes what the card has: the limit at which there is so much more room.',
  limitName,
);

const step: Schema = object(
  {
    remedy: string,
    code: string,
    title: string,
    category: { enum: CLASSES },
    claim: { const: 'saves' },
    bytes: ref('estimate'),
    basis: { enum: ['modelled'] },
    peak_after: ref('estimate'),
    slowdown: described(
      'Times longer that the work takes by published figures; 1 where none is known.',
      number,
    ),
    because: string,
    how: string,
    cost: string,
    alters: { enum: ALTERATIONS },
    settings: list(object({ name: string, from: orNull(value), to: value })),
    change: strings,
  },
  { room_at: roomAt },
);

const given = described(
  'What the allocator would hold beyond this on a larger card; here it gives it back under way.',
  count,
);

const plan: Schema = object(
  {
    names: list({ enum: ['cheapest', 'safe', 'least-change'] }),
    fits: ref('verdict'),
    steps: list(step),
    peak_after: ref('estimate'),
    slowdown: number,
    host_bytes: described('What all processes of a host hold in its memory together.', count),
    is_cheapest: described(
      'No cheaper combination of the measures fits; false where the search ended early.',
      {
        type: 'boolean',
      },
    ),
  },
  { given_back_bytes: given },
);

/** The plan itself, which a priced diagnosis has in it as well; `verdict` and `estimate` stand among the definitions. */
export const planObject: Schema = object(
  {
    schema: { const: 'unoom.plan/1' },
    lang: { enum: LANGS },
    fits: ref('verdict'),
    model: object({ name: string, family: string, parameters: count, source: string }),
    machine: object(
      {
        name: string,
        cards: list(
          object({
            name: string,
            count,
            usable_bytes: ref('estimate'),
            taken_bytes: ref('estimate'),
            source: string,
          }),
        ),
        notes: strings,
      },
      { host_bytes: ref('estimate') },
    ),
    workload: object({
      purpose: { enum: ['training', 'evaluation', 'generation', 'serving'] },
      dialects: strings,
      settings: list(object({ name: string, value, by: string, source: string })),
      unread: list(object({ key: string, value: string, source: string })),
      overridden: described(
        'Statements that others stand before.',
        list(object({ setting: string, value, source: string, by: string })),
      ),
    }),
    ranks: list(
      object({
        role: string,
        count,
        timeline: list(moment),
        peak: object({
          ...phase,
          allocated_bytes: ref('estimate'),
          reserved_bytes: ref('estimate'),
          device_bytes: ref('estimate'),
        }),
      }),
    ),
    limits: list(
      object(
        {
          limit: limitName,
          need_bytes: ref('estimate'),
          have_bytes: ref('estimate'),
          left_bytes: integer,
          fits: ref('verdict'),
        },
        { role: string },
      ),
    ),
    plans: list(plan),
    dead_ends: list(object({ remedy: string, title: string, frees_bytes: integer, why: string })),
    assumptions: list(object({ setting: string, value, why: string }, { flag: string })),
    not_counted: described('Stated settings that the prediction does not look at.', strings),
    smoke_test: string,
    problems: list(object({ code: string, text: string })),
  },
  {
    missing_bytes: count,
    given_back_bytes: given,
    paged: described(
      'Optimizer states in unified memory, and how many of them the card has no room for at its fullest.',
      object({ state_bytes: count, moved_bytes: count }),
    ),
    capacity: object(
      { kv_bytes: ref('estimate'), kv_tokens: count, sequences_of_full_length: number },
      {
        layers: described(
          'Where an engine divides layers between card and host: how many lie on the card, the head counted as one.',
          object({ on_card: count, of: count, host_bytes: ref('estimate') }),
        ),
        longest_request: described(
          'Where the engine cuts requests to its cache: tokens of the longest.',
          count,
        ),
      },
    ),
    max_batch: orNull(count),
    max_context: orNull(count),
    max_models: strings,
    smaller_models: list(
      object({
        name: string,
        parameters: count,
        is_distilled: { type: 'boolean' },
        need_bytes: ref('estimate'),
        fits: ref('verdict'),
      }),
    ),
    which_gpus: list(object({ name: string, count, fits: ref('verdict') })),
  },
);

export const planSchema: Schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'unoom/plan/1',
  title: 'unoom plan',
  description: 'What `unoom plan --format json` prints.',
  ...planObject,
  $defs: { estimate, verdict },
};
