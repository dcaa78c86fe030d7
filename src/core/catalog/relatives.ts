/** Smaller models of the same kind as a model of the catalog: members of its family, and what was distilled from it. */
import { type CatalogModel, catalogModels, findCatalogModel } from './models.ts';

export interface Relative {
  readonly model: CatalogModel;
  readonly name: string;
  readonly parameters: number;
  /** Taught by the larger one, and said to do its task. */
  readonly isDistilled: boolean;
}

/** Students by the beginnings of the names of their teachers, as their cards say. */
const STUDENTS: readonly (readonly [teacher: RegExp, student: RegExp])[] = [
  [/^(?:google-bert\/)?bert-base-(?:un)?cased$/, /^distilbert\/distilbert-base-/],
];

/**
 * Smaller ones, the largest first; none of a model that the catalog does not have.
 * @param name of the model, as for `findCatalogModel`
 * @param parameters that it has
 */
export function relativesOf(name: string, parameters: number): readonly Relative[] {
  const row = findCatalogModel(name)?.model;
  if (row === undefined) return [];
  // A row can have tunings of others beside it, whose other models are no family of this one.
  const own =
    row.ids.find((id) => id.toLowerCase() === name.trim().toLowerCase()) ?? row.ids[0] ?? '';
  return (
    catalogModels()
      .flatMap((model): Relative[] => {
        const { parameters: count } = model;
        if (model === row || count === undefined || count >= parameters) return [];
        const student = model.ids.find((id) => isTaught(own, id));
        const member = model.ids.find((id) => kindOf(id) === kindOf(own));
        const shown = student ?? member;
        return shown === undefined
          ? []
          : [{ model, name: shown, parameters: count, isDistilled: student !== undefined }];
      })
      .sort((a, b) => b.parameters - a.parameters)
      // Tunings of one size are the same to memory.
      .filter(({ parameters: count }, at, all) => count !== all[at - 1]?.parameters)
  );
}

const isTaught = (teacher: string, student: string): boolean =>
  STUDENTS.some(([of, by]) => of.test(teacher.toLowerCase()) && by.test(student.toLowerCase()));

/** Who publishes it and the word that its names begin with: `meta-llama/Llama-3.1-8B` and `Llama-2-7b-hf` are one kind. */
function kindOf(id: string): string {
  const [organisation = '', name = ''] = id.toLowerCase().split('/');
  const [word = name] = name.replace(/^meta-/, '').split(/[-_.\d]/);
  return `${organisation}/${word}`;
}
