/** Containers as Compose and Kubernetes have them: images, arguments, variables, cards. */
import { behindImage, type CommandContext, readCommand, readVariable } from './commands.ts';
import { RANKS } from './gathering.ts';
import { splitWords, type Word } from './shell.ts';
import { at, type MapNode, type TreeNode, textOf } from './tree.ts';

/** Reads every container of a file; false where there is none. */
export function readContainers(node: TreeNode, context: CommandContext): boolean {
  const services = at(node, 'services');
  if (services?.kind === 'map') {
    return [...services.pairs.values()]
      .map((service) => service.kind === 'map' && readService(service, context))
      .some(Boolean);
  }
  if (at(node, 'kind') === undefined || at(node, 'apiVersion') === undefined) return false;
  const containers = containersIn(node);
  for (const container of containers) readContainer(container, context);
  return containers.length > 0;
}

/** Lists of containers at whatever depth: a Pod, a template of a Deployment, a replica of a job. */
function containersIn(node: TreeNode): MapNode[] {
  if (node.kind === 'list') return node.items.flatMap(containersIn);
  if (node.kind !== 'map') return [];
  return [...node.pairs].flatMap(([key, child]) =>
    key === 'containers' && child.kind === 'list'
      ? child.items.filter((item): item is MapNode => item.kind === 'map')
      : containersIn(child),
  );
}

/** A list of words, or a line that a shell would split. */
function wordsOf(node: TreeNode | undefined): Word[] {
  if (node?.kind === 'list') {
    return node.items.flatMap((item) => {
      const text = textOf(item);
      return text === undefined ? [] : [{ text, line: item.line }];
    });
  }
  const text = textOf(node);
  return text === undefined ? [] : splitWords(text, node?.line ?? 0);
}

/** `sh -c "vllm serve …"` holds the command in one word. */
const unwrapped = (words: readonly Word[]): readonly Word[] => {
  const [shell, flag, line] = words;
  const isWrapped =
    /(?:^|\/)(?:ba)?sh$/.test(shell?.text ?? '') && /^-\w*c$/.test(flag?.text ?? '');
  return isWrapped && line !== undefined ? splitWords(line.text, line.line) : words;
};

function readService(service: MapNode, context: CommandContext): boolean {
  const before = context.gathering.dialects.size;
  const { machine } = context.gathering;
  const devices = at(service, 'deploy', 'resources', 'reservations', 'devices');
  for (const device of devices?.kind === 'list' ? devices.items : []) {
    const count = Number(textOf(at(device, 'count')) ?? Number.NaN);
    if (Number.isInteger(count)) machine.gpus ??= count;
    const ids = at(device, 'device_ids');
    if (ids?.kind === 'list') machine.visible ??= ids.items.map(textOf).join(',');
  }
  run(service, 'entrypoint', 'command', 'environment', context);
  return context.gathering.dialects.size > before || at(service, 'image') !== undefined;
}

function readContainer(container: MapNode, context: CommandContext): void {
  const limits = at(container, 'resources', 'limits');
  const count = Number(textOf(at(limits, 'nvidia.com/gpu')) ?? Number.NaN);
  if (Number.isInteger(count)) context.gathering.machine.gpus ??= count;
  run(container, 'command', 'args', 'env', context);
}

function run(
  node: MapNode,
  entryKey: string,
  argsKey: string,
  envKey: string,
  context: CommandContext,
): void {
  const env = variablesOf(at(node, envKey));
  for (const variable of env) readVariable(variable, context, RANKS.command);
  const image = at(node, 'image');
  const [entry, ...more] = unwrapped(wordsOf(at(node, entryKey)));
  const args = [...more, ...unwrapped(wordsOf(at(node, argsKey)))];
  const word = { text: textOf(image) ?? '', line: image?.line ?? 0 };
  const words = behindImage(word, entry, args, context);
  readCommand({ words, env: [] }, context);
}

/** A map, a list of `NAME=value`, or a list of names and values. */
function variablesOf(node: TreeNode | undefined): { name: string; value: string; line: number }[] {
  if (node?.kind === 'map') {
    return [...node.pairs].map(([name, value]) => ({
      name,
      value: textOf(value) ?? '',
      line: value.line,
    }));
  }
  return (node?.kind === 'list' ? node.items : []).map((item) => {
    const pair = /^(\w{1,100})=([\s\S]*)$/.exec(textOf(item) ?? '');
    return {
      name: pair?.[1] ?? textOf(at(item, 'name')) ?? '',
      value: pair?.[2] ?? textOf(at(item, 'value')) ?? '',
      line: item.line,
    };
  });
}
