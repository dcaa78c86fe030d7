import { schemas } from '../../core/index.ts';
import { EXIT, print } from '../terminal.ts';

export function schemaCommand(name: string | undefined): number {
  if (name === undefined) {
    print(`${Object.keys(schemas).join('\n')}\n`);
    return EXIT.ok;
  }
  const schema = schemas[name];
  if (schema === undefined) {
    process.stderr.write(
      `unoom schema: no schema is called "${name}"; there are: ${Object.keys(schemas).join(', ')}\n`,
    );
    return EXIT.usage;
  }
  print(`${JSON.stringify(schema, undefined, 2)}\n`);
  return EXIT.ok;
}
