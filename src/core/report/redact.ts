/**
 * Takes people, machines and secrets out of a report: home folders, user and host names, addresses,
 * tokens. Structure and figures stay, so a redacted report is still a diagnosis.
 */

interface Rule {
  readonly pattern: RegExp;
  readonly to: string;
}

const RULES: readonly Rule[] = [
  { pattern: /((?:\/home|\/Users|\/export\/home|\/data\/home)\/)[^/\s"':]+/g, to: '$1user' },
  { pattern: /([A-Za-z]:\\{1,2}Users\\{1,2})[^\\\s"':]+/g, to: '$1user' },
  { pattern: /\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b/g, to: 'user@example.com' },
  { pattern: /\b(?:\d{1,3}\.){3}\d{1,3}(?=\b|:)/g, to: '0.0.0.0' },
  { pattern: /\b(?:hf|sk|ghp|gho|glpat|wandb|xox[bap])[_-][A-Za-z0-9_-]{8,}/g, to: 'TOKEN' },
  { pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, to: 'TOKEN' },
  {
    pattern: /\b((?:api[_-]?key|token|secret|password|passwd)["']?\s*[=:]\s*["']?)[^\s"',]{4,}/gi,
    to: '$1TOKEN',
  },
  { pattern: /\b[0-9a-f]{40,}\b/g, to: 'HASH' },
  { pattern: /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, to: 'UUID' },
];

export function redactText(text: string): string {
  return RULES.reduce((value, { pattern, to }) => value.replace(pattern, to), text);
}

/** Redacts every string in a value; numbers, keys and structure stay. */
export function redact<T>(value: T): T;
export function redact(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return value.map((item: unknown) => redact(item));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redact(item)]));
  }
  return value;
}
