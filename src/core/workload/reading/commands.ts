/** Command lines: launchers with their processes, the program behind them, its options, its environment. */
import { plainKey } from '../dialect.ts';
import type { SettingName } from '../settings.ts';
import { type Gathering, RANKS, type Rank } from './gathering.ts';
import { type Option, type Options, optionsOf } from './options.ts';
import { ANY_SCRIPT, BY_OPTIONS, PROGRAMS, type Program } from './programs.ts';
import type { Command, EnvironmentVariable, Word } from './shell.ts';
import { readRequirement } from './versions.ts';
import { isSwitch } from './words.ts';

/** What surrounds the reading of a command. */
export interface CommandContext {
  readonly gathering: Gathering;
  /** The name of the source. */
  readonly name: string;
  /** Where a line stands, when that is not simply behind the name. */
  readonly sourceAt?: (line: number) => string;
  /** Scripts among the sources that parse their own options: what an option means they say themselves. */
  readonly scripts: ReadonlySet<string>;
}

const RANK: Rank = RANKS.command;

/** Reads a command; true when it starts something that is known. */
export function readCommand({ words, env }: Command, context: CommandContext): boolean {
  const launched = launchedBy(words, context);
  if (launched === undefined) return false;
  for (const variable of [...env, ...launched.env]) readVariable(variable, context, RANK);
  return readProgram(launched, context);
}

interface Launched {
  readonly program: string;
  readonly args: readonly Word[];
  readonly env: readonly EnvironmentVariable[];
  readonly isScript: boolean;
}

const baseName = (path: string): string => path.replaceAll('\\', '/').split('/').at(-1) ?? path;

/** What is started in the end, when launchers and containers are taken off. */
function launchedBy(words: readonly Word[], context: CommandContext): Launched | undefined {
  let rest = words;
  const env: EnvironmentVariable[] = [];
  for (let round = 0; round < 12; round++) {
    while (/^[A-Za-z_]\w*=/.test(rest[0]?.text ?? '')) {
      const [name = '', ...value] = (rest[0]?.text ?? '').split('=');
      env.push({ name, value: value.join('='), line: rest[0]?.line ?? 0 });
      rest = rest.slice(1);
    }
    const [head] = rest;
    if (head === undefined) return undefined;
    const name = baseName(head.text).replace(/\.exe$/, '');
    const tail = rest.slice(1);
    const inner = afterLauncher(name, tail, context, env);
    if (inner === undefined) return launchedAs(head, tail, env);
    rest = inner;
  }
  return undefined;
}

function launchedAs(
  head: Word,
  args: readonly Word[],
  env: readonly EnvironmentVariable[],
): Launched {
  const base = baseName(head.text);
  const isScript = base.endsWith('.py');
  return { program: isScript ? base.slice(0, -3) : base, args, env, isScript };
}

/** The words behind a launcher; undefined where the word is none. */
function afterLauncher(
  name: string,
  tail: readonly Word[],
  context: CommandContext,
  env: EnvironmentVariable[],
): readonly Word[] | undefined {
  if (/^(?:sudo|nohup|time|exec|env|stdbuf|setsid)$/.test(name)) return withoutOptions(tail);
  if (/^(?:uv|poetry|pipenv|pdm|hatch)$/.test(name) && tail[0]?.text === 'run') {
    return behindRunner(tail.slice(1));
  }
  if (name === 'uvx' || name === 'numactl') return withoutOptions(tail);
  if (/^(?:conda|mamba|micromamba)$/.test(name) && tail[0]?.text === 'run') {
    return fromProgram(tail.slice(1));
  }
  if (/^(?:bash|sh)$/.test(name) && tail[0]?.text === '-c') return undefined;
  if (/^python[\d.]*$/.test(name)) return behindPython(tail, context);
  if (name === 'torchrun') return behindLauncher(tail, 'torchrun', context);
  if (name === 'deepspeed') return behindLauncher(tail, 'deepspeed', context);
  if (name === 'accelerate' && tail[0]?.text === 'launch') {
    return behindLauncher(tail.slice(1), 'accelerate', context);
  }
  if (name === 'tune' && tail[0]?.text === 'run') {
    const { options } = optionsOf(tail);
    sayProcesses(options, 'torchrun', context);
    sayRecipe(tail, context);
    return undefined;
  }
  if (/^(?:mpirun|mpiexec|srun|horovodrun)$/.test(name)) return behindMpi(tail, name, context);
  if (/^(?:docker|podman|nerdctl)$/.test(name) && tail.some(({ text }) => text === 'run')) {
    return behindDocker(tail, context, env);
  }
  return undefined;
}

