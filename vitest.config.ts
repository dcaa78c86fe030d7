import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { pageAssets } from './scripts/page-assets.mjs';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

export default defineConfig(({ mode }) => ({
  plugins: [pageAssets()],
  define: { __UNOOM_VERSION__: JSON.stringify(version) },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // `vitest --mode deep`: the sweeps take all their inputs, not a sample (test/ring.ts).
    provide: { ring: mode === 'deep' ? 'deep' : 'everyday' },
    globalSetup: ['test/global-setup.ts'],
    // Long: it ends what hangs, and both cores may be busy with something else.
    testTimeout: mode === 'deep' ? 120_000 : 30_000,
    // Files of one worker share the modules they import: the core is read once for each, not for each file.
    isolate: false,
    // By default a run leaves one core idle, which is half of a small machine.
    maxWorkers: '100%',
  },
}));
