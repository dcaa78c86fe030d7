import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { render } from '../base/render.ts';
import { type OnnxReading, readOnnx } from './onnx.ts';

/** A message as bytes: [number, value] with a number for a varint, bytes or a text for the rest. */
type Part = readonly [id: number, value: number | string | Uint8Array];

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return [...bytes, rest];
}

function message(...parts: readonly Part[]): Uint8Array {
  const pieces = parts.flatMap(([id, value]) => {
    if (typeof value === 'number') return [[...varint(id * 8), ...varint(value)]];
    const inner = typeof value === 'string' ? new TextEncoder().encode(value) : value;
    return [[...varint(id * 8 + 2), ...varint(inner.length)], inner];
  });
  return Uint8Array.from(Buffer.concat(pieces.map((piece) => Uint8Array.from(piece))));
}

/** Reads from memory, and counts the bytes that were asked for. */
function read(file: Uint8Array): { reading: OnnxReading; asked: number } {
  const steps = readOnnx(file.length, 'm.onnx');
  let asked = 0;
  let step = steps.next();
  while (step.done !== true) {
    const { from, to } = step.value;
    expect(to).toBeGreaterThan(from);
    asked += to - from;
    step = steps.next(file.subarray(from, to));
  }
  return { reading: step.value, asked };
}

const value = (name: string, type: number, ...dims: readonly (number | string)[]): Uint8Array =>
  message(
    [1, name],
    [
      2,
      message([
        1,
        message(
          [1, type],
          [
            2,
            message(
              ...dims.map((dim): Part => [1, message([typeof dim === 'number' ? 1 : 2, dim])]),
            ),
          ],
        ),
      ]),
    ],
  );

const tensor = (name: string, type: number, dims: readonly number[], bytes: number): Uint8Array =>
  message(...dims.map((dim): Part => [1, dim]), [2, type], [8, name], [9, new Uint8Array(bytes)]);

const constant = message(
  [2, 'scale'],
  [4, 'Constant'],
  [5, message([1, 'value'], [5, message([1, Uint8Array.of(2, 3)], [2, 7])], [20, 4])],
);

const model = (...graph: readonly Part[]): Uint8Array =>
  message([1, 10], [2, 'a producer'], [7, message(...graph)], [8, message([1, ''], [2, 21])]);

describe('an ONNX file', () => {
  const small = model(
    [1, constant],
    [1, message([1, 'x'], [1, 'w'], [2, 'y'], [4, 'MatMul'])],
    [2, 'g'],
    [5, tensor('w', 10, [64, 300], 38_400)],
    [5, tensor('q', 21, [3, 5], 8)],
    [11, value('x', 10, 'batch', 64)],
    [12, value('y', 10, 'batch', 300)],
  );

  it('gives its weights, and the shapes of what goes in and out', () => {
    const { reading } = read(small);
    expect(reading).toEqual({
      ok: true,
      graph: {
        tensors: [
          { name: 'scale', dtype: 'I64', shape: [2, 3], bytes: 48 },
          { name: 'w', dtype: 'F16', shape: [64, 300], bytes: 38_400 },
          { name: 'q', dtype: 'UINT4', shape: [3, 5], bytes: 8 },
        ],
        bytes: 38_456,
        inputs: [{ name: 'x', dtype: 'F16', shape: ['batch', 64] }],
        outputs: [{ name: 'y', dtype: 'F16', shape: ['batch', 300] }],
        nodes: 2,
        external: false,
      },
    });
  });

  it('is passed over where its data lies', () => {
    const large = model(
      [5, tensor('a', 1, [1000, 1000], 4_000_000)],
      [5, tensor('b', 1, [1000, 1000], 4_000_000)],
    );
    const { reading, asked } = read(large);
    expect(reading.ok && reading.graph.bytes).toBe(8_000_000);
    expect(asked).toBeLessThan(300_000);
  });

  it('says when weights lie beside it', () => {
    const beside = message(
      [1, 8],
      [2, 1],
      [8, 'w'],
      [13, message([1, 'location'], [2, 'w.bin'])],
      [14, 1],
    );
    const { reading } = read(model([5, beside]));
    expect(reading.ok && reading.graph).toMatchObject({ external: true, bytes: 32 });
  });

  it('of another kind, cut or hostile is refused in every language', () => {
    const files: readonly (readonly [string, Uint8Array])[] = [
      ['onnx-not-onnx', new Uint8Array(0)],
      ['onnx-not-onnx', message([1, 10])],
      ['onnx-bad-field', new TextEncoder().encode('version https://git-lfs')],
      ['onnx-cut', small.subarray(0, 1000)],
      ['onnx-bad-tensor', model([5, tensor('w', 1, [2 ** 40, 2 ** 40], 4)])],
      [
        'onnx-bad-tensor',
        model([
          5,
          tensor(
            'w',
            1,
            Array.from({ length: 40 }, () => 1),
            4,
          ),
        ]),
      ],
    ];
    for (const [code, file] of files) {
      const { reading } = read(file);
      expect(!reading.ok && reading.problem.code).toBe(code);
      if (reading.ok) continue;
      for (const lang of ['en', 'zh', 'ru'] as const) {
        expect(render(reading.problem.why, lang)).not.toMatch(/[{}]/);
      }
    }
  });

  it('of any bytes ends in a graph or a problem', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        read(bytes);
      }),
    );
    fc.assert(
      fc.property(fc.nat(small.length - 1), fc.nat(255), (at, byte) => {
        const broken = small.slice(0, 400);
        broken[at % 400] = byte;
        read(broken);
      }),
    );
  });
});
