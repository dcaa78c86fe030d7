/** `unoom plan`: does a workload fit on a machine, where would every byte be, what makes it fit. */
import { type Machine, parameterCount, readModelConfig, weightsOf } from '../../core/footprints.ts';
import {
  type Asks,
  type Beside,
  CLASSES,
  type CostClass,
  contradiction,
  type KnownModel,
  leastMachine,
  MEASURES,
  plan,
  render,
  renderPlanMarkdown,
  renderPlanText,
  unitBytes,
} from '../../core/plans.ts';
import type { WorkloadReading } from '../../core/workloads.ts';
import {
  isBroken,
  type JobArguments,
  machineHere,
  machineOf,
  readJob,
  type Say,
  sayIn,
  sourceOf,
} from '../job.ts';
import { Refusal } from '../refusal.ts';
import { type ColorChoice, EXIT, paletteFor, print, widthOf } from '../terminal.ts';

export interface PlanArguments extends JobArguments {
  readonly margin: string;
  readonly keepPrecision: boolean;
  /** commander makes `quantize: false` of --no-quantize. */
  readonly quantize: boolean;
  readonly maxSlowdown?: string;
  readonly only?: readonly string[];
  readonly without?: readonly string[];
  readonly allow: readonly CostClass[];
  readonly prefer: 'speed' | 'quality' | 'simplicity';
  readonly maxBatch: boolean;
  readonly maxContext: boolean;
  readonly maxModel: boolean;
  readonly whichGpu: boolean;
  readonly why: boolean;
  readonly format: 'text' | 'json' | 'markdown';
  readonly color: ColorChoice;
}

/** Exit 0 when it fits or probably fits, 1 when not, 2 for bad usage. */
export async function planCommand(
  inputs: readonly string[],
  options: PlanArguments,
): Promise<number> {
  try {
    return await planned(inputs, options);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    process.stderr.write(`unoom plan: ${error.message}\n`);
    return EXIT.usage;
  }
}

async function planned(inputs: readonly string[], options: PlanArguments): Promise<number> {
  const { lang, on } = options;
  const say = sayIn(lang);
  const sources = await Promise.all(inputs.map((path) => sourceOf(path, say)));
  const job = await readJob(sources, inputs, options);
  if (job === undefined) throw new Refusal(say('no-model'));
  const { reading, known } = job;
  for (const id of [...(options.only ?? []), ...(options.without ?? [])]) {
    if (!MEASURES.includes(id)) throw new Refusal(`${say('no-measure')}: ${id}`);
  }
  const senseless = contradiction(reading.workload, known);
  if (senseless !== undefined) throw new Refusal(render(senseless, lang));
  const seen = on === undefined ? await machineHere() : await machineOf(on, lang);
  const isUnnamed = seen === undefined;
  const machine = seen ?? leastMachine(reading, known);
  const beside = await besideOf(reading);
  const data = plan({
    reading,
    known,
    machine,
    ...(beside.length > 0 && { beside }),
    margin: marginOf(options.margin, machine, say),
    constraints: {
      classes: CLASSES.filter((one) => one !== 'experiment' || options.allow.includes(one)),
      ...(options.only === undefined ? {} : { only: options.only }),
      ...(options.without === undefined ? {} : { without: options.without }),
      keepPrecision: options.keepPrecision,
      noQuantize: !options.quantize,
      ...(options.maxSlowdown === undefined
        ? {}
        : { maxSlowdown: slowdownOf(options.maxSlowdown, say) }),
    },
    prefer: options.prefer,
    asks: await asksOf(known, { ...options, whichGpu: options.whichGpu || isUnnamed }),
    lang,
  });
  if (data.limits.some(({ need_bytes: { high } }) => high > Number.MAX_SAFE_INTEGER)) {
    throw new Refusal(say('too-large'));
  }
  if (options.format === 'json') print(`${JSON.stringify(data, undefined, 2)}\n`);
  else if (options.format === 'markdown') print(renderPlanMarkdown(data, { why: options.why }));
  else {
    const palette = paletteFor(options.color);
    print(renderPlanText(data, { width: widthOf(), why: options.why, palette }));
  }
  // What a damaged file says is missing in the answer.
  if (reading.problems.some(isBroken)) return EXIT.usage;
  return data.fits === 'yes' || data.fits === 'probably' ? EXIT.ok : EXIT.finding;
}

