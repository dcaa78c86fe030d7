/** JSON Schema (2020-12) of the diagnosis. Published as schemas/diagnosis.json; tests validate every report. */
import { CONTENTS, PHASES } from '../../base/phase.ts';
import { LANGS } from '../../base/texts.ts';
import { COUNTS, QUANTITIES } from '../../ledger/fact.ts';
import { ALTERATIONS } from '../../remedies/remedy.ts';
import { planObject, value as planValue, roomAt, verdict } from './plan.ts';
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
  unless,
} from './words.ts';

/** The sizes that `figures` can hold, with what they mean. */
const sizes: readonly (readonly [string, string])[] = Object.entries(QUANTITIES)
  .filter(([name]) => name !== 'listed_process' && name !== 'buffer')
  .map(([name, { says }]) => [`${name}_bytes`, says]);

const amount: Schema = { anyOf: [ref('estimate'), ref('unknown')] };
const contents: Schema = { enum: CONTENTS };
const selector = object(
  {},
  {
    space: string,
    process: string,
    pool: { anyOf: [string, strings] },
    category: string,
    metric: string,
  },
);

export const diagnosisSchema: Schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'unoom/diagnosis/1',
  title: 'unoom diagnosis',
  description:
    'What `unoom diagnose --format json` prints. Bytes are integers below 2^53. A figure that the text does not hold is absent; in ledgers what is not known is { unknown: why }.',
  ...object({
    schema: { const: 'unoom/diagnosis/1' },
    lang: described(
      'The language of all sentences; keys, ids and enumerations are the same in each.',
      { enum: LANGS },
    ),
    verdict: described('The gravest of the incidents, in this order.', {
      enum: ['gpu_oom', 'host_oom', 'look_alike', 'none'],
    }),
    headline: described('The answer in a sentence or two.', string),
    incidents: described('Distinct failures, first one first.', list(ref('incident'))),
    observations: described(
      'What was shown of moments at which nothing need have failed.',
      list(ref('observation')),
    ),
    findings: described(
      'What the observations show by themselves, the graver first.',
      list(ref('finding')),
    ),
    causes: described(
      'Where nothing failed: what the evidence points to, never more than possible. Causes of a failure are in its incident.',
      list(ref('cause')),
    ),
    ask_for: described('What would settle these causes.', list(ref('request'))),
    frameworks: described(
      'All frameworks that the text shows, the nearest to the user first.',
      strings,
    ),
    sources_read: described('Sources that held text that could be read.', count),
    problems: described('What could not be read.', list(ref('problem'))),
    notes: list(ref('note')),
  }),
  $defs: {
    estimate: described(
      'bound: a hard limit, the rounding of a printed figure. p90: holds nine times of ten, a modelled value.',
      object({
        low: integer,
        mid: integer,
        high: integer,
        kind: { enum: ['bound', 'p90'] },
        basis: { enum: ['exact', 'measured', 'modelled', 'assumed'] },
      }),
    ),
    unknown: object({ unknown: string }, { at_most: integer }),
    figure: {
      anyOf: [
        integer,
        described('Beyond 2^53, or no size at all.', object({ raw: string, why: string })),
      ],
    },
    cause: object({
      id: string,
      code: string,
      title: string,
      family: string,
      strength: { enum: ['proven', 'likely', 'possible'] },
      because: strings,
      against: strings,
    }),
    request: object({ what: string, command: string, settles: string }),
    note: object({ code: string, text: string }, { at: ref('place') }),
    problem: object({ code: string, what: string, why: string, do: string }, { at: ref('place') }),
    place: object(
      { source: string },
      {
        line: integer,
        event: described('Of a memory snapshot, counted from 0.', count),
        rank: integer,
        pid: integer,
      },
    ),
    frame: object({ file: string }, { line: count, function: string, code: string }),
    figures: described(
      'As printed; corrections are in the ledger.',
      object(
        {},
        {
          ...Object.fromEntries(sizes.map(([key, says]) => [key, described(says, ref('figure'))])),
          ...Object.fromEntries(
            Object.entries(COUNTS).map(([key, says]) => [key, described(says, { type: 'number' })]),
          ),
          other_processes: described(
            'Every listed process, the failing one too when its own clause is missing.',
            list(object({ pid: integer, bytes: ref('figure') })),
          ),
          buffers: described(
            'Buffers as the engine names them.',
            list(object({ name: string, role: string, bytes: ref('figure') })),
          ),
          tensor: described(
            'The tensor that was asked for.',
            object({ shape: list(count) }, { dtype: string }),
          ),
        },
      ),
    ),
    shown: { anyOf: [ref('figure'), object({ unknown: string })] },
    process: object(
      { bytes: ref('shown') },
      {
        pid: integer,
        name: string,
        type: string,
        user: string,
        gpu_instance: integer,
        compute_instance: integer,
      },
    ),
    device: object(
      {
        vendor: { enum: ['nvidia', 'amd', 'intel', 'apple', 'unknown'] },
        processes: list(ref('process')),
        processes_listed: described(
          'all: an empty list says that there is no process. part: cut. none: the text has no list.',
          { enum: ['all', 'part', 'none'] },
        ),
        ledger: ref('ledger'),
      },
      {
        index: described('The tool’s own index, which need not be the program’s.', integer),
        uuid: string,
        bus_id: string,
        name: string,
        mig: object(
          {},
          { gpu_instance: integer, compute_instance: integer, device: integer, profile: string },
        ),
        total_bytes: ref('shown'),
        used_bytes: ref('shown'),
        free_bytes: ref('shown'),
        reserved_bytes: ref('shown'),
        utilization_percent: { type: 'number' },
        memory_utilization_percent: { type: 'number' },
        modes: { type: 'object', additionalProperties: string },
      },
    ),
    event: object(
      { kind: string, line: integer, says: string },
      {
        time: string,
        host: string,
        rank: integer,
        local_rank: integer,
        pid: integer,
        who: string,
        exit_code: integer,
        signal: string,
        device: integer,
        count: integer,
        code: string,
        is_first: { type: 'boolean' },
      },
    ),
    observation: object(
      {
        format: string,
        title: string,
        where: object(
          { source: string },
          { line: integer, last_line: integer, rank: integer, pid: integer, host: string },
        ),
        relation: object({
          value: described('Only same_moment was put into one ledger with the failure.', {
            enum: [
              'alone',
              'same_moment',
              'while_running',
              'after_exit',
              'same_program',
              'unknown',
            ],
          }),
          because: string,
        }),
        devices: list(ref('device')),
        figures: ref('figures'),
        events: list(ref('event')),
      },
      {
        time: string,
        label: string,
        versions: { type: 'object', additionalProperties: string },
        ledger: described('Of a memory snapshot: its peak.', ref('ledger')),
        recording: ref('recording'),
      },
    ),
    recording: described(
      'A moment of a memory snapshot of PyTorch, and what the snapshot shows beyond it.',
      object(
        {
          source: string,
          device: count,
          moment: { enum: ['failure', 'peak', 'end'] },
          stage: {
            enum: [
              'unknown',
              'load',
              'data',
              'forward',
              'backward',
              'optimizer',
              'eval',
              'generate',
              'capture',
              'save',
              'compile',
              'kv_alloc',
            ],
          },
          events: count,
          failures: count,
          written_by: described('Versions of PyTorch that write such a file.', string),
          is_synthetic: { type: 'boolean' },
          reproduced: described(
            'How much of it a replay under its own settings reproduces.',
            unless({
              allocations: count,
              address_equal: count,
              final_blocks_equal: { type: 'boolean' },
            }),
          ),
          growth: described('What each step leaves behind, by line of code.', {
            anyOf: [
              list(
                object({
                  line: string,
                  category: string,
                  strength: { enum: ['likely', 'possible'] },
                  bytes_per_step: count,
                  bytes: count,
                  steps: count,
                  because: strings,
                  against: strings,
                }),
              ),
              object({ unknown: string }),
            ],
          }),
          replays: described(
            'The recorded requests, run again under other settings; none where the replay does not reproduce the recording.',
            list(
              object(
                {
                  id: string,
                  peak_reserved_bytes: count,
                  served: { type: ['boolean', 'null'] },
                  failed_at: { type: ['integer', 'null'] },
                  basis: { enum: ['replayed', 'modelled'] },
                  is_best: { type: 'boolean' },
                  is_reference: { type: 'boolean' },
                  why: strings,
                  dangers: strings,
                },
                { settings: string, call: string },
              ),
            ),
          ),
        },
        {
          rank: count,
          event: count,
          asked_by: described(
            'The line of the user’s code that asked for what was refused.',
            string,
          ),
          why: described('Why none of the free pieces served.', string),
        },
      ),
    ),
    finding: object(
      {
        id: string,
        code: string,
        title: string,
        strength: { enum: ['proven', 'likely', 'possible'] },
        headline: string,
        because: strings,
        do: strings,
        commands: strings,
        observation: count,
      },
      { device: count },
    ),
    ledger: object({
      moment: object({ name: { enum: ['failure', 'observed', 'predicted'] }, detail: string }),
      atoms: described(
        'Disjoint. Under each measured total they add up to it, by one signed unattributed atom.',
        list(
          object(
            {
              bytes: amount,
              metric: { enum: ['current', 'peak'] },
              space: string,
              process: string,
              pool: string,
              category: string,
              source: string,
            },
            { may_hold: list(contents), pinned: { type: 'boolean' }, holder: string },
          ),
        ),
      ),
      limits: list(object({ name: string, selector, bytes: amount, source: string })),
      totals: list(object({ name: string, selector, bytes: ref('estimate'), source: string })),
    }),
    step: object(
      {
        remedy: string,
        code: string,
        title: string,
        category: string,
        claim: described(
          'at_most: an upper bound from the ledger. saves, fits: from a model only.',
          {
            enum: ['at_most', 'saves', 'fits'],
          },
        ),
        basis: { enum: ['exact', 'measured', 'modelled', 'assumed'] },
        serves_request: described(
          'Whether it could serve the one request that failed; yes: a replay of a recording served it; barely: not a second one like it.',
          {
            enum: ['yes', 'possibly', 'barely', 'no', 'unknown'],
          },
        ),
        because: string,
        how: string,
        cost: string,
        alters: { enum: ALTERATIONS },
        change: strings,
        cautions: strings,
      },
      {
        at_most_bytes: described('The upper bound of the claim at_most.', count),
        bytes: described('The estimate of the claims saves and fits.', ref('estimate')),
        room_at: roomAt,
        unknown: described('Why there is no amount.', string),
      },
    ),
    verdict,
    plan: planObject,
    anchor: object(
      {
        role: string,
        phase: string,
        turn: { enum: ['once', 'first', 'later'] },
        holds: described('The model accounts for what was measured, to a tenth.', {
          type: 'boolean',
        }),
        parts: list(
          object({
            name: { enum: ['live', 'idle', 'outside'] },
            measured_bytes: ref('estimate'),
            predicted_bytes: ref('estimate'),
            residual_bytes: integer,
          }),
        ),
        residual_bytes: described('Signed: what the model lacks, or has too much.', integer),
        residual_share: { type: 'number' },
        explained_by: described(
          'Values that nobody stated, each of which would make the model agree.',
          list(object({ setting: string, value: planValue })),
        ),
        why: string,
      },
      {
        residual_name: string,
        kinds: described(
          'Kinds of live tensors, where a memory snapshot tells them apart.',
          list(
            object({
              kind: {
                enum: ['weights', 'gradients', 'optimizer', 'kv_cache', 'states', 'passing'],
              },
              measured_bytes: ref('estimate'),
              predicted_bytes: ref('estimate'),
              residual_bytes: integer,
            }),
          ),
        ),
      },
    ),
    pricing: object(
      {
        plan: ref('plan'),
        may_fit: described(
          'False where the failure contradicts the prediction: then nothing is said to fit.',
          { type: 'boolean' },
        ),
        failing_tensors: list(
          object({
            what: string,
            dimensions: string,
            bytes: count,
            is_named: { type: 'boolean' },
          }),
        ),
        in_force: described(
          'Measures that are on already (set) or go no further (lowest), and where that was said.',
          list(object({ remedy: string, source: string, why: { enum: ['set', 'lowest'] } })),
        ),
        too_little: described(
          'Measures of which even the strongest value gives less than what failed is missing.',
          list(object({ remedy: string, gives_bytes: integer, missing_bytes: integer })),
        ),
        written: described(
          'Changes of steps in the words of the frameworks that the files of the job show.',
          list(object({ remedy: string, change: strings })),
        ),
        steps: described(
          'What measures of the diagnosis free at the peak, each by itself.',
          list(
            object(
              { remedy: string, bytes: ref('estimate'), fits: ref('verdict') },
              { room_at: roomAt },
            ),
          ),
        ),
      },
      { anchor: ref('anchor') },
    ),
    incident: object(
      {
        kind: { enum: ['gpu_oom', 'host_oom', 'look_alike'] },
        framework: described('Whose message it is.', string),
        frameworks: described(
          'What else frames and lines around it show, the nearest to the user first.',
          strings,
        ),
        format: described('The id of the reader: unoom explain FORMAT.', string),
        backend: string,
        where: ref('place'),
        repeats: described('How many times it was printed; 1 is once.', {
          type: 'integer',
          minimum: 1,
        }),
        headline: string,
        figures: ref('figures'),
        phase: object(
          { value: { enum: Object.keys(PHASES) }, because: string },
          { turn: { enum: ['first', 'second', 'later'] } },
        ),
        frames: described('Outermost first.', list(ref('frame'))),
        ledger: ref('ledger'),
        causes: list(ref('cause')),
        steps: list(ref('step')),
        dead_ends: list(
          object({ remedy: string, title: string, why: string, at_most_bytes: count }),
        ),
        ask_for: list(ref('request')),
        notes: list(ref('note')),
      },
      {
        recording: described('The memory snapshot that the ledger is from.', ref('recording')),
        pricing: described(
          'Where the evidence has a model: what the job needs, anchored to the failure, and what makes it fit.',
          ref('pricing'),
        ),
        wording: string,
        versions: object({ package: string }, { from: string, to: string }),
        exception: string,
        time: string,
        device: count,
        own_frame: ref('frame'),
      },
    ),
  },
};
