import { examine } from '../../node/index.ts';
import { type ColorChoice, EXIT, paletteFor, print } from '../terminal.ts';

export interface DoctorArguments {
  readonly format: 'text' | 'json';
  readonly color: ColorChoice;
}

/** `unoom doctor`: what can be read here. An absent GPU is no failure: logs can be read anywhere. */
export async function doctorCommand(options: DoctorArguments, version: string): Promise<number> {
  const doctor = await examine(version);
  // A driver that is there and does not answer is the environment's no.
  const code = doctor.checks.some(({ state }) => state === 'failed') ? EXIT.environment : EXIT.ok;
  if (options.format === 'json') {
    print(`${JSON.stringify(doctor, undefined, 2)}\n`);
    return code;
  }
  const paint = paletteFor(options.color);
  const state = {
    ok: paint.good('ok     '),
    absent: paint.dim('absent '),
    failed: paint.bad('failed '),
  };
  for (const check of doctor.checks)
    print(`  ${state[check.state]} ${check.name.padEnd(26)} ${check.detail}\n`);
  print('\nLogs, tracebacks and pasted messages can be read on any machine: unoom diagnose FILE\n');
  return code;
}
