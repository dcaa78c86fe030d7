import { describe, expect, it } from 'vitest';
import { causes } from '../diagnosis/causes.gen.ts';
import { remedies } from '../remedies/measures.gen.ts';
import { noRemedies } from '../remedies/no-remedies.gen.ts';
import { OUTCOMES } from './outcomes.ts';
import { causeShare, helpedShare, triedInVain } from './shares.ts';

const CAUSES = new Set(causes.map((cause) => cause.id));
const REMEDIES = new Set([...remedies, ...noRemedies].map((remedy) => remedy.id));
const THREADS = OUTCOMES.map((outcome) => outcome.thread);

describe('outcomes of public threads', () => {
  it('link to threads, each once and in order', () => {
    expect(THREADS.filter((thread) => !/^[\w.-]+\/[\w.-]+#\d+$/.test(thread))).toEqual([]);
    expect(THREADS).toEqual([...new Set(THREADS)].sort());
    expect(THREADS.length).toBeGreaterThan(100);
  });

  it('name causes and remedies that exist', () => {
    const strangers = OUTCOMES.flatMap(({ cause, helped, in_vain }) => [
      ...(cause === undefined || CAUSES.has(cause) ? [] : [cause]),
      ...[...helped, ...in_vain].filter((id) => !REMEDIES.has(id)),
    ]);
    expect(strangers).toEqual([]);
  });

  it('tell something, and each remedy of a thread once: what helped anybody was not in vain', () => {
    for (const { thread, cause, helped, in_vain } of OUTCOMES) {
      const ids = [...helped, ...in_vain];
      expect(new Set(ids).size, thread).toBe(ids.length);
      expect(cause !== undefined || ids.length > 0, thread).toBe(true);
    }
  });
});

describe('shares', () => {
  it('of a remedy: threads where it helped, of those where it was tried', () => {
    let helped = 0;
    let inVain = 0;
    for (const outcome of OUTCOMES) {
      if (outcome.helped.includes('no-grad')) helped += 1;
      if (outcome.in_vain.includes('no-grad')) inVain += 1;
    }
    expect(helped).toBeGreaterThan(0);
    expect(triedInVain('no-grad')).toBe(inVain);
    expect(helpedShare('no-grad')).toEqual({ k: helped, n: helped + inVain, of: 'threads' });
  });

  it('of a cause: threads where it was the cause, of those that tell one', () => {
    let told = 0;
    let k = 0;
    for (const { cause } of OUTCOMES) {
      if (cause === undefined) continue;
      told += 1;
      if (cause === 'host-ram-exhausted') k += 1;
    }
    expect(k).toBeGreaterThan(0);
    expect(causeShare('host-ram-exhausted')).toEqual({ k, n: told, of: 'threads' });
  });

  it('are absent for what no thread tells', () => {
    expect(helpedShare('no-such-remedy')).toBeUndefined();
    expect(triedInVain('no-such-remedy')).toBe(0);
    expect(causeShare('no-such-cause')).toBeUndefined();
  });
});
