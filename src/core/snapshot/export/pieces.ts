/** Short strings joined to pieces that are worth a write. */

const PIECE = 1 << 16;

/** The same text in pieces of some 64 KiB. */
export function* inPieces(parts: Iterable<string>): Generator<string> {
  let waiting: string[] = [];
  let length = 0;
  for (const part of parts) {
    waiting.push(part);
    length += part.length;
    if (length < PIECE) continue;
    yield waiting.join('');
    waiting = [];
    length = 0;
  }
  if (length > 0) yield waiting.join('');
}
