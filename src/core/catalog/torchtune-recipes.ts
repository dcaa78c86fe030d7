/** Configurations that torchtune has of its own: `tune run RECIPE --config llama3_1/8B_lora`. */

/** A configuration by its name as a source, with what memory depends on; loaded when one is asked for. */
export async function torchtuneRecipe(
  name: string,
): Promise<{ readonly name: string; readonly text: string } | undefined> {
  const { RECIPES, RECIPES_OF } = await import('./torchtune-recipes.gen.ts');
  const text = Object.hasOwn(RECIPES, name) ? RECIPES[name] : undefined;
  return text === undefined
    ? undefined
    : { name: `${RECIPES_OF}:recipes/configs/${name}.yaml`, text };
}
