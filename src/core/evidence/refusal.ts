/**
 * How programs put it that memory was refused, by its grammar and not by their wordings: something failed,
 * was not enough or went beyond what there is, and what it was is memory. The readers take the wordings that are
 * known; this is for all other programs, and what it finds is told, not read as a failure.
 */
import { parseSize } from './told-size.ts';

/** Memory, or what a program takes from it. */
const MEMORY =
  '(?:memory|memmory|mem|v?ram|heap|(?:work|scratch) ?(?:space|buffers?)|mempool|swap(?: space)?|hugepages?|cma)';
/** Pieces that are allocated, and not only made or fetched. */
const PIECE =
  '(?:buffers?|chunks?|pages|arrays?|matri(?:x|ces)|vectors?|tensors?|textures?|surfaces?|frame ?buffers?|bitmaps?|tiles?|tables?|caches?|blocks?|bos?|slabs?|render ?targets?|pixmaps?|grids?|meshes|stacks?|space|objects?)';
const UNIT = '(?:[kmgtp]i?b|bytes?|octets|words|[km]bytes?)';
const SIZE = `(?:\\d[\\d.,_]{0,24} ?${UNIT}\\b)`;
const FAILS =
  "(?:fail(?:ed|s|ure|ing)?|errors?|unable|could ?n[o'’]t|can ?n[o'’]t|can['’]t|refus(?:ed|es|ing)|giving up|denied|rejected|impossible|unsuccessful|returned (?:null(?:ptr)?|nil|0x0|0|-1|enomem))";
/** A stem that speaks of nothing else, with what functions put in front of it. */
const ALLOC = '(?:alloc|alocat|malloc|mmap|memalign|cudamalloc|hipmalloc|reserv)';
/** Verbs of any thing: memory has to be named as what was wanted. */
const WANTS =
  '(?:get|obtain|acquire|map|grow|extend|expand|enlarge|claim|commit|request|provide|pin|lock)(?:t?ing|e?s)?';

const words = (pattern: string): RegExp => new RegExp(pattern, 'i');

const FAILED_TO_ALLOCATE: readonly RegExp[] = [
  words(`\\b${FAILS}\\b.{0,24}${ALLOC}.{0,60}?(?:\\b${MEMORY}\\b|\\b${PIECE}\\b|${SIZE}|\\d{5})`),
  words(`\\b${FAILS}\\b.{0,16}\\b${WANTS} (?:more |any |the |another )?(?:${SIZE}|${MEMORY}\\b)`),
  words(`(?:${SIZE}|\\b${PIECE}\\b|\\b${MEMORY}\\b|\\d{5}).{0,24}${ALLOC}.{0,24}\\b${FAILS}\\b`),
  words(
    `${ALLOC}\\w{0,12}\\b.{0,40}?(?:\\b${MEMORY}\\b|\\b${PIECE}\\b|${SIZE}|\\d{5}).{0,24}?\\b${FAILS}\\b`,
  ),
  words(`${ALLOC}\\w{0,12}\\(.{0,40}\\b${FAILS}\\b`),
];

