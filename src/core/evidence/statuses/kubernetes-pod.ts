/** kubectl describe pod, get pod -o yaml or json, get pods, events: how containers ended, under which limit. */

import { phrase } from '../../base/texts.ts';
import type { Fact } from '../../ledger/fact.ts';
import {
  defined,
  type EventRule,
  eventAt,
  eventsIn,
  type Fields,
  inWords,
  linesBetween,
  momentsOf,
} from '../around.ts';
import { type Leaf, outlineOf } from '../outline.ts';
import {
  type Gap,
  type Passage,
  type SeenEvent,
  type Sighting,
  type StatusReader,
  statusFact,
} from '../status.ts';
import type { Line } from '../text/dress.ts';

export const kubernetesPod: StatusReader = {
  id: 'kubernetes-pod',
  code: 'UN668',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'A pod\u2019s containers',
      summary:
        'How containers ended (OOMKilled, Error, Evicted), their exit codes, restarts and memory limits, as kubectl shows them.',
    },
    zh: {
      title: 'Pod 中的容器',
      summary:
        'kubectl 显示的容器结束情况（OOMKilled、Error、Evicted）、退出码、重启次数和内存限制。',
    },
    ru: {
      title: 'Контейнеры пода',
      summary:
        'Как завершились контейнеры (OOMKilled, Error, Evicted), их коды выхода, перезапуски и лимиты памяти по данным kubectl.',
    },
  },
  sources: [
    'kubernetes@v1.31:staging/src/k8s.io/kubectl/pkg/describe/describe.go',
    'kubernetes@v1.31:pkg/kubelet/eviction/helpers.go',
    'kubernetes@v1.31: core/v1 ContainerStatus, resource.Quantity',
  ],
  needles: [
    'oomkilled',
    'last state:',
    'exit code:    ',
    'containerstatuses',
    '"terminated": {',
    'terminated:\n',
    'low on resource: ',
    'system oom encountered',
    'restarting failed container',
  ],
  sign: /Reason|Exit Code|exitCode|kind:|state|OOM|memory:/i,
  read(passage: Passage): Sighting[] {
    const described = describedIn(passage);
    const listed = passage.lines.some(({ text }) => IN_OUTLINE.test(text)) ? listedIn(passage) : [];
    const loose = momentsOf(eventsIn(passage, HINT, RULES)).map((moment) =>
      withUsage(moment, passage),
    );
    return [...described, ...listed, ...loose].sort((a, b) => a.line - b.line);
  },
};

const HINT =
  /low on resource|System OOM|restarting failed|OOMKilled|Evicted|\d\/\d{1,3} +\w*(?:Error|Back)/;
const IN_OUTLINE =
  /^\s*["']?(?:-\s)?["']?(?:lastState|containerStatuses|terminated)["']?\s*:|"containerStatuses"|"terminated":/;

/** kubectl get pods: NAME READY STATUS RESTARTS AGE, with or without a namespace in front. */
const ROW =
  /^(?:\s*[a-z0-9][\w.-]{0,80} +)?\s*(?<who>[a-z0-9][\w.-]{0,250}) +\d{1,3}\/\d{1,3} +(?:Init:)?(?<code>OOMKilled|Evicted|Error|CrashLoopBackOff) +(?<count>\d{1,6})(?: \([^)]{1,40} ago\))? +\d\S{0,15}(?:\s|$)/;

