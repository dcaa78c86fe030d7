/** The page of a memory snapshot, compressed on the way. */
import { deflateRawSync } from 'node:zlib';
import type { PackOptions, Snapshot } from '../core/snapshots.ts';

export interface SnapshotPageOptions extends PackOptions {
  /** Shown as the name of the window. */
  readonly title: string;
  /** What `unoom snapshot --format json` prints, or what of it there is. */
  readonly report?: unknown;
}

/** Bytes that become one piece of base64; a multiple of 3, so that pieces can be joined. */
const PIECE = 3 * 2 ** 18;

/** One HTML file in pieces: no string is longer than a piece, however large the snapshot. */
export async function* snapshotPage(
  snapshot: Snapshot,
  options: SnapshotPageOptions,
): AsyncGenerator<string> {
  // Read only here: no other command waits for it.
  const { packForPage, renderSnapshotPage } = await import('../core/snapshots.ts');
  const { snapshotPage: assets } = await import('unoom:snapshot-page');
  const packed = packForPage(snapshot, options);
  const { lang, title, report } = options;
  yield* renderSnapshotPage({
    assets,
    lang,
    title,
    data: base64(deflateRawSync(packed)),
    size: packed.length,
    report: report ?? {},
  });
}

function* base64(bytes: Buffer): Generator<string> {
  for (let at = 0; at < bytes.length; at += PIECE) {
    yield bytes.subarray(at, at + PIECE).toString('base64');
  }
}
