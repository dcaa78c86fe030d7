import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { pageAssets } from './scripts/page-assets.mjs';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

/**
 * `vitest --mode deep`: the sweeps take all their inputs, not a sample (test/ring.ts). Each project says it
 * for itself, as what projects inherit is made without the mode.
 */
const ringOf = (mode: string): { ring: 'deep' | 'everyday' } => ({
  ring: mode === 'deep' ? 'deep' : 'everyday',
});

export default defineConfig(({ mode }) => ({
  plugins: [pageAssets()],
  define: { __UNOOM_VERSION__: JSON.stringify(version) },
  test: {
    // Long: it ends what hangs, and both cores may be busy with something else.
    testTimeout: 30_000,
    // Files of one worker share the modules they import: the core is read once for each, not for each file.
    isolate: false,
    // By default a run leaves one core idle, which is half of a small machine.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['src/**/*.test.ts'], provide: ringOf(mode) },
      },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['test/**/*.test.ts'],
          provide: ringOf(mode),
          // These tests look at dist/ as a user gets it.
          globalSetup: ['test/global-setup.ts'],
        },
      },
    ],
  },
}));
