/**
 * Reads what people have of a run (configurations, scripts, command lines, containers, versions) into one
 * workload. Kinds of sources are recognised by their content; nothing is executed.
 */
import type { Problem } from '../../base/problem.ts';
import { MEGATRON_SHAPE, megatronConfig } from '../model/megatron.ts';
import type { SettingName, SettingValue } from '../settings.ts';
import type { Workload } from '../workload.ts';
import { type CommandContext, readCommand, readVariable } from './commands.ts';
import { readConfig } from './configs.ts';
import { readContainers } from './containers.ts';
import { Gathering, type MachineHints, RANKS, type Source } from './gathering.ts';
import { isDockerfile, isModelfile, readDockerfile, readModelfile } from './image-files.ts';
import { readJsonTree } from './json-tree.ts';
import { commandsOfLog, modelOfLog } from './log.ts';
import { isNotebook, readNotebook } from './notebook.ts';
import { readScript } from './python-script.ts';
import { type Companion, type Overridden, settle } from './settle.ts';
import { readShell } from './shell.ts';
import { placeOf, problem } from './texts.ts';
import { readTomlTree } from './toml-tree.ts';
import { at, LONGEST, TreeError, type TreeNode } from './tree.ts';
import { isRequirements, readRequirements } from './versions.ts';
import { isWorkloadFile, readWorkloadFile } from './workload-file.ts';
import { readYamlTrees } from './yaml-tree.ts';

export interface WorkloadOptions {
  /** Settings that options of unoom give; they stand before everything else. */
  readonly settings?: readonly {
    readonly setting: SettingName;
    readonly value: SettingValue;
    /** The option: `--batch`. */
    readonly source: string;
  }[];
  readonly model?: { readonly name: string; readonly source: string };
  readonly purpose?: Workload['purpose'];
}

export interface Architecture {
  readonly config: Readonly<Record<string, unknown>>;
  readonly source: string;
}

export interface WorkloadReading {
  readonly workload: Workload;
  /** A source or an option says what the job does; else the purpose is guessed from its settings. */
  readonly isPurposeTold: boolean;
  readonly problems: readonly Problem[];
  /** A model that is described rather than named: fields of a config. */
  readonly architecture?: Architecture;
  /** The class of transformers that the model is read with, where it says which head stands on it. */
  readonly modelClass?: string;
  /** Statements that others stand before. */
  readonly overridden: readonly Overridden[];
  /** Models that are held beside the one that the job is of. */
  readonly companions: readonly Companion[];
  readonly machine: Readonly<MachineHints>;
  /** Files that sources point to and that were not among them. */
  readonly mentions: readonly { readonly path: string; readonly source: string }[];
}

const NOTHING: ReadonlySet<string> = new Set();

/**
 * @param sources texts with the names under which their lines are cited
 * @returns never throws; what cannot be read is among the problems
 */
export function readWorkload(
  sources: readonly Source[],
  options: WorkloadOptions = {},
): WorkloadReading {
  const gathering = new Gathering();
  takeOptions(options, gathering);
  const scripts = new Set(
    sources.filter(({ text }) => parsesItsOptions(text)).map(({ name }) => stemOf(name)),
  );
  for (const source of inOrder(sources))
    readSource(source, { gathering, name: source.name, scripts });
  const architecture = architectureOf(gathering);
  const described = architecture === undefined ? NOTHING : MEGATRON_SHAPE;
  const { workload, overridden, companions } = settle(gathering, described);
  const given = new Set([...sources.map(({ name }) => name), ...gathering.written].map(baseOf));
  const classed = gathering.models.find(
    ({ name, class: one }) => one !== undefined && name === workload.model,
  );
  return {
    workload,
    ...(classed?.class === undefined ? {} : { modelClass: classed.class }),
    isPurposeTold: gathering.purposes.length > 0,
    problems: gathering.problems,
    ...(architecture !== undefined && { architecture }),
    overridden,
    companions,
    machine: gathering.machine,
    mentions: [...gathering.mentions]
      .filter(([path]) => !given.has(baseOf(path)))
      .map(([path, source]) => ({ path, source })),
  };
}

/** Megatron's flags describe a model. */
function architectureOf(gathering: Gathering): Architecture | undefined {
  const { flags, dialects, models } = gathering;
  if (!dialects.has('megatron')) return undefined;
  const found = megatronConfig(new Map([...flags].map(([key, { value }]) => [key, value])));
  const source = flags.get('num_layers')?.source ?? '';
  if (found === 'vocabulary' && models.length === 0) {
    gathering.problems.push(problem('no-vocabulary', placeOf(source)));
  }
  return typeof found === 'object' ? { ...found, source } : undefined;
}

function takeOptions(
  { settings = [], model, purpose }: WorkloadOptions,
  gathering: Gathering,
): void {
  for (const { setting, value, source } of settings) {
    gathering.mean(setting, value, source, RANKS.option);
  }
  if (model !== undefined) gathering.model(model.name, model.source, RANKS.option);
  if (purpose !== undefined) gathering.purposes.push({ purpose, rank: RANKS.option });
}

const baseOf = (path: string): string => path.replaceAll('\\', '/').split('/').at(-1) ?? path;
const stemOf = (path: string): string => baseOf(path).replace(/\.\w{1,6}$/, '');

/** A script whose options mean what its own code makes of them. */
const parsesItsOptions = (text: string): boolean =>
  text.length <= LONGEST &&
  text.includes('add_argument(') &&
  !/HfArgumentParser|TrlParser/.test(text);

