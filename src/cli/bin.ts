#!/usr/bin/env node
/** The command. It decides as little as it can before it loads what the command needs. */
import { setFlagsFromString } from 'node:v8';

declare const __UNOOM_VERSION__: string;

const first = process.argv[2];
if (process.argv.length === 3 && (first === '--version' || first === '-V')) {
  process.stdout.write(`${__UNOOM_VERSION__}\n`);
} else {
  // Node 20 optimises what has hardly run, and a plan is over before that pays: by the default a plan takes a sixth longer,
  // a long scan as long (docs/decisions/0015-compiler-budget.md). Later ones have another compiler in between.
  if (process.version.startsWith('v20.')) setFlagsFromString('--interrupt-budget=400000');
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv.slice(2), __UNOOM_VERSION__);
}
