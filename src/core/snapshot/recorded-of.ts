/** From a snapshot to what a diagnosis takes of it: `Recorded`, one for each device that has anything. */
import { segmentSize } from '../allocator/rounding.ts';
import { bound } from '../base/interval.ts';
import type { Problem } from '../base/problem.ts';
import { say, type TextTable } from '../base/texts.ts';
import type { VersionRange } from '../base/unit.ts';
import { isUnknown } from '../base/unknown.ts';
import type { Source } from '../evidence/gather.ts';
import { type Fact, metricOf, type Quantity } from '../ledger/fact.ts';
import type {
  Recorded,
  RecordedFailure,
  RecordedFrame,
  RecordedMoment,
  Recordings,
  Replayed,
} from '../ledger/recorded.ts';
import { analyseDevice, type DeviceAnalysis, disagreement, framesOf } from './analyse.ts';
import type { Device, Snapshot } from './columns.ts';
import { type Failure, failuresOf } from './failure-of.ts';
import { growthOf } from './growth.ts';
import { ledgerOf } from './ledger-of.ts';
import { replayedBlocks } from './lifetimes-replayed.ts';
import { Places, STAGES, stackFacts } from './owners-frames.ts';
import { type ReadOptions, readSnapshot } from './reader.ts';
import { type Prepared, prepareReplay } from './replay.ts';
import { recordedSettings } from './settings.ts';
import { type Waste, wasteAt } from './waste.ts';
import { layoutAt } from './waste-layout.ts';
import { whatIfOf } from './what-if.ts';

export interface RecordedOptions {
  /** What the source is called. */
  readonly source: string;
  readonly rank?: number;
  /** The only device that was read, where the others were left out. */
  readonly device?: number;
  /** Leaves the replays under other settings out. */
  readonly withoutWhatIf?: boolean;
}

const TEXTS = {
  en: {
    none: 'The snapshot holds no device with memory or events.',
    'no-device': 'The snapshot holds nothing of device {device}.',
    'none-why': 'Neither segments nor events are in it.',
    'none-todo':
      'Call torch.cuda.memory._record_memory_history() before the run, and check which device the process used.',
  },
  zh: {
    none: '快照中没有任何带有显存或事件的设备。',
    'no-device': '快照中没有设备 {device} 的内容。',
    'none-why': '其中既没有段，也没有事件。',
    'none-todo':
      '在运行前调用 torch.cuda.memory._record_memory_history()，并确认进程使用的是哪个设备。',
  },
  ru: {
    none: 'В снимке нет ни одного устройства с памятью или событиями.',
    'no-device': 'В снимке ничего нет об устройстве {device}.',
    'none-why': 'В нём нет ни сегментов, ни событий.',
    'none-todo':
      'Вызвать torch.cuda.memory._record_memory_history() до запуска и проверить, каким устройством пользовался процесс.',
  },
} as const satisfies TextTable;

const noDevice = (device: number | undefined): Problem => ({
  code: 'snapshot-no-device',
  what: device === undefined ? say(TEXTS, 'none') : say(TEXTS, 'no-device', { device }),
  why: say(TEXTS, 'none-why'),
  todo: say(TEXTS, 'none-todo'),
});

/** A loop that catches each failure and tries again can have thousands; the last ones tell most. */
const MOST_FAILURES = 8;
const MOST_GROWTH = 16;

/** Reads a source and takes of it what a diagnosis needs. What cannot be read is in `problems`. */
export async function recordSnapshot(
  source: Source,
  options: Omit<RecordedOptions, 'source'> & Pick<ReadOptions, 'onProgress'> = {},
): Promise<Recordings> {
  const { device, onProgress, ...rest } = options;
  const result = await readSnapshot(source.bytes, {
    ...(source.size !== undefined && { sizeHint: source.size }),
    ...(device !== undefined && { device }),
    ...(onProgress !== undefined && { onProgress }),
  });
  return result.problem === undefined
    ? recordingsOf(result.snapshot, {
        source: source.name,
        ...(device !== undefined && { device }),
        ...rest,
      })
    : { recorded: [], problems: [result.problem], notes: [] };
}

