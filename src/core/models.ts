/**
 * The public face of the catalog of models, apart from `index.ts`: it is data, loaded when a model is asked for by
 * its name.
 */
export {
  type CatalogMatch,
  type CatalogModel,
  catalogModels,
  findCatalogModel,
  similarModels,
} from './catalog/models.ts';
export { isOllamaTag, namesOfTag } from './catalog/ollama-tags.ts';
export {
  type CatalogPipeline,
  catalogPipelines,
  findCatalogPipeline,
  pipelineFiles,
} from './catalog/pipelines.ts';
export { type Relative, relativesOf } from './catalog/relatives.ts';
export { torchtuneRecipe } from './catalog/torchtune-recipes.ts';
