/**
 * Takes people, machines and secrets out of what is printed: home folders, user and host names, addresses,
 * tokens. Structure and figures stay, so a redacted report is still a report. Who is who stays too: one
 * `Redactor` gives the same name the same pseudonym in everything that it is given.
 */

import { mapStrings } from './strings.ts';

/** What has a number of its own, so that two of it stay two. */
type Named = 'user' | 'host' | 'dir';

interface Rule {
  readonly pattern: RegExp;
  /** What stands for the whole; `$1` … are its groups. */
  readonly to: string;
  /** The group `name` is this, and its pseudonym takes the place of `{name}` in `to`. */
  readonly names?: Named;
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
      /((?:\/home|\/Users|\/export\/home|\/data\/home|\/scratch|\/u|\/users|\/nfs\/users|\/mnt\/(?:nfs\/)?(?:home|users))\/)(?<name>[^/\n"':;,()，。：；（）“”«»]{1,64})(?=\/|$|["':;,)，。：；（）“”«»\s])/g,
    to: '$1{name}',
    names: 'user',
  },
  {
    pattern:
      /([A-Za-z]:\\{1,2}Users\\{1,2})(?<name>[^\\\n"':;,，。：；（）“”«»]{1,64})(?=\\|$|["':;,，。：；（）“”«»])/g,
    to: '$1{name}',
    names: 'user',
  },
  {
    pattern: /(^|[\s"'(=，：（“«])~(?<name>[A-Za-z][\w.-]{0,31})(?=\/)/g,
    to: '$1~{name}',
    names: 'user',
  },
  // PyTorch compiles into a folder that has the user's name.
  { pattern: /(torchinductor_)(?<name>[\w.-]{1,64})/g, to: '$1{name}', names: 'user' },
  // Machines and addresses.
  {
    pattern: /\b[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}\b(?!\.log)/g,
    to: 'user@example.com',
  },
  { pattern: /\b(?:\d{1,3}\.){3}\d{1,3}(?=\b|:)/g, to: '0.0.0.0' },
  { pattern: /\b(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{0,4}\b/gi, to: '::' },
  {
    pattern:
      /\b(?<name>[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.(?:local|lan|internal|corp|intra|cluster)(?:\.[a-z0-9-]+)*)\b/gi,
    to: '{name}',
    names: 'host',
  },
];

/** Folders that say nothing about anybody, and on which rules about code rest. */
const COMMON_FOLDERS: ReadonlySet<string> = new Set(
  `. .. Users app apps aten ATen bin build c10 cache checkpoint code common conda config core csrc data
  datasets dist-packages distributed dl engine envs examples experiments export home include inference
  layers lib lib64 local losses mnt model modeling models modules net nn opt ops optim optimizer optimizers
  packages project projects python root run runs scratch scripts share site-packages src tests tmp tools
  torch train trainer training user users usr utils var venv .venv work workspace`.split(/\s+/),
);
/** Python's own folders, whatever their version. */
const PYTHON_FOLDER = /^python\d(?:\.?\d+)?t?$/i;
/** Parts of folders by which rules know what code does; they stay behind the pseudonym. */
const TELLING_PART = /cache_utils|kv_?cache|data_?loader/i;

/** Gives names pseudonyms, the same ones each time. */
export class Redactor {
  readonly #pseudonyms: Record<Named, Map<string, string>> = {
    user: new Map(),
    host: new Map(),
    dir: new Map(),
  };

  /** A text for people: names and secrets go, the rest of each path stays. */
  text(text: string): string {
    return RULES.reduce(
      (value, { pattern, to, names }) =>
        names === undefined
          ? value.replace(pattern, to)
          : value.replace(pattern, (...found: unknown[]) => {
              const { name = '' } = found.at(-1) as { readonly name?: string };
              const before = typeof found[1] === 'string' && found[1] !== name ? found[1] : '';
              return to.replace('$1', () => before).replace('{name}', () => this.#as(names, name));
            }),
      text,
    );
  }

  /**
   * A path and nothing else. Folders have pseudonyms, but for common ones and those from `keepFrom` on;
   * the name of the file stays.
   * @param keepFrom where in the path the part begins that is nobody's, such as an installed package.
   */
  path(
    path: string,
    keepFrom: number = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')),
  ): string {
    const own = path.slice(0, Math.max(0, keepFrom));
    let home = false;
    const folders = own.replace(/[^/\\]+/g, (folder) => {
      const isUser = home;
      home = folder === 'home' || folder === 'Users' || folder === 'users';
      return isUser ? this.#as('user', folder) : this.#folder(folder);
    });
    return folders + path.slice(own.length);
  }

  /** Every string in a value; numbers, keys and structure stay. */
  value<T>(value: T): T {
    return mapStrings(value, (text) => this.text(text));
  }

  /** Users that were met, and their pseudonyms. */
  get users(): ReadonlyMap<string, string> {
    return this.#pseudonyms.user;
  }

  #folder(folder: string): string {
    if (COMMON_FOLDERS.has(folder) || PYTHON_FOLDER.test(folder) || /^[A-Za-z]:$/.test(folder)) {
      return folder;
    }
    const inductor = /^torchinductor_(.+)$/.exec(folder);
    if (inductor !== null) return `torchinductor_${this.#as('user', inductor[1] as string)}`;
    const [told] = TELLING_PART.exec(folder) ?? [];
    const pseudonym = this.#as('dir', folder);
    return told === undefined ? pseudonym : `${pseudonym}_${told}`;
  }

  /** `user`, `user2`, … in the order in which they are met. */
  #as(kind: Named, name: string): string {
    const known = this.#pseudonyms[kind];
    const given = known.get(name);
    if (given !== undefined) return given;
    const number = known.size + 1;
    const made = number === 1 && kind !== 'dir' ? kind : `${kind}${number}`;
    known.set(name, made);
    return made;
  }
}

/** Redacts every string in a value; numbers, keys and structure stay. */
export function redact<T>(value: T): T {
  return new Redactor().value(value);
}
