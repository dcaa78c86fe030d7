import { ensureBundles } from '../scripts/build.mjs';

/** Tests in test/ look at dist/ as a user gets it; who asks for tests beside the sources alone does not wait for it. */
export async function setup(): Promise<void> {
  const named = process.argv.slice(2).filter((each) => each !== 'run' && !each.startsWith('-'));
  const isBeside = (name: string): boolean => /(?:^|\/)src\//.test(name);
  if (named.length === 0 || !named.every(isBeside)) await ensureBundles();
}
