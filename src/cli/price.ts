/** The engine that prices a failure for `unoom diagnose`: what the inputs say of the job, and the model by name. */
import type { PricingEngine, Source } from '../core/index.ts';
import type { JobArguments } from './job.ts';
import { Refusal } from './refusal.ts';

/** Sources of a job are small; of a longer log its beginning is looked at, where jobs say what they are. */
const MOST_BYTES = 2 ** 20;

/** Names of files that are written for a job rather than by it. */
const WRITTEN =
  /\.(?:py|ipynb|ya?ml|toml|json|sh|bash|zsh|slurm|sbatch|bat|ps1|cfg|conf|args)$|(?:^|[\\/])(?:Dockerfile|Modelfile|requirements[^\\/]*\.txt)$/i;

/** A log in which a model is named as hubs name it: for anything else the engine is not worth loading. */
const NAMES_MODEL =
  /(?:from_pretrained\(\s{0,4}|\b(?:base_)?model[\w-]{0,30}["']?(?:\s{0,4}[=:]\s{0,4}|\s)|(?:serve|run)\s)["']?[A-Za-z0-9][\w.-]{0,60}\/[A-Za-z0-9]|\s-m\s{1,4}\S{1,200}\.gguf\b/;

interface Kept {
  readonly name: string;
  readonly parts: Uint8Array[];
  size: number;
}

/** Sources that are read once and of which the beginning is remembered. */
export class Remembered {
  readonly #kept: Kept[] = [];

  /** The source, watched while somebody else reads it. */
  watch(source: Source): Source {
    const kept: Kept = { name: source.name, parts: [], size: 0 };
    this.#kept.push(kept);
    return { ...source, bytes: remembering(source.bytes, kept) };
  }

  /** What was read of each, as text. */
  get texts(): readonly {
    readonly name: string;
    readonly text: string;
    readonly isLog: boolean;
  }[] {
    return this.#kept.map(({ name, parts }) => ({
      name,
      text: Buffer.concat(parts).toString('utf8'),
      isLog: !WRITTEN.test(name.replace(/\.gz$/, '')),
    }));
  }
}

async function* remembering(
  bytes: Source['bytes'],
  kept: Kept,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of bytes) {
    if (kept.size < MOST_BYTES) {
      // The reader reuses its buffers.
      const part = Buffer.from(chunk.subarray(0, MOST_BYTES - kept.size));
      kept.parts.push(part);
      kept.size += part.length;
    }
    yield chunk;
  }
}

/** @param inputs as they were named, for files that others point to */
export function pricingEngine(
  remembered: Remembered,
  inputs: readonly string[],
  options: JobArguments,
): PricingEngine {
  return async (failed) => {
    const sources = remembered.texts.filter(
      ({ text, isLog }) =>
        text !== '' && !text.includes('\0') && (!isLog || NAMES_MODEL.test(text)),
    );
    const { command, model, lang, on } = options;
    if (sources.length === 0 && command.length === 0 && model === undefined) return {};
    const { machineOf, readJob } = await import('./job.ts');
    const { CLASSES, priceFailure, unpriced } = await import('../core/plans.ts');
    try {
      const job = await readJob(sources, inputs, options);
      if (job === undefined) return {};
      const { reading, known } = job;
      // Logs and snapshots are no descriptions of a job: that is no fault of theirs.
      const problems = reading.problems.filter(({ code }) => code !== 'workload-unknown-kind');
      return priceFailure(
        {
          reading: { ...reading, problems },
          known,
          ...(on === undefined ? {} : { machine: await machineOf(on, lang) }),
          constraints: { classes: CLASSES.filter((one) => one !== 'experiment') },
          prefer: 'speed',
          lang,
        },
        failed,
      );
    } catch (error) {
      if (!(error instanceof Refusal) || model !== undefined) throw error;
      return unpriced(error.message);
    }
  };
}
