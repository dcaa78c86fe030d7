/** Holds what the analysis says of planted programs against their truth. It decides nothing else. */
import { analyse } from '../../src/core/snapshot/analyse.ts';
import type { Snapshot } from '../../src/core/snapshot/columns.ts';
import type {
  DeviceReport,
  FailureEntry,
  GrowthEntry,
  OwnerEntry,
} from '../../src/core/snapshot/report-data.ts';
import {
  makeDrawing,
  readSnapshot,
  renderDrawingProblem,
  type WriteOptions,
  writeSnapshot,
} from '../../src/core/snapshots.ts';
import { inRing, sampled } from '../ring.ts';
import { type Count, count } from './count.ts';
import type { Truth } from './programs.ts';

export interface PlantedSet {
  readonly programs: Readonly<Record<string, () => string>>;
  readonly truth: Readonly<Record<string, Truth>>;
  readonly formats: Readonly<Record<string, WriteOptions>>;
}

export interface Case {
  readonly name: string;
  readonly truth: Truth;
  readonly counted: Count;
  /** Of the device that the truth is about. */
  readonly report: DeviceReport;
  /** Claims about other devices: there is no leak on any of them. */
  readonly elsewhere: readonly GrowthEntry[];
}

/** What there is to say against the report of a case; undefined: nothing. */
export type Objection = (each: Case) => string | undefined;

/** Characters of a program: some have ten million. */
const LONGEST = inRing(Number.POSITIVE_INFINITY, 1_000_000);

/** Makes the snapshots of programs, by way of a file, and analyses them. The everyday ring takes some. */
export async function casesOf(set: PlantedSet): Promise<readonly Case[]> {
  const cases: Case[] = [];
  for (const [name, truth] of sampled(Object.entries(set.truth), () => 'any', 8)) {
    const text = set.programs[name]?.() ?? '';
    if (text.length > LONGEST) continue;
    const snapshot = await snapshotOf(text, name, set.formats[name]);
    const { device = 0 } = truth;
    const { devices } = analyse(snapshot);
    const report = devices.find((each) => each.device === device);
    if (report === undefined) throw new Error(`${name} has no device ${device}`);
    const elsewhere = devices.flatMap((each) => (each === report ? [] : each.growth_by_line));
    cases.push({ name, truth, counted: count(snapshot, device), report, elsewhere });
  }
  return cases;
}

async function snapshotOf(text: string, name: string, format?: WriteOptions): Promise<Snapshot> {
  const made = makeDrawing(text, name);
  if ('problem' in made) throw new Error(renderDrawingProblem(made.problem));
  const { snapshot } = await readSnapshot([...writeSnapshot(made.snapshot, format)]);
  if (snapshot === undefined) throw new Error(`${name} cannot be read`);
  return snapshot;
}

/** Cases whose truth says something of the kind. */
export const knowing = (cases: readonly Case[], key: keyof Truth): readonly Case[] =>
  cases.filter(({ truth }) => truth[key] !== undefined);

/** `NAME: OBJECTION` of each case that has one, in the order of the names. */
export const missesOf = (cases: readonly Case[], objection: Objection): readonly string[] =>
  cases
    .flatMap((each) => {
      const found = objection(each);
      return found === undefined ? [] : [`${each.name}: ${found}`];
    })
    .sort();

/** Against the truth itself, by the plain count. Where the recorder lost the beginning, no owner is counted. */
export function countObjection({ truth, counted }: Case, isWhole: boolean): string | undefined {
  const { owner_line, leak_lines = [], failure_reason, failures = 1 } = truth;
  const [first, second] = counted.peakLines.filter(([line]) => line !== '(none)');
  if (owner_line !== undefined && isWhole) {
    if (first?.[0] !== owner_line) return `${first?.[0]} holds most, not ${owner_line}`;
    if (first[1] <= 1.05 * (second?.[1] ?? 0)) return `${second?.[0]} holds nearly as much`;
  }
  const held = new Set(counted.endLines.map(([line]) => line));
  const gone = leak_lines.find((lines) => ![lines].flat().some((line) => held.has(line)));
  if (gone !== undefined) return `${gone} holds nothing at the end`;
  if (failure_reason === undefined || counted.failures === failures) return undefined;
  return `${counted.failures} failures, not ${failures}`;
}

