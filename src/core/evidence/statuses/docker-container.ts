/** docker inspect, docker ps, docker events, docker compose: how containers ended, under which limit. */
import { defined, type EventRule, eventAt, eventsIn, momentsOf, signalName } from '../around.ts';
import { type Leaf, outlineOf } from '../outline.ts';
import { type Passage, type Sighting, type StatusReader, statusFact } from '../status.ts';

const HINT = /exited with code|Exited \(|container (?:oom|die|kill) |exitCode=/;

const RULES: readonly EventRule[] = [
  {
    kind: 'exit',
    pattern:
      /^\s*(?:Container )?(?<who>[A-Za-z0-9][\w.-]{0,120}) exited with code (?<exit>\d{1,3})(?: \(restarting\))?\s*$/,
    more: ({ groups }) => (groups?.['exit'] === '0' ? false : {}),
  },
  {
    // docker ps -a: the name is the last column.
    kind: 'exit',
    pattern:
      /^\s*[0-9a-f]{12} .{1,400}?\bExited \((?<exit>\d{1,3})\) .{1,200}? (?<who>[A-Za-z0-9][\w.-]{0,120})\s*$/,
    more: ({ groups }) => (groups?.['exit'] === '0' ? false : {}),
  },
  {
    kind: 'killed-for-memory',
    pattern: /\bcontainer oom [0-9a-f]{12,64} \((?:.{0,800}?\bname=(?<who>[\w.-]{1,120}))?/,
  },
  {
    kind: 'exit',
    pattern: /\bcontainer die [0-9a-f]{12,64} \(/,
    more(match, lines, at) {
      const rest = lines[at]?.text.slice(match.index) ?? '';
      const code = /\bexitCode=(\d{1,3})\b/.exec(rest)?.[1];
      if (code === undefined || code === '0') return false;
      return { exit_code: Number(code), who: /\bname=([\w.-]{1,120})/.exec(rest)?.[1] };
    },
  },
  {
    kind: 'killed',
    pattern: /\bcontainer kill [0-9a-f]{12,64} \(/,
    more(match, lines, at) {
      const rest = lines[at]?.text.slice(match.index) ?? '';
      return {
        signal: signalName(/\bsignal=(\w{1,10})\b/.exec(rest)?.[1] ?? ''),
        who: /\bname=([\w.-]{1,120})/.exec(rest)?.[1],
      };
    },
  },
];

export const dockerContainer: StatusReader = {
  id: 'docker-container',
  code: 'UN669',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'A container\u2019s end',
      summary: 'Docker and Podman about containers that ended: exit code, OOMKilled, memory limit.',
    },
    zh: {
      title: '容器如何结束',
      summary: 'Docker 和 Podman 对已结束容器的记录：退出码、OOMKilled、内存限制。',
    },
    ru: {
      title: 'Завершение контейнера',
      summary: 'Docker и Podman о завершившихся контейнерах: код выхода, OOMKilled, лимит памяти.',
    },
  },
  sources: ['moby@v26.1: api/types ContainerState, HostConfig.Memory', 'docker compose@v2.27'],
  needles: [
    '"oomkilled"',
    'oomkilled:',
    'exited with code',
    'exited (1',
    'container oom ',
    'container die ',
  ],
  read(passage: Passage): Sighting[] {
    const { lines } = passage;
    const inspected = lines.some(({ text }) => /"?OOMKilled"?\s*:\s*(?:true|false)/.test(text))
      ? inspectedIn(passage)
      : [];
    return [...inspected, ...momentsOf(eventsIn(passage, HINT, RULES))];
  },
};

/** docker inspect, all of it or its State alone. */
function inspectedIn({ lines, source }: Passage): Sighting[] {
  const leaves = outlineOf(lines);
  const byPath = new Map(leaves.map((leaf) => [leaf.path, leaf]));
  const owners = leaves.filter(
    ({ key, value }) => key === 'OOMKilled' && /^(?:true|false)$/.test(value),
  );
  return owners.flatMap(({ path, line, value }) => {
    const state = path.slice(0, -'OOMKilled'.length);
    const root = state.replace(/State\.$/, '');
    const at = (name: string): Leaf | undefined => byPath.get(name);
    const code = at(`${state}ExitCode`)?.value;
    const isRunning = at(`${state}Running`)?.value === 'true';
    const exit = code !== undefined && /^\d{1,3}$/.test(code) ? Number(code) : undefined;
    const isMemory = value === 'true';
    if (!isMemory && (isRunning || exit === undefined || exit === 0)) return [];
    const name = at(`${root}Name`)?.value.replace(/^\//, '') || undefined;
    const finished = at(`${state}FinishedAt`)?.value;
    const time = finished?.startsWith('0001-') === true ? undefined : finished;
    const limit = at(`${root}HostConfig.Memory`);
    const event = eventAt(line, isMemory ? 'killed-for-memory' : 'exit', {
      says: `OOMKilled: ${value}${exit === undefined ? '' : `, ExitCode: ${exit}`}`,
      exit_code: exit,
      time,
      who: name,
    });
    return {
      line: line.number,
      last: Math.max(line.number, limit?.line.number ?? 0),
      ...defined({ time, label: name === undefined ? undefined : `container ${name}` }),
      events: [event],
      ...(limit !== undefined &&
        /^[1-9]\d{0,15}$/.test(limit.value) && {
          facts: [
            statusFact(
              'host_total',
              { digits: limit.value, unit: 'bytes' },
              { source, line: limit.line.number },
            ),
          ],
        }),
    };
  });
}
