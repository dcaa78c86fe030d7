/**
 * The weights of a model, with names and shapes as its checkpoint has them.
 *
 * A layer of width h, with `a` heads of queries and `k` of keys of `d` elements (values of `v`), an MLP of
 * width I, E experts:
 *
 *     softmax attention   h·a·d + h·k·d + h·k·v + a·v·h         (+ biases, + 2d or d·(a+k) for norms of q and k)
 *     latent attention    h·q + q·a·(n+r) + h·(c+r) + c·a·(n+v) + a·v·h    (ranks q and c, r rotary, n plain; + norms q, c)
 *     Mamba 1             h·2i + i·(c+1) + i·(t+2s) + t·i + i + i·s + i + i·h     (i inner, s states, t rank of dt, c taps)
 *     Mamba 2             h·(2i+2gs+m) + (i+2gs)·(c+1) + 3m + i + i·h             (g groups, m heads)
 *     gated MLP           3·h·I          plain MLP  2·h·I
 *     mixture             h·E + E·3·h·Ie (+ shared experts 3·h·Is, + their gate h)
 *     norms               h each (2h with biases)
 *
 * and outside the layers what `Stack.ends` lists. A head that is the embedding table is not a weight of its
 * own, so it is counted once. Source: the modules of transformers 4.57.1, which the tests compare with.
 */
import type {
  DeltaAttention,
  DenseMlp,
  End,
  LatentAttention,
  Layer,
  LinearRecurrence,
  Mixer,
  MixtureMlp,
  Mlp,
  Model,
  Norm,
  Part,
  PartNames,
  ShortConvolution,
  SoftmaxAttention,
  StateSpace,
  Weight,
} from './model.ts';

type Role = Weight['role'];

/** A weight of one layer, before the layer's own name. */
interface Piece {
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: Role;
}

/** All weights, in the order of the forward pass, ends of a stack before its layers. */
export function weightsOf(model: Pick<Model, 'stacks'>): readonly Weight[] {
  return model.stacks.flatMap((stack, at) => {
    const counts = stack.layers.map(() => 0);
    for (const kind of stack.pattern) counts[kind] = (counts[kind] ?? 0) + 1;
    const inLayers = stack.layers.flatMap((layer, kind) =>
      piecesOf(layer, stack.hidden).map(
        (piece): Weight => ({
          ...piece,
          name: stack.module === '' ? piece.name : `${stack.module}.${piece.name}`,
          count: layer.shared === true ? 1 : (counts[kind] ?? 0),
          layer: { stack: at, layer: kind },
        }),
      ),
    );
    return [...stack.ends.map(weightOfEnd), ...inLayers];
  });
}

/** Parameters of the model; a tied table is counted once. */
export function parameterCount(model: Pick<Model, 'stacks'>): number {
  return weightsOf(model).reduce((sum, weight) => sum + elementsOf(weight) * weight.count, 0);
}

/** Elements of one of the weights. */
export const elementsOf = ({ shape }: { readonly shape: readonly number[] }): number =>
  shape.reduce((product, size) => product * size, 1);

const weightOfEnd = ({ name, role, shape }: End): Weight => ({ name, role, shape, count: 1 });

/** The weights of one layer of this kind. @param hidden width of the residual stream. */
export function piecesOf(layer: Layer, hidden: number): readonly Piece[] {
  const { mixers, mlp, norm, names } = layer;
  return [
    ...names.norms.flatMap((name) => normPieces(name, norm, hidden)),
    ...mixers.flatMap((mixer, i) => mixerPieces(mixer, names.mixers[i] ?? {}, hidden)),
    ...(mlp === undefined ? [] : mlpPieces(mlp, names.mlp, hidden)),
    ...(layer.extra ?? []).map(({ name, shape }): Piece => ({ name, shape, role: 'other' })),
  ];
}

function mixerPieces(mixer: Mixer, names: PartNames, hidden: number): readonly Piece[] {
  const write = writer(names);
  switch (mixer.kind) {
    case 'softmax':
      return softmaxPieces(mixer, write, hidden);
    case 'latent':
      return latentPieces(mixer, write, hidden);
    case 'mamba1':
    case 'mamba2':
      return statePieces(mixer, write, hidden);
    case 'delta':
      return deltaPieces(mixer, write, hidden);
    case 'recurrent':
      return recurrencePieces(mixer, write, hidden);
    case 'short-conv':
      return convolutionPieces(mixer, write, hidden);
  }
}

