/** Commands and their options. Each command calls the core and renders; nothing is computed here. */
import { Command, CommanderError, Option } from 'commander';
import { languageOf } from './language.ts';
import { EXIT, isBrokenPipe, print } from './terminal.ts';

const EXAMPLES = `
Examples:
  unoom diagnose train.log              why the run died, and what helps
  python train.py 2>&1 | unoom diagnose -
  unoom diagnose logs/                  every rank's log; the first failure comes first
  unoom plan --model Qwen/Qwen3-8B --on H100 --for training   does it fit
  unoom snapshot oom.pickle             where the bytes of a memory snapshot are
  unoom explain fragmentation           what a word of the report means
  unoom doctor                          what can be read on this machine

Exit codes: 0 nothing wrong, 1 a memory failure was diagnosed, 2 bad usage or
unreadable input, 3 the environment says no, 70 a bug of unoom.`;

/** Runs the command line. @returns the exit code. */
export async function main(argv: readonly string[], version: string): Promise<number> {
  let code: number = EXIT.ok;
  // Whoever reads a snapshot or plans does not wait for what diagnoses logs, and parses none of the other commands.
  const isPlan = argv[0] === 'plan';
  const core = isPlan || argv[0] === 'snapshot' ? undefined : await import('../core/index.ts');
  const snapshots = isPlan ? undefined : (core ?? (await import('../core/snapshots.ts')));
  const { LANGS } = snapshots ?? (await import('../core/plans.ts'));
  const program = new Command('unoom')
    // Help that is piped into head ends there as every other output does.
    .configureOutput({ writeOut: print })
    .description('From "CUDA out of memory" to a run that fits, with every byte accounted for.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(unoom --help shows what there is; to read a log: unoom diagnose FILE)')
    .enablePositionalOptions()
    .exitOverride();

  program
    .command('diagnose')
    .summary('why a run died, where every byte was, what helps and what does not')
    .description(
      'Reads logs, tracebacks, pasted messages, memory snapshots of PyTorch, nvidia-smi, memory summaries, kernel and scheduler reports in any mixture (plain or gzip, UTF-8 or UTF-16, of any size) and says why the run died, where every byte was, what could help and what cannot.\n\nWith a model it also says what each change saves and what fits. The job is described by files beside the log (its Python script or notebook, Trainer, TRL, axolotl, LLaMA-Factory, torchtune, DeepSpeed, accelerate or FSDP configuration, shell script, adapter_config.json), by --command, and by --model, --batch, --seq, --image, --for and --set; the card by the message, or by --on. Files are read, never run; what nobody says is assumed and printed. The same description goes to unoom plan.',
    )
    .argument('[input...]', 'files, folders, or - for standard input (the default when piped)')
    .option('--why', 'show everything: reasons, ranges, sources', false)
    .addOption(formatOption(['text', 'json', 'markdown']))
    .addOption(langOption(LANGS))
    .option('--device <n>', 'of memory snapshots only this device')
    .option('--no-what-if', 'do not replay memory snapshots under other settings')
    .option(
      '--model <name>',
      'price it with this model: its name, a folder, a config.json, a .gguf',
    )
    .option('--on <machine>', 'and this machine, where the evidence does not show it: 8xH100, 24GB')
    .addOption(
      new Option('--for <purpose>', 'what the job does').choices([
        'training',
        'evaluation',
        'generation',
        'serving',
      ]),
    )
    .option(
      '--command <line>',
      'the command line that started the job; may be repeated',
      collect,
      [],
    )
    .option('--batch <n>', 'samples that one card works on at once')
    .option('--seq <tokens>', 'longest sequence in training')
    .option('--image <pixels>', 'edge of the images, or both: 1024x768')
    .option(
      '--set <name=value>',
      'any neutral setting (checkpointing=true; unoom schema workload lists them); may be repeated',
      collect,
      [],
    )
    .option('--fetch', 'read the model’s config from the hub (HF_ENDPOINT, HF_TOKEN)', false)
    .option('--no-price', 'do not price the failure with a model')
    .option('--redact', 'take user names, hosts, addresses and tokens out of the report', false)
    .addOption(colorOption())
    .addHelpText(
      'after',
      `
Examples:
  unoom diagnose train.log
  unoom diagnose train.log oom.pickle      with the exact ledger of its memory snapshot
  unoom diagnose train.log train.py ds.json      priced: what each change saves, and what fits
  unoom diagnose train.log --model Qwen/Qwen3-8B --batch 4 --seq 2048 --set checkpointing=true
  unoom diagnose train.log axolotl.yml --on "2xRTX 3090"
  unoom diagnose serve.log --command "vllm serve Qwen/Qwen3-32B --max-model-len 32768"
  unoom diagnose rank_*.log --why
  kubectl logs trainer-0 | unoom diagnose -
  nvidia-smi | unoom diagnose -            who holds the cards
  unoom diagnose logs/ smi.txt dmesg.txt   everything about one failure together
  unoom diagnose train.log.gz --format json | jq .verdict
  unoom diagnose train.log --redact --format markdown   for an issue`,
    )
    .action(async (inputs: string[], options) => {
      const { diagnoseCommand } = await import('./commands/diagnose.ts');
      code = await diagnoseCommand(inputs, options);
    });

  program
    .command('plan')
    .summary(
      'whether a job fits a machine before it runs, and the cheapest change that makes it fit',
    )
    .description(
      'Reads what there is of a job (training arguments, scripts, configurations of frameworks, command lines of engines) and a model, works out where every byte would be in every phase and on every rank, and says whether that fits the machine, and what would make it fit. Needs no GPU, no Python and no network.\n\nThe job: configurations (Trainer and TRL arguments, axolotl, LLaMA-Factory, torchtune, torchtitan, DeepSpeed, accelerate, FSDP, Lightning, Megatron), Python scripts and notebooks (read, never run), command lines, adapter_config.json, or a workload file (unoom schema workload). Options stand before command lines, these before scripts, these before configurations, these before defaults of the frameworks. The model: a known name (a language or vision model, a network of torchvision, a pipeline of diffusers), a folder, a config.json, .gguf or .onnx file; with --fetch any name of the hub.',
    )
    .argument(
      '[input...]',
      'configurations, scripts, command lines in files, or - for standard input',
    )
    .option('--model <name>', 'a model: its name, a folder, a config.json, a .gguf or .onnx file')
    .option(
      '--on <machine>',
      'the machine: H100, 8xA100-80GB, p4d.24xlarge, 24GB, a file with nvidia-smi’s text (default: this one)',
    )
    .addOption(
      new Option('--for <purpose>', 'what the job does').choices([
        'training',
        'evaluation',
        'generation',
        'serving',
      ]),
    )
    .option('--command <line>', 'a command line that starts the job; may be repeated', collect, [])
    .option('--batch <n>', 'samples that one card works on at once')
    .option('--seq <tokens>', 'longest sequence in training')
    .option('--image <pixels>', 'edge of the images, or both: 1024x768')
    .option('--prompt <tokens>', 'tokens of a prompt')
    .option('--new-tokens <n>', 'tokens generated after it')
    .option('--context <tokens>', 'longest sequence that an engine serves')
    .option('--sequences <n>', 'sequences that an engine serves at once')
    .option('--gpus <n>', 'processes of the job, one a card')
    .addOption(
      new Option('--dtype <format>', 'format of the weights').choices(['fp32', 'fp16', 'bf16']),
    )
    .option(
      '--optimizer <name>',
      'adamw, adamw-fused, adamw-8bit, adamw-paged (8-bit), adamw-paged-32bit, adafactor, lion, lion-8bit, sgd, galore, muon',
    )
    .option('--lora-rank <r>', 'train adapters of this rank')
    .option('--frames <n>', 'frames of a video')
    .option(
      '--set <name=value>',
      'any neutral setting (checkpointing=true; unoom schema workload lists them); may be repeated',
      collect,
      [],
    )
    .option('--margin <size>', 'keep so much of each card free: 1GiB, 5%', '0')
    .option('--keep-precision', 'plans change no number format', false)
    .option('--no-quantize', 'plans do not quantise weights')
    .option(
      '--max-slowdown <share>',
      'how much longer the work may take with a plan: 20%, 1.5 (default: each class of measures at most 2)',
    )
    .option(
      '--only <ids>',
      'plans use these measures only: ids of unoom explain, with commas',
      listOf,
    )
    .option('--without <ids>', 'plans do without these measures', listOf)
    .addOption(
      new Option('--allow <class>', 'plans may change the experiment itself')
        .choices(['experiment'])
        .argParser((value: string, before: string[]) => [...before, value])
        .default([], 'nothing'),
    )
    .addOption(
      new Option('--prefer <what>', 'what the cheapest plan spares')
        .choices(['speed', 'quality', 'simplicity'])
        .default('speed'),
    )
    .option('--max-batch', 'also the largest batch that fits', false)
    .option('--max-context', 'also the longest sequence that fits', false)
    .option('--max-model', 'also the largest known models that fit', false)
    .option('--which-gpu', 'also the smallest cards on which it fits', false)
    .option('--fetch', 'read the model’s config from the hub (HF_ENDPOINT, HF_TOKEN)', false)
    .option('--why', 'show everything: formulas, limits, all assumptions', false)
    .addOption(formatOption(['text', 'json', 'markdown']))
    .addOption(langOption(LANGS))
    .addOption(colorOption())
    .addHelpText(
      'after',
      `
Examples:
  unoom plan --model meta-llama/Llama-3.1-8B --on H100 --for training --batch 4 --seq 4096
  unoom plan train.py ds_config.json --on 8xA100-80GB
  unoom plan axolotl.yml --on "RTX 4090" --max-batch
  unoom plan --command "vllm serve Qwen/Qwen3-32B --max-model-len 32768" --on 2xH100
  unoom plan --model ./llama-3-8b.Q4_K_M.gguf --command "llama-server -c 8192" --on 8GB
  unoom plan --model Qwen/Qwen3-8B --for training --lora-rank 16 --on 24GB --which-gpu
  unoom plan --model google/vit-base-patch16-224 --for training --batch 64 --image 384 --on T4
  unoom plan --model resnet50 --for training --batch 256 --image 224 --on T4
  unoom plan train.yml --on H100 --keep-precision --max-slowdown 20% --format json

Exit codes: 0 it fits or probably fits, 1 it does not surely fit, 2 bad usage.`,
    )
    .action(async (inputs: string[], options) => {
      const { planCommand } = await import('./commands/plan.ts');
      code = await planCommand(inputs, options);
    });

  program
    .command('explain')
    .summary('what a cause, remedy, format, term or phase means')
    .description(
      'Explains a word of the report: a cause, remedy, format, term or phase, by id or code. With --role, prints the checklist of that role.',
    )
    .argument('[id...]', 'ids or codes; without one, lists them all')
    .addOption(
      new Option(
        '--role <role>',
        'the checklist of a role: what to try in which order, what frees nothing, when a run is well',
      ).choices(core?.ROLES ?? []),
    )
    .addOption(formatOption(['text', 'json', 'markdown']))
    .addOption(langOption(LANGS))
    .addOption(colorOption())
    .addHelpText(
      'after',
      '\nExamples:\n  unoom explain\n  unoom explain fragmentation\n  unoom explain UN301 --format markdown\n  unoom explain --role researcher --lang ru',
    )
    .action(async (ids: string[], options) => {
      const { explainCommand } = await import('./commands/explain.ts');
      code = explainCommand(ids, options);
    });

  program
    .command('doctor')
    .summary('what can be read on this machine')
    .description('Looks what of this machine can be read: GPUs, tools, limits. Changes nothing.')
    .addOption(formatOption(['text', 'json']))
    .addOption(colorOption())
    .addHelpText('after', '\nExamples:\n  unoom doctor\n  unoom doctor --format json')
    .action(async (options) => {
      const { doctorCommand } = await import('./commands/doctor.ts');
      code = await doctorCommand(options, version);
    });

  const snapshot = program
    .command('snapshot')
    .summary('where every byte of a PyTorch memory snapshot is, and what other settings would do')
    .description(
      'Reads a memory snapshot of PyTorch (torch.cuda.memory._dump_snapshot, pickle or JSON, plain or gzip) and says who held the memory at the peak and at the failure, what grows with every step, and what the same trace would have reserved under other allocator settings. The file is data: nothing in it is executed.',
    )
    .argument('<file>', 'the snapshot, or - for standard input')
    .option('--why', 'show everything: reasons, all settings that were tried', false)
    .addOption(formatOption(['text', 'json', 'markdown']))
    .option('--html <file>', 'also write one offline page with a zoomable timeline')
    .option('--device <n>', 'only this device')
    .option(
      '--from <moment>',
      'leave out what was recorded before: an event (1843), a time after the first one (12.5s, 350ms), or @microseconds since 1970',
    )
    .option('--to <moment>', 'end there: what was recorded from then on is undone')
    .option('--at <moment>', 'who held the memory then: an event, a time, peak, failure, end')
    .option('--redact', 'give users, hosts and folders pseudonyms, the same ones everywhere', false)
    .option('--no-what-if', 'do not replay under other settings')
    .option('--force', 'overwrite an existing page', false)
    .addOption(langOption(LANGS))
    .addOption(colorOption())
    .addHelpText(
      'after',
      `
Examples:
  unoom snapshot oom.pickle
  unoom snapshot oom.pickle --html oom.html
  unoom snapshot oom.pickle --at 12.5s
  unoom snapshot diff main.pickle branch.pickle --fail-if-peak-grows 2%
  unoom snapshot export oom.pickle -o oom.trace.json     for ui.perfetto.dev
  unoom snapshot oom.pickle --format json | jq '.devices[0].what_if[] | select(.is_best)'
  unoom snapshot make examples/leak.drawing`,
    )
    .action(async (file: string, options) => {
      const { snapshotCommand } = await import('./commands/snapshot.ts');
      code = await snapshotCommand(file, options);
    });

  snapshot
    .command('make')
    .summary('turns a text drawing of allocations into a snapshot')
    .description(
      'Runs a small text drawing of allocations on a simulated caching allocator and writes the snapshot that PyTorch would have recorded, marked as synthetic. The language is described in docs/snapshot-drawings.md.',
    )
    .argument('<drawing>', 'the drawing, or - for standard input')
    .option('-o, --output <file>', 'where to write it, or - (default: NAME.synthetic.pickle)')
    .addOption(
      new Option('--format <name>', 'what to write').choices(['pickle', 'json']).default('pickle'),
    )
    .addOption(
      new Option('--protocol <n>', "of Python's pickler")
        .choices(['2', '3', '4', '5'])
        .default('4'),
    )
    .addOption(
      new Option('--layout <name>', "whose pickler to follow: Python's, or that of TorchScript")
        .choices(['python', 'cpp'])
        .default('python'),
    )
    .addOption(
      new Option(
        '--imitate <version>',
        'write the keys that this version of PyTorch wrote (default: the newest)',
      ).choices(snapshots?.SCHEMA_VERSIONS ?? []),
    )
    .addOption(
      new Option('--form <name>', 'list: segments only (default: dict)').choices(['dict', 'list']),
    )
    .option('--force', 'overwrite an existing file', false)
    .addOption(langOption(LANGS))
    .addHelpText(
      'after',
      '\nExamples:\n  unoom snapshot make leak.drawing\n  unoom snapshot make leak.drawing -o leak.json --format json\n  unoom snapshot make leak.drawing --imitate 2.0',
    )
    .action(async (drawing: string, options) => {
      const { snapshotMakeCommand } = await import('./commands/snapshot-make.ts');
      code = snapshotMakeCommand(drawing, options);
    });

  snapshot
    .command('diff')
    .summary('what grew between two snapshots, by owner')
    .description(
      'Compares the peaks of two memory snapshots of the same program: how allocated and reserved bytes changed, and which categories and lines of code grew or shrank.',
    )
    .argument('<old>', 'the snapshot to compare with')
    .argument('<new>', 'the snapshot to judge')
    .option('--fail-if-peak-grows <limit>', 'exit 1 when a peak grew by more: 2%, 200MiB')
    .addOption(
      new Option('--by <owner>', 'list only these owners (default: category and line)').choices([
        'category',
        'line',
        'module',
        'library',
      ]),
    )
    .option('--device <n>', 'only this device')
    .option('--why', 'list every change', false)
    .option('--redact', 'give users, hosts and folders pseudonyms, the same ones everywhere', false)
    .addOption(formatOption(['text', 'json', 'markdown']))
    .addOption(langOption(LANGS))
    .addOption(colorOption())
    .addHelpText(
      'after',
      '\nExamples:\n  unoom snapshot diff main.pickle branch.pickle\n  unoom snapshot diff main.pickle branch.pickle --fail-if-peak-grows 2%   in CI\n  unoom snapshot diff main.pickle branch.pickle --by module --format markdown',
    )
    .action(async (before: string, after: string, options) => {
      const { snapshotDiffCommand } = await import('./commands/snapshot-diff.ts');
      code = await snapshotDiffCommand(before, after, options);
    });

  snapshot
    .command('export')
    .summary('the events of a snapshot for Perfetto, Chrome or a spreadsheet')
    .description(
      'Writes the events of a memory snapshot as trace events (ui.perfetto.dev, chrome://tracing: counters of memory, annotations and large allocations as slices, segments and failures as marks) or as CSV, one row an event.',
    )
    .argument('<file>', 'the snapshot, or - for standard input')
    .addOption(
      new Option('--to <name>', 'for which tool; Perfetto and Chrome read the same trace events')
        .choices(['perfetto', 'chrome', 'csv'])
        .default('perfetto'),
    )
    .option('-o, --output <file>', 'where to; - for standard output', '-')
    .option('--least <size>', 'perfetto: allocations from this size on become slices', '1MiB')
    .option('--device <n>', 'only this device')
    .option('--from <moment>', 'leave out what was recorded before: an event or a time (12.5s)')
    .option('--until <moment>', 'end there: what was recorded from then on is undone')
    .option('--redact', 'give users, hosts and folders pseudonyms, the same ones everywhere', false)
    .option('--force', 'overwrite an existing file', false)
    .addOption(langOption(LANGS))
    .addHelpText(
      'after',
      '\nExamples:\n  unoom snapshot export oom.pickle -o oom.trace.json\n  unoom snapshot export oom.pickle --to csv | head\n  unoom snapshot export oom.pickle --from 10s --until 12s --least 16MiB -o two-seconds.json',
    )
    .action(async (file: string, options) => {
      const { snapshotExportCommand } = await import('./commands/snapshot-export.ts');
      code = await snapshotExportCommand(file, options);
    });

  program
    .command('schema')
    .summary('the JSON Schema of what --format json prints')
    .description('Prints the JSON Schema of a report.')
    .argument('[name]', 'the schema; without one, lists them')
    .addHelpText(
      'after',
      '\nExamples:\n  unoom schema\n  unoom schema diagnosis > diagnosis.schema.json\n  unoom schema snapshot',
    )
    .action(async (name: string | undefined) => {
      const { schemaCommand } = await import('./commands/schema.ts');
      code = schemaCommand(name);
    });

  if (argv.length === 0) {
    program.outputHelp();
    return EXIT.ok;
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (isBrokenPipe(error)) return code;
    process.stderr.write(
      `unoom: a bug of ours: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n` +
        'Please report it with the input that led here (unoom diagnose --redact helps).\n',
    );
    return EXIT.bug;
  }
}

/** Values of an option that may be repeated. */
const collect = (value: string, before: string[]): string[] => [...before, value];

/** `a,b` as a list. */
const listOf = (value: string): string[] => value.split(',').filter((part) => part !== '');

function formatOption(choices: readonly string[]): Option {
  return new Option('--format <name>', 'how to print it').choices(choices).default('text');
}

function langOption(langs: readonly string[]): Option {
  return new Option('--lang <lang>', 'language of the report')
    .choices(langs)
    .default(languageOf(process.env), 'that of LC_ALL, LC_MESSAGES or LANG');
}

function colorOption(): Option {
  return new Option('--color <when>', 'colour')
    .choices(['auto', 'always', 'never'])
    .default('auto');
}
