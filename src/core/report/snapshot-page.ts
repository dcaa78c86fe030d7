/**
 * The page of `unoom snapshot --html`: one file that needs no other and no network. The data travel as
 * base64 of a deflated pack; nothing of the snapshot becomes markup or script.
 */
import type { Lang } from '../base/texts.ts';

/** Script and style of the page, made at build time, with their SHA-256 in base64. */
export interface PageAssets {
  readonly script: string;
  readonly scriptHash: string;
  readonly style: string;
  readonly styleHash: string;
}

export interface SnapshotPage {
  readonly assets: PageAssets;
  readonly lang: Lang;
  /** Shown as the name of the window. */
  readonly title: string;
  /** `packForPage`, compressed as raw DEFLATE, in base64; may come in pieces. */
  readonly data: Iterable<string>;
  /** Bytes of the pack before it was compressed. */
  readonly size: number;
  /** JSON that `unoom snapshot --format json` prints, or what of it there is. */
  readonly report: unknown;
}

/** The page in pieces, in their order. */
export function* renderSnapshotPage(page: SnapshotPage): Generator<string> {
  const { assets, lang, size } = page;
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${assets.scriptHash}'`,
    `style-src 'sha256-${assets.styleHash}'`,
    'img-src data: blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  yield `<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeMarkup(page.title)}</title>
<style>${assets.style}</style>
</head>
<body>
<div id="unoom-app"></div>
<script type="application/json" id="unoom-report">${escapeScript(page.report)}</script>
<script type="application/octet-stream" id="unoom-data" data-size="${Math.trunc(size)}">`;
  yield* page.data;
  yield `</script>
<script type="module">${assets.script}</script>
</body>
</html>
`;
}

const MARKUP: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeMarkup = (text: string): string =>
  text.replace(/[&<>"']/g, (char) => MARKUP[char] as string);

/** JSON in which nothing can end the element that it stands in. */
const escapeScript = (value: unknown): string =>
  JSON.stringify(value ?? {}).replaceAll('<', '\\u003c');
