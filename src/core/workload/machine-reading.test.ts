import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GiB, MiB } from '../base/bytes.ts';
import { known } from '../base/interval.ts';
import type { Problem } from '../base/problem.ts';
import { render } from '../base/render.ts';
import { cloudInstances, gpus, migProfilesOf } from '../catalog/gpus.ts';
import type { Machine } from './machine.ts';
import { isMachine, readMachine } from './machine-reading.ts';
import { readHost } from './machine-tools.ts';

function machine(text: string): Machine {
  const read = readMachine(text);
  if (!isMachine(read)) throw new Error(`${text}: ${render(read.what, 'en')}`);
  return read;
}
const kinds = (text: string): string[] =>
  machine(text).cards.map(({ count, name }) => `${count} ${name}`);
function refusal(text: string): Problem {
  const read = readMachine(text);
  if (isMachine(read)) throw new Error(`${text} was read`);
  return read;
}

describe('a machine by name', () => {
  it.each([
    ['H100', ['1 H100 SXM 80GB']],
    ['8xH100', ['8 H100 SXM 80GB']],
    ['8x H100', ['8 H100 SXM 80GB']],
    ['8 H100', ['8 H100 SXM 80GB']],
    ['H100 x8', ['8 H100 SXM 80GB']],
    ['H100:8', ['8 H100 SXM 80GB']],
    ['8×A100-80GB', ['8 A100 SXM 80GB']],
    ['a100-80gb', ['1 A100 SXM 80GB']],
    ['2 x RTX 3090', ['2 RTX 3090']],
    ['2*4090', ['2 RTX 4090']],
    ['gpu_8x_h100_sxm5', ['8 H100 SXM 80GB']],
    ['1x A100 SXM', ['1 A100 SXM 40GB']],
    ['H100 3g.40gb', ['1 H100 SXM 80GB MIG 3g.40gb']],
    ['2x A100 MIG 1g.10gb', ['2 A100 SXM 40GB MIG 1g.10gb']],
    ['A100-3g.40gb', ['1 A100 SXM 80GB MIG 3g.40gb']],
    ['p4d.24xlarge', ['8 A100 SXM 40GB']],
    ['2x p4d.24xlarge', ['16 A100 SXM 40GB']],
    ['ml.g5.12xlarge', ['4 A10G']],
    ['2x A100 80GB + 4090', ['2 A100 SXM 80GB', '1 RTX 4090']],
    ['24GB', ['1 24GB']],
    ['4 x 24 GiB', ['4 24 GiB']],
  ])('reads %s', (text, expected) => {
    expect(kinds(text)).toEqual(expected);
  });

  it('reads every card, slice and instance, in any number', () => {
    for (const gpu of gpus()) {
      for (const name of [gpu.name, ...gpu.aliases]) {
        const [cards] = machine(`3x ${name}`).cards;
        expect(cards?.name, name).toBe(gpu.name);
        expect(cards?.count).toBe(3);
      }
      for (const { profile } of migProfilesOf(gpu)) {
        expect(machine(`${gpu.name} ${profile}`).cards[0]?.name).toBe(`${gpu.name} MIG ${profile}`);
      }
    }
    for (const { name, count, host } of cloudInstances()) {
      const read = machine(name);
      expect(read.cards[0]?.count, name).toBe(count);
      expect(read.host, name).toMatchObject({ mid: host * GiB });
    }
  });

  it('takes host memory', () => {
    for (const text of ['4xA100+512GB ram', '4xA100, 512 GiB host', '4xA100 + ram 512GB']) {
      expect(machine(text).host, text).toMatchObject({ mid: 512 * GiB });
      expect(machine(text).cards[0]?.count).toBe(4);
    }
    expect(machine('H100').host).toHaveProperty('unknown');
  });

  it('takes a size as the box has it, and an exact one as it is', () => {
    const [box] = machine('24GB').cards;
    expect(box?.usable.low).toBeLessThan(22_559 * MiB);
    expect(box?.usable.high).toBe(24 * GiB);
    expect(machine('22528 MiB usable').cards[0]?.usable).toMatchObject({
      low: 22_528 * MiB,
      high: 22_528 * MiB,
    });
  });

  it('knows what ECC and Windows take', () => {
    const [plain, ecc, windows] = ['RTX A6000', 'RTX A6000 ecc', 'RTX A6000 (windows)'].map(
      (text) => machine(text).cards[0]?.usable,
    );
    expect(ecc?.mid).toBeCloseTo(((plain?.mid ?? 0) * 15) / 16, -3);
    expect(windows?.mid).toBeLessThan(plain?.mid ?? 0);
    expect(machine('L4 no ecc').cards[0]?.usable.mid).toBeGreaterThan(24_000 * MiB);
    expect(machine('H100 ecc').cards[0]?.usable).toEqual(machine('H100').cards[0]?.usable);
    expect(machine('RTX 4090 (windows)').notes).toHaveLength(2);
  });

  it('says which size it took where the name leaves it open', () => {
    const { notes } = machine('A100');
    expect(notes.map((note) => render(note, 'en')).join()).toContain(
      'A100 exists with several sizes; A100 SXM 40GB is taken',
    );
    expect(machine('A100 80GB').notes).toEqual([]);
  });

  it.each([
    ['', 'machine-empty'],
    ['H10x', 'machine-unknown'],
    ['RTX 4091', 'machine-unknown'],
    ['0xH100', 'machine-many'],
    ['99999999xH100', 'machine-many'],
    ['RTX 4090 3g.40gb', 'machine-no-slice'],
    ['A100 3g.41gb', 'machine-no-slice'],
    ['512GB ram', 'machine-host-only'],
  ])('refuses %j', (text, code) => {
    const read = refusal(text);
    expect(read.code).toBe(code);
    for (const lang of ['en', 'zh', 'ru'] as const) {
      for (const part of [read.what, read.why, read.todo])
        expect(render(part, lang)).not.toMatch(/[{}]/);
    }
  });

  it('offers similar names', () => {
    expect(render(refusal('RTX 4091').todo, 'en')).toContain('RTX 4090');
    expect(render(refusal('A100 3g.41gb').todo, 'en')).toContain('3g.20gb');
  });

  it('reads every line of the page', () => {
    const page = readFileSync(resolve(import.meta.dirname, '../../../docs/machines.md'), 'utf8');
    const lines = /```machines\n([^`]*)```/.exec(page)?.[1]?.trim().split('\n') ?? [];
    expect(lines.length).toBeGreaterThan(20);
    for (const line of lines) expect(kinds(line).length, line).toBeGreaterThan(0);
  });

  it('takes any text without a fault', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300, unit: 'grapheme' }), (text) => {
        const read = readMachine(text);
        if (!isMachine(read)) return read.code.startsWith('machine-');
        return read.cards.every(({ count, usable }) => count >= 1 && usable.low <= usable.high);
      }),
    );
  });
});

const TABLE = `
+-----------------------------------------------------------------------------------------+
| NVIDIA-SMI 570.86.15              Driver Version: 570.86.15      CUDA Version: 12.8     |
|-----------------------------------------+------------------------+----------------------+
| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |
| Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |
|                                         |                        |               MIG M. |
|=========================================+========================+======================|
|   0  NVIDIA A100-SXM4-80GB          On  |   00000000:07:00.0 Off |                    0 |
| N/A   31C    P0             60W /  400W |       4MiB /  81920MiB |      0%      Default |
|                                         |                        |             Disabled |
+-----------------------------------------+------------------------+----------------------+
|   1  NVIDIA A100-SXM4-80GB          On  |   00000000:0F:00.0 Off |                    0 |
| N/A   31C    P0             60W /  400W |       4MiB /  81920MiB |      0%      Default |
|                                         |                        |             Disabled |
+-----------------------------------------+------------------------+----------------------+
|   2  NVIDIA A100-SXM4-80GB          On  |   00000000:47:00.0 Off |                    0 |
| N/A   45C    P0            250W /  400W |   20484MiB /  81920MiB |     90%      Default |
|                                         |                        |             Disabled |
+-----------------------------------------+------------------------+----------------------+
`;

describe('a machine from tools', () => {
  it('has what is free: what is in use is taken', () => {
    const { cards } = machine(TABLE);
    expect(cards.map(({ count, name, taken }) => [count, name, taken.mid / MiB])).toEqual([
      [2, 'A100 SXM 80GB', 4],
      [1, 'A100 SXM 80GB', 20_484],
    ]);
    expect(cards[0]?.usable.high).toBeLessThan(81_300 * MiB);
  });

  it('reads csv, with a card that the catalog lacks', () => {
    const csv =
      'name, memory.total [MiB], memory.used [MiB]\nNVIDIA Future 9000, 65536 MiB, 1000 MiB\n';
    const [card] = machine(csv).cards;
    expect(card?.name).toBe('NVIDIA Future 9000');
    expect(card?.usable.high).toBeLessThanOrEqual(65_536 * MiB);
    expect(card?.taken.mid).toBe(1000 * MiB);
  });

  it('reads XML', () => {
    const memory =
      '<fb_memory_usage><total>46068 MiB</total><reserved>500 MiB</reserved><used>1000 MiB</used><free>44568 MiB</free></fb_memory_usage>';
    const xml = `<?xml version="1.0" ?>\n<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_v12.dtd">\n<nvidia_smi_log>\n<driver_version>550.54</driver_version>\n<gpu id="00000000:01:00.0">\n<product_name>NVIDIA L40S</product_name>\n${memory}\n</gpu>\n</nvidia_smi_log>\n`;
    const [card] = machine(xml).cards;
    expect(card).toMatchObject({ count: 1, name: 'L40S', taken: { mid: 1000 * MiB } });
  });

  it('takes the total of an old driver as what can be used', () => {
    const csv = (driver: string): string =>
      `driver_version, name, memory.total [MiB], memory.used [MiB]\n${driver}, Tesla T4, 15109 MiB, 3 MiB\n`;
    expect(machine(csv('470.57.02')).cards[0]?.usable.high).toBeLessThanOrEqual(15_110 * MiB);
    expect(machine(TABLE.replaceAll('570.86.15', '470.57.02')).cards[0]?.usable.mid).toBe(
      81_920 * MiB,
    );
  });

  it('reads a list of names, and says that it prints no memory', () => {
    const list = 'GPU 0: NVIDIA L40S (UUID: GPU-11111111-2222-3333-4444-555555555555)\n';
    const read = machine(list);
    expect(read.cards[0]).toMatchObject({ count: 1, name: 'L40S' });
    expect(read.notes).toHaveLength(1);
  });

  it('takes the least of what the host and the cgroup leave', () => {
    const meminfo =
      'MemTotal:       65536000 kB\nMemFree:         1000000 kB\nMemAvailable:   50000000 kB\n';
    expect(known(readHost(meminfo))?.mid).toBe(50_000_000 * 1024);
    expect(known(readHost('34359738368\n'))?.mid).toBe(32 * GiB);
    expect(known(readHost(`${meminfo}/sys/fs/cgroup/memory.max: 34359738368\n`))?.mid).toBe(
      32 * GiB,
    );
    expect(known(readHost('memory.max 34359738368\nmemory.current 2147483648\n'))?.mid).toBe(
      30 * GiB,
    );
    expect(known(readHost('max\n'))).toBeUndefined();
    expect(known(readHost('memory.limit_in_bytes 9223372036854771712\n'))).toBeUndefined();
    expect(known(machine(`${TABLE}\n${meminfo}`).host as never)?.mid).toBe(50_000_000 * 1024);
  });

  it('takes any lines without a fault', () => {
    const line = fc.constantFrom(
      ...TABLE.split('\n'),
      'GPU 0: NVIDIA',
      'MemTotal: 1 kB',
      '0, 1 MiB',
      '',
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), (lines) => {
        const read = readMachine(lines.join('\n'));
        return isMachine(read) ? read.cards.length > 0 : read.code.startsWith('machine-');
      }),
    );
  });
});

const texts = join(
  process.env['UNOOM_SHARED'] ?? resolve(import.meta.dirname, '../../../../shared'),
  'smi/texts.jsonl',
);

describe.skipIf(!existsSync(texts))('real texts of tools', () => {
  const rows = existsSync(texts)
    ? readFileSync(texts, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { id: string; kind: string; text: string })
    : [];

  it('give machines whose cards have room', () => {
    const read = rows
      .filter(({ kind }) => /^(?:smi_(?:table|csv|xml)|rocm_smi)$/.test(kind))
      .map(({ id, text }) => ({ id, read: readMachine(text) }));
    const machines = read.filter((one) => isMachine(one.read));
    expect(machines.length).toBeGreaterThan(50);
    for (const { id, read } of machines) {
      if (!isMachine(read)) continue;
      for (const { usable, taken, name } of read.cards) {
        expect(usable.low, `${id} ${name}`).toBeGreaterThan(GiB);
        expect(taken.mid, `${id} ${name}`).toBeLessThan(usable.high * 1.01);
      }
    }
  });
});
