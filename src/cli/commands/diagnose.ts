import {
  type Diagnosis,
  diagnose,
  type Lang,
  redact,
  renderMarkdown,
  renderText,
  type SnapshotEngine,
} from '../../core/index.ts';
import { openSources } from '../../node/index.ts';
import type { JobArguments } from '../job.ts';
import { pricingEngine, Remembered } from '../price.ts';
import { Refusal } from '../refusal.ts';
import { type ColorChoice, EXIT, paletteFor, print, widthOf } from '../terminal.ts';

export interface DiagnoseArguments extends JobArguments {
  /** commander makes `price: false` of --no-price. */
  readonly price: boolean;
  readonly why: boolean;
  readonly device?: string;
  readonly whatIf: boolean;
  readonly format: 'text' | 'json' | 'markdown';
  readonly redact: boolean;
  readonly color: ColorChoice;
}

const NOTHING_TO_READ: Readonly<Record<Lang, string>> = {
  en: 'nothing to read. Name a log, or pipe one: python train.py 2>&1 | unoom diagnose -',
  zh: '没有可读取的输入。给出日志文件，或用管道传入：python train.py 2>&1 | unoom diagnose -',
  ru: 'читать нечего. Укажи лог или передай его по конвейеру: python train.py 2>&1 | unoom diagnose -',
};

const WHOLE_NUMBER: Readonly<Record<Lang, string>> = {
  en: 'wants a whole number',
  zh: '需要整数',
  ru: 'требует целого числа',
};

/** The engine for snapshots is loaded when the first of them is there: most runs have none. */
function snapshotEngine({ device, whatIf }: DiagnoseArguments): SnapshotEngine {
  return async (source, { rank }) => {
    const { recordSnapshot } = await import('../../core/snapshots.ts');
    return recordSnapshot(source, {
      ...(rank !== undefined && { rank }),
      ...(device !== undefined && { device: Number(device) }),
      withoutWhatIf: !whatIf,
    });
  };
}

/** `unoom diagnose`: exit 1 when a memory failure was diagnosed or a status shows a finding, 2 when nothing could be read. */
export async function diagnoseCommand(
  inputs: readonly string[],
  options: DiagnoseArguments,
): Promise<number> {
  try {
    return await diagnosed(inputs, options);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    process.stderr.write(`unoom diagnose: ${error.message}\n`);
    return EXIT.usage;
  }
}

async function diagnosed(inputs: readonly string[], options: DiagnoseArguments): Promise<number> {
  if (inputs.length === 0 && process.stdin.isTTY === true) {
    process.stderr.write(`unoom diagnose: ${NOTHING_TO_READ[options.lang]}\n`);
    return EXIT.usage;
  }
  const { device } = options;
  if (device !== undefined && !/^\d{1,9}$/.test(device)) {
    process.stderr.write(`unoom diagnose: --device ${WHOLE_NUMBER[options.lang]}: ${device}\n`);
    return EXIT.usage;
  }
  const opened = await openSources(inputs.length === 0 ? ['-'] : inputs, options);
  const remembered = new Remembered();
  const { price, lang } = options;
  const found = await diagnose(
    price ? opened.sources.map((source) => remembered.watch(source)) : opened.sources,
    {
      lang,
      snapshots: snapshotEngine(options),
      ...(price && { pricing: pricingEngine(remembered, inputs, options) }),
    },
  );
  const whole: Diagnosis = { ...found, problems: [...opened.problems, ...found.problems] };
  const diagnosis = options.redact ? redact(whole) : whole;
  if (options.format === 'json') print(`${JSON.stringify(diagnosis, undefined, 2)}\n`);
  else if (options.format === 'markdown') print(renderMarkdown(diagnosis));
  else
    print(
      renderText(diagnosis, {
        width: widthOf(),
        why: options.why,
        palette: paletteFor(options.color),
      }),
    );
  return exitCodeOf(diagnosis);
}

function exitCodeOf({ verdict, findings, sources_read: read }: Diagnosis): number {
  if (verdict === 'gpu_oom' || verdict === 'host_oom' || findings.length > 0) return EXIT.finding;
  return read === 0 ? EXIT.usage : EXIT.ok;
}
