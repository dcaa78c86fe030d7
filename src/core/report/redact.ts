/**
 * Takes people, machines and secrets out of a report: home folders, user and host names, addresses,
 * tokens. Structure and figures stay, so a redacted report is still a diagnosis.
 */

import { mapStrings } from './strings.ts';

interface Rule {
  readonly pattern: RegExp;
  readonly to: string;
}

const RULES: readonly Rule[] = [
  // Credentials first: what follows would cut them in two.
  { pattern: /\b(\w+:\/\/)[^\s/@:]+(?::[^\s/@]+)?@/g, to: '$1USER@' },
  { pattern: /\b(Bearer|Basic)\s+[\w.+/=-]{8,}/gi, to: '$1 TOKEN' },
  {
    pattern: /\b(?:hf|sk|ghp|gho|ghs|github_pat|glpat|wandb|xox[bap])[_-][A-Za-z0-9_-]{8,}/g,
    to: 'TOKEN',
  },
  { pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, to: 'TOKEN' },
  { pattern: /\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, to: 'TOKEN' },
  {
    pattern: /\b((?:api[_-]?key|token|secret|password|passwd)["']?\s*[=:]\s*["']?)[^\s"',]{4,}/gi,
    to: '$1TOKEN',
  },
  {
    // As an option of a command; in prose the word goes on with another one.
    pattern: /((?:^|\s)--?(?:api[_-]?key|token|secret|password|passwd)\s+)[^\s"',]{4,}/gi,
    to: '$1TOKEN',
  },
  { pattern: /\b[0-9a-f]{32,}\b/g, to: 'HASH' },
  {
    pattern: /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi,
    to: 'UUID',
  },
  // Names of people in paths, up to the next separator: they can hold blanks.
  {
    pattern:
      /((?:\/home|\/Users|\/export\/home|\/data\/home|\/scratch|\/u|\/users|\/nfs\/users|\/mnt\/(?:nfs\/)?(?:home|users))\/)[^/\n"':;,()，。：；（）“”«»]{1,64}(?=\/|$|["':;,)，。：；（）“”«»\s])/g,
    to: '$1user',
  },
  {
    pattern:
      /([A-Za-z]:\\{1,2}Users\\{1,2})[^\\\n"':;,，。：；（）“”«»]{1,64}(?=\\|$|["':;,，。：；（）“”«»])/g,
    to: '$1user',
  },
  { pattern: /(^|[\s"'(=，：（“«])~[A-Za-z][\w.-]{0,31}(?=\/)/g, to: '$1~user' },
  // Machines and addresses.
  {
    pattern: /\b[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}\b(?!\.log)/g,
    to: 'user@example.com',
  },
  { pattern: /\b(?:\d{1,3}\.){3}\d{1,3}(?=\b|:)/g, to: '0.0.0.0' },
  { pattern: /\b(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{0,4}\b/gi, to: '::' },
  {
    pattern:
      /\b[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.(?:local|lan|internal|corp|intra|cluster)(?:\.[a-z0-9-]+)*\b/gi,
    to: 'host',
  },
];

function redactText(text: string): string {
  return RULES.reduce((value, { pattern, to }) => value.replace(pattern, to), text);
}

/** Redacts every string in a value; numbers, keys and structure stay. */
export function redact<T>(value: T): T {
  return mapStrings(value, redactText);
}
