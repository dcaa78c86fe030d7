// Everything a commit needs, with the time each step took. A failing step does not hide the others.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const modules = join(root, 'node_modules');

const steps = [
  { name: 'gen', args: ['scripts/gen.mjs', '--check'], fix: 'npm run gen' },
  {
    name: 'lint',
    args: [join(modules, '@biomejs/biome/bin/biome'), 'check'],
    fix: 'npm run format',
  },
  { name: 'types', args: [join(modules, 'typescript/bin/tsc'), '-b'], fix: 'npm run types' },
  { name: 'build', args: ['scripts/build.mjs', '--bundles'], fix: 'npm run build' },
  {
    name: 'test',
    args: [join(modules, 'vitest/vitest.mjs'), 'run'],
    fix: 'npm test -- <file>, and -u where a snapshot changed on purpose',
  },
];

const results = steps.map((step) => {
  console.log(`\n── ${step.name}`);
  const start = performance.now();
  const { status } = spawnSync(process.execPath, step.args, { cwd: root, stdio: 'inherit' });
  return { ...step, ok: status === 0, seconds: (performance.now() - start) / 1000 };
});

console.log('\n── summary');
for (const { name, ok, seconds, fix } of results) {
  const outcome = ok ? 'ok' : `FAILED   to mend: ${fix}`;
  console.log(`${name.padEnd(6)} ${seconds.toFixed(1).padStart(5)} s  ${outcome}`);
}
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
