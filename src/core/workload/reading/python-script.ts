/** Scripts: calls that configure a run, with what their arguments come to. Nothing is executed. */
import type { SettingName, SettingValue } from '../settings.ts';
import { DTYPES } from '../words.ts';
import { readVariable } from './commands.ts';
import { sayZeroByName } from './configs.ts';
import { eagerForward, isOtherwise, modelCall, rootOf } from './eager-forward.ts';
import { type Gathering, RANKS, type Rank } from './gathering.ts';
import {
  type PyArgument,
  type PyCall,
  type PythonReading,
  type PyValue,
  readPython,
} from './python.ts';
import { CALLS, type CallRow, optimizerOf } from './python-calls.ts';
import { PythonScope } from './python-scope.ts';
import { readIn } from './words.ts';

export interface ScriptContext {
  readonly gathering: Gathering;
  readonly name: string;
  /** Where a line of the text stands: a notebook's cells have lines of their own. */
  readonly sourceAt: (line: number) => string;
}

/** Reads a script; true when something in it configures a run. */
export function readScript(text: string, context: ScriptContext): boolean {
  const reading = readPython(text);
  const scope = new PythonScope(reading, context.gathering, context.sourceAt);
  const script = new Script(reading, scope, context, text);
  return script.read();
}

/** Constants of a script that nobody passes on are hints. */
const CONSTANTS =
  /^(?:batch_size|train_batch_size|micro_batch_size|per_device_batch_size|seq_len|max_seq_len|max_seq_length|block_size|gradient_accumulation_steps|accum_steps|image_size|img_size)$/i;

/** What makes a tokenizer. */
/** Classes whose head is not the language model's. */
const CLASSIFIER =
  /(?:^|\.)(\w*(?:For(?:Sequence|Token|Image)Classification|ForQuestionAnswering)|AutoModel)\.from_pretrained$/;

const TOKENIZER = /(?:Tokenizer(?:Fast)?|Processor)\.from_pretrained$/;

const NAMES_TRAINER = /Trainer\b|TrainingArguments|HfArgumentParser|TrlParser/;
/** Models of a script whose names are looked for: more nobody holds at once. */
const MOST_HELD = 32;
/** What trains the weights that it is given. */
const OPTIMIZER_CLASS =
  /(?:^|\.)(?:\w{0,30}(?:Adam|SGD|Lion|Adafactor|Muon|RMSprop|Adagrad)\w{0,20})$/;

class Script {
  private readonly reading: PythonReading;
  private readonly scope: PythonScope;
  private readonly context: ScriptContext;
  private readonly text: string;
  private readonly hasOwnLoop: boolean;
  private isKnown = false;
  /** Names that tokenizers are given: `tok`, `self.tokenizer`. */
  private readonly tokenizers: ReadonlySet<string>;

  constructor(reading: PythonReading, scope: PythonScope, context: ScriptContext, text: string) {
    this.text = text;
    this.reading = reading;
    this.scope = scope;
    this.context = context;
    this.hasOwnLoop = reading.calls.some(({ path }) => /\.backward$/.test(path));
    this.tokenizers = new Set(
      reading.calls.flatMap(({ path, assigned }) =>
        assigned !== undefined && TOKENIZER.test(path) ? [assigned] : [],
      ),
    );
  }

  read(): boolean {
    const { calls, assignments, imports } = this.reading;
    const { gathering } = this.context;
    for (const assignment of assignments) this.assignment(assignment);
    for (const call of calls) this.call(call);
    this.eager();
    this.shapes();
    // A trainer that is named anywhere may have the loop: by a class of its own, by a parser of its arguments.
    if (NAMES_TRAINER.test(this.text)) gathering.mean('own_loop', false, '', RANKS.hint);
    gathering.trained ??= this.trainedName();
    const isTorch = imports.has('torch');
    if (isTorch) gathering.speak('pytorch');
    return this.isKnown || isTorch || imports.has('transformers');
  }

