/**
 * How programs put it that memory was refused, by its grammar and not by their wordings: something failed,
 * was not enough or went beyond what there is, and what it was is memory. The readers take the wordings that are
 * known; this is for all other programs, and what it finds is told, not read as a failure.
 */

import { parseSize } from './told-size.ts';

/** Memory, or what is made of it. */
const MEMORY =
  '(?:memory|mem|v?ram|heap|core(?! dumped)|video ?memory|graphics memory|gpu ?mem\\w{0,4}|(?:work|scratch) ?(?:space|buffers?|memory)|workspace|arena|mempool|memory pool|swap|hugepages?|cma)';
/** Pieces that are allocated. */
const PIECE =
  '(?:buffers?|bytes?|chunks?|pages?|arrays?|matri(?:x|ces)|vectors?|tensors?|textures?|surfaces?|images?|frame ?buffers?|frames?|bitmaps?|tiles?|tables?|caches?|blocks?|bos?|slabs?|render ?targets?|pixmaps?|grids?|meshes|strings?|structs?|objects?|elements|words|doubles|floats|queues?|rings?|maps?|stacks?|descriptors?|structures?|storage|space)';
const SIZE =
  '(?:\\d[\\d.,_]{0,24} ?(?:[kmgtp]i?b?|bytes?|octets|words|elements|pages|doubles|floats)\\b|0x[0-9a-f]{5,16}|\\d{5,24})';
const FAILS =
  "(?:fail(?:ed|s|ure|ing)?|errors?|unable|could ?n[o'’]t|can ?n[o'’]t|can['’]t|couldn't|did n[o'’]t succeed|refus(?:ed|es|ing)|giving up|denied|rejected|abgelehnt|impossible d['’]|impossible|unsuccessful|returns? (?:null|nil)|returned (?:null(?:ptr)?|nil|0x0|0|-1|enomem))";
const ALLOCATES =
  '(?:\\w{0,24}all?oc\\w{0,24}|request(?:ing)? (?:more )?|provide |put |reserv(?:e[ds]?|ing|ation)\\b|\\w{0,8}mmap\\w{0,4}|memalign|(?:get|obtain|acquire|map|grow|extend|resize|expand|enlarge|claim|commit|create|creating|make|pin|lock)(?:t?ing|s)? (?:\\w+ ){0,3}?)';

const words = (pattern: string): RegExp => new RegExp(pattern, 'i');

/** Something failed, and it was to get a piece of memory; in either order. */
const FAILED_TO_ALLOCATE: readonly RegExp[] = [
  words(`\\b${FAILS}\\b.{0,24}${ALLOCATES}.{0,60}(?:\\b${MEMORY}\\b|\\b${PIECE}\\b|${SIZE})`),
  words(`${ALLOCATES}.{0,60}\\b${FAILS}\\b`),
  words(`\\b(?:alloc|memory|mem)\\w{0,8} (?:error|fail(?:ed|ure)|exhausted|overflow)\\b`),
];
/** What an allocation was of stands beside it. */
const OF_MEMORY = words(`\\b${MEMORY}\\b|\\b${PIECE}\\b|${SIZE}|\\w*malloc|\\w*mmap`);

/** There was not enough of it. */
const NOT_ENOUGH = words(
  `\\b(?:not? (?:have |has |had )?(?:got )?enough|n['’]t (?:have |get )?enough|insuff?ici?ent|inadequate|too (?:little|low|small)|no (?:more |free |available |contiguous )+|lack(?:s|ing)?(?: of)?|short (?:of|on)|(?:run(?:s|ning)?|ran) (?:out|low|short)(?: of| on)?|low on|out of)(?: \\w{2,14}){0,3}? ${MEMORY}\\b(?! (?:bandwidth|access|controller|leak|error|map|model|usage|address|clock|speed|bank))`,
);
/** It was used up. */
const USED_UP = words(
  `\\b(?:${MEMORY}|(?:buffer|page|texture|descriptor|staging|memory|gpu|device) pool)\\b.{0,16}\\b(?:exhausted|depleted|used up|full|overflow(?:ed)?|all in use)\\b|\\bexhausted\\b.{0,24}\\b${MEMORY}\\b`,
);
/** More was wanted than there is, both in figures. */
const FIGURE = '(?<%>\\d[\\d.,]{0,20}) ?(?<%_unit>[kmgtp]i?b?|bytes?)?\\b';
const ASKED =
  '(?:need(?:s|ed)?|require[sd]?|requir(?:ing|ement)|request(?:ed|s|ing)?|want(?:s|ed)?|ask(?:s|ed|ing)?|size|\\w{0,12}alloc\\w{0,8}|estimated?|footprint)';
const THERE =
  '(?:only|have|has|got|available|avail|free|left|remain\\w{0,4}|exceeds?|exceeded|limit|max(?:imum)?|over|larger|greater|more|beyond|out of)';
const NEED = `\\b${ASKED}\\b\\D{0,48}?${FIGURE.replaceAll('%', 'need')}`;
const HAVE = FIGURE.replaceAll('%', 'have');
const BEYOND: readonly RegExp[] = [
  words(`${NEED}.{0,40}?\\b${THERE}\\b\\D{0,40}?${HAVE}`),
  words(
    `${NEED}.{1,40}?${HAVE} (?:is |are |were |was )?(?:left|free|available|avail|remain\\w{0,4}|admitted)\\b`,
  ),
];

function isBeyond(text: string): boolean {
  return BEYOND.some((pattern) => isLess(pattern.exec(text)?.groups ?? {}, text));
}

