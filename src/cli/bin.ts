#!/usr/bin/env node
/** The command. It decides as little as it can before it loads what the command needs. */

declare const __UNOOM_VERSION__: string;

const first = process.argv[2];
if (process.argv.length === 3 && (first === '--version' || first === '-V')) {
  process.stdout.write(`${__UNOOM_VERSION__}\n`);
} else {
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv.slice(2), __UNOOM_VERSION__);
}
