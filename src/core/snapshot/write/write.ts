/**
 * Writes a snapshot's columns as the file that PyTorch would have written. Chunk by chunk: what is held
 * is the columns and a small table of references, never the file.
 */
import { ACTIONS, Action, BlockState, NONE, type Snapshot } from '../columns.ts';
import type { KnownText } from '../keys.ts';
import { CppPickler } from './cpp-pickler.ts';
import type { Encoder } from './encoder.ts';
import { JsonEncoder } from './json-encoder.ts';
import { type PickleProtocol, PythonPickler } from './python-pickler.ts';
import { type Schema, type SchemaVersion, schemaOf } from './schema.ts';
import { writeSettings } from './settings.ts';
import { findSharing, type Sharing } from './sharing.ts';

export interface WriteOptions {
  /** Default: pickle. */
  readonly container?: 'pickle' | 'json';
  /** Of a pickle in Python's layout. Default: 4, as Python 3.8 to 3.13 write it. */
  readonly protocol?: PickleProtocol;
  /** `cpp`: that of torch::cuda::_memory_snapshot_pickled(), always protocol 2. Default: python. */
  readonly layout?: 'python' | 'cpp';
  /** The version of PyTorch whose keys are written. Default: the newest. */
  readonly version?: SchemaVersion;
  /** `list`: segments only. Default: dict; before 2.0 there was only the list. */
  readonly form?: 'dict' | 'list';
}

/**
 * The file in chunks, to be written one after another. A figure that is NaN is left out with its key. A
 * snapshot whose shape says so is marked as synthetic: by the key `unoom_synthetic` at the top, or in
 * each segment when there is no top.
 */
export function* writeSnapshot(
  snapshot: Snapshot,
  options: WriteOptions = {},
): Generator<Uint8Array, void> {
  const encoder = encoderFor(options);
  const schema = schemaOf(options.version ?? '2.13', options.form);
  yield* new SnapshotWriter(snapshot, schema, encoder).write();
}

function encoderFor({ container, layout, protocol }: WriteOptions): Encoder {
  if (container === 'json') return new JsonEncoder();
  return layout === 'cpp' ? new CppPickler() : new PythonPickler(protocol ?? 4);
}

const STATE_WORDS: Readonly<Record<number, KnownText>> = {
  [BlockState.inactive]: 'inactive',
  [BlockState.active]: 'active_allocated',
  [BlockState.pendingFree]: 'active_pending_free',
};

class SnapshotWriter {
  private readonly snapshot: Snapshot;
  private readonly schema: Schema;
  private readonly encoder: Encoder;
  private readonly sharing: Sharing;
  private readonly streams: readonly (number | bigint)[];
  /** References of what is written: frames, contexts, the list without frames. -1: not yet, or never. */
  private readonly frames: Int32Array;
  private readonly contexts: Int32Array;
  private noFrames = -1;
  private readonly uses: Uses;

  constructor(snapshot: Snapshot, schema: Schema, encoder: Encoder) {
    this.snapshot = snapshot;
    this.schema = schema;
    this.encoder = encoder;
    this.sharing = findSharing(snapshot);
    this.streams = snapshot.streams.map(streamHandle);
    this.frames = new Int32Array(snapshot.frames.count).fill(-1);
    this.contexts = new Int32Array(this.sharing.count).fill(-1);
    this.uses = countUses(snapshot, this.sharing);
  }

  *write(): Generator<Uint8Array, void> {
    const { encoder, schema, snapshot } = this;
    const isDict = schema.form === 'dict';
    if (isDict) {
      encoder.openDict(this.topSize());
      if (snapshot.shape.isSynthetic) {
        encoder.key('unoom_synthetic');
        encoder.bool(true);
      }
      encoder.key('segments');
    }
    yield* this.writeSegments();
    if (isDict) {
      yield* this.writeTraces();
      this.writeTail();
      encoder.close();
    }
    encoder.finish();
    yield* this.flush();
  }

  private *flush(): Generator<Uint8Array, void> {
    yield* this.encoder.ready.splice(0);
  }

  private topSize(): number {
    const { schema, snapshot } = this;
    return (
      2 +
      Number(snapshot.shape.isSynthetic) +
      Number(this.hasSettings()) +
      Number(schema.hasAnnotations) +
      Number(this.tellsOverflow()) +
      Number(this.tellsMaxEntries())
    );
  }

  private hasSettings(): boolean {
    return this.schema.hasSettings && this.snapshot.settings !== undefined;
  }

