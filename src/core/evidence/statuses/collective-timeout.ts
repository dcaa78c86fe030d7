/** NCCL, Gloo, the store and Horovod about peers that did not answer: what follows from a failure elsewhere. */
import { type EventRule, eventsIn, type Fields, momentsOf } from '../around.ts';
import type { Passage, Sighting, StatusReader } from '../status.ts';
import type { Line } from '../text/dress.ts';

const HINT =
  /timed out|time ?out|TIMEOUT|imeout|watchdog|NCCL|nccl|remote process|gloo|[Pp]eer|closed|reset by|heartbeat|Heartbeat|store->get|DistBackendError|DistStoreError|socket|Socket|SocketImpl|aborted on rank|[Ss]tall|hut down|unhealthy|Broken pipe/;

/** "[Rank 3]", "[PG 1 Rank 3]", "[PG ID 0 PG GUID 0(default_pg) Rank 3]": the last one is whose work it was. */
const RANK = /\[(?:PG[^\]]{0,160} )?Rank (\d{1,6})\]/;

const rankIn = (_: RegExpExecArray, lines: readonly Line[], at: number): Fields => {
  const rank = RANK.exec(lines[at]?.text ?? '')?.[1];
  return { rank: rank === undefined ? undefined : Number(rank) };
};

/** A host with its port as sockets print it: [10.0.0.5]:53476, 10.0.0.5<43211>, [gpu-b3]:29500. */
const PEER = String.raw`\[?(?<host>[A-Za-z0-9][\w.:%-]{0,80}?)(?:\]:\d{1,5}|<\d{1,5}>|\]|\|\d{1,5})`;