/**
 * The recipe that `tune run` is given: those for several devices divide weights, gradients and states
 * (torchtune@0.6.1:recipes/*_distributed.py, training/_distributed.py: shard_model).
 */
function sayRecipe(words: readonly Word[], context: CommandContext): void {
  const named = words.find(({ text }) => RECIPE.test(text));
  if (named === undefined) return;
  const [, kind] = RECIPE.exec(named.text) ?? [];
  const { gathering } = context;
  const source = sourceOf(context, named.line);
  if (kind === 'distributed') gathering.mean('sharding', 'full', source, RANK);
  else gathering.mean('world_size', 1, source, RANK);
  if (/_dpo_/.test(named.text)) gathering.mean('task', 'dpo', source, RANK);
}

const RECIPE = /^(?:\S*\/)?\w+_(distributed|single_device)(?:\.py)?$/;

const withoutOptions = (words: readonly Word[]): readonly Word[] => {
  let first = 0;
  while (words[first]?.text.startsWith('-') === true) first++;
  return words.slice(first);
};

/** Options of `uv run` that have a value. */
const RUNNER_VALUES =
  /^(?:--(?:with|with-requirements|python|extra|group|project|env-file|directory|index)|-p)$/;

function behindRunner(words: readonly Word[]): readonly Word[] {
  let first = 0;
  while (words[first]?.text.startsWith('-') === true) {
    first += RUNNER_VALUES.test(words[first]?.text ?? '') ? 2 : 1;
  }
  return words.slice(first);
}

/** From the first word on that looks like something to run. */
function fromProgram(words: readonly Word[]): readonly Word[] {
  const first = words.findIndex(
    ({ text }) => /^(?:python[\d.]*|torchrun|accelerate|deepspeed)$/.test(text) || isScript(text),
  );
  return first === -1 ? [] : words.slice(first);
}

const isScript = (text: string): boolean => /\.(?:py|sh)$/.test(text);

function behindPython(tail: readonly Word[], context: CommandContext): readonly Word[] {
  const rest = withoutInterpreterOptions(tail);
  if (rest[0]?.text !== '-m') return rest;
  const [, module, ...args] = rest;
  if (module === undefined) return [];
  if (/^torch\.distributed\.(?:run|launch)$/.test(module.text)) {
    return behindLauncher(args, 'torchrun', context);
  }
  if (/^deepspeed\.launcher\.(?:launch|runner)$/.test(module.text)) {
    return behindLauncher(args, 'deepspeed', context);
  }
  if (module.text === 'accelerate.commands.launch') {
    return behindLauncher(args, 'accelerate', context);
  }
  return [module, ...args];
}

function withoutInterpreterOptions(words: readonly Word[]): readonly Word[] {
  let first = 0;
  while (/^-(?!m$|c$)[A-Za-z]+$/.test(words[first]?.text ?? '')) first++;
  return words.slice(first);
}

type Launcher = 'torchrun' | 'deepspeed' | 'accelerate';