function softmaxPieces(mixer: SoftmaxAttention, write: Writer, hidden: number): readonly Piece[] {
  const { heads, kv_heads, head_dim, bias } = mixer;
  const width = mixer.input ?? hidden;
  const kvWidth = mixer.kv_input ?? width;
  const values = mixer.value_dim ?? head_dim;
  const q = heads * head_dim * (mixer.output_gate === true ? 2 : 1);
  const [k, v] = [kv_heads * head_dim, kv_heads * values];
  const own = mixer.shared_kv !== true;
  const inputs = mixer.fused_qkv
    ? write.linear('qkv', own ? q + k + v : q, width, bias.q)
    : [
        ...write.linear('q', q, width, bias.q),
        ...(own ? write.linear('k', k, kvWidth, bias.k) : []),
        ...(own ? write.linear('v', v, kvWidth, bias.v) : []),
      ];
  const normed = mixer.qk_norm === 'projection' ? [heads * head_dim, k] : [head_dim, head_dim];
  return [
    ...inputs,
    ...write.linear('o', hidden, heads * values, bias.o),
    ...(mixer.qk_norm === undefined
      ? []
      : [
          ...write.one('q_norm', [normed[0] ?? 0], 'norm'),
          ...(own ? write.one('k_norm', [normed[1] ?? 0], 'norm') : []),
        ]),
    ...(mixer.sinks === true ? write.one('sinks', [heads], 'other') : []),
  ];
}

function latentPieces(mixer: LatentAttention, write: Writer, hidden: number): readonly Piece[] {
  const { heads, q_rank, kv_rank, rope_dim, nope_dim, value_dim, bias } = mixer;
  const q = heads * (nope_dim + rope_dim);
  return [
    ...(q_rank === undefined
      ? write.linear('q', q, hidden, false)
      : [
          ...write.linear('q_down', q_rank, hidden, bias),
          ...write.one('q_down_norm', [q_rank], 'norm'),
          ...write.linear('q_up', q, q_rank, false),
        ]),
    ...write.linear('kv_down', kv_rank + rope_dim, hidden, bias),
    ...write.one('kv_down_norm', [kv_rank], 'norm'),
    ...write.linear('kv_up', heads * (nope_dim + value_dim), kv_rank, false),
    ...write.linear('o', hidden, heads * value_dim, bias),
  ];
}

function statePieces(mixer: StateSpace, write: Writer, hidden: number): readonly Piece[] {
  const { inner, state, conv, heads, groups, dt_rank, bias, conv_bias } = mixer;
  const out = write.linear('out', hidden, inner, bias);
  if (mixer.kind === 'mamba2') {
    const mixed = inner + 2 * groups * state;
    return [
      ...write.linear('in', inner + mixed + heads, hidden, bias),
      ...write.convolution('conv', [mixed, 1, conv], conv_bias),
      ...write.one('dt_bias', [heads], 'other'),
      ...write.one('a', [heads], 'other'),
      ...write.one('d', [heads], 'other'),
      ...(mixer.norm ? write.one('norm', [inner], 'norm') : []),
      ...out,
    ];
  }
  return [
    ...write.linear('in', 2 * inner, hidden, bias),
    ...write.convolution('conv', [inner, 1, conv], conv_bias),
    ...write.linear('x', dt_rank + 2 * state, inner, false),
    ...write.linear('dt', inner, dt_rank, true),
    ...write.one('a', [inner, state], 'other'),
    ...write.one('d', [inner], 'other'),
    ...(mixer.norm
      ? [
          ...write.one('dt_norm', [dt_rank], 'norm'),
          ...write.one('b_norm', [state], 'norm'),
          ...write.one('c_norm', [state], 'norm'),
        ]
      : []),
    ...out,
  ];
}

function deltaPieces(mixer: DeltaAttention, write: Writer, hidden: number): readonly Piece[] {
  const [keys, values] = [mixer.key_heads * mixer.key_dim, mixer.value_heads * mixer.value_dim];
  const pairs = mixer.value_heads;
  return [
    ...(write.has('z')
      ? [
          ...write.linear('in', 2 * keys + values, hidden, false),
          ...write.linear('z', values, hidden, false),
          ...write.linear('ba', pairs, hidden, false),
          ...write.linear('g', pairs, hidden, false),
        ]
      : [
          ...write.linear('in', 2 * keys + 2 * values, hidden, false),
          ...write.linear('ba', 2 * pairs, hidden, false),
        ]),
    ...write.convolution('conv', [2 * keys + values, 1, mixer.conv], false),
    ...write.one('dt_bias', [mixer.value_heads], 'other'),
    ...write.one('a', [mixer.value_heads], 'other'),
    ...write.one('norm', [mixer.value_dim], 'norm'),
    ...write.linear('out', hidden, values, false),
  ];
}