const RULES: readonly EventRule[] = [
  {
    kind: 'timeout',
    pattern:
      /Timed out initializing process group in store based barrier on rank:? (?<rank>\d{1,6})/,
  },
  {
    kind: 'timeout',
    pattern:
      /Watchdog caught collective operation (?:timeout|exception)|collective operation timeout: Work\w{1,12}\(/i,
    more: rankIn,
  },
  {
    kind: 'timeout',
    pattern: /Some \w{2,8} operations have failed or timed out/,
    more: rankIn,
  },
  {
    kind: 'timeout',
    pattern: /communicator was aborted on rank (?<rank>\d{1,6})/i,
  },
  {
    kind: 'timeout',
    pattern:
      /Heartbeat monitor timed out|ProcessGroup\w{1,8}'?s? ?watchdog got stuck|watchdog got stuck for \d{1,6} seconds|Process group watchdog thread terminated|\w{2,8} watchdog thread terminated with exception|\(either an error or timeout\) detected by watchdog|due to a (?:collective|global) timeout|Terminating the process after attempting to dump debug info/i,
    more: rankIn,
  },
  {
    // What the runtime prints when the watchdog's exception ends the process.
    kind: 'timeout',
    pattern: /terminate called after throwing an instance of 'c10::DistBackendError'/,
  },
  {
    kind: 'peer-lost',
    pattern: new RegExp(
      String.raw`gloo\S{0,80}\] (?:Connection (?:closed|reset) by peer|Read error|Write error|writev|readv|Connect).{0,20}?${PEER}`,
      'i',
    ),
  },
  {
    kind: 'timeout',
    pattern:
      /gloo\S{0,80}\] Timed out waiting \d{1,10}ms for|Application timeout caused pair closure|Gloo connectFullMesh failed/i,
  },
  {
    kind: 'peer-lost',
    pattern: /gloo\S{0,80}\].{0,80}(?:Connection (?:closed|reset) by|Broken pipe|Socket closed)/i,
  },
  {
    kind: 'peer-lost',
    pattern: new RegExp(
      `(?:NCCL|NET/|Net :|misc/socket|socketProgress).{0,120}?(?:Connection closed by remote peer|Call to (?:recv|send|connect) (?:from|to)|remote peer|peer) ${PEER}`,
    ),
  },
  {
    kind: 'peer-lost',
    pattern:
      /ncclRemoteError\b|remote process (?:exiting prematurely|exited or there was a network error)|Connection closed by remote peer|NCCL WARN .{0,120}?(?:Connection (?:reset|refused|timed out)|Broken pipe|Got completion.{0,80}? with (?:error|status=)|No route to host)/,
  },
  {
    kind: 'peer-lost',
    pattern:
      /(?:recv|send)(?:Bytes|Value|Vector|String) failed on SocketImpl\(.{0,200}?remote=\[?(?<host>[A-Za-z0-9][\w.:-]{0,80}?)\]?:\d{1,5}\)/,
  },
  {
    kind: 'peer-lost',
    pattern:
      /(?:recv|send)(?:Bytes|Value|Vector|String) failed on|Connection was likely closed\. Did the remote server|TCPStore server has shut down too early|Failed to recv, got 0 bytes/i,
  },
  {
    kind: 'timeout',
    pattern:
      /store->get\('?[^)]{0,80}\) (?:got error: .{0,20}?(?:Socket )?Time ?out|timed out)|wait timeout after \d{1,9}ms, keys:|Timed out after \d{1,6} seconds waiting for clients|(?:RuntimeError|DistStoreError|DistNetworkError): (?:Socket Timeout|Timed out)/i,
  },
  {
    kind: 'peer-lost',
    pattern:
      /store->get\('?[^)]{0,80}\) got error: .{0,40}?(?:Connection (?:reset|closed|refused)|Broken pipe)/i,
  },
  {
    kind: 'timeout',
    pattern:
      /client socket has timed out after \d{1,9}(?:ms|s|000ms)? while trying to connect to \(?\[?(?<host>[\w.:-]{1,80}?)\]?(?:, |:)\d{1,5}\)?/,
  },
  {
    kind: 'timeout',
    pattern: /submitted to be reduced, gathered or broadcasted by subset of ranks and are waiting/,
  },
  {
    kind: 'peer-lost',
    pattern: /Horovod has been shut ?down\. This was caused by an exception on one of the ranks/,
  },
  {
    kind: 'timeout',
    pattern:
      /following tasks are unhealthy \(stopped sending heartbeats\)|Shutdown barrier .{0,80}? has (?:failed|timed out)/,
  },
  {
    kind: 'timeout',
    pattern:
      /Monitored ?Barrier .{0,80}?timed out|Rank (?<rank>\d{1,6}) failed to pass monitoredBarrier/i,
  },
];

export const collectiveTimeout: StatusReader = {
  id: 'collective-timeout',
  code: 'UN665',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Time-outs and lost peers',
      summary:
        'A collective, a heartbeat or a connection waited in vain for another rank. It follows from what happened there.',
    },
    zh: {
      title: '超时与失联的对端',
      summary: '集合通信、心跳或连接没有等到另一个 rank。这是后果，原因在那个 rank 上。',
    },
    ru: {
      title: 'Тайм-ауты и пропавшие ранги',
      summary:
        'Коллективная операция, heartbeat или соединение не дождались другого ранга. Это следствие того, что произошло на нём.',
    },
  },
  sources: [
    'pytorch@v2.6.0:torch/csrc/distributed/c10d/ProcessGroupNCCL.cpp',
    'pytorch@v2.6.0:torch/csrc/distributed/c10d/TCPStore.cpp',
    'gloo@main:gloo/transport/tcp/pair.cc',
    'nccl@v2.20:src/misc/socket.cc',
    'horovod@v0.28.1:horovod/common/stall_inspector.cc',
  ],
  needles: [
    'watchdog caught',
    'operations have failed or timed out',
    'heartbeat monitor timed',
    'watchdog got stuck',
    'watchdog thread terminated',
    'connection closed by peer',
    'connection reset by peer',
    'connection closed by remote',
    'ncclremoteerror',
    'distbackenderror',
    'failed on socketimpl',
    'communicator was aborted',
    'wait timeout after',
    'store->get(',
    'waiting for clients',
    'based barrier on rank',
    'socket has timed out',
  ],
  sign: /time-?d? ?-?out|connection|peer|heartbeat|watchdog|collective/i,
  read(passage: Passage): Sighting[] {
    return momentsOf(eventsIn(passage, HINT, RULES));
  },
};
