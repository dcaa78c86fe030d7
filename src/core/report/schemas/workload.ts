/** JSON Schema (2020-12) of a workload file: what `unoom plan` reads beside the files of frameworks. */
import { SETTING_NAMES, SETTINGS, type SettingName } from '../../workload/settings.ts';
import { PURPOSES, WORKLOAD_MARK } from '../../workload/workload.ts';
import { described, list, object, type Schema, string, strings } from './words.ts';

const TYPES: Readonly<Record<'number' | 'boolean' | 'text', Schema>> = {
  number: { type: 'number' },
  boolean: { type: 'boolean' },
  text: string,
};

function schemaOf(name: SettingName): Schema {
  const { type, says } = SETTINGS[name];
  if (typeof type !== 'string') return described(says, { enum: type });
  // Names may stand in a list as well as with commas.
  return described(says, name === 'adapter_targets' ? { anyOf: [string, strings] } : TYPES[type]);
}

export const workloadSchema: Schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'unoom/workload/1',
  title: 'unoom workload',
  description:
    'A workload in the words of unoom, for what no file of a framework says. JSON, YAML or TOML; every setting may be left out.',
  ...object(
    { unoom: described('Marks the file as a workload.', { const: WORKLOAD_MARK }) },
    {
      $schema: string,
      purpose: { enum: PURPOSES },
      model: described('An id of a hub, or a path.', string),
      frameworks: described(
        'Ids of dialects whose defaults hold, nearest to the user first: trl, deepspeed, vllm.',
        list(string),
      ),
      versions: described('Versions of packages: { "trl": "0.19.0" }.', {
        type: 'object',
        additionalProperties: string,
      }),
      settings: described(
        'What is stated of the run.',
        object({}, Object.fromEntries(SETTING_NAMES.map((name) => [name, schemaOf(name)]))),
      ),
      machine: object(
        {},
        { gpus: described('Cards of one node.', { type: 'integer', minimum: 1 }) },
      ),
    },
  ),
};