  private assignment({ target, value, line, at }: PythonReading['assignments'][number]): void {
    const { gathering, sourceAt } = this.context;
    const variable = /environ\["(\w{1,80})"\]$/.exec(target)?.[1];
    const found = this.scope.resolve(value, at);
    if (found === undefined || found.value === null) return;
    if (variable !== undefined) {
      this.variable(variable, String(found.value), line);
      return;
    }
    const name = target.split('.').at(-1) ?? '';
    if (/\.config\.(?:use_cache|output_hidden_states)$/.test(target)) {
      gathering.say(name, found.value, sourceAt(line), RANKS.script, ['transformers']);
    } else if (/\.gradient_checkpointing$/.test(target)) {
      gathering.say(name, found.value, sourceAt(line), RANKS.script, ['transformers']);
    } else if (name === 'model_max_length' && typeof found.value === 'number') {
      this.mean('sequence_length', found.value, line, RANKS.hint);
    } else if (CONSTANTS.test(name)) {
      gathering.say(name, found.value, sourceAt(line), RANKS.hint, ['pytorch']);
    }
  }

  private variable(name: string, value: string, line: number): void {
    const { gathering, sourceAt } = this.context;
    const source = sourceAt(line);
    // The line is in the source already.
    const context = { gathering, name: source, scripts: new Set<string>() };
    if (readVariable({ name, value, line: 0 }, context, RANKS.script)) this.isKnown = true;
  }

  private call(call: PyCall): void {
    const { path } = call;
    if (/environ\.setdefault$|(?:^|\.)putenv$/.test(path)) this.environment(call);
    else if (/(?:^|\.)autocast$/.test(path)) this.autocast(call);
    else if (/(?:^|\.)DataLoader$/.test(path)) this.dataLoader(call);
    else if (/(?:^|\.)(?:AdamW?)$/.test(path)) this.adam(call);
    else if (/(?:^|\.)Trainer$/.test(path)) this.trainer(call);
    else if (/(?:^|\.)MixedPrecision(?:Policy)?$/.test(path)) this.policy(call);
    else if (/(?:^|\.)prepare_model_for_kbit_training$/.test(path)) this.prepared(call);
    else if (/(?:^|\.)deepspeed\.initialize$/.test(path)) this.deepspeed(call);
    else if (/^(?:\w+\.)?(?:pipe|pipeline|pipe_\w+|\w+_pipe)$/.test(path)) this.pipeline(call);
    else if (/\.(?:half|bfloat16|to)$/.test(path)) this.cast(call);
    else if (/(?:^|\.)set_default_dtype$/.test(path))
      this.format(call, 'weights_dtype', RANKS.hint);
    else if (
      /(?:^|\.)(?:tokenizer|processor)$|Collator\w*$/.test(path) ||
      this.tokenizers.has(path)
    ) {
      this.lengthOf(call, 'max_length');
      this.tokenized(call);
    } else if (TOKENIZER.test(path)) this.lengthOf(call, 'model_max_length');
    else if (/(?:^|\.)(?:YOLO|model)\(?\)?\.train$/.test(path) && call.args.length > 0)
      this.yolo(call);
    else {
      const row = CALLS.find((one) => one.path.test(path));
      if (row !== undefined) this.row(row, call);
    }
  }

  private row(row: CallRow, call: PyCall): void {
    const { gathering, sourceAt } = this.context;
    this.isKnown = true;
    gathering.speak(...(row.speaks ?? row.words ?? []));
    const { line } = call;
    for (const [setting, value] of row.means ?? []) this.mean(setting, value, line);
    for (const [setting, value] of row.hints ?? []) {
      gathering.mean(setting, value, sourceAt(line), RANKS.hint);
    }
    if (row.purpose !== undefined) {
      gathering.purposes.push({ purpose: row.purpose, rank: RANKS.script });
    }
    if (row.isModel === true) {
      gathering.model(call.path.split('.').at(-1) ?? '', sourceAt(line), RANKS.script);
    }
    if (row.words === undefined) return;
    if (row.group === '!') {
      gathering.say(
        call.path.split('.').at(-1) ?? '',
        true,
        sourceAt(line),
        RANKS.script,
        row.words,
      );
      return;
    }
    for (const { name, value, line: at } of named(call, row.positional ?? [], this.scope)) {
      this.argument(row, row.words, name, value, at, call);
    }
  }

