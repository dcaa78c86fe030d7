/**
 * Who holds the bytes at a moment: by line of the user's code, module, library and category. Sizes are
 * those of the blocks, so that the owners add up to the allocated bytes of that moment.
 */
import type { Categories } from './categories.ts';
import { CATEGORIES, RULES } from './categories-rules.ts';
import { NONE } from './columns.ts';
import { isAllocatedAt } from './lifetimes.ts';
import { Code, Places, Stage } from './owners-frames.ts';
import { type DeviceView, hasFrames } from './phases.ts';

export type OwnerBy = 'line' | 'module' | 'library' | 'category';

/**
 * What a name stands for. `user`: a line of the user's code. `library`: of a package, because no line
 * of the user's is in the stack. `native`: an operator, no Python at all. `no_stack` and `before`:
 * nothing recorded, or allocated before the recording began.
 */
export type OwnerKind = 'user' | 'library' | 'native' | 'no_stack' | 'before' | 'category';

export interface Owner {
  readonly by: OwnerBy;
  readonly name: string;
  readonly kind: OwnerKind;
  readonly bytes: number;
  /** Allocations. */
  readonly count: number;
  /** The path as the snapshot has it, the line, and the function: of lines. */
  readonly file?: string;
  readonly line?: number;
  readonly function?: string;
  /** Rules that put bytes there, largest first: of categories. */
  readonly rules?: readonly {
    readonly id: string;
    readonly bytes: number;
    readonly basis: string;
  }[];
}

export interface Owners {
  /** Event after which they were counted; -1 is the start. */
  readonly moment: number;
  readonly bytes: number;
  readonly line: readonly Owner[];
  readonly module: readonly Owner[];
  readonly library: readonly Owner[];
  readonly category: readonly Owner[];
}

interface Name {
  readonly name: string;
  readonly kind: OwnerKind;
  readonly frame?: number;
}

/** Modules of torch.nn by their file, where a stack shows nothing nearer. */
const TORCH_MODULES: RegExp = /\/torch\/nn\/modules\/(\w+)\.py$/;
const NODE: RegExp = /generated::(\w+Backward\d*)::apply|(AccumulateGrad)::apply/;
const OPERATOR: RegExp = /at::_ops::(\w+)::/;

/** Names for every stack, each made once and only when it is asked for. */
export class OwnerNames {
  readonly #view: DeviceView;
  readonly #places: Places;
  readonly #names: Record<'line' | 'module' | 'library', Map<number, Name>> = {
    line: new Map(),
    module: new Map(),
    library: new Map(),
  };

  constructor(view: DeviceView, places: Places = new Places(view.snapshot)) {
    this.#view = view;
    this.#places = places;
  }

  nameOf(by: 'line' | 'module' | 'library', stack: number): Name {
    const known = this.#names[by].get(stack);
    if (known !== undefined) return known;
    const name =
      by === 'line'
        ? this.#line(stack)
        : by === 'module'
          ? this.#module(stack)
          : this.#library(stack);
    this.#names[by].set(stack, name);
    return name;
  }

  /** Whose an allocation is, as `ownersAt` counts it. @param row of the lifetimes. */
  ofAllocation(by: 'line' | 'module' | 'library', row: number): Name {
    const { lifetimes, facts } = this.#view;
    const stack = lifetimes.stack[row] as number;
    if (hasFrames(facts, stack)) return this.nameOf(by, stack);
    return EXTRA[frameless(this.#view, row)] as Name;
  }

  #line(stack: number): Name {
    const { facts } = this.#view;
    const user = facts.userFrame[stack] as number;
    if (user !== NONE) return { name: this.#places.line(user), kind: 'user', frame: user };
    const python = this.#libraryFrame(stack);
    if (python !== NONE) return { name: this.#places.line(python), kind: 'library', frame: python };
    return this.#native(stack);
  }

  #module(stack: number): Name {
    const { facts, snapshot } = this.#view;
    const frame = facts.moduleFrame[stack] as number;
    if (frame === NONE) return this.#outside(stack);
    const path = (snapshot.strings[snapshot.frames.file[frame] as number] ?? '').replaceAll(
      '\\',
      '/',
    );
    const torch = TORCH_MODULES.exec(path);
    if (torch !== null) return { name: `torch.nn ${torch[1]}`, kind: 'library', frame };
    const qualified = this.#places.function(frame);
    const kind = facts.code[frame] === Code.user ? 'user' : 'library';
    const owner = qualified.includes('.') ? qualified.slice(0, qualified.lastIndexOf('.')) : '';
    return { name: `${this.#places.file(frame)} ${owner || 'forward'}`, kind, frame };
  }

  /** Not under any module: the file that the line is in. */
  #outside(stack: number): Name {
    const { facts } = this.#view;
    const frame = facts.userFrame[stack] as number;
    if (frame !== NONE) return { name: this.#places.file(frame), kind: 'user', frame };
    const python = this.#libraryFrame(stack);
    if (python !== NONE) return { name: this.#places.file(python), kind: 'library', frame: python };
    return this.#native(stack);
  }

  #library(stack: number): Name {
    const { facts } = this.#view;
    const frame = facts.packageFrame[stack] as number;
    if (frame !== NONE) {
      const library = facts.library[frame] as number;
      if (library === NONE) return { name: 'user code', kind: 'user' };
      return { name: facts.libraries[library] ?? '', kind: 'library' };
    }
    if (facts.pythonFrame[stack] !== NONE) return { name: 'torch', kind: 'library' };
    if (facts.operatorFrame[stack] !== NONE) return { name: 'torch', kind: 'native' };
    return { name: 'native code', kind: 'native' };
  }

  /** Of a package if there is one, else PyTorch's own. */
  #libraryFrame(stack: number): number {
    const { facts } = this.#view;
    const frame = facts.packageFrame[stack] as number;
    return frame !== NONE ? frame : (facts.pythonFrame[stack] as number);
  }

  #native(stack: number): Name {
    const { facts, snapshot } = this.#view;
    const frame = facts.operatorFrame[stack] as number;
    const text =
      frame === NONE ? '' : (snapshot.strings[snapshot.frames.name[frame] as number] ?? '');
    const node = NODE.exec(text);
    if (node !== null) return { name: `autograd ${node[1] ?? node[2]}`, kind: 'native' };
    const operator = OPERATOR.exec(text);
    if (operator !== null) return { name: `operator ${operator[1]}`, kind: 'native' };
    return { name: 'native code', kind: 'native' };
  }
}

