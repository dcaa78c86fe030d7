/**
 * A script that calls its model without training it, in its own words: `model(**batch)`. What such a pass keeps hangs on
 * whether autograd looks on.
 */
import type { PyArgument, PyCall, PythonReading } from './python.ts';

/** What loads a model that is called then. */
const LOADER =
  /(?:^|\.)(?:Auto\w{0,40}Model\w{0,40}|\w{1,60}(?:For[A-Z]\w{1,40}|Model))\.from_pretrained$/;
/** What only those do who train, or who leave the pass to a library. */
const OTHERWISE =
  /\.(?:generate|backward|step|train|fit)$|Trainer$|TrainingArguments$|(?:^|\.)(?:LoraConfig|pipeline|get_peft_model)$|(?:^|\.)optim\./;
const UNRECORDED = /(?:^|\.)(?:no_grad|inference_mode)$/;
const DECORATED = /^\s*@torch\.(?:no_grad|inference_mode)\b/m;
/** What is computed of logits in fp32. */
const SCORED = /(?:^|\.)(?:cross_entropy|CrossEntropyLoss|log_softmax)$|logits\.float$/;

export interface ModelCall {
  readonly call: PyCall;
  /** The call that loaded it. */
  readonly loader: PyCall;
}

export interface EagerForward extends ModelCall {
  /** Nothing turns gradients off anywhere in the script. */
  readonly isRecorded: boolean;
  /** The scores of all positions are made into probabilities or a loss, which is done in fp32. */
  readonly isScored: boolean;
}

/** The call that began a chain: `from_pretrained(…)` of `from_pretrained(…).to("cuda").eval()`. */
export function rootOf(call: PyCall): PyCall {
  let now = call;
  while (now.on !== undefined) now = now.on;
  return now;
}

/** The first call of a model that a script loads: `model(ids)`. */
export function modelCall({ calls }: PythonReading): ModelCall | undefined {
  const loaders = new Map<string, PyCall>();
  for (const call of calls) {
    const loader = rootOf(call);
    if (call.assigned !== undefined && LOADER.test(loader.path)) loaders.set(call.assigned, loader);
  }
  for (const call of calls) {
    const loader = loaders.get(call.path);
    if (loader !== undefined) return { call, loader };
  }
  return undefined;
}

/** True where a script trains, or leaves its passes to a library. */
export const isOtherwise = ({ calls }: PythonReading): boolean =>
  calls.some(
    ({ path, args }) => OTHERWISE.test(path) || args.some(({ name }) => name === 'past_key_values'),
  );

const isFalse = ({ value }: PyArgument): boolean =>
  value.kind === 'literal' && value.value === false;

const isTrue = ({ value }: PyArgument): boolean => value.kind === 'literal' && value.value === true;

/** The first call of a model that a script loads and does not train; undefined where there is none. */
export function eagerForward(reading: PythonReading, text: string): EagerForward | undefined {
  const found = isOtherwise(reading) ? undefined : modelCall(reading);
  if (found === undefined) return undefined;
  const { calls, assignments } = reading;
  // PEFT loads adapters for use, and freezes all of them, unless it is told that they will be trained.
  const isFrozen =
    /PeftModel\w*\.from_pretrained$/.test(found.loader.path) &&
    !found.loader.args.some((one) => one.name === 'is_trainable' && isTrue(one));
  const isOff = calls.some(
    ({ path, args }) =>
      UNRECORDED.test(path) ||
      (/(?:^|\.)(?:set_grad_enabled|requires_grad_)$/.test(path) && args.some(isFalse)),
  );
  const isUnset = assignments.some(
    ({ target, value }) =>
      /\.requires_grad$/.test(target) && value.kind === 'literal' && value.value === false,
  );
  return {
    ...found,
    isRecorded: !isFrozen && !isOff && !isUnset && !DECORATED.test(text),
    isScored:
      found.call.args.some(({ name }) => name === 'labels') ||
      calls.some(({ path }) => SCORED.test(path)),
  };
}