  private argument(
    row: CallRow,
    words: readonly string[],
    name: string,
    value: PyValue,
    line: number,
    call: PyCall,
  ): void {
    const { gathering, sourceAt } = this.context;
    if (row.only !== undefined && !row.only.includes(name)) return;
    // What a model is loaded for at most; what is trained on can be shorter, and its trainer says so.
    if (name === 'max_seq_length' && /from_pretrained$/.test(call.path)) {
      this.lengthOf(call, name, row.positional?.indexOf(name));
      return;
    }
    if (name === 'deepspeed' || name === 'hf_ds_config') {
      this.deepspeedConfig(value, call.at, line);
      return;
    }
    // What is made in the arguments is a call of its own and read there.
    if (value.kind === 'call' && this.scope.resolve(value, call.at) === undefined) return;
    const dict = this.scope.dictOf(value, call.at);
    if (dict !== undefined) {
      for (const [key, each, at] of dict.pairs) {
        this.argument(
          row,
          key.startsWith('fsdp') ? ['fsdp', ...words] : words,
          key,
          each,
          at,
          call,
        );
      }
      return;
    }
    const found = this.scope.resolve(value, call.at);
    if (found === undefined) {
      const isSetting = readIn(words, keyOf(row, name), 'true').length > 0;
      if (isSetting && value.kind !== 'unknown') this.unresolved(name, value, line);
      return;
    }
    const source = found.source ?? sourceAt(line);
    if (row.model?.includes(name) === true) {
      if (typeof found.value === 'string') {
        const class_ = CLASSIFIER.exec(call.path)?.[1];
        const held = gathering.models.length < MOST_HELD ? this.nameOf(call) : undefined;
        const format = formatOf(
          this.argumentOf(call, 'torch_dtype') ?? this.argumentOf(call, 'dtype'),
        );
        const width =
          format === 'fp32' ? 4 : format === 'bf16' || format === 'fp16' ? 2 : undefined;
        gathering.model(found.value, source, found.rank, {
          ...(class_ !== undefined && { class: class_ }),
          ...(held !== undefined && { held, isOnCard: this.staysOnCard(call, held) }),
          ...(width !== undefined && { width }),
        });
      }
      return;
    }
    const isOpen = name === 'fsdp_config' && typeof found.value === 'string';
    if (isOpen) gathering.mention(String(found.value), source);
    else gathering.say(keyOf(row, name), found.value, source, found.rank, words);
  }

  /** An argument that is a setting and comes from somewhere that only a run knows. */
  private unresolved(key: string, value: PyValue, line: number): void {
    const text = value.kind === 'name' ? value.path : value.kind;
    this.context.gathering.open.push({ key, value: text, source: this.context.sourceAt(line) });
  }

  private mean(
    setting: SettingName,
    value: SettingValue,
    line: number,
    rank: Rank = RANKS.script,
  ): void {
    this.isKnown = true;
    this.context.gathering.mean(setting, value, this.context.sourceAt(line), rank);
  }

  /** What an argument comes to. */
  private argumentOf(
    call: PyCall,
    name: string,
    position?: number,
  ): SettingValue | null | undefined {
    const value =
      call.args.find((one) => one.name === name)?.value ??
      (position === undefined ? undefined : positionalsOf(call)[position]?.value);
    return value === undefined ? undefined : this.scope.resolve(value, call.at)?.value;
  }

