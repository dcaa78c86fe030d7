// Every wording of PyTorch's message, printed from known bytes and read back.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Diagnosis, diagnoseText, type Estimate, type Incident } from '../src/core/index.ts';
import { truth } from './make/arbitrary.ts';
import { ERAS, type Era, formatSize, type Truth } from './make/messages.ts';
import { numRuns } from './ring.ts';

async function incidentOf(text: string): Promise<Incident> {
  const diagnosis: Diagnosis = await diagnoseText(text);
  const [incident] = diagnosis.incidents;
  if (incident === undefined) throw new Error(`no incident in: ${text}`);
  expect(diagnosis.incidents).toHaveLength(1);
  return incident;
}

/** What a printed size stands for when it is read back. */
const printed = (n: number): number => {
  const [digits = '', unit = ''] = formatSize(n).split(' ');
  const factor = { bytes: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }[unit] ?? 0;
  return Math.round(Number(digits) * factor);
};

function expectFigures(incident: Incident, t: Truth, era: Era): void {
  const { figures } = incident;
  expect(incident.device).toBe(t.device);
  expect(figures.requested_bytes).toBe(printed(t.requested));
  expect(figures.total_bytes).toBe(printed(t.total));
  expect(figures.free_bytes).toBe(printed(t.free));
  const pools = era.prints.has('pools') ? (t.privateIdle ?? 0) : 0;
  expect(figures.allocated_bytes).toBe(printed(t.allocated + pools));
  expect(figures.private_pool_bytes).toBe(pools === 0 ? undefined : printed(pools));
  const reserved = t.allocated + t.idle + (t.privateIdle ?? 0);
  expect(figures.reserved_bytes).toBe(era.prints.has('reserved') ? printed(reserved) : undefined);
  expect(figures.reserved_unallocated_bytes).toBe(
    era.prints.has('idle') ? printed(reserved - t.allocated - pools) : undefined,
  );
  expect(figures.allowed_bytes).toBe(
    era.prints.has('allowed') && t.allowed !== undefined ? printed(t.allowed) : undefined,
  );
  if (!era.prints.has('processes') || t.own === undefined) return;
  expect(figures.process_bytes).toBe(t.own.isMarked ? printed(t.own.bytes) : undefined);
  const listed = [...(t.others ?? []), ...(t.own.isMarked ? [] : [t.own])];
  expect(figures.other_processes ?? []).toEqual(
    listed.map(({ pid, bytes }) => ({ pid, bytes: printed(bytes) })),
  );
}

/** The range that the message's own words leave; a clause for a cap came with 2.6. */
function narrowed(versions: string, t: Truth): string {
  if (versions === '1.0-1.3') return versions;
  // The hint that 1.10 added may have been cut off; the exception's name ends the range.
  if (versions === '1.4-1.9') return t.allowed === undefined ? '1.4-1.12' : '1.8-1.12';
  if (versions === '1.10-2.0') return '1.13-2.0';
  return versions === '2.5-2.8' && t.allowed !== undefined ? '2.6-2.8' : versions;
}

describe.each(ERAS.map((era) => [era.versions, era] as const))('PyTorch %s', (versions, era) => {
  test('every figure is read under its own key, and the wording tells the version', async () => {
    await fc.assert(
      fc.asyncProperty(truth, async (t) => {
        const incident = await incidentOf(era.print(t));
        expectFigures(incident, t, era);
        const { from, to } = incident.versions ?? {};
        expect(`${from ?? ''}-${to ?? ''}`).toBe(narrowed(versions, t));
      }),
      { numRuns: numRuns(150) },
    );
  });

  test('the ledger holds the truth: every measured atom’s range contains it, and it adds up to the card', async () => {
    await fc.assert(
      fc.asyncProperty(truth, async (t) => {
        const { ledger } = await incidentOf(era.print(t));
        const mid = ledger.atoms.reduce(
          (sum, { bytes }) => sum + ('mid' in bytes ? bytes.mid : 0),
          0,
        );
        expect(Math.abs(mid - printed(t.total))).toBeLessThanOrEqual(ledger.atoms.length);
        const tensors = ledger.atoms.find((atom) => atom.category === 'tensors')?.bytes as Estimate;
        // Versions without the private-pool clause print the live bytes themselves.
        expect(tensors.low).toBeLessThanOrEqual(t.allocated);
        expect(tensors.high).toBeGreaterThanOrEqual(t.allocated);
      }),
      { numRuns: numRuns(100) },
    );
  });

  test('hard-wrapped anywhere, it reads the same', async () => {
    await fc.assert(
      fc.asyncProperty(truth, fc.integer({ min: 40, max: 132 }), async (t, width) => {
        const text = era.print(t);
        const wrapped = text.match(new RegExp(`.{1,${width}}`, 'gs'))?.join('\n') ?? '';
        expectFigures(await incidentOf(wrapped), t, era);
      }),
      { numRuns: numRuns(100) },
    );
  });

  test('behind prefixes, colours and boxes it reads the same', async () => {
    const dress: readonly ((text: string) => string)[] = [
      (text) => `[rank3]: ${text}`,
      (text) => `2026-11-02T09:14:55.123456Z ERROR trainer: ${text}\r\nnext line`,
      (text) => `service-1  | ${text}`,
      (text) => text.replaceAll(/(\d+\.\d+)/g, '\u001b[1;36m$1\u001b[0m'),
      (text) => JSON.stringify({ log: `${text}\n`, stream: 'stderr' }),
      (text) => `(EngineCore_DP0 pid=563) ERROR 03-03 19:38:29 [core.py:708] ${text}`,
      (text) => (text.match(/.{1,96}/gs) ?? []).map((line) => `│ ${line.padEnd(96)} │`).join('\n'),
      (text) => `> > ${text}`,
      (text) => `Nov  2 09:14:55 node17 train[4711]: ${text}`,
    ];
    await fc.assert(
      fc.asyncProperty(truth, fc.constantFrom(...dress), async (t, put) => {
        expectFigures(await incidentOf(put(era.print(t))), t, era);
      }),
      { numRuns: numRuns(120) },
    );
  });
});
