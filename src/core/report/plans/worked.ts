/** A term's formula with the numbers of a workload in it: `8,030,261,248 × 2`. */
import { formatBytes } from '../../base/bytes.ts';
import { type Input, piecesOf, type Worked } from '../../footprint/inputs.ts';

const DIGITS = 4;

/** Digits in threes; a share with as many as mean something. */
function numberText(value: number): string {
  const rounded = Number.isInteger(value) ? value : Number(value.toPrecision(DIGITS));
  const [whole = '', rest] = String(rounded).split('.');
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return rest === undefined ? grouped : `${grouped}.${rest}`;
}

export const inputText = ({ value, unit }: Input): string =>
  unit === 'bytes'
    ? value < 0
      ? `−${formatBytes(-value)}`
      : formatBytes(value)
    : numberText(unit === 'count' ? Math.round(value) : value);

/** A product by one and the like stay: they show what could be otherwise. */
export const workedText = (worked: Worked): string =>
  piecesOf(worked)
    .map(({ text, input }) => (input === undefined ? text : inputText(input)))
    .join('');
