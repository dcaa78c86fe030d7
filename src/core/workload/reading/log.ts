/**
 * What a log shows of the job that wrote it: command lines that were echoed into it, and names of models. Settings
 * that trainers print are the evidence's business (evidence/assignments.ts); here is what only a command line has.
 */

/** Programs that start jobs. */
const LAUNCHERS =
  'python\\d?(?:\\.\\d+)?|torchrun|accelerate|deepspeed|vllm|sglang|text-generation-launcher|llama-server|llama-cli|ollama|llamafactory-cli|axolotl|tune|swift|litgpt|mpirun|srun|docker|trl|composer|xtuner|openrlhf';

/** A prompt of a shell or its trace, variables, then a launcher, perhaps by its whole path. */
const COMMAND = new RegExp(
  String.raw`^\s*(?:(?:\([\w.-]+\)\s+)?\S{0,60}[$#%>]\s+|\++\s+|.{0,80}\bcmd\s*[=:]\s*)?((?:[A-Z_][A-Z0-9_]*=\S*\s+)*(?:\S{0,120}/)?(?:${LAUNCHERS})\s\S.*)$`,
);
const LONGEST_LINE = 8000;
const MOST_LINES = 200;

/** The command lines of a log in their lines; every other line is empty, so that places stay. */
export function commandsOfLog(text: string): string {
  const kept: string[] = [];
  let count = 0;
  let goesOn = false;
  for (const line of text.split('\n')) {
    const command: string | undefined =
      line.length > LONGEST_LINE || count >= MOST_LINES
        ? undefined
        : goesOn
          ? line
          : COMMAND.exec(line)?.[1];
    goesOn = command?.trimEnd().endsWith('\\') === true;
    if (command !== undefined) count += 1;
    kept.push(command ?? '');
  }
  return kept.join('\n');
}

/** How logs, engines and frames name the model: `model='org/name'`, `from_pretrained("org/name"`. */
const MODEL =
  /(?:\b(?:model(?:_name(?:_or_path)?|_path|_tag|_id)?|base_model|pretrained_model_name_or_path)\b["']?\s{0,4}[=:]\s{0,4}|--model\w{0,20}\s{1,4}|from_pretrained\(\s{0,4})["']?([A-Za-z0-9][\w.-]{0,60}\/[A-Za-z0-9][\w.-]{1,80})(?![\w/.-])/;

/** The first model that a log names as hubs do, with its line. */
export function modelOfLog(
  text: string,
): { readonly name: string; readonly line: number } | undefined {
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    if (line.length > LONGEST_LINE) continue;
    const name = MODEL.exec(line)?.[1];
    // A path of two parts is no name of a hub.
    if (name !== undefined && !/\.(?:py|json|bin|pt|pth|safetensors|txt|ya?ml|log)$/.test(name)) {
      return { name: name.replace(/\.+$/, ''), line: index + 1 };
    }
  }
  return undefined;
}
