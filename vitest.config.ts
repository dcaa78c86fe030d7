import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { pageAssets } from './scripts/page-assets.mjs';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

export default defineConfig({
  plugins: [pageAssets()],
  define: { __UNOOM_VERSION__: JSON.stringify(version) },
  test: {
    testTimeout: 10_000,
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
});