  /** The name of what comes of a call, through all that is called on it: `model = make().cuda().eval()`. */
  private nameOf({ at }: PyCall): string | undefined {
    for (const { assigned, ...last } of this.reading.calls) {
      if (assigned === undefined) continue;
      for (let one: PyCall | undefined = last; one !== undefined; one = one.on)
        if (one.at === at) return assigned;
    }
    return undefined;
  }

  /** The name of the model whose parameters an optimizer is given, or that a trainer is. */
  private trainedName(): string | undefined {
    const { calls } = this.reading;
    const isOptimized = calls.some(({ path }) => OPTIMIZER_CLASS.test(path));
    const names = new Set(
      calls.flatMap(({ path, args }) => {
        const owner = /^(.+)\.(?:named_)?parameters$/.exec(path)?.[1];
        if (isOptimized && owner !== undefined) return [owner];
        if (!/Trainer$/.test(path)) return [];
        const value = args.find(({ name }) => name === 'model')?.value;
        return value?.kind === 'name' ? [value.path] : [];
      }),
    );
    const [only] = names;
    return names.size === 1 ? only : undefined;
  }

  /** True where a model is surely on the card that is trained on, whole and for good. */
  private staysOnCard(call: PyCall, held: string): boolean {
    const { calls } = this.reading;
    const chain: PyCall[] = [];
    for (const { assigned, ...last } of calls) {
      if (assigned !== held) continue;
      for (let one: PyCall | undefined = last; one !== undefined; one = one.on) chain.push(one);
    }
    const moves = [
      ...chain.filter(({ at }) => at !== call.at),
      ...calls.filter(({ path }) => path === `${held}.to` || path === `${held}.cuda`),
    ].filter(({ path }) => /(?:^|\.)(?:to|cuda)$/.test(path));
    const places = moves.flatMap((one) => positionalsOf(one).slice(0, 1));
    const isElsewhere = places.some(
      ({ value }) =>
        value.kind === 'literal' &&
        (typeof value.value === 'number'
          ? value.value > 0
          : /^(?:cpu|meta|.+:[1-9])/.test(String(value.value))),
    );
    const isPlaced = call.args.some(
      ({ name }) =>
        name === 'device_map' || name === 'quantization_config' || /^load_in_/.test(name ?? ''),
    );
    const word = held.replaceAll(/\W/g, '\\$&');
    const isFreed = new RegExp(`^\\s*del\\s[^\\n]{0,80}\\b${word}\\b`, 'm').test(this.text);
    return moves.length > 0 && !isElsewhere && !isPlaced && !isFreed;
  }

  private environment(call: PyCall): void {
    const name = this.argumentOf(call, 'key', 0);
    const value = this.argumentOf(call, 'value', 1);
    if (typeof name === 'string' && value !== undefined && value !== null) {
      this.variable(name, String(value), call.line);
    }
  }

  /** Without a type autocast takes fp16 on a GPU. */
  private autocast(call: PyCall): void {
    const given = this.argumentOf(call, 'dtype') ?? this.argumentOf(call, 'dtype', 1);
    const isOff = this.argumentOf(call, 'enabled') === false;
    const value = isOff ? 'fp32' : (formatOf(given) ?? 'fp16');
    this.mean('compute_precision', value, call.line, isOff ? RANKS.hint : RANKS.script);
    this.context.gathering.speak('pytorch');
  }

  /** The loader of validation has a batch of its own. */
  private dataLoader(call: PyCall): void {
    const { gathering, sourceAt } = this.context;
    const set = positionalsOf(call)[0]?.value;
    const names = `${call.assigned ?? ''} ${set?.kind === 'name' ? set.path : ''}`;
    const isOther = /val|test|eval/i.test(names);
    for (const { name, value, line } of named(call, ['', 'batch_size'], this.scope)) {
      const found = this.scope.resolve(value, call.at);
      if (found === undefined || (isOther && name !== 'batch_size')) continue;
      const key = isOther ? 'eval_batch_size' : name;
      gathering.say(key, found.value, found.source ?? sourceAt(line), found.rank, ['pytorch']);
      this.isKnown = true;
    }
  }