const NO_STACK: Name = { name: 'no stack', kind: 'no_stack' };
const BEFORE_RECORDING: Name = { name: 'before the recording', kind: 'before' };
/** Threads of the autograd engine run no Python, so a Python-only stack is empty there. */
export const AUTOGRAD_ENGINE = 'autograd engine';
const ENGINE: Name = { name: AUTOGRAD_ENGINE, kind: 'native' };

const EXTRA: readonly Name[] = [NO_STACK, BEFORE_RECORDING, ENGINE];

/** Which of `EXTRA` an allocation without frames belongs to. */
function frameless({ lifetimes, stages }: DeviceView, row: number): number {
  const start = lifetimes.start[row] as number;
  if (start === NONE) return EXTRA.indexOf(BEFORE_RECORDING);
  const isEngine = stages.framelessIsBackward && stages.stage[start] === Stage.backward;
  return EXTRA.indexOf(isEngine ? ENGINE : NO_STACK);
}

/** Groups what the program holds after event `moment` (-1: at the start of the recording). */
export function ownersAt(
  view: DeviceView,
  categories: Categories,
  moment: number,
  names: OwnerNames = new OwnerNames(view),
): Owners {
  const { lifetimes, facts } = view;
  const stacks = facts.traits.length;
  // Beyond the stacks: what has none.
  const bytes = new Float64Array(stacks + EXTRA.length);
  const counts = new Uint32Array(stacks + EXTRA.length);
  const ofRule = new Float64Array(RULES.length);
  const countOfRule = new Uint32Array(RULES.length);
  let total = 0;
  for (let row = 0; row < lifetimes.count; row++) {
    if (!isAllocatedAt(lifetimes, row, moment)) continue;
    const own = lifetimes.block[row] as number;
    const stack = lifetimes.stack[row] as number;
    const slot = hasFrames(facts, stack) ? stack : stacks + frameless(view, row);
    bytes[slot] = (bytes[slot] as number) + own;
    counts[slot] = (counts[slot] as number) + 1;
    const rule = categories.rule[row] as number;
    ofRule[rule] = (ofRule[rule] as number) + own;
    countOfRule[rule] = (countOfRule[rule] as number) + 1;
    total += own;
  }
  const by = (kind: 'line' | 'module' | 'library'): readonly Owner[] => {
    const groups = new Map<string, { name: Name; bytes: number; count: number }>();
    for (let slot = 0; slot < bytes.length; slot++) {
      if (counts[slot] === 0) continue;
      const name = slot < stacks ? names.nameOf(kind, slot) : (EXTRA[slot - stacks] ?? NO_STACK);
      const group = groups.get(name.name) ?? { name, bytes: 0, count: 0 };
      group.bytes += bytes[slot] as number;
      group.count += counts[slot] as number;
      groups.set(name.name, group);
    }
    return [...groups.values()]
      .map((group) => ownerOf(view, kind, group))
      .sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
  };
  return {
    moment,
    bytes: total,
    line: by('line'),
    module: by('module'),
    library: by('library'),
    category: categoryOwners(ofRule, countOfRule),
  };
}

function ownerOf(
  view: DeviceView,
  by: OwnerBy,
  group: { name: Name; bytes: number; count: number },
): Owner {
  const { name, kind, frame } = group.name;
  const owner = { by, name, kind, bytes: group.bytes, count: group.count };
  if (by !== 'line' || frame === undefined) return owner;
  const { strings, frames } = view.snapshot;
  return {
    ...owner,
    file: strings[frames.file[frame] as number] ?? '',
    line: frames.line[frame] as number,
    function: strings[frames.name[frame] as number] ?? '',
  };
}

function categoryOwners(ofRule: Float64Array, countOfRule: Uint32Array): readonly Owner[] {
  return CATEGORIES.map((category): Owner => {
    const rules = RULES.flatMap((rule, i) =>
      rule.category === category && (countOfRule[i] as number) > 0
        ? [{ id: rule.id, bytes: ofRule[i] as number, basis: rule.basis, count: countOfRule[i] }]
        : [],
    ).sort((a, b) => b.bytes - a.bytes);
    return {
      by: 'category',
      name: category,
      kind: 'category',
      bytes: rules.reduce((sum, rule) => sum + rule.bytes, 0),
      count: rules.reduce((sum, rule) => sum + (rule.count as number), 0),
      rules: rules.map(({ id, bytes, basis }) => ({ id, bytes, basis })),
    };
  })
    .filter((owner) => owner.count > 0)
    .sort((a, b) => b.bytes - a.bytes);
}
