// @ts-check
/**
 * How often the cause agrees with the labels of real failures, and whether the words proven, likely and
 * possible are worth what they say. Labels say also how far a text settles its cause at all.
 */
import { existsSync, readFileSync } from 'node:fs';
import { libraryOf, share, shareRow } from './lib/bench.mjs';
import { Diagnoser } from './lib/diagnoser.mjs';

/**
 * @typedef {{
 *   id: string, source: string, text: string, cause_family: string | null,
 *   cause_decidable: 'yes' | 'partly' | 'no' | null,
 * }} Case
 *
 * @typedef {{ family: string, strength: 'proven' | 'likely' | 'possible' }} Cause
 *
 * @typedef {{ row: Case, repository: string, causes: readonly Cause[], asks: number, verdict: string }} Judged
 */

const LIMIT_SECONDS = 10;
const DECIDABLE = /** @type {const} */ (['yes', 'partly', 'no']);

/** The least share, in per cent, of each kind of row, and of what is called so strong. */
const LEAST = { yes: 90, partly: 90, no: 90, proven: 99, likely: 80 };

/** @param {Judged} one */
const families = ({ causes, verdict }) =>
  // A text in which nothing failed has no incident, and so no cause: that is "not-oom".
  causes.length === 0 && verdict === 'none' ? ['not-oom'] : causes.map(({ family }) => family);

/** @type {Readonly<Record<'yes' | 'partly' | 'no', (one: Judged) => boolean>>} */
const RIGHT = {
  yes: (one) => families(one)[0] === one.row.cause_family,
  partly: (one) =>
    families(one)
      .slice(0, 3)
      .includes(one.row.cause_family ?? ''),
  no: ({ causes, asks }) => causes.every(({ strength }) => strength === 'possible') && asks > 0,
};

/** @param {Judged} one */
const firstIsRight = ({ row, causes }) => causes[0]?.family === row.cause_family;

/**
 * The lowest share that is left when all rows of one repository are taken away: a figure that rests on
 * one project's threads falls.
 * @param {readonly Judged[]} judged
 * @param {(one: Judged) => boolean} right
 */
function leastWithoutOne(judged, right) {
  let least = { repository: '-', hits: 0, of: 0, share: Number.POSITIVE_INFINITY };
  for (const repository of new Set(judged.map((one) => one.repository))) {
    const rest = judged.filter((one) => one.repository !== repository);
    const hits = rest.filter(right).length;
    const of = rest.length;
    if (of > 0 && hits / of < least.share) least = { repository, hits, of, share: hits / of };
  }
  return least.of === 0 ? '-' : `${share(least.hits, least.of)} without ${least.repository}`;
}

/** @param {import('./lib/bench.mjs').Options} options */
export async function run(options) {
  const name = 'causes: labelled failures';
  if (!existsSync(options.cases)) {
    return { name, skipped: `${options.cases} not present`, rows: [] };
  }
  /** @type {Case[]} */
  const rows = readFileSync(options.cases, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line));
  const diagnoser = new Diagnoser(libraryOf(options), { limitSeconds: LIMIT_SECONDS });
  const answers = await diagnoser.ask(rows.map((row) => row.text));
  await diagnoser.close();
  const judged = rows.flatMap((row, i) => {
    const report = answers[i]?.report;
    if (report === undefined) return [];
    const main = report.incidents.find((/** @type {any} */ { kind }) => kind === report.verdict);
    /** @type {Judged} */
    const one = {
      row,
      repository: row.source.split('#')[0] ?? row.source,
      causes: main?.causes ?? report.causes,
      asks: (main ?? report).ask_for.length,
      verdict: report.verdict,
    };
    return [one];
  });
  const scored = judged.filter(({ row }) => row.cause_decidable !== null);
  const labelled = judged.filter(
    ({ row }) => row.cause_family !== null && row.cause_family !== 'unknown',
  );
  /** @param {readonly Judged[]} of @param {string} strength */
  const called = (of, strength) => of.filter(({ causes }) => causes[0]?.strength === strength);

  const measures = {
    yes: 'text settles it: family of the first cause',
    partly: 'text narrows it: family among the first three',
    no: 'text leaves it open: nothing above "possible", and evidence is asked for',
  };
  const result = [];
  const details = ['', 'lowest share when the rows of one repository are left out'];
  /** @type {string[]} */
  const misses = ['', 'misses'];
  for (const decidable of DECIDABLE) {
    const own = scored.filter(({ row }) => row.cause_decidable === decidable);
    const right = RIGHT[decidable];
    result.push(
      shareRow(measures[decidable], own.filter(right).length, own.length, LEAST[decidable]),
    );
    details.push(`${decidable}: ${leastWithoutOne(own, right)}`);
    for (const one of own.filter((one) => !right(one))) {
      const got = one.causes.map(({ family, strength }) => `${family} (${strength})`).join(', ');
      misses.push(`${decidable}  ${one.row.id}: ${one.row.cause_family}; got ${got || 'none'}`);
    }
  }
  // What no text settles cannot be right: a label without a text behind it is no check of strength.
  const settled = scored.filter(({ row }) => row.cause_decidable !== 'no');
  for (const strength of /** @type {const} */ (['proven', 'likely'])) {
    const own = called(settled, strength);
    result.push(
      shareRow(`called ${strength}`, own.filter(firstIsRight).length, own.length, LEAST[strength]),
    );
    details.push(`${strength}: ${leastWithoutOne(own, firstIsRight)}`);
  }
  for (const strength of ['proven', 'likely', 'possible']) {
    const own = called(labelled, strength);
    result.push(
      shareRow(
        `called ${strength}, all rows with a label`,
        own.filter(firstIsRight).length,
        own.length,
      ),
    );
  }
  return { name, rows: result, details: [...details, ...misses] };
}
