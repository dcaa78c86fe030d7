/** A full GPU never kills a process; the kernel does that when host memory runs out. */
import { isAdvice } from '../advice.ts';
import type { Reader, Reading } from '../reader.ts';
import { MIN_NEEDLE_BYTES } from '../scan/needles.ts';

/** Who kills for memory says so. */
const FOR_MEMORY =
  /oom|OutOf_?Me|total_vm|memoryresourcelimit|memoryusage|memoryvalues|memoryquota|morememory|memoryissue|per-process-limit|TYPE_MEMORY|cgroupoutofmemory|lowonmemory|OUT_OF_ME|memorylimit|MEMLIMIT|PBS:jobkilled|h_vmem|lowonresource|duetomemory|availableRAM|morememorythan|badness|memorylow|total-vm|memorystatus/i;

/** As printed: 137, 247 or -9. */
const EXIT = /^[^\d-]{0,40}(?<count>137|247|-9)(?!\d)/i;

/** Each is one reporter’s words, without white space. */
const WORDINGS: readonly string[] = [
  // launchers and programs about their children
  'exitswithreturncode=(?:-9|247)(?!\\d)',
  'exitcode"?:?=?(?:137|-9)(?!\\d)',
  'exitcode:-9\\(pid',
  'interruptedbysignal9',
  'terminatedbysignal9(?!\\d)',
  'terminatedwithsignalSIGKILL',
  'diedwith<Signals\\.SIGKILL:9>',
  'SIGKILL\\(-9\\)',
  'exitedonsignal9\\(Killed\\)',
  'KILLEDBYSIGNAL:9\\(Killed\\)',
  'EXITSTRING:Killed\\(signal9\\)',
  'BADTERMINATIONOFONE\\S{0,160}?EXITCODE:9(?!\\d)',
  'wassentSIGKILL!(?:Perhapsoutofmemory)?',
  'exitstatus:?=?\\(?(?:137|-9)(?!\\d)',
  'exitcode(?:is|of)?\\(?(?:137|-9)(?!\\d)',
  'killedbysignal(?:9(?!\\d)|:?SIGKILL)',
  'signal:9,SIGKILL',
  'fatalerror:Killedsignalterminatedprogram',
  // Windows: STATUS_NO_MEMORY
  '(?:exitcode|status|error)\\S{0,16}?(?:0xC0000017|-1073741801)(?!\\d)',
  // the kernel
  'invokedoom-killer',
  'oom-kill:',
  'OutOfmemory:Kill(?:ed)?process',
  'Memorycgroupoutofmemory',
  // the second of its two lines, alone: only this killer counts total-vm
  '(?<!memory:)Killedprocess\\d{1,10}\\([^)]{1,64}\\),?(?:UID\\d{1,10},)?total-vm:',
  'oom_reaper:reapedprocess',
  'oom_kill_process(?:\\.\\w{1,12})?\\+0x',
  'out_of_memory\\+0x',
  // containers; "OOMKilled": false denies it
  'OOMKilled(?!["\']?:(?:false|null))',
  'exitedwithcode137',
  'returnedanon-zerocode:137(?!\\d)',
  'non-zerostatus(?:of|:)?137(?!\\d)',
  'initwasOOM-killed',
  'terminatedunexpectedly;waitpidreturned9(?!\\d)',
  // macOS
  'memorystatus:killing\\w{0,20}(?:largest|top|specific)\\w{0,24}process',
  'Exited\\(137\\)',
  'containeroom[0-9a-f]{12}',
  'lowonresource:memory',
  'killed:?outofmemory',
  'SystemOOMencountered,victimprocess',
  // schedulers
  'oom[-_]killevent',
  '(?:srun|slurmstepd):error:\\S{0,120}?(?:OutOfMemory|oom-kill)',
  'srun:error:[\\w.-]{1,100}:tasks?\\d[\\d,-]{0,100}:Killed',
  'slurmstepd:error:Exceeded(?:step|job)memorylimit',
  'exceed(?:ed|ing)(?:step|job|the)?memorylimits?(?=[.,;]?\\d|at|,|\\.|$)',
  'exceeded(?:virtual)?memorylimit\\(\\d+>\\d+\\),beingkilled',
  '(?:Job)?State[=:]OUT_OF_MEMORY',
  "SLURMstatusis:'OUT_OF_MEMORY'",
  'TERM_MEMLIMIT:jobkilled',
  'PBS:jobkilled:(?:p?v?mem|cgroupmem)',
  'exceed(?:s|ed)(?:job)?hardlimit"?h_vmem',
  'Jobexceededamemoryresourcelimit',
  'Thisapphasgoneoveritsresourcelimits',
  'putonholdby\\w{1,40}duetomemoryusage\\d',
  'Tasksstate\\(memoryvaluesinpages\\)',
  // The table that it prints of those whom it could end.
  '\\[pid\\]uidtgidtotal_vmrss',
  'Jobhasgoneover(?:cgroup)?memorylimitof\\d',
  // services
  '(?:Mainprocessexited,code=killed,)?status=9/KILL',
  '(?:processofthisunithasbeen)?killedbytheOOMkiller',
  "Failedwithresult'oom-kill'",
  'Active:failed\\(Result:oom-kill\\)',
  'systemd-oomdkilled\\d+process',
  'Memorypressurefor\\S{1,200}?isgreaterthan\\d\\S{0,60}?andtherewasreclaimactivity(?!\\S{0,200}?nothingkilled)',
  'Killed/[^\\s]{1,400}?duetomemory(?:pressure|used)',
  '(?:sendingSIG(?:TERM|KILL)to|killing)process\\d+(?:uid\\d+)?"[^"]{1,64}"(?:withsignal\\d+)?:(?:badness|oom_score)',
  "Killingprocess'[^']{1,64}'withsignal\\d+,pid:\\d+,badness",
  // clouds and phones
  'Memorylimitof\\d{1,9}[KMG]i?B?exceededwith\\d',
  'Memorylimitexceeded\\(\\d{1,5}[GM]i\\)',
  'ErrorR1[45]\\(Memoryquota(?:vastly)?exceeded\\)',
  'Runtimeexitedwitherror:signal:killed',
  'Containerkilledonrequest\\.Exitcodeis137',
  'useaninstancetypewithmorememory',
  'Terminatedduetomemoryissue',
  '"reason":"per-process-limit"',
  'EXC_RESOURCE\\(?RESOURCE_TYPE_MEMORY',
  // compilers and other callers
  'diedwithsignal9(?!\\d)',
  'terminatedbysignal9(?!\\d)',
  'errcode:-9(?!\\d)',
  'Negsignal\\.SIGKILL',
  'signal9\\(SIGKILL\\)',
  '(?<!expected_)exit_?code-9(?!\\d)',
  '\\*\\*\\*\\[[^\\]]{1,200}\\](?:Error137|Killed)(?!\\w)',
  'errno137(?!\\d)',
  "'?\\w{3,12}'?diedduetosignal9",
  'internalcompilererror:Killed',
  // Ray
  'noderunninglowonmemory',
  '(?<!\\d)[1-9]\\d{0,5}Workers?\\(tasks/actors\\)killedduetomemorypressure',
  'SystemmemorylowatnodewithIP',
  // notebooks
  'sessioncrashed(?:after|becauseit)us(?:ing|ed)allavailableRAM',
  'notebooktriedtoallocatemorememorythanisavailable',
];

