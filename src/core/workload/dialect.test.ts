import { describe, expect, it } from 'vitest';
import { type Assignment, assignmentsIn, versionsIn } from '../evidence/assignments.ts';
import { linesOf } from '../evidence/text/dress.ts';
import {
  defaultOf,
  dialectsOf,
  printedSettings,
  type Since,
  type Versions,
  writeChange,
} from './dialect.ts';
import { dialects } from './dialects.gen.ts';
import { type Change, isRelative, SETTINGS, type SettingName } from './settings.ts';

const assigned = (text: string): readonly Assignment[] => assignmentsIn(linesOf(text, 1, false));

/** Settings that a text prints, in the words of frameworks. */
const read = (frameworks: readonly string[], text: string): Record<string, unknown> =>
  Object.fromEntries(
    [...printedSettings(assigned(text), dialectsOf(frameworks, dialects))].map(([name, known]) => [
      name,
      known.value,
    ]),
  );

const at = (versions: Readonly<Record<string, string>>): Versions =>
  new Map(
    Object.entries(versions).map(([name, version]): [string, Since] => [
      name,
      { from: version, to: version },
    ]),
  );

const usual = (
  framework: string,
  setting: SettingName,
  versions: Readonly<Record<string, string>> = {},
): unknown => {
  const known = defaultOf(setting, dialectsOf([framework], dialects), at(versions));
  return known?.by.kind === 'default' && known.by.certain ? known.value : undefined;
};

const write = (
  framework: string,
  change: Parameters<typeof writeChange>[0],
  versions: Readonly<Record<string, string>> = {},
): string | undefined => writeChange(change, dialectsOf([framework], dialects), at(versions))?.code;

describe.each(dialects.map((dialect) => [dialect.id, dialect] as const))('%s', (_, dialect) => {
  it('rests on dialects that there are', () => {
    const ids = dialects.map(({ id }) => id);
    for (const id of dialect.rests_on) expect(ids).toContain(id);
  });

  it('says only words that its settings have', () => {
    for (const [name, spelling] of Object.entries(dialect.settings)) {
      const setting = SETTINGS[name as SettingName];
      const values = [
        ...Object.values(spelling.values ?? {}),
        ...Object.values(spelling.flags ?? {}),
        ...(spelling.defaults ?? []).map(({ value }) => value),
        ...(spelling.write ?? []).flatMap(({ value }) => value ?? []),
      ];
      for (const value of values) {
        if (typeof setting.type === 'string') {
          if (setting.type !== 'text') expect(typeof value, name).toBe(setting.type);
        } else {
          expect(setting.type, name).toContain(value);
        }
      }
    }
  });

  it('writes numbers where numbers are wanted, and never an unset value', () => {
    for (const [name, { write: rows = [] }] of Object.entries(dialect.settings)) {
      for (const row of rows) {
        if (row.value === undefined) continue;
        expect(row.code, name).not.toContain('{value}');
        expect(isRelative({ setting: name as SettingName, to: row.value }), name).toBe(false);
      }
    }
  });
});

describe('printedSettings', () => {
  it('reads names that say what it is when they are true, and nothing where they are false', () => {
    expect(read(['transformers'], 'bf16=True, fp16=False')).toEqual({ compute_precision: 'bf16' });
    expect(read(['transformers'], 'bf16=False, fp16=False')).toEqual({});
    expect(read(['llama-factory'], 'disable_gradient_checkpointing: true')).toEqual({
      checkpointing: false,
    });
  });

  it('takes no word for a number', () => {
    const text = '--per_device_train_batch_size 1\n"train_micro_batch_size_per_gpu": "auto",';
    expect(read(['deepspeed', 'transformers'], text)).toMatchObject({ micro_batch: 1 });
  });

  it('reads a name with its group where a dialect asks for the group', () => {
    const text = 'actor_rollout_ref.rollout.n=8 actor_rollout_ref.rollout.val_kwargs.n=1';
    expect(read(['verl'], text)).toEqual({ rollouts: 8 });
  });

  it('leaves a global batch alone where the dialect says so', () => {
    expect(read(['deepspeed'], '"train_batch_size": 256')).toEqual({});
    expect(read(['openrlhf'], '--train.micro_batch_size 2 --train.batch_size 128')).toEqual({
      micro_batch: 2,
    });
    expect(read(['pytorch'], 'batch_size=256')).toEqual({ micro_batch: 256 });
  });

  it('reads the lists of Megatron and DeepSpeed and the sentences of trainers', () => {
    expect(read(['megatron'], '  micro_batch_size ................... 4')).toEqual({
      micro_batch: 4,
    });
    expect(
      read(['deepspeed'], '[INFO] [config.py:964:print]   train_micro_batch_size_per_gpu  2'),
    ).toEqual({ micro_batch: 2 });
    expect(read(['transformers'], '  Instantaneous batch size per device = 8')).toEqual({
      micro_batch: 8,
    });
    expect(read(['transformers'], '  Gradient Accumulation steps = 4')).toEqual({
      accumulation_steps: 4,
    });
  });

  it('takes neither a checkpoint’s format nor a tensor’s for that of the weights', () => {
    expect(read(['transformers'], '  "torch_dtype": "bfloat16",')).toEqual({});
    expect(read(['transformers'], 'tensor([1., nan], dtype=torch.float32)')).toEqual({});
    expect(read(['transformers'], 'from_pretrained(name, dtype=torch.bfloat16)')).toEqual({
      weights_dtype: 'bf16',
    });
  });
});

