import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

export default defineConfig(({ mode }) => ({
  define: { __UNOOM_VERSION__: JSON.stringify(version) },
  test: {
    testTimeout: 10_000,
    // Files of one worker share the modules they import: the core is read once for each, not for each file.
    isolate: false,
    // By default a run leaves one core idle, which is half of a small machine.
    maxWorkers: '100%',
    // `vitest --mode deep`: the sweeps take all their inputs, not a sample (test/ring.ts).
    provide: { ring: mode === 'deep' ? 'deep' : 'everyday' },
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['src/**/*.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'whole',
          include: ['test/**/*.test.ts'],
          // These tests look at dist/ as a user gets it.
          globalSetup: ['test/global-setup.ts'],
          testTimeout: 30_000,
        },
      },
    ],
  },
}));