/** What a shell calls SIGKILL in the languages of its messages; capital letters as they are printed. */
const KILLED_ELSEWHERE: readonly string[] = [
  '已杀死',
  '已杀掉',
  '强制终止',
  '強制結束',
  '強制終了',
  '已砍掉',
  '죽었음',
  'Убито',
  'Вбито',
  'Getötet',
  'Processus arrêté',
  'Terminado (killed)',
  'Ucciso',
  'Morto',
  'Unicestwiony',
  'Süreç durduruldu',
  'Bị buộc kết thúc',
  'Geëlimineerd',
];

const literal = (text: string): string => text.replace(/[()]/g, '\\$&');

/** Short words stand between the number of the process and its command. */
const KILLED_NEEDLES: readonly string[] = KILLED_ELSEWHERE.map((word) =>
  new TextEncoder().encode(word).length < MIN_NEEDLE_BYTES ? ` ${word}  ` : word,
);

const SHELLS =
  /^.{0,200}(?:返回|退出|错误)(?:代)?码\s?(?:是|为)?[:：=]?\s?-9(?!\d).{0,100}$|^\s{0,4}\d{1,12}(?:_\d{1,8})?(?:\+\d{1,4})?(?:\.\w{1,40})?[ |].{0,300}?[ |]OUT_OF_ME(?:MORY|\w{0,3}\+)(?:[ |].{0,200})?$|^(?:\S{1,60}: )?(?:line \d+: )?(?:\[\d+\] {0,4}(?:[+-] {0,4})?)?(?:\d{2,9} +)?(?:Killed|killed(?= {2}))(?:: 9)?(?: {2,}\S.*|\s*\(core dumped\).*)?$/;

