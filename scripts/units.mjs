// The kinds of units: one file each, one page each, one generated registry per kind.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * @typedef {object} UnitKind
 * @property {string} kind what `npm run new` calls it
 * @property {string} folder where the units live
 * @property {string} docs where their pages live
 * @property {string} registry the generated module
 * @property {string} list the constant it exports
 * @property {string} type the contract every unit fulfils
 * @property {string} typeModule where the contract is declared, seen from the registry
 * @property {string} series the first digit of its codes: `2` means UN200 to UN299
 */

/** @type {readonly UnitKind[]} */
export const unitKinds = [
  {
    kind: 'rule',
    folder: 'src/core/lint/rules',
    docs: 'docs/rules',
    registry: 'src/core/lint/rules.gen.ts',
    list: 'rules',
    type: 'Rule',
    typeModule: './rule.ts',
    series: '1',
  },
  {
    kind: 'cause',
    folder: 'src/core/diagnosis/causes',
    docs: 'docs/causes',
    registry: 'src/core/diagnosis/causes.gen.ts',
    list: 'causes',
    type: 'Cause',
    typeModule: './cause.ts',
    series: '2',
  },
  {
    kind: 'remedy',
    folder: 'src/core/remedies/measures',
    docs: 'docs/remedies',
    registry: 'src/core/remedies/measures.gen.ts',
    list: 'remedies',
    type: 'Remedy',
    typeModule: './remedy.ts',
    series: '3',
  },
  {
    kind: 'no-remedy',
    folder: 'src/core/remedies/no-remedies',
    docs: 'docs/no-remedies',
    registry: 'src/core/remedies/no-remedies.gen.ts',
    list: 'noRemedies',
    type: 'Remedy',
    typeModule: './remedy.ts',
    series: '9',
  },
  {
    kind: 'reader',
    folder: 'src/core/evidence/readers',
    docs: 'docs/readers',
    registry: 'src/core/evidence/readers.gen.ts',
    list: 'readers',
    type: 'Reader',
    typeModule: './reader.ts',
    series: '4',
  },
  {
    kind: 'status',
    folder: 'src/core/evidence/statuses',
    docs: 'docs/statuses',
    registry: 'src/core/evidence/statuses.gen.ts',
    list: 'statuses',
    type: 'StatusReader',
    typeModule: './status.ts',
    series: '6',
  },
  {
    kind: 'finding',
    folder: 'src/core/diagnosis/findings',
    docs: 'docs/findings',
    registry: 'src/core/diagnosis/findings.gen.ts',
    list: 'findings',
    type: 'FindingRule',
    typeModule: './finding.ts',
    series: '7',
  },
  {
    kind: 'term',
    folder: 'src/core/footprint/terms',
    docs: 'docs/terms',
    registry: 'src/core/footprint/terms.gen.ts',
    list: 'terms',
    type: 'Term',
    typeModule: './term.ts',
    series: '5',
  },
  {
    kind: 'dialect',
    folder: 'src/core/workload/dialects',
    docs: 'docs/dialects',
    registry: 'src/core/workload/dialects.gen.ts',
    list: 'dialects',
    type: 'Dialect',
    typeModule: './dialect.ts',
    series: '8',
  },
];

/**
 * Lists of parts that are no units: no code, no page, texts for nobody.
 * @type {readonly Omit<UnitKind, 'kind' | 'docs' | 'series'>[]}
 */
export const partKinds = [
  {
    folder: 'src/core/workload/model/families',
    registry: 'src/core/workload/model/families.gen.ts',
    list: 'families',
    type: 'Family',
    typeModule: './family.ts',
  },
];

export const idPattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** @param {string} id */
export function camelCase(id) {
  return id.replace(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}

/**
 * The ids of a kind, in the order every generated list keeps.
 * @param {string} root
 * @param {Pick<UnitKind, 'folder'>} kind
 */
export function unitIds(root, kind) {
  return listFiles(join(root, kind.folder), '.ts').filter((name) => !name.endsWith('.test'));
}

/**
 * The ids that have a page. A README is the folder's own page.
 * @param {string} root
 * @param {UnitKind} kind
 */
export function pageIds(root, kind) {
  return listFiles(join(root, kind.docs), '.md').filter((name) => name !== 'README');
}

/**
 * What a unit's source says of itself.
 * @param {string} root
 * @param {UnitKind} kind
 * @param {string} id
 */
export function readUnit(root, kind, id) {
  const path = `${kind.folder}/${id}.ts`;
  const source = readFileSync(join(root, path), 'utf8');
  return {
    path,
    code: /\bcode:\s*'(UN[^']*)'/.exec(source)?.[1],
    declaredId: /\bid:\s*'([^']*)'/.exec(source)?.[1],
    constants: [...source.matchAll(/^export const (\w+)/gm)].map((match) => match[1]),
  };
}

/**
 * @param {string} folder
 * @param {string} extension
 */
function listFiles(folder, extension) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(extension))
    .map((name) => basename(name, extension))
    .sort();
}
