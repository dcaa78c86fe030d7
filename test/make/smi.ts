// What nvidia-smi prints, made from what should be in it.

export interface Card {
  readonly index: number;
  readonly name?: string;
  readonly used: number;
  readonly total: number;
  readonly busy?: number;
  /** MiB by pid; a name can follow. */
  readonly processes?: readonly {
    readonly pid: number;
    readonly name?: string;
    readonly mib: number;
  }[];
}

const RULE = `+${'-'.repeat(89)}+`;
const COLUMNS = `+${'-'.repeat(41)}+${'-'.repeat(24)}+${'-'.repeat(22)}+`;

const left = (text: string | number, width: number): string => String(text).padStart(width);

function cardRows({ index, name = 'NVIDIA L40S', used, total, busy = 0 }: Card): string[] {
  return [
    `| ${left(index, 3)}  ${name.padEnd(28)}  On  |   00000000:${left(index + 16, 2)}:00.0 Off |                    0 |`,
    `| N/A   41C    P0             92W /  350W | ${left(`${used}MiB`, 10)} / ${left(`${total}MiB`, 9)} | ${left(`${busy}%`, 7)}      Default |`,
    '|                                         |                        |                  N/A |',
    COLUMNS,
  ];
}

/** The table of a driver of 2025; sizes in MiB. */
export function smiTable(cards: readonly Card[], time = 'Tue Nov  3 12:20:41 2026'): string {
  const processes = cards.flatMap((card) =>
    (card.processes ?? []).map(
      ({ pid, name = 'python', mib }) =>
        `| ${left(card.index, 4)}   N/A  N/A ${left(pid, 16)}      C   ${name.padEnd(38)} ${left(`${mib}MiB`, 10)} |`,
    ),
  );
  return [
    time,
    RULE,
    '| NVIDIA-SMI 570.86.10              Driver Version: 570.86.10      CUDA Version: 12.8     |',
    COLUMNS,
    '| GPU  Name                 Persistence-M | Bus-Id          Disp.A | Volatile Uncorr. ECC |',
    '| Fan  Temp   Perf          Pwr:Usage/Cap |           Memory-Usage | GPU-Util  Compute M. |',
    '|                                         |                        |               MIG M. |',
    `|${'='.repeat(41)}+${'='.repeat(24)}+${'='.repeat(22)}|`,
    ...cards.flatMap(cardRows),
    '',
    RULE,
    '| Processes:                                                                              |',
    '|  GPU   GI   CI              PID   Type   Process name                        GPU Memory |',
    '|        ID   ID                                                               Usage      |',
    `|${'='.repeat(89)}|`,
    ...(processes.length > 0
      ? processes
      : [
          '|  No running processes found                                                             |',
        ]),
    RULE,
    '',
  ].join('\n');
}
