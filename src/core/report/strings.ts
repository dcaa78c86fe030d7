/** Changes every string in a report; numbers, keys and structure stay. What has nothing to change is not copied. */
export function mapStrings<T>(value: T, change: (text: string) => string): T;
export function mapStrings(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (typeof value !== 'object' || value === null) return value;
  let isChanged = false;
  const mapped = (item: unknown): unknown => {
    const made = mapStrings(item, change);
    isChanged ||= made !== item;
    return made;
  };
  if (Array.isArray(value)) {
    const made = value.map(mapped);
    return isChanged ? made : value;
  }
  const made = Object.entries(value).map(([key, item]): [string, unknown] => [key, mapped(item)]);
  if (isChanged) return Object.fromEntries(made);
  return value;
}

/**
 * What may be shown: control characters and marks that turn the direction of text around could
 * steer a terminal or disguise a name. They come from the input, which is hostile.
 */
export function printable(text: string): string {
  return text.replace(
    /[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    '\ufffd',
  );
}

/** All that Markdown takes for the end of a line. */
export const LINE_ENDS: RegExp = /[\r\n\u2028\u2029]+/g;

/** Text from the input must not become markup. */
export const escapeMarkdown = (text: string): string =>
  text.replace(/[\\`*_{}[\]<>|#@~]/g, (char) => `\\${char}`).replace(LINE_ENDS, ' ');
