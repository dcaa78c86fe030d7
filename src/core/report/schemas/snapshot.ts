/** JSON Schemas (2020-12) of what `unoom snapshot` and `unoom snapshot diff` print with --format json. */
import { LANGS } from '../../base/texts.ts';
import { CATEGORIES } from '../../snapshot/categories-rules.ts';
import { REASONS, VERDICTS } from '../../snapshot/failure-of.ts';
import { GROWTH_KINDS } from '../../snapshot/growth.ts';
import { STAGES } from '../../snapshot/owners-frames.ts';
import { STEP_SIGNS } from '../../snapshot/phases-steps.ts';
import { SIZE_CLASSES } from '../../snapshot/waste.ts';
import { count, described, list, object, ref, type Schema, string, strings } from './words.ts';

const number: Schema = { type: 'number' };
const integer: Schema = { type: 'integer' };
const boolean: Schema = { type: 'boolean' };
const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });
const unknown: Schema = object({ unknown: string }, { at_most: count });
const event: Schema = described(
  'Number of an event, from 0; null: before the first.',
  orNull(count),
);
const microseconds: Schema = described('Microseconds since the epoch.', number);

const totals = {
  allocated_bytes: count,
  active_bytes: count,
  reserved_bytes: count,
  requested_bytes: count,
};

const category: Schema = { enum: CATEGORIES };
const stage: Schema = described('What the program was doing.', { enum: STAGES });
const ownerBy: Schema = { enum: ['line', 'module', 'library', 'category'] };
const ownerKind: Schema = {
  enum: ['user', 'library', 'native', 'no_stack', 'before', 'category', 'rest'],
};

const change = {
  before_bytes: count,
  after_bytes: count,
  change_bytes: integer,
  change_percent: described('Of the bytes before; null where there were none.', orNull(number)),
};

const source: Schema = object({
  name: described('As the user named it.', string),
  bytes: described('Of the file after unpacking.', count),
  container: { enum: ['pickle', 'json'] },
  version: described('Versions of PyTorch that write such files.', string),
  is_synthetic: described('Made by `unoom snapshot make`: no real run.', boolean),
});

const shared: Readonly<Record<string, Schema>> = {
  source,
  owner: object(
    {
      by: ownerBy,
      name: string,
      kind: ownerKind,
      bytes: count,
      count: described('Allocations.', count),
    },
    {
      file: string,
      line: integer,
      function: string,
      rules: list(
        object({
          id: string,
          bytes: count,
          basis: described(
            '`written` by a profiler, or modelled from `frames` or the `lifetime`; `none`: unknown.',
            { enum: ['written', 'frames', 'lifetime', 'none'] },
          ),
          text: string,
        }),
      ),
    },
  ),
};

const growth: Schema = list(ref('growth'));