const NOT_ENOUGH = words(
  `\\b(?:not? (?:have |has |had )?(?:got )?enough|n['’]t (?:have |get )?enough|insuff?ici?ent|inadequate|too little|no (?:more |free |available |contiguous )+|short (?:of|on)|(?:run(?:s|ning)?|ran) (?:out|low|short)(?: of| on)?|low on|out of)(?: (?:gpu|device|video|graphics|system|host|physical|virtual|free|available|shared|main|core|local|contiguous|the|your|usable)){0,3} (?:${MEMORY}|core)\\b(?! (?:bandwidth|access|controller|leak|errors?|map|model|usage|address|clock|speed|bank|safety|count|voltage|dumped))`,
);
const USED_UP = words(
  `\\b(?:${MEMORY}|(?:buffer|page|texture|descriptor|staging|memory|gpu|device) pool)\\b.{0,16}\\b(?:exhausted|depleted|used up|all in use)\\b|\\bexhausted\\b.{0,24}\\b${MEMORY}\\b`,
);
const EXCEEDS = words(
  `\\b(?:exceed(?:s|ed|ing)?|(?:larger|greater|bigger|more) than)\\b.{0,24}\\b(?:available|free|usable|physical|device|gpu|system|host|installed)\\b.{0,16}\\b${MEMORY}\\b`,
);
/** A limit that somebody set, or a program has. */
const LIMITS: readonly RegExp[] = [
  words(
    `\\b(?:${MEMORY}|vmem|rss)[ -](?:usage |size )?(?:limit|maximum|cap|quota|ceiling|budget)\\b.{0,32}?\\b(?:reached|exceeded|hit(?! rate)|surpassed|crossed|overrun)\\b`,
  ),
  words(
    `\\b(?:exceed(?:s|ed|ing)?|reach(?:es|ed|ing)?|hit|beyond|over)\\b(?: (?:the|its|your|a|configured|physical|virtual|gpu|lsf)){0,3} ${MEMORY}[ -](?:usage )?(?:limits?|quota|cap|budget)\\b`,
  ),
  words(`\\b(?:maximum|max\\.?) (?:${MEMORY}|rss) (?:usage |size )?(?:reached|exceeded)\\b`),
  words(
    `\\b(?:exceed(?:s|ed)?|reached|hit)\\b(?: (?:the|its|per-[a-z]{2,8}|total|query|user|set|configured)){1,2} ${MEMORY}[ -](?:limit|quota|ceiling)\\b`,
  ),
  words(`\\bnot allowed when used ${MEMORY} ?> ?['"]?max_?${MEMORY}`),
];
const TOO_LARGE = words(
  `\\btoo (?:big|large) (?:to fit )?(?:for|in|into) (?:the |your |available |gpu |device |main )*${MEMORY}\\b|\\b(?:do(?:es)? ?n[o'’]t|did ?n[o'’]t|can ?n[o'’]t|can['’]t|wo?n['’]t|will not) fit (?:in|into|on|onto)\\b.{0,24}\\b${MEMORY}\\b`,
);
/** Names that interfaces and systems give the case. */
const CODES =
  /\bENOMEM\b|\bE_OUTOFMEMORY\b|\b0x8007000E\b|(?:_NO_?MEM(?:ORY)?|_OUT_?OF_?MEM(?:ORY)?|_INSUFFICIENT_MEM(?:ORY)?|_ALLOC(?:ATION)?_FAIL(?:ED|URE)?)\b/;

/** More was wanted than there is, both in figures. */
const FIGURE = `(?<%>\\d[\\d.,]{0,20}) ?(?<%_unit>${UNIT})?\\b`;
const ASKED =
  '(?:need(?:s|ed)?|requires?|required|request(?:ed|s|ing)?|want(?:s|ed)?|ask(?:s|ed|ing)?|tried to alloc\\w{0,6})';
const NEED = `\\b${ASKED}\\b\\D{0,48}?${FIGURE.replaceAll('%', 'need')}`;
const HAVE = FIGURE.replaceAll('%', 'have');
const BEYOND: readonly RegExp[] = [
  words(
    `${NEED}.{0,40}?\\b(?:only|have|has|got|available|avail|remain\\w{0,4})\\b\\D{0,40}?${HAVE}`,
  ),
  words(
    `${NEED}.{1,40}?${HAVE} (?:is |are |were |was )?(?:left|free|available|avail|remain\\w{0,4})\\b`,
  ),
];
const NAMES_MEMORY = words(`\\b${MEMORY}\\b|alloc`);

/** Both figures are of bytes, and what was wanted is the larger one. */
function isBeyond(text: string): boolean {
  return BEYOND.some((pattern) => {
    const { need, need_unit: unit, have, have_unit: other } = pattern.exec(text)?.groups ?? {};
    if (need === undefined || have === undefined) return false;
    const units = Number(unit !== undefined) + Number(other !== undefined);
    // Without units only large numbers can be bytes.
    const isOfMemory = NAMES_MEMORY.test(text) && (units > 0 || need.length >= 5);
    if (units < 2 && !isOfMemory) return false;
    const asked = parseSize(need, unit ?? other ?? '');
    const there = parseSize(have, other ?? unit ?? '');
    return asked !== undefined && there !== undefined && there < asked;
  });
}

