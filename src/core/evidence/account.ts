/**
 * What people write of a shortage in their own words: the title of a report, its first sentences, its
 * question. A topic says what they speak of (the machine's RAM, a limit, a context length); it is told,
 * not measured, and a cause that rests on it is a possibility.
 */
import { type CodeShape, shapesIn } from './told-code.ts';
import { MOMENTS, type Moment } from './told-moments.ts';
import { parseSize } from './told-size.ts';

/** Placed by how much it settles: what is named outright before what is only large. */
export type Topic =
  | Moment
  | CodeShape
  | 'absurd-size'
  | 'program-fault'
  | 'pinned'
  | 'build-scratch'
  | 'cap'
  | 'paging-file'
  | 'host-ram'
  | 'large-piece'
  | 'full-segment'
  | 'reservation'
  | 'small-pool'
  | 'long-context'
  | 'large-data'
  | 'context-failed'
  | 'engine-gone'
  | 'library-failed'
  | 'gone'
  | 'crashed'
  | 'larger-than-card'
  | 'large-model'
  | 'states';

export interface ToldTopic {
  readonly topic: Topic;
  readonly line: number;
  /** The sentence, cut. */
  readonly text: string;
}

export interface Account {
  /** What is spoken of, what settles most first; each topic once. */
  readonly topics: readonly ToldTopic[];
  /** Memory, and something wrong with it, is spoken of at all. */
  readonly isOfMemory: boolean;
  /** It says that what was killed was not killed for memory, or by whom else. */
  readonly isKilledOtherwise: boolean;
}

interface Sentence {
  readonly text: string;
  readonly line: number;
}

/** The account as a whole, for what no single sentence shows. */
interface Whole {
  /** It is the memory of a GPU that is spoken of. */
  readonly isOfGpu: boolean;
  /** The failure of a GPU is named outright. */
  readonly isOfCuda: boolean;
  /** A shortage is spoken of somewhere. */
  readonly isShort: boolean;
  readonly isTraining: boolean;
  readonly isOfWeights: boolean;
  /** Something that is kept on the GPU whole: a scene, a graph, a table. */
  readonly isOfWholeData: boolean;
  readonly isOfMemory: boolean;
  readonly isOfRam: boolean;
  /** An engine that takes most of a card when it starts. */
  readonly isReserving: boolean;
  readonly isKilledOtherwise: boolean;
  /** Workers were started again and again. */
  readonly isRestarting: boolean;
  /** Files that are kept are spoken of. */
  readonly isOnDisk: boolean;
  /** Processes that pass each other data are spoken of. */
  readonly isOfWorkers: boolean;
  /** The size of the input is spoken of, and it is no text. */
  readonly isSized: boolean;
  readonly isQuantized: boolean;
  /** An engine for files of language models is spoken of. */
  readonly isOfLlama: boolean;
  /** It says why a model could not be read: the file, the format. */
  readonly isOfFile: boolean;
  readonly isSharded: boolean;
  readonly hasAdapter: boolean;
  /** The memory of one card, in bytes, as far as somebody names it. */
  readonly card: number | undefined;
  /** Cards that are used together. */
  readonly cardCount: number;
  /** The largest size that is named. */
  readonly largest: number;
}

/** A report begins with what happened; logs below it have readers of their own. */
const MOST_LINES = 400;
const MOST_CHARACTERS = 24 * 1024;
const LONGEST_LINE = 600;
const MOST_SENTENCES = 1200;