const RULES: readonly EventRule[] = [
  {
    kind: 'killed',
    pattern: /The node (?:was low on resource|had condition): \[?(?<code>[\w-]{1,60})\]?/,
    more: (match, lines, at) => {
      const text = lines[at]?.text.slice(match.index) ?? '';
      const who = /Container ([\w.-]{1,100}) was using/.exec(text)?.[1];
      return {
        says: text,
        who,
        kind: /^memory|^MemoryPressure/i.test(match.groups?.['code'] ?? '')
          ? 'killed-for-memory'
          : 'killed',
      };
    },
  },
  {
    kind: 'killed-for-memory',
    pattern: /System OOM encountered, victim process: (?<who>\S{1,80}), pid: (?<pid>\d{1,9})/,
    more: (match) => ({ says: match[0] }),
  },
  {
    kind: 'restart',
    pattern:
      /Back-off restarting failed container(?:[ =](?<who>[\w.-]{1,100}) in pod [\w.-]{1,250})?/,
    more: (match) => ({ says: match[0] }),
  },
  {
    kind: 'exit',
    pattern: ROW,
    more: ({ groups }): Fields => {
      const code = groups?.['code'] ?? '';
      const kind =
        code === 'OOMKilled'
          ? 'killed-for-memory'
          : code === 'Evicted'
            ? 'killed'
            : code === 'CrashLoopBackOff'
              ? 'restart'
              : 'exit';
      const restarts = Number(groups?.['count']);
      return { kind, code, count: restarts > 0 ? restarts : undefined };
    },
  },
];

/** "Container trainer was using 33554432Ki": what it held at its eviction. */
function withUsage(moment: Sighting, { lines, source }: Passage): Sighting {
  const facts: Fact[] = [];
  for (const line of linesBetween(lines, moment.line, moment.last)) {
    for (const match of line.text.matchAll(/was using (\d{1,20})(Ki|Mi|Gi|Ti)?\b/g)) {
      if (facts.length < 64)
        facts.push(sizeOf('host_process', match[1] ?? '', match[2] ?? '', source, line));
    }
  }
  return facts.length === 0 ? moment : { ...moment, facts: distinct(facts) };
}

const distinct = (facts: readonly Fact[]): Fact[] =>
  facts.filter((fact, index) => facts.findIndex(({ raw }) => raw === fact.raw) === index);

/** Kubernetes' own units: Gi is 2^30, G is 10^9. */
function sizeOf(
  quantity: 'host_total' | 'host_process',
  digits: string,
  unit: string,
  source: string,
  line: Line,
): Fact {
  const meaning = unit.endsWith('i') ? 'binary' : 'decimal';
  const size = { digits, unit: unit === '' ? 'bytes' : unit, meaning } as const;
  return statusFact(quantity, size, { source, line: line.number });
}

function limitOf(text: string, source: string, line: Line): Fact | undefined {
  const match = /^"?(\d{1,20}(?:\.\d{1,6})?)([kKMGTP]i?|)"?$/.exec(text.trim());
  return match === null
    ? undefined
    : sizeOf('host_total', match[1] ?? '', match[2] ?? '', source, line);
}

interface Ended {
  readonly line: Line;
  reason?: string;
  exit?: number;
  signal?: string;
  message?: string;
  finished?: string;
}

function endOf(
  ended: Ended,
  who: string | undefined,
  host: string | undefined,
): SeenEvent | undefined {
  const { reason, exit } = ended;
  if (exit === 0 && (reason === undefined || reason === 'Completed')) return undefined;
  if (exit === undefined && reason === undefined) return undefined;
  const isMemory = /^OOM ?Killed$|^OOM$/i.test(reason ?? '');
  const words = [
    reason === undefined ? '' : `Reason: ${reason}`,
    exit === undefined ? '' : `Exit Code: ${exit}`,
    ended.message ?? '',
  ];
  return eventAt(
    ended.line,
    isMemory ? 'killed-for-memory' : reason === 'Evicted' ? 'killed' : 'exit',
    {
      says: words.filter((word) => word !== '').join(', '),
      exit_code: exit,
      time: ended.finished,
      code: reason,
      who,
      host,
      signal: undefined,
    },
  );
}

interface Container {
  readonly name: string | undefined;
  readonly first: Line;
  last: Line;
  readonly events: SeenEvent[];
  limit?: Fact;
  gap?: Gap;
}

const CONTAINER = /^ {0,8}([a-z0-9][a-z0-9.-]{0,80}):\s*$/;
const STATE = /^(\s*)(?:Last )?(?:Termination )?State:\s+Terminated\s*$/;
const FIELD = /^\s*(Reason|Exit Code|Signal|Message|Started|Finished):\s*(.*?)\s*$/;