export function recordingsOf(snapshot: Snapshot, options: RecordedOptions): Recordings {
  const stacks = stackFacts(snapshot);
  const places = new Places(snapshot);
  const problems: Problem[] = [...snapshot.problems];
  const recorded = snapshot.devices.map((device, row): Recorded => {
    const ready = prepareReplay(snapshot, row);
    const prepared = isUnknown(ready) ? undefined : ready;
    const known = prepared === undefined ? undefined : replayedBlocks(prepared);
    const analysis = analyseDevice(snapshot, device, stacks, places, known);
    const { contradictions } = analysis.view.lifetimes;
    if (contradictions > 0) problems.push(disagreement(device, contradictions));
    const growth = growthOf(analysis.view, analysis.categories, analysis.steps, analysis.names);
    const { version, isSynthetic } = snapshot.shape;
    const versions = rangeOf(version);
    const conf = snapshot.settings?.conf;
    const moments = new Moments(snapshot, device, analysis, options);
    return {
      source: options.source,
      device: device.index,
      ...(options.rank !== undefined && { rank: options.rank }),
      events: device.events.count,
      stages: [...new Set(analysis.view.stages.runStage)].map(
        (stage) => STAGES[stage] ?? 'unknown',
      ),
      written_by: version,
      ...(versions !== undefined && { versions }),
      is_synthetic: isSynthetic,
      ...(conf !== undefined && conf !== '' && { conf }),
      failures: moments.failures(),
      failure_count: analysis.peaks.failures.length,
      peak: moments.peak(),
      end: moments.end(),
      reproduced: isUnknown(ready)
        ? ready
        : {
            allocations: ready.replay.allocations,
            address_equal: ready.replay.address_equal,
            final_blocks_equal: ready.replay.final_blocks_equal,
          },
      growth: isUnknown(growth)
        ? growth
        : growth.lines.slice(0, MOST_GROWTH).map((one) => ({
            line: one.line,
            category: one.category,
            strength: one.strength,
            bytes_per_step: Math.round(one.bytesPerStep),
            bytes: one.bytes,
            steps: one.steps,
            because: one.because,
            against: one.against,
          })),
      replays:
        prepared === undefined || options.withoutWhatIf === true
          ? []
          : replaysOf(snapshot, prepared),
    };
  });
  if (recorded.length === 0) problems.push(noDevice(options.device));
  return { recorded, problems, notes: snapshot.notes };
}

/** The moments of one device that a diagnosis looks at. */
class Moments {
  readonly #snapshot: Snapshot;
  readonly #device: Device;
  readonly #analysis: DeviceAnalysis;
  readonly #options: RecordedOptions;

  constructor(
    snapshot: Snapshot,
    device: Device,
    analysis: DeviceAnalysis,
    options: RecordedOptions,
  ) {
    this.#snapshot = snapshot;
    this.#device = device;
    this.#analysis = analysis;
    this.#options = options;
  }

  peak(): RecordedMoment {
    const { peak } = this.#analysis.peaks;
    return this.#calm('peak', peak.allocated.event);
  }

  end(): RecordedMoment {
    return this.#calm('end', this.#analysis.view.lifetimes.isTrace ? this.#last : -1);
  }

  failures(): RecordedFailure[] {
    const { view, peaks, names } = this.#analysis;
    return failuresOf(view, peaks.failures.slice(-MOST_FAILURES), {}, names).map((one) =>
      this.#failed(one),
    );
  }