  private tellsOverflow(): boolean {
    return (
      this.schema.hasEventPools && this.snapshot.devices.some((d) => d.overflowed !== undefined)
    );
  }

  private tellsMaxEntries(): boolean {
    return (
      this.schema.hasEventPools && this.snapshot.devices.some((d) => d.maxEntries !== undefined)
    );
  }

  private *writeSegments(): Generator<Uint8Array, void> {
    const { encoder, snapshot } = this;
    encoder.openList(snapshot.segments.count);
    for (let s = 0; s < snapshot.segments.count; s++) {
      encoder.item();
      this.writeSegment(s);
      if (encoder.ready.length > 0) yield* this.flush();
    }
    encoder.close();
  }

  private writeSegment(s: number): void {
    const { encoder, schema, snapshot, sharing } = this;
    const { segments } = snapshot;
    const isMarked = schema.form === 'list' && snapshot.shape.isSynthetic;
    const hasFrames = !schema.hasHistory;
    const figures: readonly (readonly [KnownText, number])[] = [
      ['allocated_size', segments.allocated[s] as number],
      ['active_size', segments.active[s] as number],
      ['requested_size', schema.hasRequestedSize ? (segments.requested[s] as number) : Number.NaN],
    ];
    const known = figures.filter(([, value]) => !Number.isNaN(value));

    encoder.openDict(
      6 + known.length + Number(hasFrames) + 2 * Number(schema.hasPools) + Number(isMarked),
    );
    this.writeInt('device', segments.device[s] as number);
    this.writeInt('address', segments.address[s] as number);
    this.writeInt('total_size', segments.total[s] as number);
    for (const [word, value] of known) this.writeInt(word, value);
    this.writeStream(segments.stream[s] as number);
    encoder.key('segment_type');
    encoder.word(segments.isLarge[s] === 1 ? 'large' : 'small');
    if (schema.hasPools) {
      this.writePool('segment_pool_id', segments.pool[s] as number);
      encoder.key('is_expandable');
      encoder.bool(segments.isExpandable[s] === 1);
    }
    const context = sharing.segments[s] as number;
    // A key without a context is set at once; one with a context when all are turned into lists.
    if (hasFrames && context === NONE) this.writeNoFrames();
    encoder.key('blocks');
    const from = segments.firstBlock[s] as number;
    const to = segments.firstBlock[s + 1] as number;
    encoder.openList(to - from);
    for (let b = from; b < to; b++) {
      encoder.item();
      if (hasFrames) this.writeBlock(b);
      else this.writeLegacyBlock(b);
    }
    encoder.close();
    if (isMarked) {
      encoder.key('unoom_synthetic');
      encoder.bool(true);
    }
    if (hasFrames && context !== NONE) {
      this.writeContext(context, segments.stack[s] as number);
    }
    encoder.close();
  }

  private writeBlock(b: number): void {
    const { encoder, snapshot, sharing } = this;
    const { blocks } = snapshot;
    const requested = blocks.requested[b] as number;
    const isKnown = !Number.isNaN(requested);
    encoder.openDict(4 + Number(isKnown));
    this.writeInt('address', blocks.address[b] as number);
    this.writeInt('size', blocks.size[b] as number);
    if (isKnown) this.writeInt('requested_size', requested);
    encoder.key('state');
    encoder.word(STATE_WORDS[blocks.state[b] as number] ?? 'inactive');
    const context = sharing.blocks[b] as number;
    if (context === NONE) this.writeNoFrames();
    else this.writeContext(context, blocks.stack[b] as number);
    encoder.close();
  }

  /** 2.0 and before: no address; what lived here stands in `history`, the latest first. */
  private writeLegacyBlock(b: number): void {
    const { encoder, schema, snapshot, sharing } = this;
    const { blocks } = snapshot;
    const requested = blocks.requested[b] as number;
    const hasRequested = schema.hasRequestedSize && !Number.isNaN(requested);
    const context = sharing.blocks[b] as number;
    encoder.openDict(2 + Number(hasRequested) + Number(context !== NONE));
    this.writeInt('size', blocks.size[b] as number);
    if (hasRequested) this.writeInt('requested_size', requested);
    encoder.key('state');
    encoder.word(STATE_WORDS[blocks.state[b] as number] ?? 'inactive');
    if (context !== NONE) {
      encoder.key('history');
      encoder.openList(1);
      encoder.item();
      encoder.openDict(3);
      this.writeInt('addr', blocks.address[b] as number);
      this.writeInt('real_size', Number.isNaN(requested) ? (blocks.size[b] as number) : requested);
      this.writeContext(context, blocks.stack[b] as number);
      encoder.close();
      encoder.close();
    }
    encoder.close();
  }

