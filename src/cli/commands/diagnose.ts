import {
  type Diagnosis,
  diagnose,
  type Lang,
  redact,
  renderMarkdown,
  renderText,
} from '../../core/index.ts';
import { openSources } from '../../node/index.ts';
import { type ColorChoice, EXIT, paletteFor, print, widthOf } from '../terminal.ts';

export interface DiagnoseArguments {
  readonly why: boolean;
  readonly format: 'text' | 'json' | 'markdown';
  readonly lang: Lang;
  readonly redact: boolean;
  readonly color: ColorChoice;
}

/** `unoom diagnose`: exit 1 when a memory failure was diagnosed, 2 when nothing could be read. */
export async function diagnoseCommand(
  inputs: readonly string[],
  options: DiagnoseArguments,
): Promise<number> {
  if (inputs.length === 0 && process.stdin.isTTY === true) {
    process.stderr.write(
      'unoom diagnose: nothing to read. Name a log, or pipe one: python train.py 2>&1 | unoom diagnose -\n',
    );
    return EXIT.usage;
  }
  const opened = await openSources(inputs.length === 0 ? ['-'] : inputs);
  const found = await diagnose(opened.sources, { lang: options.lang });
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
  return exitCodeOf(diagnosis, opened.sources.length + opened.problems.length);
}

/** Problems that mean that a source gave nothing at all. */
const UNREADABLE = new Set([
  'not-text',
  'empty-source',
  'reading-stopped',
  'enoent',
  'eacces',
  'empty-folder',
]);

function exitCodeOf(diagnosis: Diagnosis, named: number): number {
  if (diagnosis.verdict === 'gpu_oom' || diagnosis.verdict === 'host_oom') return EXIT.finding;
  if (diagnosis.verdict === 'look_alike') return EXIT.ok;
  const unreadable = new Set(
    diagnosis.problems
      .filter(({ code }) => UNREADABLE.has(code) || code.startsWith('e'))
      .map(({ at }) => at?.source),
  );
  return unreadable.size >= named ? EXIT.usage : EXIT.ok;
}