/** Command lines first: scripts refer to their flags. */
const inOrder = (sources: readonly Source[]): Source[] => [
  ...sources.filter(({ text }) => !isPython(text)),
  ...sources.filter(({ text }) => isPython(text)),
];

const isPython = (text: string): boolean =>
  !/^\s*(?:[{[]|#!\S*(?:sh|env bash)\b)/.test(text) &&
  /^(?:import [\w.]+(?: as \w+)?\s*(?:,|$)|from [\w.]+ import |def \w+\(|class \w+[(:])/m.test(
    text.slice(0, LONGEST),
  );

function readSource({ name, text, isLog }: Source, context: CommandContext): void {
  const { gathering } = context;
  if (isLog === true) {
    readLog({ name, text }, context);
  } else if (isBinary(text)) {
    gathering.problems.push(problem('binary', { source: name }));
  } else if (text.length > LONGEST) {
    gathering.problems.push(problem('too-large', { source: name }, { limit: LONGEST }));
  } else if (text.trim() === '' || !readText({ name, text }, context)) {
    gathering.problems.push(problem('unknown-kind', { source: name }));
  }
}

function readLog({ name, text }: Source, context: CommandContext): void {
  readCommands({ name, text: commandsOfLog(text) }, context);
  const model = modelOfLog(text);
  if (model !== undefined) context.gathering.model(model.name, `${name}:${model.line}`, RANKS.hint);
}

/** Characters that no text has. */
const isBinary = (text: string): boolean => /[\x00-\x08\x0e-\x1a]/.test(text.slice(0, 8192));

function readText(source: Source, context: CommandContext): boolean {
  const { text } = source;
  const head = text.trimStart()[0] ?? '';
  if (head === '{' || (head === '[' && /^\s*\[\s*[{[\]"\d]/.test(text))) {
    return readTrees(source, context, 'JSON');
  }
  if (isPython(text)) {
    return readScript(text, { ...context, sourceAt: (line) => `${context.name}:${line}` });
  }
  if (isModelfile(text)) return readModelfile(text, context);
  if (isDockerfile(text)) return readDockerfile(text, context);
  if (isRequirements(text)) return readRequirements(text, context.gathering);
  if (isToml(text)) return readTrees(source, context, 'TOML');
  if (isYaml(text)) return readTrees(source, context, 'YAML');
  return readCommands(source, context);
}

type Format = 'JSON' | 'YAML' | 'TOML';

function treesOf(text: string, format: Format): TreeNode[] {
  if (format === 'JSON') return [readJsonTree(text)];
  return format === 'TOML' ? [readTomlTree(text)] : readYamlTrees(text);
}

function readTrees({ name, text }: Source, context: CommandContext, format: Format): boolean {
  const { gathering } = context;
  let trees: readonly TreeNode[];
  try {
    trees = treesOf(text, format);
  } catch (error) {
    // A parser that nests by recursion runs out of stack on what is nested beyond reason.
    const line = error instanceof TreeError ? error.line : undefined;
    const why = error instanceof TreeError ? error.message : 'nested too deep';
    const place = { source: name, ...(line !== undefined && { line }) };
    gathering.problems.push(problem('broken', place, { format, why }));
    return true;
  }
  return trees.map((tree) => readTree(tree, context)).some(Boolean);
}

function readTree(tree: TreeNode, context: CommandContext): boolean {
  if (isNotebook(tree)) return readCells(tree, context);
  if (isModelConfig(tree)) {
    context.gathering.model(context.name, context.name, RANKS.hint);
    return true;
  }
  if (isWorkloadFile(tree)) return readWorkloadFile(tree, context);
  return readContainers(tree, context) || readConfig(tree, context);
}

/** The config of a model says which model, and nothing of a run. */
const isModelConfig = (tree: TreeNode): boolean =>
  at(tree, 'model_type') !== undefined &&
  (at(tree, 'architectures') !== undefined || at(tree, 'hidden_size') !== undefined);

function readCells(tree: TreeNode, context: CommandContext): boolean {
  const { script, shell, placeOf } = readNotebook(tree);
  const sourceAt = (line: number): string => `${context.name}${placeOf(line)}`;
  const own = { ...context, sourceAt };
  const isCommand = readCommands({ name: context.name, text: shell }, own);
  return readScript(script, own) || isCommand;
}

/** Tables in brackets, and keys with equals signs. */
const isToml = (text: string): boolean =>
  /^\s*\[\[?[\w."-]{1,80}\]\]?\s*(?:#.*)?$/m.test(text) && /^\s*[\w."-]{1,80}\s*=\s*\S/m.test(text);

/** Most lines are keys, items, comments or deeper lines of them. */
function isYaml(text: string): boolean {
  const lines = text.split('\n', 2000).filter((line) => /\S/.test(line) && !/^\s*#/.test(line));
  const keys = lines.filter((line) => /^\s*(?:- )*["']?[\w.$/-]{1,80}["']?\s*:(?:\s|$)/.test(line));
  return (
    keys.length > 0 &&
    keys.length * 2 >= lines.filter((line) => !/^\s*- |^---|^\s{2}/.test(line)).length
  );
}

function readCommands({ text }: Source, context: CommandContext): boolean {
  const { commands, variables, files } = readShell(text);
  const known = variables.map((variable) => readVariable(variable, context, RANKS.config));
  const read = commands.map((command) => readCommand(command, context));
  for (const file of files) {
    if (file.name === '') continue;
    context.gathering.written.add(file.name);
    readSource({ name: file.name, text: file.text }, { ...context, name: file.name });
  }
  return [...known, ...read].some(Boolean) || files.length > 0;
}