  /** One list per visible device; a device of which nothing is known has an empty one. */
  private *writeTraces(): Generator<Uint8Array, void> {
    const { encoder, snapshot } = this;
    encoder.key('device_traces');
    const count = visibleDevices(snapshot);
    encoder.openList(count);
    for (let index = 0; index < count; index++) {
      encoder.item();
      const row = snapshot.devices.findIndex((device) => device.index === index);
      const events = snapshot.devices[row]?.events.count ?? 0;
      encoder.openList(events);
      for (let i = 0; i < events; i++) {
        encoder.item();
        this.writeEvent(row, i);
        if (encoder.ready.length > 0) yield* this.flush();
      }
      encoder.close();
    }
    encoder.close();
  }

  private writeEvent(row: number, i: number): void {
    const { encoder, schema, snapshot, sharing } = this;
    const events = snapshot.devices[row]?.events;
    if (events === undefined) return;
    const action = events.action[i] as number;
    const context = sharing.events[row]?.[i] ?? NONE;
    const time = schema.hasTime ? (events.time?.[i] ?? Number.NaN) : Number.NaN;
    const hasTime = !Number.isNaN(time);
    const pool = schema.hasEventPools ? events.pool?.[i] : undefined;
    const category = events.category?.[i] ?? NONE;
    encoder.openDict(
      4 +
        Number(hasTime) +
        Number(schema.hasCompileContext) +
        Number(schema.hasUserMetadata) +
        Number(pool !== undefined) +
        Number(category !== NONE) +
        Number(context !== NONE),
    );
    encoder.key('action');
    encoder.word(ACTIONS[action] ?? 'other');
    this.writeInt(action === Action.oom ? 'device_free' : 'addr', events.address[i] as number);
    this.writeInt('size', events.size[i] as number);
    this.writeStream(events.stream[i] as number);
    if (hasTime) this.writeInt('time_us', time);
    if (schema.hasCompileContext) {
      encoder.key('compile_context');
      encoder.text(this.string(events.compileContext?.[i], 'N/A'));
    }
    if (schema.hasUserMetadata) {
      encoder.key('user_metadata');
      encoder.text(this.string(events.userMetadata?.[i], ''));
    }
    if (pool !== undefined) this.writePool('pool_id', pool);
    if (category !== NONE) {
      encoder.key('category');
      encoder.text(this.string(category, ''));
    }
    if (context !== NONE) this.writeContext(context, events.stack[i] as number);
    encoder.close();
  }

  private writeTail(): void {
    const { encoder, schema, snapshot } = this;
    if (this.hasSettings() && snapshot.settings !== undefined) {
      encoder.key('allocator_settings');
      writeSettings(encoder, snapshot.settings, schema);
    }
    if (schema.hasAnnotations) this.writeAnnotations();
    if (this.tellsMaxEntries()) {
      encoder.key('trace_alloc_max_entries');
      this.writePerDevice((device) => encoder.int(device?.maxEntries ?? 0));
    }
    if (this.tellsOverflow()) {
      encoder.key('trace_alloc_overflowed');
      this.writePerDevice((device) => encoder.bool(device?.overflowed ?? false));
    }
  }

  private writePerDevice(write: (device: Snapshot['devices'][number] | undefined) => void): void {
    const { encoder, snapshot } = this;
    const count = visibleDevices(snapshot);
    encoder.openList(count);
    for (let index = 0; index < count; index++) {
      encoder.item();
      write(snapshot.devices.find((device) => device.index === index));
    }
    encoder.close();
  }

  private writeAnnotations(): void {
    const { encoder, snapshot } = this;
    const { annotations } = snapshot;
    encoder.key('external_annotations');
    encoder.openList(annotations.count);
    for (let i = 0; i < annotations.count; i++) {
      const time = annotations.time[i] as number;
      encoder.item();
      encoder.openDict(3 + Number(!Number.isNaN(time)));
      encoder.textKey('stage');
      encoder.text(annotations.isStart[i] === 1 ? 'START' : 'END');
      encoder.textKey('name');
      encoder.text(this.string(annotations.name[i], ''));
      this.writeInt('device', annotations.device[i] as number);
      if (!Number.isNaN(time)) this.writeInt('time_us', time);
      encoder.close();
    }
    encoder.close();
  }