  private adam(call: PyCall): void {
    const isFused = this.argumentOf(call, 'fused') === true;
    const value = optimizerOf(call.path, isFused);
    if (value !== undefined) this.mean('optimizer', value, call.line, RANKS.hint);
  }

  /** Hugging Face and Lightning both call it Trainer. */
  private trainer(call: PyCall): void {
    const { gathering } = this.context;
    const { imports } = this.reading;
    const isLightning =
      /^(?:pl|L|lightning|pytorch_lightning)\./.test(call.path) ||
      call.args.some(({ name }) =>
        /^(?:max_epochs|devices|accelerator|precision)$/.test(name ?? ''),
      ) ||
      (!imports.has('transformers') &&
        (imports.has('lightning') || imports.has('pytorch_lightning')));
    this.isKnown = true;
    gathering.purposes.push({ purpose: 'training', rank: RANKS.hint });
    this.mean('own_loop', false, call.line, RANKS.hint);
    if (!isLightning) {
      gathering.speak('transformers');
      // Without metrics the Trainer keeps losses only.
      const metrics = call.args.find(({ name }) => name === 'compute_metrics')?.value;
      const isNone = metrics?.kind === 'literal' && metrics.value === null;
      if (metrics !== undefined && !isNone) this.mean('eval_loss_only', false, call.line);
      return;
    }
    this.row({ path: /^/, words: ['lightning'] }, call);
    const devices = this.argumentOf(call, 'devices');
    const nodes = this.argumentOf(call, 'num_nodes');
    const count =
      typeof devices === 'string' && devices.includes(',')
        ? devices.split(',').length
        : Number(devices);
    if (devices !== undefined && Number.isInteger(count) && count > 0) {
      this.mean('world_size', count * (typeof nodes === 'number' ? nodes : 1), call.line);
    }
  }

  /** FSDP's formats: parameters are computed in one, gradients reduced in another. */
  private policy(call: PyCall): void {
    this.context.gathering.speak('fsdp');
    const compute = formatOf(this.argumentOf(call, 'param_dtype', 0));
    if (compute !== undefined) this.mean('compute_precision', compute, call.line);
  }

  /** Of PEFT: it turns checkpoints on unless it is told not to. */
  private prepared(call: PyCall): void {
    const given = this.argumentOf(call, 'use_gradient_checkpointing', 1);
    this.mean('checkpointing', given !== false, call.line);
  }

  private deepspeed(call: PyCall): void {
    this.context.gathering.speak('deepspeed');
    this.context.gathering.purposes.push({ purpose: 'training', rank: RANKS.script });
    this.isKnown = true;
    const config = call.args.find(({ name }) => name === 'config' || name === 'config_params');
    if (config !== undefined) this.deepspeedConfig(config.value, call.at, config.line);
  }

  private deepspeedConfig(value: PyValue, at: number, line: number): void {
    const { gathering, sourceAt } = this.context;
    const dict = this.scope.dictOf(value, at);
    if (dict !== undefined) {
      gathering.speak('deepspeed');
      this.section(dict, '', at);
      return;
    }
    const found = this.scope.resolve(value, at);
    if (typeof found?.value !== 'string') return;
    const source = found.source ?? sourceAt(line);
    gathering.mention(found.value, source);
    sayZeroByName(found.value, source, gathering);
  }

  private section(
    dict: Extract<PyValue, { readonly kind: 'dict' }>,
    prefix: string,
    at: number,
    depth: number = 0,
  ): void {
    const { gathering, sourceAt } = this.context;
    if (depth > 12) return;
    for (const [key, value, line] of dict.pairs) {
      const name = prefix === '' ? key : `${prefix}.${key}`;
      const inner = this.scope.dictOf(value, at);
      if (inner !== undefined) this.section(inner, name, at, depth + 1);
      else {
        const found = this.scope.resolve(value, at);
        if (found !== undefined)
          gathering.say(name, found.value, found.source ?? sourceAt(line), found.rank, [
            'deepspeed',
          ]);
      }
    }
  }

