/** Script and style of a page, put in at build time (scripts/page-assets.mjs). */
declare module 'unoom:snapshot-page' {
  export const snapshotPage: import('../core/index.ts').PageAssets;
}
