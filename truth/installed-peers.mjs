// @ts-check
/**
 * Peers that are run for real: torch-preflight and fitcheck-llm (PyPI), fitllm-engine (npm). They are no dependency of ours;
 * `node truth/installed-peers.mjs FOLDER` installs the stated versions there, `--installed FOLDER` of truth.mjs asks them.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parametersOf } from './peers.mjs';

/** @typedef {import('./peers.mjs').Question} Question */
/** @typedef {{ id: string, reason: string } | { id: string, estimate_bytes: number }} Answer */

export const INSTALLED = {
  python: ['torch-preflight==0.5.0', 'fitcheck-llm==0.3.1'],
  npm: ['fitllm-engine@2.18.0'],
};

const GIB = 2 ** 30;

/** @param {string} folder */
const pythonIn = (folder) => join(folder, 'venv', 'bin', 'python');

/**
 * @param {string} folder
 * @param {readonly Question[]} questions
 * @returns {Promise<{ peer: string, source: string, rows: Answer[] }[]>}
 */
export async function askInstalled(folder, questions) {
  return [...askPython(folder, questions), await askFitllm(folder, questions)];
}

/**
 * @param {string} folder
 * @param {readonly Question[]} questions
 */
function askPython(folder, questions) {
  const input = questions.map((question) => JSON.stringify(plain(question))).join('\n');
  const { stdout, stderr, status } = spawnSync(
    pythonIn(folder),
    [join(import.meta.dirname, 'installed_peers.py')],
    { input, encoding: 'utf8', maxBuffer: 2 ** 28 },
  );
  if (status !== 0) throw new Error(`the Python peers did not run: ${stderr ?? `no ${pythonIn(folder)}`}`);
  /** @type {Map<string, Answer[]>} */
  const found = new Map();
  for (const line of stdout.trim().split('\n')) {
    const { peer, ...answer } = JSON.parse(line);
    const list = found.get(peer) ?? [];
    list.push(answer);
    found.set(peer, list);
  }
  return [...found].map(([peer, rows]) => ({
    peer,
    source: `${INSTALLED.python.find((name) => name.startsWith(peer))} (PyPI), run`,
    rows,
  }));
}

/** What a peer is told, as plain data. @param {Question} question */
function plain({ id, job, view, config, gpu }) {
  return {
    id,
    view,
    config: { architectures: ['ModelForCausalLM'], ...config },
    parameters: parametersOf(job),
    tied: job.model.tied,
    training: job.purpose === 'training',
    batch: job.batch,
    sequence: job.sequence,
    new_tokens: job.newTokens,
    checkpointing: job.checkpointing,
    optimizer: job.optimizer,
    width: job.weightWidth,
    autocast: job.autocast !== undefined,
    packing: job.packing === undefined ? null : /nf4|bnb/.test(job.packing.method) ? 'nf4' : job.packing.method,
    adapter:
      job.adapter === undefined
        ? null
        : { rank: job.adapter.rank, targets: Array.isArray(job.adapter.targets) ? job.adapter.targets : [] },
    card: /\bT4\b/.test(gpu ?? '') ? 'T4' : 'A100',
  };
}

/**
 * @param {string} folder
 * @param {readonly Question[]} questions
 */
async function askFitllm(folder, questions) {
  const engine = await import(pathToFileURL(resolve(folder, 'node_modules/fitllm-engine/engine.js')).href);
  return {
    peer: 'fitllm-engine',
    source: `${INSTALLED.npm[0]} (npm), run; its reserve for the driver left out of rows of tensors`,
    rows: questions.map((question) => {
      const answer = fitllm(engine, question);
      return typeof answer === 'string' ? { id: question.id, reason: answer } : { id: question.id, estimate_bytes: answer };
    }),
  };
}

/**
 * @param {any} engine
 * @param {Question} question
 * @returns {number | string}
 */
function fitllm(engine, { job, view, config }) {
  if (job.purpose === 'training') return 'is for inference';
  if (job.batch > 1) return 'takes one sequence only';
  if (job.packing !== undefined) return 'knows GGUF formats only';
  const parameters = parametersOf(job);
  try {
    const evidence = { safetensorsParameters: { BF16: parameters }, revision: '0'.repeat(40) };
    const model = engine.parseHfConfig('org/model', { architectures: ['ModelForCausalLM'], ...config }, 2 * parameters + 1000, evidence);
    const card = engine.gpuDevice({ name: 'card', vramGB: 80, bandwidthGBs: 2000 }, 'linux-headless');
    const { used, reserve } = engine.simulate(model, card, job.sequence + job.newTokens, { weightBpw: 16, kvBits: 16 });
    return (used - (view === 'device' ? 0 : reserve)) * GIB;
  } catch (error) {
    return `refuses: ${error instanceof Error ? error.message : error}`.slice(0, 160);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) {
    console.log('node truth/installed-peers.mjs FOLDER\n\n  installs into FOLDER, which truth.mjs takes with --installed FOLDER');
    process.exit(2);
  }
  mkdirSync(folder, { recursive: true });
  /** @param {string} command @param {string[]} args */
  const run = (command, args) => {
    const { status } = spawnSync(command, args, { cwd: folder, stdio: 'inherit' });
    if (status !== 0) process.exit(1);
  };
  if (!existsSync(pythonIn(folder))) run('python3', ['-m', 'venv', 'venv']);
  run(pythonIn(resolve(folder)), ['-m', 'pip', 'install', '--quiet', ...INSTALLED.python]);
  run('npm', ['install', '--ignore-scripts', '--no-save', '--prefix', '.', ...INSTALLED.npm]);
}