const STATE_OF_CONTAINER = phrase({
  en: 'the state of a container',
  zh: '某个容器的状态',
  ru: 'состояние контейнера',
});

/** kubectl describe pod, whole or a piece of it. */
function describedIn({ lines, source, goes_on }: Passage): Sighting[] {
  if (!lines.some(({ text }) => STATE.test(text) || /^\s*Restart Count:/.test(text))) return [];
  const containers: Container[] = [];
  let open: Container | undefined;
  let pod: string | undefined;
  let node: string | undefined;
  const isHeld = (name: string, at: number): boolean =>
    !/^(?:limits|requests|environment|mounts|conditions|events|volumes)$/i.test(name) &&
    lines
      .slice(at + 1, at + 3)
      .some(({ text }) => /^\s*(?:Container ID|Image|Image\(s\)):/.test(text));
  const use = (line: Line): Container => {
    if (open === undefined) {
      open = { name: undefined, first: line, last: line, events: [] };
      containers.push(open);
    }
    open.last = line;
    return open;
  };
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at];
    if (line === undefined) break;
    const { text } = line;
    const name = CONTAINER.exec(text)?.[1];
    if (name !== undefined && isHeld(name, at)) {
      open = { name, first: line, last: line, events: [] };
      containers.push(open);
      continue;
    }
    const head = /^(Name|Node):\s+(\S+?)(?:\/\S*)?\s*$/.exec(text);
    if (head !== null) {
      if (head[1] === 'Name') [pod, open] = [head[2], undefined];
      else node = head[2];
    }
    if (/^\s*Limits:\s*$/.test(text)) {
      const limit = memoryBelow(lines, at + 1, source);
      if (limit !== undefined) use(line).limit = limit;
      continue;
    }
    if (STATE.test(text)) {
      const { ended, end } = stateBelow(lines, at);
      const event = endOf(ended, open?.name ?? pod, node);
      const container = use(lines[end - 1] ?? line);
      if (event !== undefined) container.events.push(event);
      else if (end >= lines.length && !goes_on && ended.exit === undefined)
        container.gap = { code: 'cut-off', line: line.number, where: STATE_OF_CONTAINER };
      at = end - 1;
      continue;
    }
    const restarts = /^\s*Restart Count:\s+(\d{1,6})\s*$/.exec(text)?.[1];
    if (restarts !== undefined && Number(restarts) > 0) {
      const container = use(line);
      container.events.push(
        eventAt(line, 'restart', {
          count: Number(restarts),
          who: container.name ?? pod,
          host: node,
        }),
      );
    }
    if (/^Events:/.test(text)) open = undefined;
  }
  return containers
    .filter(({ events, gap }) => events.length > 0 || gap !== undefined)
    .map((one) => sightingOf(one, pod, node));
}

function stateBelow(lines: readonly Line[], from: number): { ended: Ended; end: number } {
  const ended: Ended = { line: lines[from] as Line };
  let at = from + 1;
  for (; at < Math.min(lines.length, from + 12); at++) {
    const field = FIELD.exec(lines[at]?.text ?? '');
    if (field === null) break;
    const [, key = '', value = ''] = field;
    if (key === 'Reason') ended.reason = value;
    else if (key === 'Exit Code' && /^\d{1,6}$/.test(value)) ended.exit = Number(value);
    else if (key === 'Message') ended.message = inWords(value);
    else if (key === 'Finished') ended.finished = value;
  }
  return { ended, end: at };
}

function memoryBelow(lines: readonly Line[], from: number, source: string): Fact | undefined {
  for (const line of lines.slice(from, from + 10)) {
    const [, key = '', value = ''] = /^\s*([\w./-]{1,80}):\s*(\S+)\s*$/.exec(line.text) ?? [];
    if (key === '') return undefined;
    if (key === 'memory') return limitOf(value, source, line);
  }
  return undefined;
}