/** Options up to the script or module belong to the launcher. */
function behindLauncher(
  words: readonly Word[],
  launcher: Launcher,
  context: CommandContext,
): readonly Word[] {
  const first = words.findIndex(
    ({ text }, index) =>
      isScript(text) ||
      /^(?:-m|--module)$/.test(words[index - 1]?.text ?? '') ||
      /^(?:trl|axolotl|llamafactory-cli|lm_eval)$/.test(text),
  );
  const cut = first === -1 ? words.length : first;
  const { options, words: loose } = optionsOf(
    words.slice(0, cut).filter(({ text }) => text !== '-m' && text !== '--module'),
  );
  sayProcesses(options, launcher, context);
  const { gathering } = context;
  if (launcher === 'accelerate') {
    gathering.speak('accelerate');
    for (const option of options) {
      const key = plainKey(option.key);
      const source = sourceOf(context, option.line);
      if (key === 'config_file') gathering.mention(option.value, source);
      else if (key === 'use_fsdp') gathering.mean('sharding', 'full', source, RANKS.config);
      else if (!PROCESS_KEYS.has(key))
        gathering.say(key, option.value, source, RANK, ['fsdp', 'accelerate']);
    }
  }
  // `accelerate launch trl sft …`: a program without a suffix is the last loose word before its options.
  return first === -1 ? loose.slice(-1) : words.slice(first);
}

const PROCESS_KEYS: ReadonlySet<string> = new Set([
  'nproc_per_node',
  'nnodes',
  'num_nodes',
  'num_gpus',
  'num_processes',
  'num_machines',
  'include',
  'gpu_ids',
  'multi_gpu',
  'main_process_port',
  'machine_rank',
]);

/** World size: processes of a node by nodes; accelerate counts all processes. */
function sayProcesses(
  options: readonly Option[],
  launcher: Launcher,
  context: CommandContext,
): void {
  const { gathering } = context;
  const byKey = new Map(options.map((option) => [plainKey(option.key), option]));
  const countOf = (...keys: readonly string[]): number | undefined => {
    const option = keys.map((key) => byKey.get(key)).find((one) => one !== undefined);
    const number = Number(option?.value.split(':').at(-1));
    return Number.isInteger(number) && number > 0 ? number : undefined;
  };
  const line = options[0]?.line ?? 0;
  const source = sourceOf(context, line);
  const nodes = countOf('nnodes', 'num_nodes', 'num_machines');
  if (nodes !== undefined) gathering.machine.nodes ??= nodes;
  if (launcher === 'accelerate') {
    const all = countOf('num_processes');
    if (all !== undefined) gathering.mean('world_size', all, source, RANK);
    return;
  }
  const included = byKey.get('include')?.value.split(':')[1]?.split(',').length;
  const each =
    launcher === 'torchrun'
      ? countOf('nproc_per_node')
      : (included ??
        countOf('num_gpus') ??
        ranksIn(byKey.get('world_info')?.value) ??
        visibleCards(gathering));
  if (each !== undefined) gathering.mean('world_size', each * (nodes ?? 1), source, RANK);
}

/** What DeepSpeed's runner hands to each node: the ranks of each host as JSON in base 64. */
function ranksIn(encoded: string | undefined): number | undefined {
  if (encoded === undefined || encoded.length > 4096) return undefined;
  try {
    const hosts: unknown = JSON.parse(fromBase64(encoded));
    const ranks = Object.values(hosts as Record<string, unknown>).flat().length;
    return ranks > 0 ? ranks : undefined;
  } catch {
    return undefined;
  }
}

const BASE_64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Text of plain characters; both alphabets are read. */
function fromBase64(encoded: string): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const letter of encoded.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')) {
    held = ((held << 6) | BASE_64.indexOf(letter)) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    text += String.fromCharCode((held >> bits) & 0xff);
  }
  return text;
}

const visibleCards = ({ machine }: Gathering): number | undefined =>
  machine.visible?.split(',').filter((id) => id.trim() !== '').length;

function behindMpi(
  words: readonly Word[],
  launcher: string,
  context: CommandContext,
): readonly Word[] {
  const rest = fromProgram(words);
  const { options } = optionsOf(words.slice(0, words.length - rest.length));
  const count = options.find(({ key }) => /^(?:n|np|ntasks)$/.test(key));
  const number = Number(count?.value);
  if (Number.isInteger(number) && number > 1 && rest.length > 0) {
    const source = sourceOf(context, count?.line ?? 0);
    // srun starts a launcher on each node; what that says of its processes stands.
    if (launcher !== 'srun') context.gathering.mean('world_size', number, source, RANK);
  }
  return rest;
}

