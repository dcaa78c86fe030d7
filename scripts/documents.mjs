// Everything `npm run gen` writes besides the registries. To generate a file, add a row: its path
// and a function that gives its whole text.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

/**
 * @typedef {() => Promise<Record<string, any>>} LoadCore
 *
 * @typedef {object} GeneratedDocument
 * @property {string} path from the repository's root
 * @property {(loadCore: LoadCore) => string | Promise<string>} render
 */

const root = resolve(import.meta.dirname, '..');
const EXAMPLE = 'examples/optimizer-step.log';
const FOLDERS = {
  cause: 'causes',
  remedy: 'remedies',
  'no-remedy': 'no-remedies',
  reader: 'readers',
  status: 'statuses',
  finding: 'findings',
  term: 'terms',
  dialect: 'dialects',
};

/**
 * Puts text between two marks of a document that is otherwise written by hand.
 * @param {string} document
 * @param {string} name
 * @param {string} text
 */
function between(document, name, text) {
  const [start, end] = [`<!-- gen:${name} -->\n`, `<!-- /gen:${name} -->`];
  const from = document.indexOf(start);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the marks of "${name}" are missing`);
  return document.slice(0, from + start.length) + text + document.slice(to);
}

/** What the README shows is what the command prints. @type {GeneratedDocument['render']} */
async function readme(loadCore) {
  const { diagnose, renderText } = await loadCore();
  const log = await readFile(resolve(root, EXAMPLE));
  const report = renderText(await diagnose([{ name: EXAMPLE, bytes: [log] }]));
  const shown = `\`\`\`\n$ unoom diagnose ${EXAMPLE}\n${report}\`\`\`\n`;
  return between(await readFile(resolve(root, 'README.md'), 'utf8'), 'example', shown);
}

/** @type {GeneratedDocument['render']} */
async function docsIndex(loadCore) {
  const { explainAll } = await loadCore();
  const parts = ['# Units', '', 'Each page is documentation and test. This list is generated.', ''];
  for (const [kind, folder] of Object.entries(FOLDERS)) {
    parts.push(
      `## ${folder[0]?.toUpperCase()}${folder.slice(1)}`,
      '',
      '| code | page | what it is |',
      '|---|---|---|',
    );
    for (const unit of explainAll()) {
      if (unit.kind !== kind) continue;
      parts.push(`| ${unit.code} | [${unit.title}](${folder}/${unit.id}.md) | ${unit.summary} |`);
    }
    parts.push('');
  }
  return parts.join('\n');
}

const LANGS = /** @type {const} */ (['en', 'zh', 'ru']);
const ROLES = /** @type {const} */ (['quick', 'researcher', 'mlops', 'inference']);

/** What `unoom explain` and `unoom explain --role` print, as pages. @type {readonly GeneratedDocument[]} */
const reference = LANGS.flatMap((lang) => [
  ...Object.entries(FOLDERS).map(([kind, folder]) => ({
    path: `docs/reference/${lang}/${folder}.md`,
    render: async (/** @type {LoadCore} */ loadCore) => {
      const { explainAll, renderExplanationsMarkdown } = await loadCore();
      const found = explainAll(lang).filter((/** @type {any} */ one) => one.kind === kind);
      return renderExplanationsMarkdown(found);
    },
  })),
  ...ROLES.map((role) => ({
    path: `docs/reference/${lang}/role-${role}.md`,
    render: async (/** @type {LoadCore} */ loadCore) => {
      const { guideFor, renderGuideMarkdown } = await loadCore();
      return renderGuideMarkdown(guideFor(role, lang));
    },
  })),
]);

/** @type {readonly GeneratedDocument[]} */
export const documents = [
  ...reference,
  ...['diagnosis', 'snapshot', 'snapshot-diff', 'workload'].map((name) => ({
    path: `schemas/${name}.json`,
    render: async (/** @type {LoadCore} */ loadCore) =>
      `${JSON.stringify((await loadCore())['schemas'][name], undefined, 2)}\n`,
  })),
  { path: 'docs/README.md', render: docsIndex },
  { path: 'README.md', render: readme },
];