  private writeInt(word: KnownText, value: number): void {
    this.encoder.key(word);
    this.encoder.int(value);
  }

  private writeStream(stream: number): void {
    this.encoder.key('stream');
    this.encoder.int(this.streams[stream] ?? 0);
  }

  private writePool(word: KnownText, pool: number): void {
    const [a, b] = this.snapshot.pools[pool] ?? [0, 0];
    this.encoder.key(word);
    this.encoder.pair(a, b);
  }

  private string(id: number | undefined, otherwise: string): string {
    return id === undefined || id === NONE ? otherwise : (this.snapshot.strings[id] ?? otherwise);
  }

  private writeNoFrames(): void {
    const { encoder } = this;
    encoder.key('frames');
    if (this.noFrames >= 0) {
      encoder.refer(this.noFrames);
      return;
    }
    encoder.openList(0, true);
    this.noFrames = encoder.close();
  }

  private writeContext(context: number, stack: number): void {
    const { encoder, snapshot } = this;
    encoder.key('frames');
    const written = this.contexts[context] as number;
    if (written >= 0) {
      encoder.refer(written);
      return;
    }
    const from = snapshot.stacks.offsets[stack] as number;
    const to = snapshot.stacks.offsets[stack + 1] as number;
    encoder.openList(to - from, this.uses.isSharedContext[context] === 1);
    for (let i = from; i < to; i++) {
      encoder.item();
      const frame = snapshot.stacks.frames[i] as number;
      const known = this.frames[frame] as number;
      if (known >= 0) encoder.refer(known);
      else this.writeFrame(frame);
    }
    this.contexts[context] = encoder.close();
  }

  private writeFrame(frame: number): void {
    const { encoder, snapshot } = this;
    const { name, file, line } = snapshot.frames;
    encoder.openDict(3, this.uses.isSharedFrame[frame] === 1);
    encoder.key('name');
    encoder.text(this.string(name[frame], ''));
    encoder.key('filename');
    encoder.text(this.string(file[frame], ''));
    this.writeInt('line', line[frame] as number);
    this.frames[frame] = encoder.close();
  }
}

/** PyTorch writes one trace per visible device: as many as the highest index needs. */
const visibleDevices = (snapshot: Snapshot): number =>
  snapshot.devices.reduce((most, device) => Math.max(most, device.index + 1), 0);

function streamHandle(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}

/** What the file refers to more than once: contexts, and frames. */
interface Uses {
  readonly isSharedContext: Uint8Array;
  /** Frames that more than one list holds, or one list twice. */
  readonly isSharedFrame: Uint8Array;
}

function countUses(snapshot: Snapshot, sharing: Sharing): Uses {
  const { stacks } = snapshot;
  const isSeenContext = new Uint8Array(sharing.count);
  const isSharedContext = new Uint8Array(sharing.count);
  const contextsOfStack = new Uint32Array(stacks.count);
  const look = (contexts: Uint32Array, stack: Uint32Array): void => {
    for (let i = 0; i < contexts.length; i++) {
      const context = contexts[i] as number;
      if (context === NONE) continue;
      if (isSeenContext[context] === 1) {
        isSharedContext[context] = 1;
        continue;
      }
      isSeenContext[context] = 1;
      const s = stack[i] as number;
      contextsOfStack[s] = (contextsOfStack[s] as number) + 1;
    }
  };
  look(sharing.blocks, snapshot.blocks.stack);
  look(sharing.segments, snapshot.segments.stack);
  snapshot.devices.forEach((device, row) => {
    const contexts = sharing.events[row];
    if (contexts !== undefined) look(contexts, device.events.stack);
  });

  const isSeenFrame = new Uint8Array(snapshot.frames.count);
  const isSharedFrame = new Uint8Array(snapshot.frames.count);
  for (let s = 0; s < stacks.count; s++) {
    const lists = contextsOfStack[s] as number;
    if (lists === 0) continue;
    for (let i = stacks.offsets[s] as number; i < (stacks.offsets[s + 1] as number); i++) {
      const frame = stacks.frames[i] as number;
      if (lists > 1 || isSeenFrame[frame] === 1) isSharedFrame[frame] = 1;
      isSeenFrame[frame] = 1;
    }
  }
  return { isSharedContext, isSharedFrame };
}