  /** `model.half()`, `model.to(torch.bfloat16)`; tensors are cast, too, and say nothing. */
  private cast(call: PyCall): void {
    const [method = '', owner = ''] = call.path.split('.').reverse();
    if (!/model|net|pipe|unet|transformer|\(\)$/i.test(owner)) return;
    if (/^(?:tokenizer|inputs|batch|processor)/i.test(owner)) return;
    if (method === 'half') this.mean('weights_dtype', 'fp16', call.line);
    else if (method === 'bfloat16') this.mean('weights_dtype', 'bf16', call.line);
    else this.format(call, 'weights_dtype', RANKS.script);
  }

  private format(call: PyCall, setting: 'weights_dtype', rank: Rank): void {
    const given = [
      this.argumentOf(call, 'dtype'),
      ...positionalsOf(call).map(({ value }) => this.scope.resolve(value, call.at)?.value),
    ];
    const value = given.map(formatOf).find((one) => one !== undefined);
    if (value !== undefined) this.mean(setting, value, call.line, rank);
  }

  /** A pipeline of diffusers at work: sizes of what it makes. `pipeline(…)` of transformers makes another one. */
  private pipeline(call: PyCall): void {
    const row = CALLS.find((one) => one.path.test(call.path));
    if (!this.reading.imports.has('diffusers')) {
      if (row !== undefined) this.row(row, call);
      return;
    }
    const number = (name: string): number | undefined => {
      const value = this.argumentOf(call, name);
      return typeof value === 'number' && value > 0 ? value : undefined;
    };
    const [height, width] = [number('height'), number('width')];
    if (height !== undefined && width !== undefined) {
      const longer = Math.max(height, width);
      this.mean('resolution', longer, call.line);
      this.mean('aspect', Math.min(height, width) / longer, call.line);
    }
    const frames = number('num_frames');
    if (frames !== undefined) this.mean('frames', frames, call.line);
    const images = number('num_images_per_prompt') ?? number('num_videos_per_prompt');
    const prompt = call.args.find(({ name }) => name === 'prompt') ?? positionalsOf(call)[0];
    const prompts = this.scope.countOf(prompt?.value, call.at);
    if (images !== undefined || prompts !== undefined)
      this.mean('micro_batch', (images ?? 1) * (prompts ?? 1), call.line);
    this.context.gathering.purposes.push({ purpose: 'generation', rank: RANKS.script });
  }

  /** Texts are cut to it, or filled up: a trainer may say another length. */
  private lengthOf(call: PyCall, name: string, position?: number): void {
    const longest = this.argumentOf(call, name, position);
    if (typeof longest === 'number') this.mean('sequence_length', longest, call.line, RANKS.hint);
  }

  /** A pass of a model that is not trained. */
  private eager(): void {
    const pass = eagerForward(this.reading, this.text);
    if (pass === undefined) return;
    const { gathering } = this.context;
    const { call } = pass;
    gathering.purposes.push({ purpose: 'generation', rank: RANKS.hint });
    gathering.speak('transformers');
    this.mean('new_tokens', 0, call.line, RANKS.hint);
    this.mean('records_graph', pass.isRecorded, call.line);
    // Not generate, which wants the last position alone.
    this.mean('kept_logits', pass.isScored ? 'all-fp32' : 'all', call.line);
    if (this.argumentOf(call, 'use_cache') === false)
      this.mean('generation_cache', false, call.line);
  }

