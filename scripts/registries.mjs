// What the units add up to: the registry source of each kind, and what is wrong with them.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  camelCase,
  idPattern,
  pageIds,
  partKinds,
  readUnit,
  unitIds,
  unitKinds,
} from './units.mjs';

/**
 * Registries to generate. A kind whose room is not built yet has none.
 * @param {string} root
 * @returns {import('./documents.mjs').GeneratedDocument[]}
 */
export function registryDocuments(root) {
  return [...unitKinds, ...partKinds]
    .filter((kind) => [kind.folder, kind.registry].some((path) => existsSync(join(root, path))))
    .map((kind) => ({
      path: kind.registry,
      render: () => renderRegistry(kind, unitIds(root, kind)),
    }));
}

/**
 * @param {Pick<import('./units.mjs').UnitKind, 'folder' | 'list' | 'type' | 'typeModule'>} kind
 * @param {string[]} ids
 */
export function renderRegistry(kind, ids) {
  const folder = `./${kind.folder.slice(kind.folder.lastIndexOf('/') + 1)}`;
  const names = ids.map(camelCase);
  const head = `export const ${kind.list}: readonly ${kind.type}[] = [`;
  const oneLine = `${head}${names.join(', ')}];`;
  return [
    '// Written by `npm run gen`; edits are lost.',
    `import type { ${kind.type} } from '${kind.typeModule}';`,
    ...ids.map((id, i) => `import { ${names[i]} } from '${folder}/${id}.ts';`),
    '',
    ...(oneLine.length <= 100 ? [oneLine] : [head, ...names.map((name) => `  ${name},`), '];']),
    '',
  ].join('\n');
}

/**
 * Faults that no generator can mend, each with what to do.
 * @param {string} root
 * @returns {string[]}
 */
export function unitFaults(root) {
  /** @type {Map<string, string>} */
  const codes = new Map();
  return unitKinds.flatMap((kind) => {
    const ids = unitIds(root, kind);
    const pages = pageIds(root, kind);
    return [
      ...ids
        .filter((id) => !pages.includes(id))
        .map((id) => `${kind.docs}/${id}.md is missing: every ${kind.kind} has a page`),
      ...pages
        .filter((id) => !ids.includes(id))
        .map((id) => `${kind.docs}/${id}.md has no ${kind.folder}/${id}.ts: rename or delete it`),
      ...ids.flatMap((id) => faultsOfUnit(root, kind, id, codes)),
    ];
  });
}

/**
 * @param {string} root
 * @param {import('./units.mjs').UnitKind} kind
 * @param {string} id
 * @param {Map<string, string>} codes whose code is whose, filled on the way
 */
function faultsOfUnit(root, kind, id, codes) {
  const unit = readUnit(root, kind, id);
  const faults = [];
  if (!idPattern.test(id)) faults.push('its file name is not kebab-case');
  if (unit.constants.length !== 1 || unit.constants[0] !== camelCase(id)) {
    faults.push(
      `it exports the constants [${unit.constants.join(', ')}], not just ${camelCase(id)}`,
    );
  }
  if (unit.declaredId !== undefined && unit.declaredId !== id) {
    faults.push(`its id is '${unit.declaredId}', not its file name`);
  }
  if (unit.code === undefined) {
    faults.push(`it has no code: '…', which starts with UN${kind.series}`);
  } else if (!new RegExp(`^UN${kind.series}\\d\\d$`).test(unit.code)) {
    faults.push(`its code ${unit.code} is outside UN${kind.series}00 to UN${kind.series}99`);
  } else if (codes.has(unit.code)) {
    faults.push(`its code ${unit.code} belongs to ${codes.get(unit.code)}`);
  } else {
    codes.set(unit.code, unit.path);
  }
  return faults.map((fault) => `${unit.path}: ${fault}`);
}