/** Options of `docker run` that stand alone; all others have a value. */
const DOCKER_FLAGS: ReadonlySet<string> = new Set([
  'd',
  'i',
  't',
  'it',
  'ti',
  'dit',
  'itd',
  'rm',
  'privileged',
  'init',
  'detach',
  'interactive',
  'tty',
]);

function behindDocker(
  words: readonly Word[],
  context: CommandContext,
  env: EnvironmentVariable[],
): readonly Word[] {
  const start = words.findIndex(({ text }) => text === 'run') + 1;
  let entry: Word | undefined;
  for (let at = start; at < words.length; at++) {
    const word = words[at];
    if (word === undefined) break;
    const named = /^--?([\w-]+)(?:=([\s\S]*))?$/.exec(word.text);
    if (named?.[1] === undefined) {
      return behindImage(word, entry, words.slice(at + 1), context);
    }
    if (named[2] === undefined && DOCKER_FLAGS.has(named[1])) continue;
    const value = named[2] ?? words[++at]?.text ?? '';
    if (named[1] === 'gpus') sayCards(value, context.gathering);
    if (named[1] === 'entrypoint') entry = { text: value, line: word.line };
    if (named[1] === 'env-file') context.gathering.mention(value, sourceOf(context, word.line));
    const variable =
      named[1] === 'e' || named[1] === 'env' ? /^(\w+)=([\s\S]*)$/.exec(value) : null;
    if (variable?.[1] !== undefined) {
      env.push({ name: variable[1], value: variable[2] ?? '', line: word.line });
    }
  }
  return [];
}

