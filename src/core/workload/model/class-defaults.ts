export const CLASS_DEFAULTS: ReadonlyMap<string, Readonly<Record<string, unknown>>> = new Map();
