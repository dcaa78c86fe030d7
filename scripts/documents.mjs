// Everything `npm run gen` writes besides the registries. To generate a file, add a row: its path
// and a function that gives its whole text.

/**
 * @typedef {() => Promise<Record<string, unknown>>} LoadCore
 *
 * @typedef {object} GeneratedDocument
 * @property {string} path from the repository's root
 * @property {(loadCore: LoadCore) => string | Promise<string>} render
 */

/** @type {readonly GeneratedDocument[]} */
export const documents = [];