/** `--gpus 2`, `--gpus all`, `--gpus "device=0,1"`. */
function sayCards(value: string, { machine }: Gathering): void {
  const plain = value.replaceAll(/["']/g, '');
  const devices = /device=([\w,-]+)/.exec(plain)?.[1];
  if (devices !== undefined) machine.visible ??= devices;
  const count = Number(/^(?:count=)?(\d{1,3})$/.exec(plain)?.[1]);
  if (Number.isInteger(count)) machine.gpus ??= count;
}

/** What images start by themselves when their arguments begin with an option or a model. */
const IMAGES: readonly {
  readonly image: RegExp;
  readonly starts: readonly string[];
  readonly package: string;
}[] = [
  { image: /vllm-openai|^vllm\/vllm|vllm-rocm/, starts: ['vllm', 'serve'], package: 'vllm' },
  {
    image: /text-generation-inference/,
    starts: ['text-generation-launcher'],
    package: 'text-generation-inference',
  },
  {
    image: /llama\.cpp:\S*server|llama\.cpp.*server/,
    starts: ['llama-server'],
    package: 'llama.cpp',
  },
  { image: /ollama\/ollama/, starts: ['ollama', 'serve'], package: 'ollama' },
  { image: /lmsysorg\/sglang/, starts: [], package: 'sglang' },
];

/** The program of a container: its own, or the one of the image. */
export function behindImage(
  image: Word,
  entry: Word | undefined,
  args: readonly Word[],
  { gathering }: CommandContext,
): readonly Word[] {
  const known = IMAGES.find((row) => row.image.test(image.text));
  const version = /:v?(\d{1,4}\.\d{1,4}(?:\.\d{1,4})?)/.exec(image.text)?.[1];
  if (known !== undefined && version !== undefined) {
    gathering.version(known.package, { from: version, to: version });
  }
  if (entry !== undefined && entry.text !== '') return [entry, ...args];
  const [first] = args;
  const isOwn =
    first !== undefined &&
    (/^(?:python[\d.]*|bash|sh|vllm|sglang|ollama|torchrun|accelerate)$/.test(
      baseName(first.text),
    ) ||
      isScript(first.text));
  if (known === undefined || isOwn || known.starts.length === 0) return args;
  const starts = known.package === 'ollama' && first !== undefined ? ['ollama'] : known.starts;
  return [...starts.map((text) => ({ text, line: image.line })), ...args];
}

const sourceOf = ({ name, sourceAt }: CommandContext, line: number): string =>
  sourceAt?.(line) ?? (line > 0 ? `${name}:${line}` : name);

function readProgram(
  { program, args, isScript: script }: Launched,
  context: CommandContext,
): boolean {
  const [first] = args;
  if (/^pip\d?$|^uv$/.test(program)) return readInstall(args, context.gathering);
  const known = PROGRAMS.find(
    ({ name, sub }) => name.test(program) && (sub === undefined || sub.test(first?.text ?? '')),
  );
  if (known !== undefined) {
    readOptions(known, known.sub === undefined ? args : args.slice(1), context, first);
    return true;
  }
  if (!script) return false;
  const { options } = optionsOf(args);
  const bySigns = BY_OPTIONS.find(({ sign }) => options.some(({ key }) => sign.test(key)));
  const target = bySigns ?? ANY_SCRIPT;
  const task = /(?:^|[_-])(sft|dpo|kto|grpo|ppo)(?:[_-]|$)/.exec(program)?.[1];
  const words =
    task !== undefined && bySigns?.words[0] === 'transformers' ? ['trl', 'peft'] : target.words;
  if (task !== undefined && words[0] === 'trl') {
    context.gathering.mean('task', task, sourceOf(context, first?.line ?? 0), RANKS.hint);
  }
  readOptions({ ...target, words, purpose: undefined }, args, context, undefined, program);
  return options.length > 0 || bySigns !== undefined;
}

/** `pip install "torch==2.5.1" trl`. */
function readInstall(args: readonly Word[], gathering: Gathering): boolean {
  if (!args.some(({ text }) => text === 'install')) return false;
  for (const { text } of args) readRequirement(text, gathering);
  return true;
}

type Target = Omit<Program, 'name' | 'sub' | 'purpose'> & {
  readonly purpose: Program['purpose'] | undefined;
};

function readOptions(
  target: Target,
  args: readonly Word[],
  context: CommandContext,
  sub?: Word,
  script?: string,
): void {
  const { gathering } = context;
  const { options, words } = withSwitches(optionsOf(args), target.words);
  const isOwn = script !== undefined && context.scripts.has(script);
  if (!isOwn) gathering.speak(...target.words);
  if (target.purpose !== undefined)
    gathering.purposes.push({ purpose: target.purpose, rank: RANK });
  const task = /^(?:sft|dpo|kto|grpo|reward)$/.exec(sub?.text ?? '')?.[0];
  if (task !== undefined) gathering.mean('task', task, sourceOf(context, sub?.line ?? 0), RANK);
  for (const option of options) readOption(option, target, context, isOwn);
  readPositional(target, words, options, context);
}

/** Words behind options that take none stand for themselves: `--enforce-eager org/model`. */
function withSwitches(read: Options, words: readonly string[]): Options {
  const loose: Word[] = [...read.words];
  const options = read.options.map((option) => {
    if (option.isFlag || option.isPair || !isSwitch(words, option.key, option.value)) return option;
    loose.push({ text: option.value, line: option.line }, ...option.rest);
    return { ...option, value: 'true', rest: [], isFlag: true };
  });
  return { options, words: loose };
}

/** Options of one command line that hold a list of options themselves: `--model_args a=b,c=d`. */
const LISTS: ReadonlySet<string> = new Set(['model_args', 'gen_kwargs']);

function readOption(option: Option, target: Target, context: CommandContext, isOwn: boolean): void {
  const { gathering } = context;
  const source = sourceOf(context, option.line);
  const key = plainKey(option.key);
  gathering.flags.set(key, { value: option.value, source });
  if (isOwn) return;
  if (LISTS.has(key)) {
    for (const pair of option.value.split(',')) {
      const [name = '', value = ''] = pair.split('=');
      readOption({ ...option, key: name, value, rest: [] }, target, context, false);
    }
    return;
  }
  const names = target.model.map((name) => name.replaceAll('-', '_'));
  const whole = option.key.replaceAll('-', '_').toLowerCase();
  if (names.includes(whole) && !/^(?:hf|local)$/.test(option.value)) {
    gathering.model(option.value, source, RANK);
    return;
  }
  if (isFileOption(key, target)) {
    gathering.mention(option.value, source);
    return;
  }
  const value =
    option.rest.length > 0
      ? [option.value, ...option.rest.map(({ text }) => text)].join(',')
      : option.value;
  gathering.say(
    negated(option.key) ?? option.key,
    negated(option.key) === undefined ? value : 'false',
    source,
    RANK,
    target.words,
  );
}

/** `--no-gradient-checkpointing`, as Python's BooleanOptionalAction has it. */
const negated = (key: string): string | undefined => /^no[-_]([a-z][\w-]*)$/.exec(key)?.[1];

const isFileOption = (key: string, { config = [] }: Target): boolean =>
  config.map((name) => plainKey(name)).includes(key) ||
  key === 'deepspeed' ||
  key === 'fsdp_config';

function readPositional(
  { positional }: Target,
  words: readonly Word[],
  options: readonly Option[],
  context: CommandContext,
): void {
  // A word behind a flag that takes no value: `--enforce-eager org/model`.
  const first = words[0] ?? options.flatMap(({ rest }) => rest)[0];
  if (first === undefined || positional === undefined) return;
  const source = sourceOf(context, first.line);
  if (positional === 'model') context.gathering.model(first.text, source, RANK);
  else context.gathering.mention(first.text, source);
}

/** Variables of the environment that no dialect has. */
const PROCESSES: ReadonlyMap<string, SettingName> = new Map([['WORLD_SIZE', 'world_size']]);

/** In whose words a variable is, by how it begins. */
const PREFIXES: readonly (readonly [RegExp, string])[] = [
  [/^OLLAMA_/, 'ollama'],
  [/^LLAMA_ARG_|^GGML_/, 'llama-cpp'],
  [/^VLLM_/, 'vllm'],
  [/^SGLANG_|^SGL_/, 'sglang'],
  [/^XLA_|^JAX_/, 'jax'],
  [/^TF_/, 'tensorflow'],
  [/^FLAGS_/, 'paddle'],
  [/^FSDP_/, 'fsdp'],
  [/^ACCELERATE_/, 'accelerate'],
  [/^(?:PYTORCH|TORCH|NCCL|CUBLAS)_/, 'pytorch'],
  [
    /^(?:MODEL_ID|NUM_SHARD|QUANTIZE|CUDA_MEMORY_FRACTION|KV_CACHE_DTYPE|MAX_(?:TOTAL_TOKENS|INPUT_(?:TOKENS|LENGTH)|BATCH_(?:PREFILL_TOKENS|TOTAL_TOKENS|SIZE)|CONCURRENT_REQUESTS))$/,
    'tgi',
  ],
];

/** One variable of the environment; true when something knows it. */
export function readVariable(
  { name, value, line }: EnvironmentVariable,
  context: CommandContext,
  rank: Rank,
): boolean {
  const { gathering } = context;
  const source = sourceOf(context, line);
  if (name === 'CUDA_VISIBLE_DEVICES' || name === 'HIP_VISIBLE_DEVICES') {
    gathering.machine.visible ??= value;
    // A trainer that starts its processes itself starts one for each card that it sees.
    const cards = visibleCards(gathering) ?? 0;
    if (cards > 0) gathering.mean('world_size', cards, source, RANKS.hint);
    return true;
  }
  if (name === 'NPROC_PER_NODE') {
    const each = Number(value);
    if (Number.isInteger(each) && each > 0) {
      gathering.mean('world_size', each * (gathering.machine.nodes ?? 1), source, rank);
    }
    return true;
  }
  const setting = PROCESSES.get(name);
  if (setting !== undefined && /^\d{1,6}$/.test(value)) {
    gathering.mean(setting, Number(value), source, rank);
    return true;
  }
  const words = PREFIXES.find(([pattern]) => pattern.test(name))?.[1];
  if (words === undefined) return false;
  if (words === 'tgi' && name === 'MODEL_ID') gathering.model(value, source, rank);
  else if (/ALLOC_CONF$/.test(name)) {
    for (const [, key, set] of value.matchAll(/([A-Za-z_]\w{2,60})[:=](\[[^\]]*\]|[^,]+)/g)) {
      if (key !== undefined && set !== undefined) gathering.say(key, set, source, rank, [words]);
    }
  } else gathering.say(name, value, source, rank, [words]);
  return true;
}