  /** The sizes of the tensor that a model is called with: rows of tokens, or of their embeddings. */
  private shapes(): void {
    const found = modelCall(this.reading);
    if (found === undefined) return;
    const { call } = found;
    const given = call.args.find(({ name }) => name === 'input_ids' || name === 'inputs_embeds');
    const sizes = this.scope.shapeOf((given ?? positionalsOf(call)[0])?.value, call.at) ?? [];
    const [rows, tokens] = sizes;
    if (rows === undefined || tokens === undefined || sizes.length > 3) return;
    const isOther = isOtherwise(this.reading);
    // One that only looks whether a trainer's model works says nothing of the training.
    if (isOther && !this.hasOwnLoop) return;
    this.mean('micro_batch', rows, call.line, RANKS.hint);
    this.mean(isOther ? 'sequence_length' : 'prompt_length', tokens, call.line, RANKS.hint);
  }

  /** Texts that go through a tokenizer and then through the model at once, and the length that they are filled up to. */
  private tokenized(call: PyCall): void {
    const { path, line, at } = call;
    if (!this.tokenizers.has(path) || !this.isConsumed(call)) return;
    const value = positionalsOf(call)[0]?.value;
    const count = isOfStrings(value) ? this.scope.countOf(value, at) : undefined;
    if (count !== undefined) this.mean('micro_batch', count, line, RANKS.hint);
    const longest = this.argumentOf(call, 'max_length');
    // Cut to it, or filled up to it: longer than that no prompt is.
    const isFilled =
      this.argumentOf(call, 'padding') === 'max_length' ||
      this.argumentOf(call, 'truncation') === true;
    if (isFilled && typeof longest === 'number' && !this.hasOwnLoop)
      this.mean('prompt_length', longest, line, RANKS.hint);
  }

  /** What it gives goes into a pass of the script's own: by its name, or as it is. */
  private isConsumed(call: PyCall): boolean {
    const { calls } = this.reading;
    const passes = [
      ...calls.filter(({ path }) => /\.generate$/.test(path)),
      ...(eagerForward(this.reading, this.text) === undefined && !this.hasOwnLoop
        ? []
        : [modelCall(this.reading)?.call ?? []].flat()),
    ];
    const name = calls.find((one) => one.assigned !== undefined && rootOf(one) === call)?.assigned;
    return passes.some(({ args }) =>
      args.some(
        ({ value }) =>
          (value.kind === 'call' && rootOf(value.call) === call) ||
          (value.kind === 'name' && name !== undefined && value.path.split('.')[0] === name),
      ),
    );
  }

  private yolo(call: PyCall): void {
    if (!this.reading.imports.has('ultralytics')) return;
    this.row({ path: /^/, words: ['ultralytics'], purpose: 'training' }, call);
  }
}

/** Part of a text is one text: of names only those of many are taken for lists. */
const isOfStrings = (value: PyValue | undefined): boolean =>
  value?.kind !== 'slice' ||
  (value.of.kind === 'name' && /(?:s|list|batch)$/i.test(value.of.path)) ||
  value.of.kind === 'list';

const keyOf = ({ group }: CallRow, name: string): string =>
  group === undefined ? name : `${group}.${name}`;

const positionalsOf = ({ args }: PyCall): readonly PyArgument[] =>
  args.filter(({ name }) => name === undefined);

const formatOf = (value: SettingValue | null | undefined): SettingValue | undefined =>
  typeof value === 'string' ? DTYPES[value.toLowerCase()] : undefined;

interface NamedArgument {
  readonly name: string;
  readonly value: PyValue;
  readonly line: number;
}

/** Arguments by name: those by position get theirs, a dict that is spread gives its own. */
function named(call: PyCall, positional: readonly string[], scope: PythonScope): NamedArgument[] {
  let place = 0;
  return call.args.flatMap(({ name, value, line }) => {
    if (name === '**') {
      const dict = scope.dictOf(value, call.at);
      return (dict?.pairs ?? []).map(([key, each, at]) => ({ name: key, value: each, line: at }));
    }
    const own = name ?? positional[place++] ?? '';
    return own === '' ? [] : [{ name: own, value, line }];
  });
}
