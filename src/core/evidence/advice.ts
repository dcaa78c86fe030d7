/** Advice, documentation and release notes use the words of failures; nothing has failed there. */
import type { Message } from './reader.ts';

/** "… may cause CUDA out of memory", "if you run into …" */
const BEFORE =
  /\b(?:causes?|lead(?:s|ing)? to|results? in|run(?:s|ning)? into|in case of(?: an?)?|(?:if|when(?:ever)?|otherwise,?) (?:you|it|this|there)\b[^.\n]{0,30}|you(?:'ll| will| may| might| can)? (?:see|get|encounter|hit)|retry(?:ing)? on|handles?|catch(?:es)?|avoid(?:s|ing)?|prevent(?:s|ing)?|fix(?:es|ing)?|reduces?)\s+(?:an? |the |any |possible |potential |more )?["'`(]?$|\b(?:if you|to avoid|in case)\b[^.\n]{0,60}\($|\b(?:common|possible|likely|usual) (?:causes?|reasons?)\b[^.\n]{0,120}$/i;
/** "If you see `ValueError: …`": a condition, and its message within quotes. */
const CONDITION =
  /\b(?:if|when(?:ever)?|in case) you\b[^.\n]{0,40}["'`](?:[\w.]{0,60}(?:Error|Exception): ?)?$/i;
/** "CUDA out of memory errors", "… solutions" */
const AFTER = /^["'`]?(?: \(OOM\))?\s+(?:errors|issues|problems|solutions?|handling|faq|guide)\b/i;

/** "- Fix …", "* Fixed: …": what a list of changes says of an error. */
const CHANGE =
  /^\s*(?:(?:[-*•]|\d+\.)\s*)?(?:\[?fix(?:es|ed)?\]?:|test ["'])|^\s*(?:[-*•]|\d+\.)\s*(?:\[?(?:bug ?)?fix(?:es|ed)?\b|resolved?\b)/i;

/** "… means that", "… appears when": an explanation. */
const EXPLAINED = /^["'`]?,?\s+(?:means?|appears?|is shown|is displayed|see the (?:faq|docs))\b/i;
/** A comment of source code. */
const COMMENTED = /^\s*\/\//;

export function isAdvice({ lead, leadOnLine: line, following }: Message): boolean {
  return (
    EXPLAINED.test(following) ||
    COMMENTED.test(line) ||
    CHANGE.test(line) ||
    BEFORE.test(lead) ||
    CONDITION.test(lead) ||
    AFTER.test(following)
  );
}
