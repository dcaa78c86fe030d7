import { expect, test } from 'vitest';
import { readWorkload } from '../workload/reading/read-workload.ts';
import { findCatalogModel } from './models.ts';
import { RECIPES } from './torchtune-recipes.gen.ts';
import { torchtuneRecipe } from './torchtune-recipes.ts';

test('a configuration of torchtune is known by its name, and no other name', async () => {
  const recipe = await torchtuneRecipe('llama3_1/8B_qlora_single_device');
  expect(recipe?.name).toMatch(/^torchtune@.*:recipes\/configs\/llama3_1\/8B_qlora/);
  const command = 'tune run lora_finetune_single_device --config llama3_1/8B_qlora_single_device';
  const { workload } = readWorkload([
    { name: 'run.sh', text: command },
    ...(recipe ? [recipe] : []),
  ]);
  expect(workload.model).toBe('meta-llama/Llama-3.1-8B');
  expect(workload.unread).toEqual([]);
  const settings = Object.fromEntries(
    [...workload.settings].map(([name, { value }]) => [name, value]),
  );
  expect(settings).toMatchObject({
    adapter: 'qlora',
    adapter_rank: 8,
    adapter_targets: 'q_proj,v_proj,o_proj,gate_proj,up_proj,down_proj',
    micro_batch: 2,
    world_size: 1,
    fused_loss: true,
  });
  expect(await torchtuneRecipe('llama3_1/none')).toBeUndefined();
  expect(await torchtuneRecipe('constructor')).toBeUndefined();
});

test('recipes for several devices divide what they hold', () => {
  const text =
    'tune run --nproc_per_node 4 full_finetune_distributed --config llama3_1/8B_full batch_size=4';
  const { workload } = readWorkload([{ name: 'run.sh', text }]);
  expect(workload.settings.get('sharding')?.value).toBe('full');
  expect(workload.settings.get('world_size')?.value).toBe(4);
});

test('most models of these configurations are known offline', () => {
  const names = Object.entries(RECIPES).map(
    ([name, text]) => readWorkload([{ name: `${name}.yaml`, text }]).workload.model,
  );
  const known = names.filter((name) => name !== undefined && findCatalogModel(name) !== undefined);
  expect(known.length / names.length).toBeGreaterThan(0.8);
});
