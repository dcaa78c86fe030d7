/** Gets the packed snapshot and the report out of the page. */
import { type PageData, unpackPage } from '../../core/snapshots.ts';
import { inflate } from './inflate.ts';
import type { Report } from './report.ts';

export async function loadData(): Promise<PageData> {
  const holder = document.getElementById('unoom-data');
  const bytes = bytesOf(holder?.textContent ?? '');
  const size = Number(holder?.dataset['size']);
  const data = unpackPage(await unpacked(bytes, size));
  // Its text is no longer needed; it is by far the largest part of the page.
  holder?.remove();
  return data;
}

export function loadReport(): Report {
  const text = document.getElementById('unoom-report')?.textContent;
  return (text ? JSON.parse(text) : {}) as Report;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64.trim());
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

async function unpacked(bytes: Uint8Array<ArrayBuffer>, size: number): Promise<Uint8Array> {
  const stream = nativeStream();
  if (stream === undefined) return inflate(bytes, size);
  const blob = new Blob([bytes]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(blob).arrayBuffer());
}

/** Older browsers have no DecompressionStream, or none for raw DEFLATE. */
function nativeStream(): DecompressionStream | undefined {
  try {
    return new DecompressionStream('deflate-raw');
  } catch {
    return undefined;
  }
}
