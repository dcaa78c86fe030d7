/** The workload file of unoom itself: neutral settings, as `unoom schema workload` has them. */
import type { Problem } from '../../base/problem.ts';
import { isOfType, SETTING_NAMES, SETTINGS, type SettingName } from '../settings.ts';
import type { Purpose } from '../workload.ts';
import { type Gathering, RANKS } from './gathering.ts';
import { problem } from './texts.ts';
import { at, type MapNode, type TreeNode, textOf } from './tree.ts';

/** What the field `unoom` of such a file says. */
export const WORKLOAD_MARK = 'workload';

export const PURPOSES: readonly Purpose[] = ['training', 'evaluation', 'generation', 'serving'];

export const isWorkloadFile = (node: TreeNode): boolean =>
  textOf(at(node, 'unoom')) === WORKLOAD_MARK;

interface Context {
  readonly gathering: Gathering;
  readonly name: string;
}

const FIELDS = [
  'unoom',
  'purpose',
  'model',
  'frameworks',
  'versions',
  'settings',
  'machine',
  '$schema',
];

export function readWorkloadFile(node: TreeNode, context: Context): boolean {
  if (node.kind !== 'map') return false;
  const { gathering } = context;
  for (const [key, child] of node.pairs) {
    if (!FIELDS.includes(key)) tell('unknown-field', child, context, { key });
  }
  const purpose = textOf(at(node, 'purpose'));
  const known = PURPOSES.find((one) => one === purpose);
  if (known !== undefined) gathering.purposes.push({ purpose: known, rank: RANKS.config });
  else if (purpose !== undefined) {
    wrongType('purpose', at(node, 'purpose'), PURPOSES.join(', '), context);
  }
  const model = at(node, 'model');
  gathering.model(textOf(model), sourceOf(context, model), RANKS.config);
  readFrameworks(at(node, 'frameworks'), context);
  readVersions(at(node, 'versions'), context);
  const settings = at(node, 'settings');
  if (settings?.kind === 'map') readSettings(settings, context);
  else if (settings !== undefined) wrongType('settings', settings, 'object', context);
  const gpus = Number(textOf(at(node, 'machine', 'gpus')) ?? Number.NaN);
  if (Number.isInteger(gpus)) gathering.machine.gpus ??= gpus;
  return true;
}

function readFrameworks(node: TreeNode | undefined, { gathering }: Context): void {
  if (node?.kind !== 'list') return;
  for (const item of node.items) {
    const id = textOf(item);
    if (id !== undefined) gathering.speak(id);
  }
}

function readVersions(node: TreeNode | undefined, { gathering }: Context): void {
  if (node?.kind !== 'map') return;
  for (const [name, version] of node.pairs) {
    const text = textOf(version);
    if (text !== undefined) gathering.version(name, { from: text, to: text });
  }
}

function readSettings({ pairs }: MapNode, context: Context): void {
  for (const [key, node] of pairs) {
    const name = SETTING_NAMES.find((one) => one === key);
    if (name === undefined) tell('unknown-field', node, context, { key: `settings.${key}` });
    else readSetting(name, node, context);
  }
}

function readSetting(name: SettingName, node: TreeNode, context: Context): void {
  // Targets of an adapter may stand as a list.
  const value =
    node.kind === 'list'
      ? node.items.map(textOf).join(',')
      : node.kind === 'scalar'
        ? node.value
        : null;
  const isText = SETTINGS[name].type !== 'text' || typeof value === 'string';
  if (value === null || !isOfType(name, value) || !isText) {
    wrongType(name, node, String(SETTINGS[name].type), context);
    return;
  }
  context.gathering.mean(name, value, sourceOf(context, node), RANKS.config);
}

const sourceOf = ({ name }: Context, node: TreeNode | undefined): string =>
  node === undefined || node.line === 0 ? name : `${name}:${node.line}`;

function tell(
  code: 'unknown-field',
  node: TreeNode,
  { gathering, name }: Context,
  params: Readonly<Record<string, string>>,
): void {
  gathering.problems.push(problem(code, placeOf(name, node), params));
}

function wrongType(key: string, node: TreeNode | undefined, type: string, context: Context): void {
  const value = (textOf(node) ?? node?.kind ?? '').slice(0, 80);
  const place = placeOf(context.name, node);
  context.gathering.problems.push(problem('wrong-type', place, { key, value, setting: key, type }));
}

const placeOf = (source: string, node: TreeNode | undefined): NonNullable<Problem['at']> => ({
  source,
  ...(node !== undefined && node.line > 0 && { line: node.line }),
});