function recurrencePieces(
  mixer: LinearRecurrence,
  write: Writer,
  hidden: number,
): readonly Piece[] {
  const { width, heads, conv } = mixer;
  const block = width / heads;
  const gate = (part: Part): readonly Piece[] => [
    ...write.one(part, [heads, block, block], 'linear'),
    ...write.bias(part, [heads, block]),
  ];
  return [
    ...write.linear('in', width, hidden, true),
    ...write.linear('in_gate', width, hidden, true),
    ...write.convolution('conv', [width, 1, conv], true),
    ...write.one('a', [width], 'other'),
    ...gate('input_gate'),
    ...gate('recurrent_gate'),
    ...write.linear('out', hidden, width, true),
  ];
}

function convolutionPieces(
  mixer: ShortConvolution,
  write: Writer,
  hidden: number,
): readonly Piece[] {
  const { width, conv, bias } = mixer;
  return [
    ...write.linear('in', 3 * width, hidden, bias),
    ...write.convolution('conv', [width, 1, conv], bias),
    ...write.linear('out', hidden, width, bias),
  ];
}

const mlpPieces = (mlp: Mlp, names: PartNames, hidden: number): readonly Piece[] =>
  mlp.kind === 'dense'
    ? densePieces(mlp, writer(names), hidden)
    : mixturePieces(mlp, writer(names), hidden);

function densePieces(mlp: DenseMlp, write: Writer, hidden: number): readonly Piece[] {
  const { intermediate: width, bias } = mlp;
  return [
    ...(mlp.gated && mlp.fused
      ? write.linear('gate_up', 2 * width, hidden, bias)
      : [
          ...(mlp.gated ? write.linear('gate', width, hidden, bias) : []),
          ...write.linear('up', width, hidden, bias),
        ]),
    ...write.linear('down', hidden, width, bias),
  ];
}

function mixturePieces(mlp: MixtureMlp, write: Writer, hidden: number): readonly Piece[] {
  const { experts, intermediate: width, bias, shared } = mlp;
  const expert = (part: Part, out: number, into: number): readonly Piece[] => [
    ...write.one(part, [experts, out, into], 'expert'),
    ...(bias ? write.bias(part, [experts, out]) : []),
  ];
  return [
    ...write.linear('router', experts, hidden, false),
    ...(mlp.router_bias ? write.one('router_bias', [experts], 'bias') : []),
    ...(mlp.gated && write.has('gate_up')
      ? expert('gate_up', 2 * width, hidden)
      : [...(mlp.gated ? expert('gate', width, hidden) : []), ...expert('up', width, hidden)]),
    ...expert('down', hidden, width),
    ...(shared === undefined
      ? []
      : [
          ...(shared.fused === true
            ? write.linear('shared_gate_up', 2 * shared.intermediate, hidden, false)
            : [
                ...(mlp.gated
                  ? write.linear('shared_gate', shared.intermediate, hidden, false)
                  : []),
                ...write.linear('shared_up', shared.intermediate, hidden, false),
              ]),
          ...write.linear('shared_down', hidden, shared.intermediate, false),
          ...(shared.gate ? write.linear('shared_router', 1, hidden, false) : []),
        ]),
  ];
}

function normPieces(name: string, norm: Norm, width: number): readonly Piece[] {
  if (norm.kind === 'none' || !norm.weight) return [];
  const weight: Piece = { name, shape: [width], role: 'norm' };
  return norm.bias ? [weight, { name: biasName(name), shape: [width], role: 'bias' }] : [weight];
}

/** The bias beside a weight. */
export const biasName = (weight: string): string =>
  /[._]weight$/.test(weight) ? `${weight.slice(0, -'weight'.length)}bias` : `${weight}_bias`;

interface Writer {
  has(part: Part): boolean;
  one(part: Part, shape: readonly number[], role: Role): readonly Piece[];
  bias(part: Part, shape: readonly number[]): readonly Piece[];
  linear(part: Part, out: number, into: number, bias: boolean): readonly Piece[];
  convolution(part: Part, shape: readonly number[], bias: boolean): readonly Piece[];
}

/** Writes parts under the family's names; a part that the family has no name for keeps its own. */
function writer(names: PartNames): Writer {
  const nameOf = (part: Part): string => names[part] ?? part;
  const one = (part: Part, shape: readonly number[], role: Role): readonly Piece[] => [
    { name: nameOf(part), shape, role },
  ];
  const bias = (part: Part, shape: readonly number[]): readonly Piece[] => [
    { name: biasName(nameOf(part)), shape, role: 'bias' },
  ];
  return {
    has: (part) => names[part] !== undefined,
    one,
    bias,
    linear: (part, out, into, biased) => [
      ...one(part, [out, into], 'linear'),
      ...(biased ? bias(part, [out]) : []),
    ],
    convolution: (part, shape, biased) => [
      ...one(part, shape, 'conv'),
      ...(biased ? bias(part, [shape[0] ?? 0]) : []),
    ],
  };
}
