// @ts-check
/** A headless Chromium of this machine, if it has one and playwright-core is installed. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Path of a Chromium: CHROMIUM of the environment, or the first one on PATH. */
export function findChromium() {
  const named = process.env['CHROMIUM'];
  if (named !== undefined && named !== '') return existsSync(named) ? named : undefined;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
}

/**
 * Drawing is left to the processor, so that figures do not depend on a card.
 * @returns {Promise<import('playwright-core').Browser | { readonly missing: string }>}
 */
export async function launchBrowser() {
  const executablePath = findChromium();
  if (executablePath === undefined) return { missing: 'no Chromium on PATH (or in CHROMIUM)' };
  const playwright = await import('playwright-core').catch(() => undefined);
  if (playwright === undefined) return { missing: 'playwright-core is not installed' };
  return playwright.chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
}
