/**
 * What a linear layer does, from its name in a checkpoint. Frameworks name targets of adapters and
 * exceptions of quantisation by these names; a rehearsal knows roles only.
 */
import type { Weight } from '../workload/model/model.ts';
import type { LinearRole } from './rehearsal/transformer.ts';

const NAMES: Readonly<Record<LinearRole, readonly string[]>> = {
  q: ['q_proj', 'q', 'query', 'q_lin', 'wq', 'q_b_proj', 'to_q', 'query_proj'],
  k: ['k_proj', 'k', 'key', 'k_lin', 'wk', 'to_k', 'key_proj'],
  v: ['v_proj', 'v', 'value', 'v_lin', 'wv', 'kv_b_proj', 'to_v', 'value_proj'],
  o: ['o_proj', 'o', 'out_proj', 'out_lin', 'wo', 'dense', 'to_out', 'attn_out', 'c_proj'],
  qkv: ['qkv_proj', 'qkv', 'c_attn', 'query_key_value', 'wqkv', 'Wqkv', 'W_pack', 'in_proj_qkvz'],
  gate: ['gate_proj', 'w1', 'wi_0', 'gate'],
  up: [
    'up_proj',
    'w3',
    'wi_1',
    'wi',
    'fc1',
    'c_fc',
    'dense_h_to_4h',
    'fc_in',
    'lin1',
    'linear_fc1',
  ],
  down: ['down_proj', 'w2', 'wo', 'fc2', 'dense_4h_to_h', 'fc_out', 'lin2', 'linear_fc2'],
  gate_up: ['gate_up_proj', 'gate_and_up_proj', 'Wi', 'dense_h_to_4h_gated'],
  router: ['router', 'gate', 'mlp.gate'],
  expert: ['experts'],
  in: ['in_proj', 'x_proj'],
  out: ['out_proj'],
  latent: ['q_a_proj', 'kv_a_proj_with_mqa'],
};

/** Roles of the whole network that adapters can stand beside, without head and router. */
export const ADAPTABLE: ReadonlySet<LinearRole> = new Set<LinearRole>([
  'q',
  'k',
  'v',
  'o',
  'qkv',
  'gate',
  'up',
  'down',
  'gate_up',
  'in',
  'out',
  'latent',
]);

/** The last part of a weight's name that names the module: "q_proj" of "…self_attn.q_proj.weight". */
export function moduleName(weight: string): string {
  const parts = weight.replace(/\.(?:weight|bias)$/, '').split('.');
  return parts.at(-1) ?? weight;
}

/** The roles that a target name of an adapter stands for; empty for a name that is not known. */
export function rolesOf(name: string): readonly LinearRole[] {
  const last = name.split('.').at(-1) ?? name;
  return (Object.keys(NAMES) as LinearRole[]).filter((role) => NAMES[role].includes(last));
}

/** The role of a linear weight by its full name: attention and MLP share some module names. */
export function roleOf(weight: Weight): LinearRole | undefined {
  if (weight.role === 'expert') return 'expert';
  if (weight.role !== 'linear') return undefined;
  const name = moduleName(weight.name);
  const candidates = rolesOf(name);
  if (candidates.length < 2) return candidates[0];
  const isOfMlp = /mlp|ffn|feed_forward|DenseReluDense|experts|output\.dense|fc/.test(weight.name);
  const isRouter = /(?:^|\.)gate\.weight$/.test(weight.name);
  if (isRouter && candidates.includes('router')) return 'router';
  const ofMlp: readonly LinearRole[] = ['gate', 'up', 'down', 'gate_up'];
  return candidates.find((role) => ofMlp.includes(role) === isOfMlp) ?? candidates[0];
}
