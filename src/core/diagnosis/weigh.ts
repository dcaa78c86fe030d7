/** Weighs all causes of a case and puts them in order. */
import { compareText, say } from '../base/texts.ts';
import type { Topic } from '../evidence/account.ts';
import { type Case, isShortage } from './case.ts';
import { type Assessment, type Cause, STRENGTHS } from './cause.ts';
import { isWeak, suspectOf, suspectsInEngine } from './topics.ts';
import { usualCauses } from './usual.ts';

export interface WeighedCause extends Assessment {
  readonly cause: Cause;
}

const TEXTS = {
  en: {
    usual: 'The text does not contradict it, and it is often behind such a message.',
    unseen: 'Nothing in the text shows it.',
  },
  zh: {
    usual: '文本与之不矛盾，而且这类报错背后常常是它。',
    unseen: '文本中没有任何内容表明这一点。',
  },
  ru: {
    usual: 'Текст этому не противоречит, и за таким сообщением часто стоит именно это.',
    unseen: 'Ничто в тексте на это не указывает.',
  },
} as const;

/** Causes shown at most: a longer list is no answer. */
const MOST = 5;
/** Where the text does not settle it, so many possibilities are named. */
const ENOUGH = 3;

/** Causes in order of strength, then of how specific they are. */
export function weigh(c: Case, causes: readonly Cause[]): WeighedCause[] {
  const assessed = causes.flatMap((cause): WeighedCause[] => {
    const assessment = cause.assess(c);
    return assessment === undefined ? [] : [{ ...assessment, cause }];
  });
  const shown = [...assessed, ...told(c, causes, assessed)].sort(
    (a, b) =>
      STRENGTHS.indexOf(a.strength) - STRENGTHS.indexOf(b.strength) ||
      b.weight - a.weight ||
      compareText(a.cause.id, b.cause.id),
  );
  // That the machine's memory ran out says where; what had filled it stays open.
  const isSettled = shown[0]?.strength === 'proven' && shown[0].cause.family !== 'host-memory';
  if (isSettled) return shown.slice(0, MOST);
  const faint = shown.filter(isFaint);
  const plain = shown.filter((one) => !isFaint(one));
  const more = usual(c, causes, plain);
  const rest = faint.filter((one) => !more.some(({ cause }) => cause === one.cause));
  return varied([...plain, ...more, ...rest]).slice(0, MOST);
}

/** Of possibilities each family once, before a second one of any. */
function varied(all: readonly WeighedCause[]): readonly WeighedCause[] {
  const seen = new Set<string>();
  const again: WeighedCause[] = [];
  const first = all.filter((one) => {
    const isNew = !seen.has(one.cause.family) || one.strength !== 'possible';
    seen.add(one.cause.family);
    if (!isNew) again.push(one);
    return isNew;
  });
  return [...first, ...again];
}

/** What hardly anything speaks for stands behind what is usual. */
const isFaint = ({ strength, weight }: WeighedCause): boolean =>
  strength === 'possible' && weight < 0;

/** Above a work load that nothing shows, below what frames or lines do. */
const TOLD = 5;
const WEAK = 3;
/** What is told later in the order settles less. */
const LATER = 0.1;

const OF_THE_HOST: ReadonlySet<Topic> = new Set(['host-ram', 'large-piece', 'full-segment']);

/** What the report speaks of in words. A full card is the failure; what it says of RAM is of the rest. */
function told(c: Case, causes: readonly Cause[], shown: readonly WeighedCause[]): WeighedCause[] {
  if (!isShortage(c)) return [];
  const named = new Set(shown.map((one) => one.cause.id));
  return c.topics.flatMap((topic, at): WeighedCause[] => {
    if (OF_THE_HOST.has(topic.topic)) return [];
    const suspects = [suspectOf(topic), ...(c.isEngine ? suspectsInEngine(topic) : [])];
    return suspects.flatMap(({ cause: id, because }, behind): WeighedCause[] => {
      const cause = causes.find((one) => one.id === id);
      if (cause === undefined || named.has(id)) return [];
      named.add(id);
      const weight = (isWeak(topic) ? WEAK : TOLD) - LATER * (at + behind / 2);
      return [{ cause, strength: 'possible', because: [because], against: [], weight }];
    });
  });
}

/** Possibilities that nothing in the text speaks for, until there are enough families to choose from. */
function usual(c: Case, causes: readonly Cause[], shown: readonly WeighedCause[]): WeighedCause[] {
  const families = new Set(shown.map(({ cause }) => cause.family));
  const more: WeighedCause[] = [];
  for (const id of usualCauses(c)) {
    const cause = causes.find((one) => one.id === id);
    if (cause === undefined || families.has(cause.family) || families.size >= ENOUGH) continue;
    families.add(cause.family);
    more.push({
      cause,
      strength: 'possible',
      because: [say(TEXTS, 'usual')],
      against: [say(TEXTS, 'unseen')],
      weight: 0,
    });
  }
  return more;
}