/** Other things are allocated, reserved and exhausted in the same words. */
const OF_OTHERS =
  /\b(?:alloc\w{0,8}|reserv\w{1,6}|get|obtain|acquire|exhausted|out of|insufficient|enough|exceed\w{0,3}|more|free)(?: (?:an?|the|any|more|free|available|new|unique|\w{2,14})){0,2} (?:ports?|sockets?|ip(?:v[46])?|address(?:es)?|leases?|pty|tty|irqs?|interrupts?|gpios?|[pu]?ids?|file descriptors?|fds?|files?|inodes?|disks?|volumes?|partitions?|extents?|threads?|connections?|sessions?|licen[sc]es?|seats?|channels?|credits?|tokens?|users?|accounts?|rooms?|tickets?|cpus?|gpus?|nodes?|workers?|jobs?|requests?|streams?|handles?|slots?|locks?)\b(?! ?(?:memory|mem|v?ram|buffers?|heap|[(=:#\d]))|\b(?:disk|filesystem|file ?size|upload|download|payload|message|packet|cable|java \d|log file|asset|bundle)\b|\/dev\/sd/i;
/** The program went on, or nothing happened yet. */
const NO_HARM =
  /\bretry(?:ing)?(?: (?:with|later|in)\b|\.\.\.|$)|\bfall(?:s|ing)? ?back\b|\bfell back\b|\bfallback\b|\brecovered\b|\bsucce(?:ss|ed)\w*|\bignored\b|\bGC \(|\bPause (?:Young|Full|Remark)\b|\bcontinuing\b/i;
/** Source code, documents, exceptions of another kind. */
const NO_PROGRAM =
  /\bdriver (?:version|combination)\b|\bmemory: initialization error\b|\bno CUDA-capable\b|\w\(\s?["'`]|%(?:[sdfuixp]|l[du]|z[du])\b|["'],?\s*\);?\s*$|^\W*[A-Z_]{6,60},?\s*$|^\s*(?:when|once|unless|until|by default|optimi[sz]ed|note)\b|\b(?:returns?|returning) (?:null|nil|-1) (?:on|if|when)\b|\bnever returns\b|^\s*(?:[\w.]{1,60}\.)?(?:Type|Value|Key|Attribute|Index|Name|Import|Assertion|EOF|Lookup|NotImplemented|Unicode|Zero\w{1,12})\w{0,12}Error\b|^\s*_?csv\.Error|\bheap-(?:buffer|use)|\?\s|\b(?:step|epoch|iter)\w{0,8} \d{1,9}\b.{0,40}\bloss\b/i;
/** A refusal is said in a line; what is longer is a table, a dump or a sentence about something. */
const LONGEST = 320;

/** What each of the patterns needs: one look before they are tried. */
const HINT =
  /mem|alloc|alocat|ram\b|heap|mmap|reserv|space|buffer|\bcore\b|swap|8007000|\d ?(?:[kmgt]i?b|bytes)\b/i;

/** True where it is a limit below what there is. */
export const isOfLimit = (text: string): boolean => LIMITS.some((limit) => limit.test(text));

/** True for a line in which a program says that memory was refused or is short. */
export function isRefusal(line: string): boolean {
  const text = line.trim();
  if (text.length > LONGEST || !HINT.test(text)) return false;
  const isSaid =
    NOT_ENOUGH.test(text) ||
    USED_UP.test(text) ||
    CODES.test(text) ||
    EXCEEDS.test(text) ||
    TOO_LARGE.test(text) ||
    isOfLimit(text) ||
    isBeyond(text) ||
    FAILED_TO_ALLOCATE.some((one) => one.test(text));
  return isSaid && !OF_OTHERS.test(text) && !NO_HARM.test(text) && !NO_PROGRAM.test(text);
}