/** What a shell prints of a child: the script and the line, the job, the process, its end, its command. */
const OF_A_CHILD = new RegExp(
  `^(?:\\S{1,60}\\s?[:：]\\s?)?(?:\\D{0,10}\\d{1,7}\\D{0,6}?[:：]\\s{0,4})?(?:\\[\\d+\\]\\s{0,4}(?:[+-]\\s{0,4})?)?(?:\\d{2,9}\\s+)?(?:${KILLED_ELSEWHERE.map(literal).join('|')})(?:\\s{2,}\\S.*|\\s*\\(.{1,60}\\).*)?$`,
);

const TIMED_OUT = /CANCELLEDAT\S{0,40}DUETOTIMELIMIT/;
const FOR_ANOTHER_REASON =
  /(?:exceed\w{0,3}|reached|hit|dueto)(?:the|its)?\(?(?:time-?limit|wall-?time|wall-?clock)|(?:time-?limit|wall-?time)(?:exceeded|reached)|stoptimeout|FAILEDbyuser|aftertimeoutof|terminatedbyuser/i;

/** Loggers that carry what the shell said on standard error. */
const LOGGED = /^.{0,80}\| (?:ERROR|INFO|WARNING) \| std(?:err|out) \| Killed\s*$/;

/** A shell's word at the end of a bar that was never finished with a line feed. */
const AFTER_BAR =
  /^.{0,400}(?:\[=*>?[.\s]*\]|\d{1,3}%\||[█━]{3,})(?=.{0,200}(?:ETA|eta|it\/s|B\/s|s\/it|\bloss|\d:\d\d:\d\d)).{0,200}[\d\]%)s.]\s?Killed$/;

/** A probe that failed, a time that was up: in squeezed text, this close. */
const BY_RULE =
  /(?:liveness|startup)probe\S{0,40}?fail|failed(?:liveness|startup)probe|Failedwithresult'timeout'/i;
const NEAR = 600;