/** What other models of the job weigh, as far as the catalog has them. */
async function besideOf({ companions, workload }: WorkloadReading): Promise<readonly Beside[]> {
  if (companions.length === 0) return [];
  const { findCatalogModel } = await import('../../core/models.ts');
  const sharding = workload.settings.get('sharding')?.value ?? 'none';
  return companions.map(({ name, source, isCounted, width = 2 }) => {
    const row = findCatalogModel(name)?.model;
    const read = row && readModelConfig(row.config, row.source);
    // Where ranks divide weights it is not known whether they divide these.
    const isKnown = isCounted && sharding === 'none' && read?.ok === true;
    return { name, source, ...(isKnown && { bytes: width * parameterCount(read.model) }) };
  });
}

function marginOf(text: string, machine: Machine, say: Say): number {
  const share = /^(\d+(?:\.\d+)?)\s*%$/.exec(text)?.[1];
  const usable = machine.cards[0]?.usable.mid ?? 0;
  if (share !== undefined) return (Number(share) / 100) * usable;
  if (text === '0') return 0;
  const [, amount, unit] = /^([\d.]+)\s*([KMGT]i?B)$/i.exec(text) ?? [];
  const factor = unit === undefined ? undefined : unitBytes(unit);
  const bytes = Number(amount) * (factor ?? Number.NaN);
  if (!Number.isFinite(bytes)) throw new Refusal(`--margin ${say('bad-size')}: ${text}`);
  return bytes;
}

function slowdownOf(text: string, say: Say): number {
  const share = /^(\d+(?:\.\d+)?)\s*%$/.exec(text)?.[1];
  if (share !== undefined) return 1 + Number(share) / 100;
  const factor = Number(text);
  if (!(factor >= 1)) throw new Refusal(`--max-slowdown ${say('bad-slowdown')}: ${text}`);
  return factor;
}

async function asksOf(known: KnownModel, options: PlanArguments): Promise<Asks> {
  const { allow, only, without = [] } = options;
  const mayShrink =
    allow.includes('experiment') &&
    (only ?? [SMALLER]).includes(SMALLER) &&
    !without.includes(SMALLER);
  return {
    maxBatch: options.maxBatch,
    maxContext: options.maxContext,
    ...(options.maxModel ? { models: await modelsBySize() } : {}),
    ...(mayShrink && { relatives: await relativesOf(known) }),
    whichGpu: options.whichGpu,
  };
}

/** The measure that a smaller model is. */
const SMALLER = 'smaller-model';

/** Smaller models of the same kind, each read when it is looked at. */
async function relativesOf({ model }: KnownModel): Promise<NonNullable<Asks['relatives']>> {
  const { relativesOf: of } = await import('../../core/models.ts');
  const rows = of(model.name, parameterCount(model));
  return (function* () {
    for (const { name, model: row, isDistilled } of rows) {
      const reading = readModelConfig(row.config, row.source);
      if (!reading.ok || reading.model.head !== model.head) continue;
      yield {
        name,
        known: { model: reading.model, weights: weightsOf(reading.model) },
        isDistilled,
      };
    }
  })();
}

/** Decoders of the catalog, the largest first. */
async function modelsBySize(): Promise<Iterable<{ name: string; known: KnownModel }>> {
  const { catalogModels } = await import('../../core/models.ts');
  const rows = [...catalogModels()].sort((a, b) => (b.parameters ?? 0) - (a.parameters ?? 0));
  return (function* () {
    for (const { ids, config, source } of rows) {
      const reading = readModelConfig(config, source);
      const isDecoder = reading.ok && reading.model.head === 'vocab';
      if (!isDecoder) continue;
      yield {
        name: ids[0] ?? reading.model.name,
        known: { model: reading.model, weights: weightsOf(reading.model) },
      };
    }
  })();
}
