import { schemas } from '../../core/index.ts';
import { EXIT, print } from '../terminal.ts';

export function schemaCommand(name: string | undefined): number {
  if (name === undefined) {
    const names = Object.entries(schemas);
    const width = Math.max(...names.map(([each]) => each.length));
    print(names.map(([each, schema]) => `${each.padEnd(width)}  ${summary(schema)}\n`).join(''));
    return EXIT.ok;
  }
  const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
  if (schema === undefined) {
    process.stderr.write(
      `unoom schema: no schema is called "${name}"; there are: ${Object.keys(schemas).join(', ')}\n`,
    );
    return EXIT.usage;
  }
  print(`${JSON.stringify(schema, undefined, 2)}\n`);
  return EXIT.ok;
}

/** The first sentence of what a schema says of itself. */
function summary(schema: Readonly<Record<string, unknown>>): string {
  const text = String(schema['description'] ?? '');
  return text.slice(0, text.search(/[.:] |\.$/) + 1 || undefined).replace(/:$/, '.');
}
