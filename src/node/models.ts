/** Models from disk and from the hub, and this machine, loaded when asked for: who reads a log does not wait for it. */
import type { HubOptions } from './hub.ts';
import type { ModelFilesReading } from './model-files.ts';

/** Reads a model from a folder or one of its files; nothing of it is run and no weights are read. */
export async function readModelPath(path: string): Promise<ModelFilesReading> {
  const { readModelPath: read } = await import('./model-files.ts');
  return read(path);
}

/** A model of the hub that a cache on this machine has; the network is not used. */
export async function cachedModel(
  id: string,
  options: HubOptions = {},
): Promise<ModelFilesReading | undefined> {
  const { cachedModel: read } = await import('./hub.ts');
  return read(id, options);
}

/** A model of the hub, over the network where no cache has it. Call it only when the user asked for it. */
export async function fetchModel(id: string, options: HubOptions = {}): Promise<ModelFilesReading> {
  const { fetchModel: read } = await import('./hub.ts');
  return read(id, options);
}

/** What tools print of this machine's cards; nothing where there is none to see. */
export async function thisMachine(): Promise<string | undefined> {
  const { thisMachine: look } = await import('./this-machine.ts');
  return look();
}

export type { HubOptions } from './hub.ts';
export type { ModelFiles, ModelFilesReading, StoredWeights } from './model-files.ts';