/** `unoom snapshot --format json`. */
export const snapshotSchema: Schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'unoom/snapshot/1',
  title: 'unoom snapshot',
  description:
    'What `unoom snapshot --format json` prints. Bytes are integers below 2^53; what is not known is { unknown: why }.',
  ...object({
    schema: { const: 'unoom/snapshot/1' },
    lang: described('The language of all sentences.', { enum: LANGS }),
    source: ref('source'),
    devices: list(ref('device')),
    problems: list(object({ code: string, what: string, why: string, do: string })),
    notes: list(object({ code: string, text: string })),
  }),
  $defs: {
    ...shared,
    frame: object({ name: string, file: string, line: integer }),
    peak: object(
      {
        ...totals,
        at_event: event,
        reserved_at_event: event,
        stage,
        basis: described(
          '`exact`: all blocks as the state or a replay has them; `modelled`: some are rounded requests.',
          { enum: ['exact', 'modelled'] },
        ),
      },
      { time_us: microseconds },
    ),
    waste: object({
      reserved_bytes: count,
      allocated_bytes: count,
      rounding_bytes: count,
      inactive_split_bytes: count,
      expandable_free_bytes: count,
      cached_segment_bytes: count,
      private_pool_bytes: count,
      pending_free_bytes: count,
      largest_free_bytes: count,
      classes: list(
        object({
          pool: { enum: ['small', 'large'] },
          size_class: { enum: SIZE_CLASSES },
          blocks: count,
          bytes: count,
          rounding_bytes: count,
          free_pieces: count,
          free_bytes: count,
        }),
      ),
    }),
    growth: described(
      'What stays behind step after step, or is larger with each.',
      object(
        {
          kind: { enum: GROWTH_KINDS },
          strength: { enum: ['likely', 'possible'] },
          line: described('Of the user’s code, as owners are called.', string),
          category,
          bytes_per_step: integer,
          allocations_per_step: number,
          bytes: count,
          count,
          first_step: count,
          last_step: count,
          steps: count,
          oldest_steps: count,
          stack: described('Innermost first; empty: recorded without stacks.', list(ref('frame'))),
          because: strings,
          against: strings,
        },
        {
          file: described('The path of the line as the snapshot has it.', string),
          line_number: integer,
          function: string,
        },
      ),
    ),
    failure: object(
      {
        at_event: count,
        asked_bytes: count,
        segment_bytes: described('What the driver was asked for.', count),
        stream: string,
        stage,
        line: string,
        stack: list(ref('frame')),
        reserved_bytes: count,
        allocated_bytes: count,
        device_free_bytes: count,
        capacity_bytes: count,
        largest_usable_bytes: count,
        idle_bytes: count,
        idle: list(
          object({ reason: { enum: REASONS }, bytes: count, pieces: count, largest_bytes: count }),
        ),
        pending_free_bytes: count,
        released_bytes: count,
        released_segments: count,
        outside_bytes: { anyOf: [count, unknown] },
        verdict: { enum: VERDICTS },
        why: string,
      },
      { time_us: microseconds },
    ),
    replay: {
      anyOf: [
        object(
          {
            allocations: count,
            address_equal: described('With the recorded address before anything differed.', count),
            diverged_at: orNull(count),
            final_blocks_equal: boolean,
            segment_events: count,
            segment_events_equal: count,
            basis: strings,
          },
          { diverged: string },
        ),
        object({ unknown: string }),
      ],
    },
    what_if: object(
      {
        id: string,
        settings: described('What to set, complete.', string),
        without_empty_cache: boolean,
        peak_reserved_bytes: count,
        final_reserved_bytes: count,
        device_calls: count,
        retries: count,
        served: described('Whether the requests that failed are served.', orNull(boolean)),
        failed_at: event,
        basis: { enum: ['replayed', 'modelled'] },
        is_best: boolean,
        is_reference: boolean,
        why: strings,
        dangers: strings,
      },
      { call: string },
    ),
    device: object(
      {
        device: count,
        events: count,
        peak: ref('peak'),
        end: object(totals),
        streams: list(object({ stream: string, peak_allocated_bytes: count, at_event: event })),
        replay: ref('replay'),
        what_if: list(ref('what_if')),
        smallest_room: described(
          'No card on which this trace reserves less could have run it: a lower bound.',
          list(object({ settings: string, reserved_bytes: count, basis: string })),
        ),
        owners: described('At the peak of allocated bytes.', list(ref('owner'))),
        owners_at_end: list(ref('owner')),
        steps: {
          anyOf: [
            object({ count, how: { enum: STEP_SIGNS }, regularity: number }, { name: string }),
            object({ unknown: string }),
          ],
        },
        growth: described('By stack.', growth),
        growth_by_line: described('The same by line of the user’s code.', growth),
        failures: described('How many requests failed; `failure` is the last.', count),
        waste: object({ peak: ref('waste'), end: ref('waste') }),
        annotations: list(
          object({ name: string, from_event: count, to_event: count, depth: count }),
        ),
      },
      {
        first_event: described(
          'Number in the file of event 0 of this report: earlier ones were left out (--from).',
          count,
        ),
        time_us: object({ from: number, to: number }),
        overflowed: described(
          'Older events were overwritten; absent: the file does not say.',
          boolean,
        ),
        owners_at_failure: list(ref('owner')),
        moment: described(
          'The moment that --at asked for.',
          object(
            {
              ...totals,
              event: count,
              stage,
              owners: list(ref('owner')),
              waste: ref('waste'),
            },
            { time_us: microseconds },
          ),
        ),
        failure: ref('failure'),
      },
    ),
  },
};

/** `unoom snapshot diff --format json`. */
export const snapshotDiffSchema: Schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'unoom/snapshot-diff/1',
  title: 'unoom snapshot diff',
  description: 'What `unoom snapshot diff --format json` prints: what grew between two snapshots.',
  ...object(
    {
      schema: { const: 'unoom/snapshot-diff/1' },
      before: ref('source'),
      after: ref('source'),
      devices: list(
        object({
          device: count,
          peak_allocated: object(change),
          peak_reserved: object(change),
          owners: described(
            'What grew or shrank at the peaks, largest growth first.',
            list(object({ by: ownerBy, name: string, kind: ownerKind, ...change })),
          ),
        }),
      ),
    },
    {
      limit: described(
        'What --fail-if-peak-grows asked for, and whether a peak grew by more.',
        object({
          given: string,
          exceeded: boolean,
          worst: described(
            'The peak that grew most.',
            object({ device: count, figure: { enum: ['allocated', 'reserved'] }, ...change }),
          ),
        }),
      ),
    },
  ),
  $defs: { source },
};
