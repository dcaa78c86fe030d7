/** The few forms of JSON Schema that the published schemas are made of. */

export type Schema = { readonly [key: string]: unknown };

export const string: Schema = { type: 'string' };
export const integer: Schema = { type: 'integer' };
export const count: Schema = { type: 'integer', minimum: 0 };
export const strings: Schema = { type: 'array', items: string };
export const ref = (name: string): Schema => ({ $ref: `#/$defs/${name}` });
export const list = (items: Schema): Schema => ({ type: 'array', items });

/** An object that has exactly these keys; those named after `optional` may be absent. */
export function object(
  required: Record<string, Schema>,
  optional: Record<string, Schema> = {},
): Schema {
  return {
    type: 'object',
    properties: { ...required, ...optional },
    required: Object.keys(required),
    additionalProperties: false,
  };
}

/** An object, or why it is not known. */
export const unless = (required: Record<string, Schema>): Schema => ({
  anyOf: [object(required), object({ unknown: string })],
});

export const described = (description: string, schema: Schema): Schema => ({
  description,
  ...schema,
});
