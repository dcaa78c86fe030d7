// The order of imports, read from the sources. Rooms are listed lowest first; a file may use its
// own room and the rooms before it.
import { posix } from 'node:path';
import { parseSync, transformSync, Visitor } from 'rolldown/utils';

export const coreRooms: readonly string[] = [
  'base',
  'ledger',
  'catalog',
  'documents',
  'evidence',
  'workload',
  'allocator',
  'footprint',
  'snapshot',
  'diagnosis',
  'remedies',
  'plan',
  'lint',
  'knowledge',
  'report',
];

const core = 'src/core/index.ts';
const snapshots = 'src/core/snapshots.ts';
const models = 'src/core/models.ts';
const footprints = 'src/core/footprints.ts';
const workloads = 'src/core/workloads.ts';
const plans = 'src/core/plans.ts';
const node = 'src/node/index.ts';
const nodeSnapshots = 'src/node/snapshots.ts';
const nodeModels = 'src/node/models.ts';

/** What each shell sees of the rest of the house. */
const visibleFrom: Readonly<Record<string, readonly string[]>> = {
  node: [core, snapshots, models, footprints, workloads],
  cli: [core, snapshots, models, footprints, workloads, plans, node, nodeSnapshots, nodeModels],
  mcp: [core, node],
  server: [core, node],
  web: [core, snapshots, models, footprints, workloads, plans],
};

/** Names the core may not take from its surroundings: it gets bytes and gives values back. */
const forbiddenGlobals = [
  'process',
  'console',
  'fetch',
  'Buffer',
  'require',
  'performance',
  'crypto',
  'localStorage',
  'navigator',
  'document',
  'window',
  'setTimeout',
  'setInterval',
  'Date.now',
  'Math.random',
] as const;

/** Most files have none of the words, in code or comment: they need no closer look. */
const MENTIONS = new RegExp(
  `\\b(?:${[...forbiddenGlobals, 'new\\s+Date'].join('|').replaceAll('.', '\\s*\\.\\s*')})\\b`,
);

/** Packages the core may take: pure, and bundled into what is published (docs/decisions). */
const bundledInCore: readonly string[] = ['fast-xml-parser', 'smol-toml', 'yaml'];

export interface Import {
  readonly specifier: string;
  readonly isLazy: boolean;
}

/** Every breach of the import order, as `path: what is wrong`, in the order of the files. */
export function violations(
  files: ReadonlyMap<string, string>,
  unitFolders: readonly string[],
): string[] {
  return [...files].flatMap(([path, source]) => {
    // Tests sit beside what they test and may look anywhere.
    if (path.endsWith('.test.ts')) return [];
    const broken = importsOf(path, source).flatMap((each) => {
      const fault = each.specifier.startsWith('.')
        ? faultOfPath(path, resolve(path, each.specifier), each.isLazy, unitFolders)
        : faultOfPackage(path, each.specifier);
      return fault === undefined ? [] : [`${path}: ${fault}`];
    });
    const globals =
      path.startsWith('src/core/') && MENTIONS.test(source) ? globalsOf(path, source) : [];
    return [...broken, ...globals.map((name) => `${path}: the core uses ${name}`)];
  });
}

/** The forbidden globals a module really refers to; a local of the same name is no offence. */
export function globalsOf(path: string, source: string): string[] {
  const mark = (name: string) => `__global_${name.replace('.', '_')}__`;
  const define = Object.fromEntries(forbiddenGlobals.map((name) => [name, mark(name)]));
  const { code } = transformSync(path, source, { define });
  const found: string[] = forbiddenGlobals.filter((name) => code.includes(mark(name)));
  new Visitor({
    NewExpression: ({ callee, arguments: given }) => {
      const isDate = callee.type === 'Identifier' && callee.name === 'Date';
      if (isDate && given.length === 0) found.push('new Date()');
    },
  }).visit(parseSync(path, source).program);
  return found;
}

export function importsOf(path: string, source: string): Import[] {
  const { module, program, errors } = parseSync(path, source);
  if (errors.length > 0) throw new Error(`${path} cannot be parsed: ${errors[0]?.message}`);
  const found: Import[] = module.staticImports.map(({ moduleRequest }) => ({
    specifier: moduleRequest.value,
    isLazy: false,
  }));
  for (const { entries } of module.staticExports) {
    const specifier = entries.find((entry) => entry.moduleRequest)?.moduleRequest?.value;
    if (specifier !== undefined) found.push({ specifier, isLazy: false });
  }
  const lazy = (value: unknown) => {
    found.push({ specifier: String(value), isLazy: true });
  };
  new Visitor({
    ImportExpression: ({ source }) => lazy('value' in source ? source.value : '(computed)'),
    TSImportType: ({ source }) => lazy(source.value),
  }).visit(program);
  return found;
}

function resolve(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier);
}

function faultOfPath(
  from: string,
  to: string,
  isLazy: boolean,
  unitFolders: readonly string[],
): string | undefined {
  const [, shell = ''] = from.split('/');
  if (shell === 'core') return faultInCore(from, to, unitFolders);
  if (to.startsWith(`src/${shell}/`)) return undefined;
  const visible = visibleFrom[shell];
  if (visible === undefined) return `the folder src/${shell} has no place in the import order`;
  if (visible.includes(to)) return undefined;
  // One command line serves all shells, so it may start another one, and only when it is asked for.
  if (from === 'src/cli/bin.ts' && isLazy && /^src\/(mcp|server)\/index\.ts$/.test(to)) {
    return undefined;
  }
  return `imports ${to}, but src/${shell} sees only ${visible.join(' and ')}`;
}

function faultInCore(from: string, to: string, unitFolders: readonly string[]): string | undefined {
  if (!to.startsWith('src/core/')) return `imports ${to}, which is outside the core`;
  if ([core, snapshots, models, footprints, workloads, plans].includes(to))
    return `imports ${to}, the face that is shown to others`;
  const folder = posix.dirname(from);
  if (unitFolders.includes(folder) && posix.dirname(to) === folder) {
    return `imports ${to}: units do not know their siblings`;
  }
  const own = roomOf(from);
  const other = roomOf(to);
  if (own === undefined || other === undefined) {
    return `${own === undefined ? from : to} is in no room of the list`;
  }
  return other <= own ? undefined : `imports ${to}, a room further up`;
}

/** The rank of a file's room; files right under src/core come after all rooms. */
function roomOf(path: string): number | undefined {
  const [, , room = '', ...rest] = path.split('/');
  if (rest.length === 0) return coreRooms.length;
  const rank = coreRooms.indexOf(room);
  return rank === -1 ? undefined : rank;
}

function faultOfPackage(from: string, specifier: string): string | undefined {
  if (from.startsWith('src/core/') && !bundledInCore.includes(specifier)) {
    return `the core imports ${specifier}`;
  }
  if (from.startsWith('src/web/') && specifier.startsWith('node:')) {
    return `a page cannot import ${specifier}`;
  }
  return undefined;
}