const SHORTAGE =
  /out[ -]of[ -](?:\w{2,12} )?(?:memory|ram|vram)|out_of_memory|\boom(?:s|ed|ing)?\b(?!\s?[=:_])|(?:not|n['’]t(?: have)?|no) enough (?:\w+ ){0,2}(?:memory|ram|vram)|insufficient (?:\w+ ){0,2}(?:memory|ram|vram)|not enough kv cache|can['’]t reduce memory use|(?:memory|ram|vram) (?:error|problem|issue|crash|overflow|explo|shortage|exhaust|blow|is full|full)|(?:exh?aust|fill|eat|us(?:es?|ed|ing) (?:up|all)|blow|consum|hog|max(?:es|ed)? out|overflow|saturat)\w{0,4} .{0,30}(?:memory|\bram\b|vram)|(?:can ?not|can['’]t|could ?n['o]t|fail\w{0,3} to|unable to) (?:mmap|allocat)|too (?:much|many) (?:\w+ )?(?:memory|ram|vram)|bad_alloc|memoryerror|exceed\w{0,3} .{0,20}memory|alloc\w{0,6} (?:fail|error)|(?:n['’]t|not) fit (?:in|on|into|onto) .{0,24}(?:gpu|memory|vram|card|ram)\b|only (?:\w+ )?\d+.{0,20}can be allocated|resource_?exhausted|爆显存|爆内存|[显内]存(?:不足|溢出|不够|爆|耗尽|占满)|(?:耗尽|耗光|用光|用完|吃光|吃满|占满|撑爆).{0,8}[显内]存|(?:не хватает|не хватило|нехватк|закончил|кончил|переполн)\S{0,6} .{0,24}памят/i;
const MEMORY = /memory|\b(?:v?ram|oom|swaps?|swapping|cuda_error_out|bad_alloc)\b|[显内]存|памят/i;
const TROUBLE =
  /error|fail|crash|kill|problem|issue|exceed|too (?:much|large|big)|out of|leak|double|full|limit|cannot|can['’]t|unable|unexpected|错误|失败|不足|溢出|泄|ошибк|сбо|утеч|нехват|не хват/i;
/** Nothing has happened: advice, a setting, a negation. */
const NOT_SAID =
  /\bother than (?:running )?out of memory\b|\bno longer\b|\bfix(?:es|ed)\b.{0,40}(?:memory|oom|\bram\b)|\b(?:no(?! memory pool| enough| more)|never(?! (?:\w+ )?(?:free|releas|clear|reclaim|unload))|without|avoid\w*|prevent\w*|if you|in case|to reduce|reduces?)\b.{0,60}(?:out[ -]of[ -]memory|\bOOM|memory)|\bsaves? (?:\w+ ){0,2}(?:memory|vram)\b|\bEventEmitter\b|\bdeprecated\b|[{}$]|^\s{1,12}--?[a-z]|^\s*(?:\/[/*]|(?:import|from|def|class|except|raise|return|elif)\b)/i;
const OF_GPU =
  /cuda (?:out|oom|error|mem)|\b(?:gpu|video|graphics|device) (?:out|oom|mem|ram)|out of (?:cuda|gpu)|\bvram\b|显存|видеопамят/i;

const RAM =
  /\b(?:cpu|host|system|main|server|physical|pc|computer|machine|node)(?:['’]?s)? (?:memory|mem|ram|oom|out[ -]of[ -]memory)\b|(?<!(?:gpu|video|graphics|device|cuda)[ -])\bram\b(?!disk)|(?<!显)内存(?!卡)|\bОЗУ\b|\bswap\b(?! ?file)|оператив\S{0,6} памят/i;
/** A program says in one breath that the machine's memory does not do, in whatever spelling. */
const TOO_LITTLE_RAM =
  /\b(?:(?:in|un|not )s{1,2}uf{1,2}ic[ie]{1,3}a?nt|not (?:have )?enough|no enough|too little|lack(?:s|ing)?(?: of)?|(?:run(?:s|ning)?|ran) (?:out|low|short)(?: of| on)?|(?<!\band )out of|short (?:of|on)|low on)(?: (?:available|free|your|the|host|system|cpu|main|physical|total|usable)){0,3} (?:ram\b(?!disk)|(?:system|host|cpu|main|physical) (?:memory|ram)\b)/i;
/** A machine within the machine that got no more. */
const OF_A_MACHINE =
  /\bvirtual machine\b.{0,30}\bout of memory\b|\bwsl[\\/]service\b.{0,60}\bnot enough memory\b|\bnot enough memory resources are available\b|\bNot enough storage is available to process this command\b|\bUnmanaged memory use is high\b|\bprocessing node ran out of memory\b|\bOutOfmemory {2,}\d+ {2,}\d+[smhd]\b/i;
const USED_UP =
  /exh?aust|\bswap(?:s|ped|ping)\b|\b(?:runs?|ran|running|go(?:es)?|went) out\b|^out of\b|\bfull\b|\bfill(?:s|ed|ing)?\b|\beat(?:s|ing|en)?\b|consum|\bus(?:e|es|ed|ing) (?:up|all|more|over|about|almost|nearly|\d)|\btak(?:es?|ing) (?:up|all|more|over|\d)|max(?:es|ed|ing)? out|crash|\bkill|freez|froze|\bhang|explo|\bgrow|\bgrew\b|increas|\bspik|\bleak|(?:not|n['’]t) (?:have )?enough|insufficient|exceed|too much|\boom|100 ?%|overflow|\bblow|\bhuge\b|\bhog|excessive|\bin use\b|\blimited to\b|爆|满|不足|溢出|不够|耗尽|用掉|飙升|被杀|一直|съедает|забива|заканчива|кончил|не хват|переполн|раст[её]т/i;
/** The machine's memory is spoken of as the place to put things, or as what was enough. */
const AS_A_PLACE =
  /in and out of|\boffload|\b(?:more|plenty of|lots? of|sufficient|available|free) (?:\w+ ){0,2}(?:ram|memory)\b(?!.{0,40}(?:kill|crash))|(?<!\b(?:not|n['’]t|n['’]t have|no) )\benough\b|only (?:a few|little)|\bfine\b/i;
/** Somebody, or another rule, ends processes too. */
const ENDED_BY_HAND =
  /\b(?:i|we|you|user|admin\w*)\b (?:\w+ ){0,2}?kill(?:ed|ing)?\b (?!message|error)|\bmanually kill|\bkill (?:-9|the|all|it|that|these|those)\b|worker timeout|scancel|preempt|\bkilled (?:early|by the scheduler)\b|time ?limit|walltime|liveness|readiness|keyboard ?interrupt|ctrl[+-]c|\b(?:even|just|only)\b.{0,24}`?(?:sleep|echo|hello|nvidia-smi)\b/i;

/** What somebody looked for and did not find. */
const DENIED =
  /oomkilled["']?\s?[:=]\s?["']?false|\b(?:no|not|without|n['’]t)\b.{0,30}\b(?:oom|oom-killer|out of memory|memory (?:limit|constraint|pressure|issue|problem)s?|limits? (?:is|are|set))\b|\bUsage of EmptyDir volume "(?!d?shm|shared)|nothing to do with (?:the )?(?:memory|resource)|(?:no|not?) limit (?:is )?(?:set|resource)|resource utili[sz]ation is (?:very )?low|health ?check fail/i;

const KILLED =
  /\boom[- ]?kill|\b(?:os|kernel|system|linux) (?:just )?kill(?:s|ed)\b|\blow on memory\b|\bkilled by (?:the )?(?:os\b|kernel|system|linux|oom|signal)|(?:exit|return|error|status)?(?:ed)?(?: with)? ?(?:code|signal)[ :=]{0,3}-9(?!\d)|\bsigkill\b|\bsignal 9\b|died due to signal|^failed: (?:9|137|35072) at \S{1,80} line \d+|(?:process|job|script|python|training|program|terminal|it)\b.{0,40}\bkilled\b|\bkilled\b.{0,20}(?:without|error|message|abruptly|suddenly|process)|被(?:系统)?(?:杀死|杀掉|kill)|процесс.{0,20}убива/i;
const NO_PAGES =
  /unable to mmap|\bmmap\b.{0,40}(?:fail|error)|(?:cannot|can['’]t|could not) allocate memory|errno 12\b|\benomem\b|\bmemoryerror\b|(?<!thrust\S{0,20})\bbad_alloc\b(?!.{0,40}(?:cuda|hip|out_of_memory))|defaultcpuallocator/i;
/** Managers of workers that were ended from outside, and a runtime that has one heap. */
const ENDED_FOR_MEMORY =
  /\bExecutorLostFailure\b|\bLost executor \d+ on\b|\bexceeded \d{1,3}% memory budget\b|\bexcessive memory usage\b|\bSystem\.OutOfMemoryException\b|\bos::commit_memory\(.{0,80}\) failed\b|\bProcess requirement exceeds available memory\b|\bInsufficient memory to continue the execution\b/i;
/** A process is gone, and whoever notices cannot say of what: for memory, more often than not. */
const GONE =
  /\bsubprocesses has abruptly died\b|\bPrevious attempt to load model resulted in crash\b|\bKernelRestarter: restarting kernel\b|\bTerminatedWorkerError\b|\bKilledWorker\b|\bkernel (?:for \S{1,80} )?(?:appears to have )?died\b|\bkernel crashed while executing\b|\bBrokenProcessPool\b|\b(?:a process in the process pool|one of the subprocesses) (?:was|has|were) (?:terminated|died) (?:abruptly|unexpectedly)\b|\bprocess(?:es)? (?:was|were|has been) terminated abruptly\b|\bscheduled cores? [\d, ]{1,40} did not deliver a result\b|\bJob is unresponsive - no heartbeat received\b|(?:^|[:\]] )Bus error(?: \((?:core dumped|signal 7)\)|: \d+|\s*$)|\b(?:signal|with|by|received) SIGBUS\b|\*{3} SIGBUS \(/i;
/** A server that starts its workers over and over, and says no word of why they ended. */
const BOOTING = /\bBooting worker with pid: \d/;
const TIME_OF_DAY = /\b\d{2}:\d{2}:\d{2}\b/;
/** So many moments are more than a server takes to start its workers; assumed. */
const OFTEN = 5;
/** It was asked to, or does so by a rule. */
const ASKED_TO = /\bHandling signal|\bAutorestarting|\b(?:GET|POST) \//;
/** Ended by a fault of its own as a rule, and now and then because a refused allocation was not looked at. */
const CRASHED =
  /(?:^|[:\]] |\d )Segmentation fault(?: \(core dumped\)|: \d+|\s*$)|\bSegmentation fault +\(core dumped\)(?! as expected)|\b(?:signal|received|exit\w*|died) (?:with |by )?SIG(?:SEGV|ABRT)\b|\baccess violation (?:reading|writing|at)\b|\b(?:exit|exception|status|error) ?(?:code|status)?\b.{0,6}(?:0xC0000005\b|-1073741819\b|3221225477\b)|\babort(?:ed)?\b.{0,12}\bcore dumped\b|\bAbort trap: 6\b|\b(?:zsh|bash): (?:\d+ )?(?:abort|segmentation fault)\s*$|\bGGML_ASSERT: \S{1,200}:\d+:|:\d+: GGML_ASSERT\(.{1,300}\) failed|: failed assertion `|\bpanic\(cpu \d+ caller\b|\bpython3\d{1,2}\.dll!\w+ \[|\bexits? with return code = -11\b|\bbecause of page crash\b|\bfrom tab crashed\b|\bCRITICAL\b.{0,8}\bWORKER TIMEOUT\b/i;
/** Programs that watch the machine's memory print how full it is. */
const FULL_RAM =
  /\bfree memory is lower than \d{1,2}%|(?<!(?:gpu|video|device|cuda|peak)[ _-]?)\b(?:ram|(?:system|host|cpu|physical|virtual|main)[ _-]?(?:ram|mem(?:ory)?)?(?:[ _-]?(?:usage|used|percent))?|mem(?:ory)?[ _-](?:usage|used|percent)|swap)\b(?![^%\n]{0,24}\b(?:free|avail))[^%\n]{0,40}?(?<![\d.])(?:9[5-9](?:\.\d{1,3})?|100(?:\.0{1,3})?)\s?%/i;
/** Disks and /dev/shm are full in the same words. */
const NO_SPACE = /\bno space left on device\b/i;
const ON_DISK =
  /\b(?:checkpoints?|disk|install packages|(?:\w+\.)?(?:ckpt|pth?|safetensors)|SaveV2|(?<![\\/.])(?:pip|conda)(?![\\/\d])|write to file|wheel|layer|overlay|download\w*|cache dir\w*|zip|inodes?|write failed)\b/i;
/** Host allocators that tell of a large piece which they gave; their users see it before the end. */
const LARGE_ALLOCATION =
  /tcmalloc: large alloc \d{9,}|allocation of \d{6,} exceeds \d+(?:\.\d+)?% of (?:free )?system memory/i;
const BUILT =
  /\b(?:compil(?:e[sd]?|ing|ation)|pip install|setup\.py|ninja|nvcc|cc1plus|ptxas|cicc|max_jobs|make -j|cmake|docker build|build(?:ing)? (?:the )?(?:wheel|extension|from source|kernel)s?|install(?:ing)? (?:or compile|from source)|build(?:ing|s)?\b.{0,12}(?:exh?aust|us|tak|eat|kill|crash))/i;
const WHOLE_DATA_IN_RAM =
  /\b(?:load|read|keep|kept|cach|stor|hold|held|put)\w{0,4}\b.{0,50}\b(?:data|dataset|datasets|images|corpus|file|files|csv|videos|samples|features|frames|everything|embeddings)\b.{0,30}\b(?:in|into|to) (?:the )?(?:main |system |cpu )?(?:memory|ram)\b|(?:全部|整个|一次性|所有).{0,24}(?:内存)|dataset (?:is )?too (?:large|big)/i;
/** Work that is done before anything comes to a card. */
const PREPARING =
  /\b(?:tokeni[sz]|pre-?process|pars|unzip|decompress|unpack)(?:e|es|ed|ing)\b|预处理|分词|предобработ/i;
const WORKERS =
  /num_?workers|number of workers|\bworkers\b|\bworker processes|prefetch_factor|进程数/i;
const SESSION =
  /\bKernelRestarter: restarting kernel|\bkernel [\w-]{8,40} restarted\b|session crashed|(?:kernel|runtime)\b.{0,20}\b(?:die[sd]|dead|crash|restart|disconnect)|colab\b.{0,40}\bcrash|oomkilled|cgroup|\b(?:pod|container)s?\b.{0,30}\b(?:kill|evict|restart|exit|crash)|memory limits?\b.{0,30}(?:pod|container|docker|slurm|job|cgroup)|(?:pod|container|docker|slurm|job)\b.{0,30}memory limits?/i;
const FROZEN =
  /\b(?:computer|pc|machine|laptop|system|server|desktop|wsl2?|node|mac|ubuntu|windows)\b.{0,30}\b(?:freez|froze|hang|hung|crash|unresponsive|reboot|lock(?:s|ed)? up)|\b(?:freez|froze|hang|crash)\w{0,4} (?:my|the|our|whole|entire) (?:\w+ )?(?:computer|pc|machine|laptop|system|server|desktop|wsl2?|ubuntu|windows)\b/i;
const ON_CPU =
  /\b(?:on|using|with|in) (?:the |my )?cpu\b|\bcpu[- ]only\b|--cpu\b|device\s?[=:]\s?["']?cpu\b|(?:no|without (?:a )?) ?gpu\b/i;
const WORKS = /\b(?:works?|worked|fine|ok|okay|successful\w*|no problem|possible)\b/i;
const COMMIT =
  /\b(?:page|paging|swap) ?file\b|\bvirtual memory\b|commit (?:limit|charge)|(?:winerror|os error) 1455|虚拟内存|页面文件|файл\S{0,2} подкачки/i;
const TRIED = /\b(?:tried|already|did(?:n['’]t| not) (?:help|work)|no (?:effect|difference))\b/i;

const CAP_SETTING =
  /per_process_(?:gpu_)?memory_fraction|client_mem_fraction|gpu_mem_limit|gpu_memory_limit|set_(?:memory_limit|logical_device|virtual_device)|\bmemory_limit\s?=|virtualdeviceconfiguration|high_watermark_ratio|pool\.set_limit|cupy_gpu_memory_limit|\bmig\b|\bvgpu\b|\bquota\b|max_mem_alloc|maxbuffersize|gpu_(?:max|single)_alloc_percent|\b(?:gpu )?memory (?:share|quota|cap|fraction)\b|max(?:imum)? (?:buffer|allocation|texture|tensor) size|显存(?:限制|配额|上限)|лимит\S{0,3} (?:видео)?памят/i;
const PER_PIECE =
  /\b(?:single|one|each|contiguous)\b.{0,20}\b(?:allocation|buffer|block|tensor|texture)s?\b.{0,50}\b(?:limit|larger|bigger|more than|exceed|greater|max|over)|\binvalid buffer size|\b(?:buffer|allocation|tensor|texture)\b.{0,30}\b(?:larger|bigger|greater) than (?:the )?(?:max(?!.?pool)|limit|allowed)|\b(?:allocat\w{1,5}|buffer|block|tensor|texture)s?\b.{0,40}\b(?:(?:larger|bigger|greater|more) than|over|above) (?:\w+ )?\d+(?:\.\d+)?\s?g|(?:can ?not|can['’]t|unable to) allocate (?:an? )?\d+(?:\.\d+)?\s?g\w{0,2} (?:block|buffer|tensor|chunk)/i;
/** Limits of a single buffer, as Vulkan, WebGPU, Metal and OpenCL call them. */
const LARGEST_BUFFER =
  /\bmax_?(?:imum)?_?(?:storage_?)?buffer_?(?:binding_?)?(?:size|range|length)\b|\bmaxMemoryAllocationSize\b|\bmax_mem_alloc_size\b|\bsuballocation_block_size\b/i;
/** Pools of an allocator whose largest piece is smaller than what was asked for; a limit by name. */
const BEYOND_A_LIMIT =
  /\bno memory pool big enough\b|\bno pool handles allocation of size\b|\bAllocating \d+ bytes exceeds the memory limit of \d+ bytes\b|\bbut (?:metal_cap|wired_limit|max_alloc\w*) (?:ceiling|limit) is\b|\bNPU\b.{0,30}\bswiotlb buffer is full\b|\breached limit on allocated memory objects\b|\bZE_RESULT_ERROR_UNSUPPORTED_SIZE\b|\bCL_INVALID_BUFFER_SIZE\b|\bclCreateBuffer\b.{0,20}-61\b|\b(?:allocation|buffer|texture|binding)\b.{0,60}\b(?:exceeds|greater than|larger than)\b.{0,12}\b(?:WebGL maximum\b|max(?:imum)? (?:size|buffer|allocation|allowed)\b|block size\b)|\bexceeds (?:this GPU's |the )?(?:\w+ ){0,2}storage buffer (?:binding )?limit\b|(?:^|[E:] ?)(?:ERROR:)?\s?graph requires estimated allocation of \d{6,} KB, limit is\b|\bMemory allocation failed: \d{4,}B requested \(|\bcould not allocate\b.{0,40}\bbuffer\b.{0,100}\bCL_SUCCESS\b|\bTo increase the maximum device memory, use\b|\bThis limit was set by the 'max_(?:temp|memory)|\bTotal allocation for buffer \S{1,80} is \d{9,}, which exceeds|\bis too large for the implementation when mappedAtCreation\b|\bMaximum variable size allowed on the device is exceeded\b|\bproxy texture 3D allocation failed!/i;
const LIMITING =
  /\bwork ?-?around\b|\blimit|\bexceed|\b(?:larger|bigger|greater|more) than\b|\btoo (?:small|large|big)\b|\b(?:can ?not|can['’]t|fail\w{0,3}|error|restrict\w{0,4})\b/i;
const LIMIT_OF =
  /\b(?:limit(?:ed)?|cap(?:ped)?|quota|ceiling)\b.{0,16}?(?<size>\d+(?:\.\d+)?\s?[gt]i?b?)\b/i;

/** "Only 5.6 of 8 GB can be allocated": a part and the whole. */
const PART_OF =
  /\bonly (?:\w+ )?(?<part>\d+(?:\.\d+)?) ?(?:gi?b?)? (?:out )?of (?:the |my )?(?<all>\d+(?:\.\d+)?) ?gi?b?\b/i;
const RESERVING_ENGINES = /\b(?:vllm|sglang|lmdeploy|tgi|jax|xla|tensorflow|tf)\b/i;
/** Asked of a program that takes the card whatever the model. */
const TAKES_ALL =
  /\b(?:tak|occup|reserv|us|consum|spend|grab|allocat|pre-?allocat|hog)\w{0,6}\b.{0,40}(?:\b(?:all|whole|entire|most|full|so much|as much|that much)\b|\b\d\d ?%|\b\d\d ?gi?b?\b).{0,40}(?:memory|vram|ram|gpu|model)/i;
/** What an engine says of its own sharing when all is well. */
const OWN_PROFILE =
  /\bthe current vLLM instance can use\b|\bexceeds \d+(?:\.\d+)?% of (?:free )?system memory\b/;
/** Nearly all of the card given to one program: that is a reservation, not a cap. */
const NEARLY_ALL = /fraction\w{0,8}\s?[=:(]\s?["']?(?:1(?:\.0{1,2})?|0?\.9\d?)\b/i;

const RESERVING =
  /gpu[-_ ]memory[-_ ]utili[sz]ation|mem[-_]fraction[-_]static|cache_max_entry_count|free_gpu_memory_fraction/i;
const CONTEXT =
  /\bn(?:um)?_?ctx\b|\bctx[-_ ]?size\b|\s-c \d{4,}|\bcontext (?:length|size|window|len)|\bmax[-_ ]?(?:model[-_ ]?len|seq[-_ ]?len(?:gth)?|context|input[-_ ]?len\w{0,3}|total[-_ ]?tokens|num[-_ ]?seqs)|\b(?:long|longer|large|larger|huge)(?:er)? (?:context|prompt|conversation|chat|document|input text)|prompts? (?:length|is long|are long|is too long|exceed)|\b(?:several|many|multiple|few|more) (?:turns|rounds)\b|\bmulti-?turn|\bhistory\b.{0,20}\b(?:long|grow)|多轮|\bkv[- _]?(?:cache|buffer)|\bcache[-_ ](?:size|mode|8bit|q4|q8)|paged ?att|\b\d{1,4}k (?:context|tokens|ctx)|[-_]\d{2,4}k[-_]|\b\d{4,7} tokens|concurren\w{1,4}|\b(?:many|several|multiple|parallel|simultaneous) (?:\w+ )?(?:requests|users|clients|sessions)\b|\bnum_parallel\b|上下文|长文本|контекст|длинн\S{1,3} (?:промпт|запрос)/i;
/** Where no text of tokens is: a long input is activations there. */
const NOT_OF_TOKENS =
  /residue|amino|protein|sequence length of|\baudio\b|\bvideos?\b|\bimages?\b|pixel|resolution|\batoms?\b/i;

const MANY =
  /\b\d[\d.,]*\s?(?:m|million|billion)s? (?:of )?(?:\w+ )?(?:points?|gaussians?|nodes?|edges?|users|items|cells|vectors|entities|interactions)\b|\b(?:large|huge|high|big) (?:number|amount) of (?:\w+ )?(?:points?|gaussians?|splats?|nodes?|edges?|vertices|faces|voxels?|particles|rows|vectors|entities|users|cells)\b|\b\d[\d.,]*\s?(?:m|million|mio|billion|bn|млн|млрд)\b\W{0,2}(?:\w+\W){0,2}(?:points?|gaussians?|splats?|nodes?|edges?|vertices|faces|triangles|voxels?|particles|rows|vectors|records|entities|users|items|polygons|cells)\b|\b\d{1,3}(?:[,_]?\d{3}){2,} (?:\w+ )?(?:points?|gaussians?|splats?|nodes?|edges?|vertices|faces|triangles|voxels?|particles|rows|vectors|records|entities|users|items|cells)\b|\d+(?:\.\d+)?\s?(?:亿|千万|百万|万)个?(?:点|节点|边|高斯|行)/i;
/** Kinds of data that a program keeps on the GPU whole. */
const WHOLE_DATA =
  /\b(?:embedding table|table|faiss|k-?nn|umap|dataframe|graph|gaussian|splat|point ?cloud|colmap|nerf|mesh|voxel|scene|render|knowledge graph|node classification|gnn|gcn|graph neural)/i;
const LARGE_DATA =
  /\b(?:full|whole|entire|large|larger|huge|big|dense|high[- ]quality|too many)\b.{0,16}\b(?:graph|scene|point ?cloud|mesh|adjacency|embedding table|index|model of the scene|gaussians|points|splats|textures)\b|\bfull[- _]batch\b|\b(?:scene|graph|mesh|point ?cloud|volume|table)\b.{0,16}\btoo (?:large|big|complex|dense)|\btoo many (?:nodes|edges|points|gaussians|faces|rows|cells)|\b(?:table|dataset|data ?set|data|dataframe|matrix|index) (?:of|with|is) (?:about |over )?\d+ ?[gt]i?b\b|\b(?:large|huge|big|whole|entire|full|all)\b.{0,16}\b(?:data|dataset|data ?set|table|dataframe|matrix)\b.{0,24}\b(?:on|to|onto|in|into) (?:the |a |my )?(?:gpu|cuda|vram)|整(?:个|张)(?:图|场景|数据)|больш\S{1,3} (?:граф|сцен|таблиц)/i;

const LOADING =
  /\b(?:load|transfer|mov|put|plac|copy|import|initiali[sz]|start|launch|instantiat)\w{0,5}\b.{0,40}\b(?:model|checkpoint|weights|pipeline|pipe|unet|network|llm|transformer)\b|\.to\(["']?(?:cuda|device)|加载.{0,8}模型|模型加载|загру[жз]\S{0,6} модел/i;
const LOADED =
  /\b(?:after|once|already|successfully|fine)\b.{0,30}\bload|load\w{0,4}.{0,20}\b(?:fine|successfully|ok|works)\b/i;
const TOO_LARGE =
  /\bmodel\b.{0,24}\btoo (?:big|large)|(?:do(?:es)?n['’]t|does not|can ?not|can['’]t|won['’]t|not) fit\b|too (?:big|large) for (?:my|the|a|one)\b|\b(?:not enough|insufficient) (?:\w+ ){0,2}(?:memory|vram|ram) (?:\w+ ){0,2}(?:for|to (?:run|load|use|start)) (?:this|the|that|a|such a) (?:\w+ )?model\b|模型太大|не (?:помещается|влезает)/i;
const HOW_MUCH =
  /\b(?:how (?:much|many|large|big)|minimum|min|required?|requirements?|what)\b.{0,40}\b(?:vram|gpu memory|gpu ram|gpus?|video memory|memory)\b.{0,60}\b(?:need|requir|run|infer|demo|test|load|recommend)|\b(?:can|could|possible|able|way)\b.{0,40}\b(?:run|load|use|infer\w*|test|deploy)\b.{0,50}\b\d+ ?g(?:b)?\b|\b\d+ ?g(?:b)? (?:\w+ ){0,3}(?:enough|sufficient)\b|多大(?:的)?显存|需要多少显存|сколько (?:видео)?памяти/i;
const SERVING =
  /\b(?:inference|demo|chat(?:bot)?|serv(?:e|er|ing)|deploy\w{0,4}|gradio|webui|api_server|cli\.py)\b|推理|部署/i;
const QUANTIZED =
  /load[-_]?(?:in[-_]?)?[48]-?bits?\b|\b[2-8](?:\.\d)?[- ]bits?\b|\b(?:quantiz|quantis)\w{2,5}\b|\b(?:gguf|exl2|gptq|awq|nf4)\b|量化/i;
const TRAINING =
  /\btrain(?:s|ed|ing|er)?\b|fine-?tun|\bfinetun|\bepochs?\b|\bbackward\b|\boptimizer\b|batch[-_ ]?size|训练|微调|обуч/i;

/** What trains all of a model holds states for all of it; a batch size alone is of calibration too. */
const OF_WEIGHTS = /\b(?:pre-?)?train(?:s|ed|ing)?\b|fine-?tun|训练|微调|обуч/i;

/** "24G VRAM", "A100 40 GB", "RTX 3060 12GB", "48GB of GPU memory", "显存 24G". */
const CARD_SIZES: readonly RegExp[] = [
  /\b(\d{1,3})\s?g(?:i?b)?\b(?: of)? (?:\w+ )?(?:vram|gpu|video|cards?|a100|v100|h100|a6000)/gi,
  /\b(?:vram|gpu|gpus|rtx ?\w*|gtx ?\w*|[atvhlp]\d{2,4}0?|a6000|titan\w*|tesla|quadro|radeon|geforce|nvidia|3090|4090|card)\b[^.\n\d]{0,16}?(?:\b\d{3,4}0?(?: ?ti| ?xt)?\b[^.\n\d]{0,8})?\(?\b(\d{1,3})\s?g(?:i?b)?\b/gi,
  /显存\D{0,8}(\d{1,3})\s?g/gi,
];
const PARAMETERS =
  /(?<![\w.])(?:[A-Za-z][\w.]{0,20}[-_ ])?(\d{1,3}(?:\.\d{1,2})?)\s?(?:b|billion)\b(?!\s?(?:tokens|gpus?))/gi;

const GB = 2 ** 30;
/** Less than this is no card that somebody computes on; more no single card has. */
/** The most that a card of the name was sold with, in GB. */
const KNOWN_CARDS: readonly (readonly [RegExp, number])[] = [
  [/\b[ah]100\b/i, 80],
  [/\b(?:a6000|a40|l40s?)\b/i, 48],
  [/\bv100\b|\b5090\b/i, 32],
  [/\b[34]090(?: ?ti)?\b|\b(?:titan rtx|p40|l4|a10g?|a5000)\b/i, 24],
  [/\b(?:t4|p100|4080|5080|a4000)\b/i, 16],
  [/\b(?:3060|4070|3080)(?: ?ti)?\b/i, 12],
  [/\b(?:1080 ?ti|2080 ?ti)\b/i, 11],
  [/\b(?:1070|1080|2070|2080|3050|3070|4060)\b/i, 8],
];

/** The largest card that is named, in GB. */
const namedCard = (text: string): number | undefined =>
  KNOWN_CARDS.find(([name]) => name.test(text))?.[1];

/** Cards that are used together: "8 x A100", "2x3090", "4 GPUs". */
const cardCount = (text: string): number =>
  Math.max(
    1,
    ...[
      ...text.matchAll(
        /\b(\d{1,2}) ?(?:[x*×] ?(?:nvidia |rtx |tesla )?(?:[ahvlpt]\d{1,3}0?|[1-5]0[5-9]0)|(?:\w+ )?gpus)\b/gi,
      ),
    ].map((match) => Number(match[1])),
  );

const CARDS = { least: 2, most: 288 } as const;

/** A line as loggers wrote it: `raw` where their prefix was taken off. */
interface Said {
  readonly text: string;
  readonly raw?: string;
  readonly number: number;
}

function isRestarting(lines: readonly Said[]): boolean {
  const moments = lines
    .filter(({ text }) => BOOTING.test(text))
    .flatMap(({ text, raw = text }) => TIME_OF_DAY.exec(raw.slice(0, LONGEST_LINE))?.[0] ?? []);
  return new Set(moments).size >= OFTEN && !lines.some(({ text }) => ASKED_TO.test(text));
}

function wholeOf(sentences: readonly Sentence[], lines: readonly Said[]): Whole {
  const text = sentences.map((one) => one.text).join('\n');
  const cards = CARD_SIZES.flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => Number(match[1])),
  ).filter((size) => size >= CARDS.least && size <= CARDS.most);
  const card = cards.length === 0 ? namedCard(text) : Math.max(...cards);
  const sizes = [...text.matchAll(/(?<![\w.])(\d{1,5}(?:\.\d{1,3})?)\s?([gt])i?b?\b/gi)].map(
    (match) => parseSize(match[1] ?? '', match[2] ?? '') ?? 0,
  );
  return {
    isOfGpu: OF_GPU.test(text),
    isOfCuda: OF_CUDA.test(text),
    isShort: sentences.some((one) => SHORTAGE.test(one.text) && !NOT_SAID.test(one.text)),
    isTraining: TRAINING.test(text),
    isOfWeights: OF_WEIGHTS.test(text),
    isOfWholeData: WHOLE_DATA.test(text),
    isOfMemory: MEMORY.test(text.replace(/memory (?:access|address)/gi, '')),
    isOfRam: RAM.test(text),
    isReserving: RESERVING_ENGINES.test(text),
    isKilledOtherwise: ENDED_BY_HAND.test(text) || DENIED.test(text),
    isRestarting: isRestarting(lines),
    isOnDisk: ON_DISK.test(text),
    isOfWorkers:
      /\bshm\b|shared memory|\bIPC\b|\bworkers?\b|multiprocessing|semaphore|\bjoblib\b/i.test(text),
    isSized: NOT_OF_TOKENS.test(text),
    isQuantized:
      /\b(?:[2-8](?:\.\d)?[- ]?bits?|load_in_[48]bit|int[48]|q\d_\w|gptq|awq|gguf|exl2|nf4|fp8|qlora)\b/i.test(
        text,
      ),
    isOfLlama: /llama|gguf|ggml|gpt4all|ollama|kobold|whisper\.cpp/i.test(text),
    isOfFile:
      /\b(?:unknown|unsupported|invalid|wrong|missing|corrupt\w*|bad|outdated)\b.{0,40}\b(?:architecture|magic|format|file|version|tensor|key|quant\w*|tokeni[sz]er)|no such file|\bnot found\b|does not exist|permission denied/i.test(
        text,
      ),
    isSharded:
      /(?<![a-z])(?:fsdp|zero[-_ ]?[23]|stage[-_ ]?3|tensor[-_ ]parallel\w{0,4}|device_map|tp[-_ =]?\d)\b/i.test(
        text,
      ) && !/\b(?:not|without|no|n['’]t) (?:\w+ ){0,2}(?:fsdp|zero|deepspeed)/i.test(text),
    hasAdapter: /\bq?lora\b|\badapter|\bpeft\b/i.test(text),
    card: card === undefined ? undefined : card * GB,
    cardCount: cardCount(text),
    largest: Math.max(0, ...sizes),
  };
}

interface Rule {
  readonly topic: Topic;
  readonly isTold: (text: string, whole: Whole) => boolean;
}

const sizeIn = (match: RegExpExecArray | null): number => {
  const found = /([\d.]+)\s?([gt])/i.exec(match?.groups?.['size'] ?? '');
  return found === null ? 0 : (parseSize(found[1] ?? '', found[2] ?? '') ?? 0);
};

/** An address space of a process has 2^47 bytes; no card and hardly a machine has a tenth of that. */
const ABSURD = 2 ** 44;
/** What libraries say of a size that has no meaning. */
const OVERFLOWED =
  /storage size calculation overflowed|\bnumber of bytes overflowed\b|\bencountered length_error\b|\bsize overflow\b|\bstd::length_error\b|larger than max_size\(\)|maximum allowed size exceeded|tensor with negative dimension|integer multiplication overflow|array is too big;|negative dimensions are not allowed/i;
const ASKED = /allocat|malloc|request|ask|tried|trying|tries|\bneed|requir|want/i;

function isAbsurdSize(text: string): boolean {
  if (OVERFLOWED.test(text)) return true;
  if (!ASKED.test(text)) return false;
  if (
    /(?:\ballocat\w{0,4}|\brequest\w{0,3}) (?:a )?(?:negative|-\d+)|negative (?:size|number of bytes)|\b(?:exa|peta)bytes?\b|\b2 ?(?:\*\*|\^) ?(?:4[5-9]|5\d|6[0-4])\b|\b(?:18446744\d{10,14}|4294967295|2147483648)\b|-1 bytes|\d ?(?:million|billion|trillion) ?[gt]i?b\b/i.test(
      text,
    )
  )
    return true;
  return [
    ...text.matchAll(
      /(?<![\w.])(\d[\d,]{0,24}(?:\.\d{1,6})?)\s?(bytes?|[kmgtpe](?:i?b)?)(?![a-z\d])/gi,
    ),
  ].some((match) => (parseSize(match[1] ?? '', match[2] ?? '') ?? 0) >= ABSURD);
}

const isOfRam = (text: string): boolean =>
  RAM.test(text) && USED_UP.test(text) && !AS_A_PLACE.test(text);

/** Bytes of a parameter: half precision, or what a quantized model takes at least. */
const bytesEach = ({ isQuantized }: Whole): number => (isQuantized ? 0.5 : 2);
/** Weights, gradients and Adam's states of a parameter that is trained in mixed precision. */
const TRAINED = 16;

const parametersIn = (text: string): number =>
  Math.max(0, ...[...text.matchAll(PARAMETERS)].map((match) => Number(match[1]) * 1e9));

/** A fault of the program is asked about, and the shortage named only beside it. */
const FAULT =
  /\billegal (?:memory|address)|\bdevice-side assert|\bmisaligned address|\bsegmentation fault|\bsegfault/i;
const INSTEAD = /\binstead of\b|\brather than\b|\bnot (?:an? )?(?:oom|out[ -]of[ -]memory)/i;
const OUT_OF_RANGE =
  /\b(?:ind(?:ex|ices|exes)|labels?|class(?:es)?|target|token|ids?)\b.{0,40}\b(?:out of (?:range|bounds)|(?:larger|greater|bigger|higher) than (?:the )?(?:num|number|vocab|size of|embedding))/i;
/** "Feed 3 to an embedding with 3 indices": the valid ones end below the number of them. */
const FED =
  /\b(?:feed|fed|pass|passed|give|gave|index|id|token|label|number|value)\s+(?:\w+ )?(\d{1,7})\b.{0,40}\b(?:embedding|classes|vocab\w*|labels)\b.{0,24}?\b(\d{1,7})\b/i;

function isProgramFault(text: string): boolean {
  if ((FAULT.test(text) && INSTEAD.test(text)) || OUT_OF_RANGE.test(text)) return true;
  const [, given, of] = FED.exec(text) ?? [];
  return given !== undefined && of !== undefined && Number(given) >= Number(of);
}

/** Page-locked memory is of the host, and of a limit of its own. */
const PINNED =
  /\b(?:pinned|page[- ]?locked|pinnable) (?:\w+ )?(?:memory|buffer|allocation|block)|\b(?:cuda|hip)(?:HostAlloc|MallocHost|HostMalloc|HostRegister)\b|\bmemlock\b|锁页内存|закреплённ\S{1,3} памят/i;
const REFUSED =
  /\b(?:can ?not|can['’]t|could ?n['o]t|unable|fails?|failed|failing|issues?|errors?|exceed\w{0,3}|out of|past|more than|crash\w{0,3})\b|失败|不足|ошибк|не удал/i;

/** A builder that finds no way to compute within the scratch space it may use. */
const SCRATCH =
  /\b(?:not have|no|insufficient|not enough|without|more|try increasing|increase) (?:the |enough |sufficient )?workspace\b|_INSUFFICIENT_WORKSPACE\b/i;

/** Merging, exporting and converting rebuild the model in the memory of the machine. */
const REBUILDING =
  /\b(?:merg|export|convert|quantiz|quantis)(?:e|es|ed|ing)\b.{0,40}\b(?:model|models|weights|lora|adapter|checkpoint|gguf|onnx)\b|\bsave_pretrained_(?:merged|gguf)\b|\bmerge_and_unload\b/i;
const OF_CUDA = /\b(?:cuda|gpu) (?:out|oom|error|mem)|torch\.(?:cuda\.)?outofmemory/i;

/** A matrix by its sides, "20808x5314541". */
const SIDES =
  /(?<![\w.])(\d{3,10})\s?[x×*]\s?(\d{3,10})(?![\w.])(?=.{0,40}\b(?:matri|data ?frame|array|table|features|dataset|sparse))/i;
/** PyG prints its data so, "edge_index=[2, 25298524]". */
const EDGES = /\bedge_(?:index|attr)=\[(?:2, ?)?(\d{7,12})[\],]/;
/** From here a matrix or a graph is large for a card, whatever it holds of each cell or edge. */
const MANY_CELLS = 1e9;
const MANY_EDGES = 1e7;

function isManyCells(text: string, isShort: boolean): boolean {
  const [, rows = '0', columns = '0'] = SIDES.exec(text) ?? [];
  return (
    (isShort && Number(rows) * Number(columns) >= MANY_CELLS) ||
    Number(EDGES.exec(text)?.[1] ?? 0) >= MANY_EDGES
  );
}

/** Engines make a context after the weights: its cache and buffers; what failed they often do not say. */
const CONTEXT_FAILED =
  /\b0xe06d7363\b|\b(?:failed|unable) to load model\b(?!.{0,12}:.{0,80}\b(?:unknown|unsupported|invalid|magic|version|architecture|missing|40\d|not found|no such|permission|connection|denied|timed? ?out|registry)\b)|\b(?:fail(?:ed|s|ure)?|unable|error|could ?n['o]t|can ?not|can['’]t)\b(?: to)? (?:creat|initiali[sz]|init|allocat|mak)\w{0,5} (?:a |the |an |new )?(?:llama[-_ ]?|inference |model |ggml )?(?:context\b|ctx\b)|\bcontext (?:creation|init\w*) (?:failed|error)|\bfailed to create llama_context|\bnull (?:reference|pointer|context|ptr) (?:from|returned)/i;
/** A process that serves a model ended, and the text does not say why. */
const ENGINE_GONE =
  /\bfailed to load, this may be due to resource limitations\b|\bExit code: \d{6,24}\)\. Unknown error|\b(?:llama[-_ ]?(?:server|runner|box|cpp)|ollama|(?:model )?runner|model (?:process|server|worker)|engine ?core|engine|inference (?:server|engine|process))(?: \w+)? (?:process |proc )?(?:has |have |was |is |unexpectedly )?(?:terminated|exited|crashed|died|no longer running|initiali[sz]ation failed|failed to start|stopped unexpectedly)\b|\bFailed core proc|\bfailed to load model from file\b/i;

/** Statuses that a library gives for a broken install, an earlier fault and a full card alike. */
const LIBRARY_FAILED =
  /\bcuDNN launch failure\b|\bCUDNN_STATUS_(?:INTERNAL_ERROR|EXECUTION_FAILED|MAPPING_ERROR)\b|\bCUBLAS_STATUS_(?:INTERNAL_ERROR|EXECUTION_FAILED|MAPPING_ERROR)\b|\bCUSOLVER_STATUS_(?:INTERNAL_ERROR|EXECUTION_FAILED)\b|\bTHCudaCheck FAIL .{0,200}\berror=(?!2 )\d{1,3} : (?!out of memory)|\bNS_ERROR_OUT_OF_MEMORY\b.{0,80}(?:Decod|Image|Surface|VAAPI|dmabuf)/i;

/** Something needs more than there is, both in numbers: "requires 40 GiB of VRAM but only 24 GiB …". */
const MORE_THAN_THERE_IS =
  /\b(?:needs?|requires?|required|exceeds?|size)\b\D{0,48}(?<need>\d{1,4}(?:\.\d{1,3})?) ?g(?:i?b)?\b.{0,48}?(?:\b(?:only|have|has|available|avail|free|total)\b|[>≥])\D{0,32}(?<have>\d{1,4}(?:\.\d{1,3})?) ?g(?:i?b)?\b/i;

function isMoreThanThereIs(text: string): boolean {
  const { need, have } = MORE_THAN_THERE_IS.exec(text)?.groups ?? {};
  return (
    need !== undefined &&
    have !== undefined &&
    Number(need) > Number(have) &&
    /\b(?:gpu|vram|cuda|device|video|graphics|card|mining)/i.test(text)
  );
}

/** A crash without a reason: nobody can say from it what ran out, or whether anything did. */
const UNEXPLAINED =
  /\bsegmentation fault\b|\bcore dumped\b|\bGGML_ASSERT\b|\bggml_backend_\w{3,40} failed\b|\bSee (?:root cause|stack trace) (?:above|for)|\bdue to resource limitations\b|\bexit(?:ed)? (?:status|code)\b.{0,12}\b(?:[1-9]|-\d)|\bkernel (?:appears to have )?died\b/i;

const RULES: readonly Rule[] = [
  // Engines that serve: what they keep of the requests is full.
  { topic: 'long-context', isTold: (text) => /\bnot enough KV cache space\b/i.test(text) },
  {
    topic: 'absurd-size',
    isTold: (text) =>
      isAbsurdSize(text) || /\binvalid memory size -- maybe an overflow\b/.test(text),
  },
  { topic: 'program-fault', isTold: (text, { isShort }) => isShort && isProgramFault(text) },
  {
    topic: 'pinned',
    isTold: (text, { isShort }) =>
      (PINNED.test(text) && (REFUSED.test(text) || (isShort && /\blimit/i.test(text)))) ||
      /\bCaught \w{4,40} in pin memory thread\b|\(\d+\): Error pinning memory\b|\bno reserved RAM left\b/.test(
        text,
      ),
  },
  { topic: 'build-scratch', isTold: (text) => SCRATCH.test(text) },
  {
    topic: 'cap',
    isTold: (text, { isShort }) => isShort && CAP_SETTING.test(text) && !NEARLY_ALL.test(text),
  },
  {
    topic: 'cap',
    isTold: (text) => PER_PIECE.test(text) && !/\btr(?:y|ies|ied|ying) to allocate/i.test(text),
  },
  // Protocol buffers end at 2 GB: a graph that gets there has been added to, step by step.
  { topic: 'growth', isTold: (text) => /\bGraphDef cannot be larger than\b/.test(text) },
  // A pool of a size that is set, and more was needed.
  {
    topic: 'small-pool',
    isTold: (text) =>
      /\bStatic surface pool size exceeded\b|\bNo decoder surfaces left\b(?!; falling)|\bneeds? to increase PxgDynamicsMemoryConfig::|\bOut of (?:CUDA )?pre-?allocated memory\b|\barena memory is full\b(?!, growing)/i.test(
        text,
      ),
  },
  {
    topic: 'reservation',
    isTold: (text) =>
      /\bneeds? to increase PxGpuDynamicsMemoryConfig::|\bset \w+ to use (?:9\d|100)% (?:of )?GPU memory|\bcurrent GPU free memory is .{1,20} for this (?:image )?diffusion|\bwas less than the minimum allocation of \d+ [KMG]i?B\b/i.test(
        text,
      ),
  },
  // DeepSpeed: the allocator had to give its cache back within a step.
  {
    topic: 'large-work',
    isTold: (text) =>
      /\ballocator cache flushes since last step\b|\bran out of memory,? (?:\w+ ){0,3}skipping (?:the )?batch\b|\bRemaining \d+ nodes with [\d.]+[KMG]iB\b|\bTry to set subdivisions=\d|\bMalloc on gpu, size=:? ?\d{8,}/.test(
        text,
      ),
  },
  { topic: 'others', isTold: (text) => /\bCUDA anomaly detected\b/.test(text) },
  { topic: 'cap', isTold: (text) => BEYOND_A_LIMIT.test(text) },
  { topic: 'cap', isTold: (text) => LARGEST_BUFFER.test(text) && LIMITING.test(text) },
  {
    topic: 'cap',
    isTold: (text, { isShort }) => {
      const { part, all } = PART_OF.exec(text)?.groups ?? {};
      return (
        isShort && part !== undefined && all !== undefined && Number(part) <= 0.8 * Number(all)
      );
    },
  },
  {
    topic: 'cap',
    isTold: (text, { isShort, largest }) => {
      const limit = sizeIn(LIMIT_OF.exec(text));
      return isShort && limit > 0 && limit * 1.5 <= largest;
    },
  },
  {
    topic: 'paging-file',
    isTold: (text, { isShort }) =>
      COMMIT.test(text) && !TRIED.test(text) && (isShort || /too small|太小|мал/i.test(text)),
  },
  {
    topic: 'full-segment',
    isTold: (text, { isOnDisk, isOfWorkers }) =>
      NO_SPACE.test(text) && !isOnDisk && (isOfWorkers || !/['"\\/]\w|\bwrit/.test(text)),
  },
  { topic: 'host-ram', isTold: (text) => isOfRam(text) },
  {
    topic: 'host-ram',
    isTold: (text, { isKilledOtherwise }) => KILLED.test(text) && !isKilledOtherwise,
  },
  { topic: 'host-ram', isTold: (text) => TOO_LITTLE_RAM.test(text) || OF_A_MACHINE.test(text) },
  { topic: 'host-ram', isTold: (text) => FULL_RAM.test(text) },
  {
    topic: 'host-ram',
    isTold: (text) => NO_PAGES.test(text) || ENDED_FOR_MEMORY.test(text),
  },
  { topic: 'large-piece', isTold: (text) => LARGE_ALLOCATION.test(text) },
  {
    topic: 'host-ram',
    isTold: (text, { isShort }) =>
      BUILT.test(text) &&
      (SHORTAGE.test(text) ||
        FROZEN.test(text) ||
        (USED_UP.test(text) && MEMORY.test(text)) ||
        (isShort && /crash|kill|freez|hang/i.test(text))),
  },
  {
    topic: 'host-ram',
    isTold: (text, { isOfGpu, isShort, isOfMemory, isOfRam: hasRam, isKilledOtherwise }) =>
      !isOfGpu &&
      !isKilledOtherwise &&
      isOfMemory &&
      (SESSION.test(text) ||
        FROZEN.test(text) ||
        (hasRam && /(?<!out[ -]of[ -])\bmemory (?:\w+ )?error/i.test(text)) ||
        (isShort && WHOLE_DATA_IN_RAM.test(text)) ||
        (PREPARING.test(text) && SHORTAGE.test(text)) ||
        (WORKERS.test(text) &&
          MEMORY.test(text) &&
          (isShort || /more memory|[x×] more|swap/i.test(text))) ||
        (ON_CPU.test(text) &&
          (SHORTAGE.test(text) || /\bswap(?:s|ping)\b/i.test(text)) &&
          !WORKS.test(text))),
  },
  {
    topic: 'host-ram',
    isTold: (text, { isOfCuda, isOfMemory }) =>
      !isOfCuda && isOfMemory && REBUILDING.test(text) && /crash|kill|memory|\bram\b/i.test(text),
  },
  ...MOMENTS.map(
    ({ topic, isTold }): Rule => ({
      topic,
      isTold: (text, { isShort, isOfMemory }) => isTold(text, isShort, isOfMemory),
    }),
  ),
  {
    topic: 'reservation',
    isTold: (text, { isShort, isReserving }) =>
      !OWN_PROFILE.test(text) &&
      ((isShort && (RESERVING.test(text) || NEARLY_ALL.test(text))) ||
        (isReserving && TAKES_ALL.test(text))),
  },
  {
    topic: 'long-context',
    isTold: (text, { isShort, isTraining }) =>
      isShort &&
      CONTEXT.test(text) &&
      !NOT_OF_TOKENS.test(text) &&
      (!isTraining || /\bkv[- _]?cache/i.test(text)),
  },
  {
    topic: 'large-data',
    isTold: (text, { isShort, isOfWholeData }) =>
      (isShort && (LARGE_DATA.test(text) || (isOfWholeData && MANY.test(text)))) ||
      isManyCells(text, isShort) ||
      (LARGE_DATA.test(text) && /\b(?:can ?not|can['’]?t|break|crash|fail)/i.test(text)),
  },
  {
    topic: 'context-failed',
    isTold: (text, { isOfLlama, isOfFile }) => isOfLlama && !isOfFile && CONTEXT_FAILED.test(text),
  },
  {
    topic: 'long-context',
    isTold: (text) => /\bretracted_reqs: [1-9]|\bRetract requests\b/.test(text),
  },
  {
    topic: 'cap',
    isTold: (text) =>
      /\bincreasing RLIMIT_MEMLOCK\b|\b(?:cannot|can['’]t|error|fail\w{0,3})\b.{0,80}\b(?:larger|more) than 2 ?GB\b|\bexceeds? (?:INT_MAX|size_type range|maximum protobuf size)\b/i.test(
        text,
      ),
  },
  // A worker's budget is a limit that somebody set.
  { topic: 'cap', isTold: (text) => /\bexceeded \d{1,3}% memory budget\b/i.test(text) },
  { topic: 'library-failed', isTold: (text) => LIBRARY_FAILED.test(text) },
  {
    topic: 'engine-gone',
    isTold: (text, { isOfFile }) => !isOfFile && ENGINE_GONE.test(text),
  },
  {
    topic: 'gone',
    isTold: (text, { isKilledOtherwise, isRestarting: isAgain }) =>
      !isKilledOtherwise && (GONE.test(text) || (isAgain && BOOTING.test(text))),
  },
  { topic: 'crashed', isTold: (text, { isShort }) => !isShort && CRASHED.test(text) },
  {
    topic: 'long-context',
    isTold: (text) =>
      /\bout of available cache blocks\b|\bllama_decode failed: 'NoKvSlot'|\btruncated to \d+ due to limited KV cache\b/i.test(
        text,
      ),
  },
  {
    topic: 'larger-than-card',
    isTold: (text) =>
      /\b\d{1,2}%\/\d{1,2}% CPU\/GPU\b|\bparameters are on the meta (?:device )+because they were offloaded to the\b|\bModel Require: [\d.]{1,12} MB\b.{0,120}\bRemaining: -\d|\bmodel size is too (?:big|large)\b(?! (?:to|for) (?:up|down|push|pull|commit|git|the hub))|\bpeak HBM usage \([\d.]+\) exceeds \d|\brequires \d+ MB which is close to the maximum recommended size\b|\b(?:could not|failed to|unable to|cannot) allocate (?:\w+ )?weights? buffer\b/i.test(
        text,
      ),
  },
  {
    topic: 'others',
    isTold: (text) =>
      /\bless than \d{1,2}(?:%|GB) (?:of )?GPU memory available\b|\bNot enough allocatable device memory or free host memory\b/i.test(
        text,
      ),
  },
  {
    topic: 'full-segment',
    isTold: (text) => /\/dev\/shm has only \d+ bytes available\b/.test(text),
  },
  { topic: 'larger-than-card', isTold: isMoreThanThereIs },
  {
    topic: 'larger-than-card',
    isTold: (text, whole) => {
      const { card, cardCount: count, isShort, isTraining } = whole;
      const weights = bytesEach(whole) * parametersIn(text);
      // Without a word of sharding each card has to hold the whole.
      const room =
        card === undefined ? undefined : card * (whole.isSharded || !isTraining ? count : 1);
      return isShort && room !== undefined && weights >= 0.85 * room;
    },
  },
  {
    topic: 'large-model',
    isTold: (text, { isShort }) =>
      isShort && (TOO_LARGE.test(text) || (LOADING.test(text) && !LOADED.test(text))),
  },
  {
    topic: 'large-model',
    isTold: (text, { isShort, isTraining, isSized }) =>
      isShort &&
      !isTraining &&
      (QUANTIZED.test(text) || (!isSized && (HOW_MUCH.test(text) || SERVING.test(text)))),
  },
  {
    topic: 'states',
    isTold: (text, { card, cardCount: count, isShort, isOfWeights, isSharded, ...whole }) =>
      isShort &&
      isOfWeights &&
      !whole.hasAdapter &&
      !whole.isQuantized &&
      card !== undefined &&
      TRAINED * parametersIn(text) >= card * (isSharded ? count : 1),
  },
];

/** Sentences of the lines: what stands behind a full stop says something else. */
function sentencesOf(
  lines: readonly { readonly text: string; readonly number: number }[],
): Sentence[] {
  const found: Sentence[] = [];
  let read = 0;
  for (const { text, number: line } of lines.slice(0, MOST_LINES)) {
    if (read >= MOST_CHARACTERS) break;
    read += Math.min(text.length, LONGEST_LINE);
    for (const part of text.slice(0, LONGEST_LINE).split(/(?<=[.!?;])\s+|(?<=[。！？；])/)) {
      if (part.trim() !== '' && found.length < MOST_SENTENCES) found.push({ text: part, line });
    }
  }
  return found;
}

/** The error itself is in a picture. */
const PICTURE =
  /!\[[^\]]{0,60}\]|<img\b|\bscreen ?shots?\b|\b(?:getting|got|get|see|seeing) (?:this|the following)(?: error)? ?:?$/i;

const cutLine = ({ text, number }: { readonly text: string; readonly number: number }) => ({
  text: text.slice(0, LONGEST_LINE),
  number,
});

/** What lines of a report tell in words. */
export function accountIn(lines: readonly Said[]): Account {
  const sentences = sentencesOf(lines);
  const whole = wholeOf(sentences, lines.slice(0, MOST_LINES));
  const told = new Map<Topic, ToldTopic>();
  for (const { topic, isTold } of RULES) {
    if (told.has(topic)) continue;
    const first = sentences.find(({ text }) => !NOT_SAID.test(text) && isTold(text, whole));
    if (first === undefined) continue;
    const text = first.text
      .trim()
      .replace(/[\s.!?…。！？]+$/, '')
      .slice(0, 160);
    told.set(topic, { topic, line: first.line, text });
  }
  // What code shows is of a shortage only where one is spoken of.
  const shapes = whole.isShort ? shapesIn(lines.slice(0, MOST_LINES).map(cutLine)) : [];
  return {
    topics: [...told.values(), ...shapes],
    isOfMemory:
      whole.isShort ||
      told.has('context-failed') ||
      told.has('engine-gone') ||
      told.has('library-failed') ||
      sentences.some(({ text }) => UNEXPLAINED.test(text)) ||
      (whole.isOfMemory && sentences.some(({ text }) => PICTURE.test(text))) ||
      sentences.some(({ text }) => MEMORY.test(text) && TROUBLE.test(text)),
    isKilledOtherwise: whole.isKilledOtherwise,
  };
}