export const processKilled: Reader = {
  id: 'process-killed',
  code: 'UN412',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'Process killed by the system',
      summary:
        'SIGKILL without a word from the program: exit code 137 or -9, the kernel\u2019s OOM killer, a cgroup or Slurm limit.',
    },
    zh: {
      title: '进程被系统杀死',
      summary:
        '程序没有任何输出就被 SIGKILL：退出码 137 或 -9、内核的 OOM killer、cgroup 或 Slurm 的限制。',
    },
    ru: {
      title: 'Процесс убит системой',
      summary:
        'SIGKILL без единого слова от программы: код выхода 137 или -9, OOM killer ядра, ограничение cgroup или Slurm.',
    },
  },
  sources: ['linux@v6.6:mm/oom_kill.c', 'slurm@23.11', 'glibc@2.36:po, "Killed"'],
  needles: [
    'return code = -9',
    'bad termination of one',
    'return code = 247',
    'exit code 137',
    'exit code (137',
    'with code 137',
    'exit code: 137',
    'exitcode: -9',
    'exitcode : -9',
    'exitcode  : -9',
    'status 137',
    'status (137',
    'waitpid returned 9',
    'memorystatus: killing',
    'was oom-killed',
    'oom-killer',
    'oom_killer',
    'oom-kill:',
    'oom_kill event',
    'out of memory: kill',
    ' total-vm:',
    'task 0: out of memory',
    ': out of memory',
    'oomkilled',
    'signal 9 ',
    'signals.sigkill',
    'sigkill(-9)',
    ': killed  ',
    'killed: 9',
    'low on memory',
    'signal: killed',
    'signalexception: sigkill',
    'memory cgroup out',
    '\nkilled\n',
    '\nkilled\r',
    ...KILLED_NEEDLES,
    ' killed  ',
    '] killed ',
    'exit code:    137',
    'exit status 137',
    'exit code -9',
    'exit status -9',
    'killed by signal 9',
    'oom killer',
    'memory limits.',
    'step memory limit',
    'job memory limit',
    'killed signal terminated',
    'killed out of',
    'killed: out of',
    'signal: 9, sig',
    'exitcode: 137',
    'exitcode": 137',
    'exitcode=137',
    'exited (137)',
    'signal: 9 (killed',
    'killed (signal 9',
    'signal sigkill',
    'was sent sigkill',
    'status=9/kill',
    'oom-kill event',
    'oom_reaper: ',
    'oom_kill_process',
    'out_of_memory+0x',
    'by the oom killer',
    "result 'oom-kill'",
    'result: oom-kill',
    'systemd-oomd killed',
    'due to memory pressure',
    'due to memory used',
    ': badness ',
    ': oom_score ',
    'term_memlimit',
    'pbs: job killed',
    'hard limit h_vmem',
    'hard limit "h_vmem',
    'over memory limit of',
    'non-zero code: 137',
    'there was reclaim',
    'exceeded a memory resource',
    'gone over its resource limits',
    'due to memory usage',
    'memory values in pages',
    'total_vm ',
    'over cgroup memory limit',
    'out_of_me',
    'exceeded memory limit',
    'exceeded virtual memory limit',
    'exceeded job memory limit',
    'exceeded step memory limit',
    'srun: error: ',
    'low on resource: memory',
    'system oom encountered',
    'container oom ',
    'system memory low at node',
    'using all available ram',
    'used all available ram',
    'memory than is available',
    'memory limit of ',
    'memory limit exceeded (',
    'memory quota ',
    'signal: killed',
    'killed on request.',
    'type with more memory',
    'due to memory issue',
    'per-process-limit',
    'resource_type_memory',
    'due to signal 9',
    'died with signal 9',
    'terminated by signal 9',
    'err code: -9',
    'negsignal.sigkill',
    'signal 9 (sigkill',
    'exit_code -9',
    '] error 137',
    '] killed  ',
    'errno 137',
    'compiler error: killed',
    '0xc0000017',
    '-1073741801',
  ],
  anchor: new RegExp(WORDINGS.join('|'), 'gi'),
  // What a shell prints for a child that died of SIGKILL, rows of sacct, and people who tell of -9.
  line: new RegExp(`${SHELLS.source}|${OF_A_CHILD.source}|${AFTER_BAR.source}|${LOGGED.source}`),
  precedence: 1,
  read(message): Reading | undefined {
    // MPI prints what the program gave itself as well: 9 is then a code of its own.
    if (
      /^BADTERM/i.test(message.match[0]) &&
      /\b(?:error|severe|denied|fault)\b/i.test(message.preceding(400))
    )
      return undefined;
    if (/^.{0,40}as expected|^\)? (?:denotes|means)/i.test(message.following)) return undefined;
    if (isAdvice(message) || /^\W{0,6}(?:tip|note|hint)\b/i.test(message.leadOnLine))
      return undefined;
    const told = message.before.slice(-120) + message.text.slice(0, 160);
    // A guess says no more than the signal.
    const isForMemory = FOR_MEMORY.test(message.match[0].replace(/Perhapsoutofmemory/i, ''));
    // gunicorn ends a worker that is late, and then wonders.
    const late = /Worker\(pid:(\d{1,9})\)$/.exec(message.before)?.[1];
    if (late !== undefined && message.preceding(3000).includes(`WORKERTIMEOUT(pid:${late})`))
      return undefined;
    // Whoever ends a process for its time, or because somebody asked, says so beside it.
    if (
      !isForMemory &&
      (FOR_ANOTHER_REASON.test(told) || TIMED_OUT.test(message.above + message.preceding(200)))
    )
      return undefined;
    if (/displayed|isshown/i.test(message.text.slice(0, 60))) return undefined;
    message.count('exit_code', EXIT);
    const near = message.preceding(NEAR) + message.text.slice(0, NEAR);
    const isByRule = !isForMemory && BY_RULE.test(near);
    return {
      kind: isByRule ? 'look_alike' : 'host_oom',
      framework: 'system',
      backend: 'cpu',
      wording: message.match[0].slice(0, 40),
      facts: message.facts,
      counts: message.counts,
      clues: isForMemory ? ['process-killed', 'killed-for-memory'] : ['process-killed'],
      end: message.end,
    };
  },
};