  get #last(): number {
    return this.#device.events.count - 1;
  }

  /** A moment at which nothing failed. */
  #calm(kind: 'peak' | 'end', event: number): RecordedMoment {
    const { view, categories, names, peaks } = this.#analysis;
    const layout = layoutAt(view, event);
    const waste = wasteAt(view, event, layout);
    const { peak } = peaks;
    return {
      kind,
      ...(event >= 0 && { event }),
      stage: STAGES[view.stages.stage[event] ?? 0] ?? 'unknown',
      ledger: ledgerOf(view, categories, names, layout, { kind, event }),
      facts: [
        ...this.#ofState(waste, event),
        this.#fact('peak', peak.allocated.bytes, peak.allocated.event),
        this.#fact('peak_reserved', peak.reserved.bytes, peak.reserved.event),
      ],
    };
  }

  #failed(failure: Failure): RecordedFailure {
    const { view, categories, names, steps } = this.#analysis;
    const { event, deviceFree } = failure;
    const layout = layoutAt(view, event);
    const waste = wasteAt(view, event, layout);
    const { settings } = recordedSettings(this.#snapshot, this.#device);
    const of = (reason: string): number =>
      failure.idle.find((idle) => idle.reason === reason)?.bytes ?? 0;
    const begun = isUnknown(steps) ? 0 : steps.starts.filter((start) => start <= event).length;
    const isFramed = failure.line !== 'no stack';
    return {
      kind: 'failure',
      event,
      stage: failure.stage,
      ...(failure.time !== undefined && { time: failure.time }),
      frames: framesOf(view, failure.stack).map(toFrame).reverse(),
      ...(isFramed && { line: failure.line }),
      why: failure.why,
      ...(begun > 0 && { steps: begun }),
      ledger: ledgerOf(view, categories, names, layout, {
        kind: 'failure',
        event,
        free: deviceFree,
      }),
      facts: [
        // A message names the segment that was asked of the driver.
        this.#fact('requested', segmentSize(failure.asked, settings.largeSegmentSize), event),
        this.#fact('requested_block', failure.asked, event),
        this.#fact('free', deviceFree, event),
        ...this.#ofState(waste, event),
        this.#fact('largest_usable', failure.largestUsable, event),
        this.#fact('idle_in_pieces', of('too_small') + of('usable'), event),
        this.#fact('idle_other_stream', of('other_stream'), event),
        this.#fact('released', failure.released.bytes, event),
      ],
    };
  }

  /** What any moment has. */
  #ofState(waste: Waste, event: number): Fact[] {
    const { reserved, allocated, privatePools, largestFree, pendingFree, inactiveSplit } = waste;
    return [
      this.#fact('allocated', allocated, event),
      this.#fact('reserved', reserved, event),
      this.#fact('inactive_split', inactiveSplit, event),
      this.#fact('idle_segments', waste.cachedSegments, event),
      this.#fact('largest_free_block', largestFree, event),
      ...(privatePools > 0 ? [this.#fact('private_pool', privatePools, event)] : []),
      ...(pendingFree > 0 ? [this.#fact('pending_free', pendingFree, event)] : []),
    ];
  }

  #fact(quantity: Quantity, bytes: number, event: number): Fact {
    const { source, rank } = this.#options;
    return {
      quantity,
      metric: metricOf(quantity),
      value: bound(bytes),
      raw: `${bytes} B`,
      scope: { device: this.#device.index, ...(rank !== undefined && { rank }) },
      moment: `${source}#${event}`,
      span: { source, ...(event >= 0 && { event }) },
    };
  }
}

const toFrame = (frame: { name: string; file: string; line: number }): RecordedFrame => ({
  file: frame.file,
  line: frame.line,
  function: frame.name,
});

/** None where the replay under the recorded settings went astray: then the simulator proves nothing. */
function replaysOf(snapshot: Snapshot, prepared: Prepared): Replayed[] {
  if (prepared.replay.diverged_at !== undefined) return [];
  const {
    rows,
    best,
    compared_with: reference,
  } = whatIfOf(snapshot, prepared, {
    withoutSmallest: true,
  });
  return rows.map((row, index) => ({
    id: row.id,
    ...(row.conf !== undefined && { settings: row.conf }),
    ...(row.call !== undefined && { call: row.call }),
    peak_reserved: row.peak_reserved_bytes,
    ...(row.served !== undefined && { served: row.served }),
    ...(row.failed_at !== undefined && { failed_at: row.failed_at }),
    basis: row.basis,
    is_best: index === best,
    is_reference: index === reference,
    why: row.why,
    dangers: row.dangers,
  }));
}

/** "2.3 – 2.5", "2.10+", "≤ 1.13". */
function rangeOf(version: string): VersionRange | undefined {
  const found = [...version.matchAll(/\d{1,3}\.\d{1,3}/g)].map(([text]) => text);
  const [first] = found;
  const last = found.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const name = { package: 'torch' };
  if (version.startsWith('≤')) return { ...name, to: first };
  return version.endsWith('+') ? { ...name, from: first } : { ...name, from: first, to: last };
}