function isLess(found: Readonly<Record<string, string | undefined>>, text: string): boolean {
  const { need, need_unit: unit = '', have, have_unit: other = unit } = found;
  if (need === undefined || have === undefined) return false;
  const [asked, there] = [parseSize(need, unit), parseSize(have, other)];
  const isSized = unit !== '' || other !== '' || OF_BYTES.test(text);
  return isSized && asked !== undefined && there !== undefined && there < asked;
}
const OF_BYTES = words(`\\b${MEMORY}\\b|\\w*alloc`);
const EXCEEDS = words(
  `\\b(?:exceed(?:s|ed|ing)?|larger than|greater than|bigger than|more than|beyond|above|over)\\b.{0,32}\\b(?:available|free|usable|physical|total|allowed|permitted|max(?:imum)?|device|gpu|system|host|installed|remaining|configured|limit(?: of)?|budget)\\b.{0,24}\\b(?:${MEMORY}|heap|budget|alloc\\w{0,6})\\b`,
);
/** A limit that somebody set, or a program has, was reached. */
const LIMIT = words(
  `\\b${MEMORY}\\b.{0,40}?\\b(?:limit|maximum|max|cap|quota|capacity|ceiling)s?\\b.{0,32}?\\b(?:reached|exceeded|exceeding|hit|surpassed|crossed|overrun)\\b|\\b(?:exceed(?:s|ed|ing)?|reach(?:es|ed)?|hit|beyond|over|past|larger than|bigger than)\\b.{0,24}?\\b(?:limits?|maximum|max|quota|capacity|ceiling|usage limit)\\b(?=.{0,60}?\\b(?:${MEMORY}|heap|[kmg]i?b|megabytes|bytes)\\b)|\\b(?:exceed(?:s|ed|ing)?|reach(?:es|ed)?|hit|beyond|over)\\b.{0,24}?\\b${MEMORY}[ -](?:limits?|quota|cap|usage limit|budget)\\b|\\b(?:maximum|max\\.?) (?:${MEMORY} )(?:usage |size )?(?:reached|exceeded)\\b`,
);
/** It is said to be short, or too large for what there is. */
const SHORT = words(
  `\\blow (?:on )?(?:virtual |physical |resource: |free |system )*${MEMORY}\\b|\\b${MEMORY} (?:pressure|shortage|starvation|is (?:too )?low|too low)\\b|\\b${MEMORY}\\b.{0,24}\\b(?:is |are )?(?:not|un) ?available\\b|\\btoo (?:big|large|much) (?:to fit )?(?:for|in|into|of) (?:the |your |available )?${MEMORY}\\b|\\b(?:does|do|did|will|would|can) ?n[o'’]t fit (?:in|into|on|onto)\\b.{0,24}${MEMORY}\\b`,
);
/** Names that interfaces and systems give the case. */
const CODES =
  /\bE?NOMEM\b|\b-12 \(Cannot|\bE_OUTOFMEMORY\b|\b0x8007000E\b|\b\w{0,24}(?:_NO_?MEM(?:ORY)?|_OUT_?OF_?MEM(?:ORY)?|_INSUFFICIENT_(?:MEM(?:ORY)?|RESOURCES)|_ALLOC(?:ATION)?_(?:FAIL(?:ED|URE)?|ERROR))\b/;

/** Other things are allocated, reserved and exhausted in the same words. */
const OTHERS =
  '(?:ports?|sockets?|ip(?:v[46])?|address(?:es)?|leases?|pty|tty|irqs?|interrupts?|gpios?|pids?|uids?|ids?|file descriptors?|fds?|files?|inodes?|disks?|volumes?|partitions?|extents?|threads?|connections?|sessions?|licen[sc]es?|seats?|channels?|credits?|tokens?|users?|accounts?|rooms?|tickets?|cpus?|gpus?|nodes?|workers?|jobs?|requests?|streams?|handles?|slots?|watches|bandwidth|time|power|money|attempts?)(?! ?(?:memory|mem|v?ram|buffers?|heap|[(=:#\\d]))';
const OF_OTHERS = words(
  `(?:\\w*alloc\\w*|reserv\\w{1,6}|\\b(?:get|obtain|acquire|create|make|exhausted|out of|insufficient|enough|few|low on|exceed\\w{0,3}|no|more|free))(?: (?:an?|the|any|more|free|available|new|\\w{2,14})){0,2} ${OTHERS}\\b|\\b${OTHERS} (?:pool|table|limit|quota|range|space)?\\s?(?:is |was |are |were )?(?:exhausted|full|exceeded|unavailable|depleted)`,
);
/** It was survived, or it is a game. */
const NO_HARM =
  /\b(?:retr(?:y|ies|ied|ying)(?! (?:failed|in\b))|fall(?:s|ing)? ?back|fell back|recovered|succe\w+|resolved|fixed|game|player|inventory|recommended|inotify|guide|faq|asset|bundle|upload|payload|may|might|see also|non-null)\b|\b(?:not|never) (?:reached|exceeded|hit)\b|\bnever returns\b|\/dev\/sd|^disk\b|^\s*(?:#\[|\/\*|if \()/i;
/** Two lines of a program at most speak like that; prose and code do not. */
const LONGEST = 400;

/** True where it is a limit below what there is. */
export const isOfLimit = (text: string): boolean => LIMIT.test(text);

/** True for a line in which a program says that memory was refused or is short. */
export function isRefusal(line: string): boolean {
  const text = line.trim();
  if (text.length > LONGEST || OF_OTHERS.test(text) || NO_HARM.test(text)) return false;
  if (NOT_ENOUGH.test(text) || USED_UP.test(text) || CODES.test(text)) return true;
  if (isBeyond(text) || EXCEEDS.test(text) || LIMIT.test(text) || SHORT.test(text)) return true;
  return OF_MEMORY.test(text) && FAILED_TO_ALLOCATE.some((one) => one.test(text));
}
