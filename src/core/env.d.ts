/** What the core may use beyond ECMAScript: it is the same in Node, browsers and workers. */

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean });
  decode(input?: Uint8Array, options?: { stream?: boolean }): string;
}

declare class TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>;
}

/** The package's version, put in at build time. */
declare const __UNOOM_VERSION__: string;