const ownerPlace = ({ file, line, name }: OwnerEntry): string =>
  file === undefined ? name : `${file}:${line}`;

const top = ({ owners }: DeviceReport, by: OwnerEntry['by']): OwnerEntry | undefined =>
  owners.find((owner) => owner.by === by && owner.kind !== 'rest');

export const ownerObjection: Objection = ({ truth, report }) => {
  const owner = top(report, 'line');
  const place = owner === undefined ? 'none' : ownerPlace(owner);
  return place === truth.owner_line ? undefined : `${place}, not ${truth.owner_line}`;
};

export const categoryObjection: Objection = ({ truth, report }) => {
  const category = top(report, 'category')?.name;
  return category === truth.owner_category ? undefined : `${category}, not ${truth.owner_category}`;
};

/** Whether a claim is about one of these lines of the user's code; it names them by the end of the path. */
const isAbout = (claim: GrowthEntry, lines: readonly string[]): boolean =>
  lines.some((line) => line.replaceAll('\\', '/').endsWith(`/${claim.line}`));

const sentence = ({ kind, strength, line, bytes_per_step }: GrowthEntry): string =>
  `${kind} (${strength}) ${line}, ${Math.round(bytes_per_step)} bytes a step`;

const stepsOf = ({ steps }: DeviceReport): unknown =>
  'unknown' in steps ? 'unknown' : { count: steps.count, how: steps.how };

export const leakObjection: Objection = ({ truth, report, elsewhere }) => {
  const claims = report.growth_by_line;
  const [first] = claims;
  const listed = claims.map(sentence).join('; ');
  if (first === undefined)
    return `no growth is claimed (steps: ${JSON.stringify(stepsOf(report))})`;
  if (elsewhere.length > 0) return `claims on other devices: ${elsewhere.map(sentence).join('; ')}`;
  const leaks = (truth.leak_lines ?? []).map((lines) => [lines].flat());
  if (leaks.length > 0 && !leaks.some((lines) => isAbout(first, lines)))
    return `first is ${listed}`;
  const unnamed = leaks.find((lines) => !claims.some((claim) => isAbout(claim, lines)));
  return unnamed === undefined ? undefined : `${unnamed[0]} is not named: ${listed}`;
};

export const othersObjection: Objection = ({ truth, report }) => {
  const planted = (truth.leak_lines ?? []).flat();
  // What has no line of the user's code may be part of any leak.
  const others = report.growth_by_line.filter(
    (claim) => /:\d+$/.test(claim.line) && !isAbout(claim, planted),
  );
  return others.length === 0 ? undefined : others.map(sentence).join('; ');
};

export const rateObjection: Objection = ({ truth, report }) => {
  const said = report.growth_by_line[0]?.bytes_per_step;
  const planted = truth.leak_bytes_per_step ?? 0;
  if (said !== undefined && Math.abs(said - planted) <= planted / 10) return undefined;
  return `${said} bytes a step, not ${planted}`;
};

export const quietObjection: Objection = ({ report, elsewhere }) => {
  const claims = [...report.growth_by_line, ...elsewhere];
  return claims.length === 0 ? undefined : claims.map(sentence).join('; ');
};

export const phaseObjection: Objection = ({ truth, report }) => {
  const said = report.failure?.stage ?? 'none';
  // What a snapshot calls data is the transfer of the table of phases.
  const stage = said === 'data' ? 'transfer' : said;
  if (truth.failing_phase?.includes(stage)) return undefined;
  return `${stage}, not ${truth.failing_phase?.join(' or ')}`;
};

export const reasonObjection: Objection = ({ truth, report }) => {
  const reason = report.failure === undefined ? 'no failure' : reasonOf(report.failure);
  return reason === truth.failure_reason ? undefined : `${reason}, not ${truth.failure_reason}`;
};

/** What the report says of why a request failed, in the words of the truth. */
function reasonOf({ verdict, idle }: FailureEntry): string {
  const most = [...idle].sort((a, b) => b.bytes - a.bytes)[0]?.reason;
  if (verdict === 'short') return 'capacity';
  if (verdict === 'capped') return 'limit';
  if (verdict !== 'fragmented') return verdict;
  return most === 'too_small' ? 'fragmentation' : (most ?? verdict);
}