describe('versionsIn', () => {
  it('knows packages by their other names', () => {
    const lines = linesOf('PyTorch version: 2.6.0, pytorch-lightning==2.5.1', 1, false);
    expect(versionsIn(lines)).toEqual([
      { package: 'torch', version: '2.6.0' },
      { package: 'lightning', version: '2.5.1' },
    ]);
  });
});

describe('trl', () => {
  it('has checkpointing, bf16 and a fused loss by default only from their versions on', () => {
    expect(usual('trl', 'checkpointing', { trl: '0.21.0' })).toBe(false);
    expect(usual('trl', 'checkpointing', { trl: '0.22.2' })).toBe(true);
    expect(usual('trl', 'compute_precision', { trl: '0.18.2' })).toBe('fp32');
    expect(usual('trl', 'compute_precision', { trl: '0.19.0' })).toBe('bf16');
    expect(usual('trl', 'fused_loss', { trl: '1.6.0' })).toBe(false);
    // From 1.7 on it is SFT's alone; which trainer it is no version tells.
    expect(usual('trl', 'fused_loss', { trl: '1.10.0' })).toBeUndefined();
    expect(usual('trl', 'fused_loss', { trl: '1.15.0' })).toBe(true);
    expect(usual('trl', 'checkpointing')).toBeUndefined();
  });

  it('writes what the version takes', () => {
    const halve = { setting: 'sequence_length', to: 'half' } as const;
    expect(write('trl', halve, { trl: '0.14.0' })).toBe('SFTConfig(max_seq_length=N/2)');
    expect(write('trl', halve, { trl: '1.0.0' })).toContain('SFTConfig(max_length=N/2)');
    const fuse = { setting: 'fused_loss', to: true } as const;
    expect(write('trl', fuse, { trl: '1.4.0' })).toContain('chunked_nll');
    expect(write('trl', fuse, { trl: '0.24.0' })).toContain('use_liger_loss');
  });

  it('writes the class of the trainer that is used', () => {
    const spoken = dialectsOf(['trl'], dialects);
    const of = (task: string, change: Change): string | undefined =>
      writeChange(change, spoken, new Map(), undefined, task)?.code;
    const batch = { setting: 'micro_batch', to: 'half' } as const;
    expect(of('dpo', batch)).toBe('DPOConfig(per_device_train_batch_size=N/2)');
    expect(of('grpo', batch)).toBe('GRPOConfig(per_device_train_batch_size=N/2)');
    expect(of('dpo', { setting: 'optimizer', to: 'adamw-8bit' })).toBe(
      'DPOConfig(optim="adamw_bnb_8bit")',
    );
    expect(of('grpo', { setting: 'sequence_length', to: 'half' })).toBe(
      'GRPOConfig(max_completion_length=N/2)',
    );
    expect(of('grpo', { setting: 'fused_loss', to: true })).toBe(
      'GRPOConfig(use_liger_kernel=True)',
    );
  });
});

describe('transformers', () => {
  it('loads in fp32 by default before 5.0 only', () => {
    expect(usual('transformers', 'weights_dtype', { transformers: '4.57.1' })).toBe('fp32');
    expect(usual('transformers', 'weights_dtype', { transformers: '5.3.0' })).toBeUndefined();
  });

  it('names the argument as the version does', () => {
    const change = { setting: 'weights_dtype', to: 'bf16' } as const;
    expect(write('transformers', change, { transformers: '4.50.0' })).toContain('torch_dtype=');
    expect(write('transformers', change, { transformers: '4.56.0' })).toContain(' dtype=');
    const group = { setting: 'length_grouping', to: true } as const;
    expect(write('transformers', group, { transformers: '5.0.0' })).toContain('group_by_length=');
    expect(write('transformers', group, { transformers: '5.2.0' })).toContain('train_sampling');
  });
});

describe('pytorch', () => {
  it('frees gradients in zero_grad() since 2.0', () => {
    expect(usual('pytorch', 'grads_to_none', { torch: '1.13.1' })).toBe(false);
    expect(usual('pytorch', 'grads_to_none', { torch: '2.0.0' })).toBe(true);
  });

  it('knows the allocator’s variable by version', () => {
    const change = { setting: 'max_split_size', to: 512 } as const;
    expect(write('pytorch', change, { torch: '2.8.0' })).toContain('PYTORCH_CUDA_ALLOC_CONF=');
    expect(write('pytorch', change, { torch: '2.9.1' })).toContain('PYTORCH_ALLOC_CONF=');
  });
});

describe('openrlhf', () => {
  it('puts groups in front since 0.10.4', () => {
    const change = { setting: 'engine_sleep', to: true } as const;
    expect(write('openrlhf', change, { openrlhf: '0.8.0' })).toBe('--vllm_enable_sleep');
    expect(write('openrlhf', change, { openrlhf: '0.11.0' })).toBe('--vllm.enable_sleep');
  });
});

describe('axolotl', () => {
  it('offloads activations only where it is said', () => {
    expect(read(['axolotl'], 'gradient_checkpointing: true')).toEqual({ checkpointing: true });
    expect(read(['axolotl'], 'activation_offloading: legacy')).toEqual({
      activation_offload: true,
    });
  });
});