function sightingOf(one: Container, pod: string | undefined, node: string | undefined): Sighting {
  const time = one.events.find((event) => event.time !== undefined)?.time;
  const label = [
    one.name === undefined ? '' : `container ${one.name}`,
    pod === undefined ? '' : `pod ${pod}`,
  ].filter((word) => word !== '');
  return {
    line: one.first.number,
    last: one.last.number,
    ...defined({ time, host: node }),
    ...(label.length > 0 && { label: label.join(' of ') }),
    events: one.events,
    ...(one.limit !== undefined && { facts: [one.limit] }),
    ...(one.gap !== undefined && { gaps: [one.gap] }),
  };
}

const TERMINATED = /^(.*?)\b(?:state|lastState)\.terminated\.(\w{1,40})$/;

/** kubectl get pod -o yaml, or json. */
function listedIn({ lines, source }: Passage): Sighting[] {
  const leaves = outlineOf(lines);
  const byPath = new Map(leaves.map((leaf) => [leaf.path, leaf]));
  const states = new Map<string, { prefix: string; ended: Ended; last: Line }>();
  for (const leaf of leaves) {
    const match = TERMINATED.exec(leaf.path);
    if (match === null) continue;
    const owner = leaf.path.slice(0, leaf.path.lastIndexOf('.'));
    const state = states.get(owner) ?? {
      prefix: match[1] ?? '',
      ended: { line: leaf.line },
      last: leaf.line,
    };
    states.set(owner, { ...state, last: leaf.line });
    const { ended } = state;
    if (leaf.key === 'reason') ended.reason = leaf.value;
    else if (leaf.key === 'exitCode' && /^\d{1,6}$/.test(leaf.value))
      ended.exit = Number(leaf.value);
    else if (leaf.key === 'message') ended.message = inWords(leaf.value);
    else if (leaf.key === 'finishedAt') ended.finished = leaf.value;
  }
  const containers = new Map<string, Container>();
  const limits = limitsIn(leaves, byPath);
  const valueAt = (path: string): string | undefined => byPath.get(path)?.value || undefined;
  for (const { prefix, ended, last } of states.values()) {
    const name = valueAt(`${prefix}name`);
    const pod = podOf(prefix);
    const event = endOf(
      ended,
      name ?? valueAt(`${pod}metadata.name`),
      valueAt(`${pod}spec.nodeName`),
    );
    if (event === undefined) continue;
    const before = containers.get(prefix);
    const one = before ?? { name, first: ended.line, last, events: [] };
    one.last = last.number > one.last.number ? last : one.last;
    one.events.push(event);
    const at = limits.get(`${pod} ${name ?? ''}`);
    const limit = at === undefined ? undefined : limitOf(at.value, source, at.line);
    if (limit !== undefined) one.limit = limit;
    containers.set(prefix, one);
  }
  return [...containers].map(([prefix, one]) => {
    const restarts = byPath.get(`${prefix}restartCount`);
    const pod = podOf(prefix);
    if (restarts !== undefined && Number(restarts.value) > 0) {
      one.events.push(
        eventAt(restarts.line, 'restart', {
          count: Number(restarts.value),
          who: one.name,
          says: `restartCount: ${restarts.value}`,
        }),
      );
    }
    return sightingOf(one, valueAt(`${pod}metadata.name`), valueAt(`${pod}spec.nodeName`));
  });
}

/** The limits of a text by the prefix of their pod and the name of their container. */
function limitsIn(leaves: readonly Leaf[], byPath: ReadonlyMap<string, Leaf>): Map<string, Leaf> {
  const limits = new Map<string, Leaf>();
  for (const leaf of leaves) {
    const match = /^(.*\b(?:initC|c)ontainers\[\d{1,4}\]\.)resources\.limits\.memory$/.exec(
      leaf.path,
    );
    const name = match === null ? undefined : byPath.get(`${match[1]}name`)?.value;
    if (name !== undefined) limits.set(`${podOf(leaf.path)} ${name}`, leaf);
  }
  return limits;
}

const podOf = (path: string): string => path.replace(/\b(?:status|spec)\..*$/, '');
