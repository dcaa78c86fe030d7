/**
 * What people tell of when and how a run ran short: it grows, it dies at a save, others are on the card.
 * Words of a stranger, so nothing here is more than a topic of an account.
 */

export type Moment =
  | 'growth'
  | 'kept-outputs'
  | 'others'
  | 'copies'
  | 'fragments'
  | 'collectives'
  | 'evaluating'
  | 'saving'
  | 'resuming'
  | 'gradients-kept'
  | 'large-work';

export interface MomentRule {
  readonly topic: Moment;
  /**
   * @param isShort a shortage is spoken of somewhere in the account
   * @param isOfMemory memory is
   */
  readonly isTold: (text: string, isShort: boolean, isOfMemory: boolean) => boolean;
}

const SHORT =
  /out[ -]of[ -](?:\w{2,12} )?memory|\boom(?:s|ed|ing)?\b(?!\s?[=:_])|not enough (?:\w+ )?memory|爆显存|显存(?:不足|溢出)|не хва(?:тает|тило) .{0,16}памяти/i;
const MEMORY = /\bmemory\b|\bv?ram\b|显存|памят/i;
const OF_HOST =
  /\b(?:cpu|host|system|main) (?:memory|ram)\b|(?<!gpu |video )\bram\b|内存|оператив/i;

const LEAK =
  /\b(?:memory|vram|gpu)\b.{0,12}\bleak|\bleak\w{0,4}\b.{0,40}\b(?:memory|vram|gpu)\b|显存泄[漏露]|утечк\S{0,3} (?:видео)?памят/i;
const GROWS =
  /\b(?:grow(?:s|n|ing)?|grew|increas(?:e|es|ed|ing)|ris(?:e|es|ing)|climb(?:s|ing)?|accumulat(?:e|es|ed|ing)|pil(?:es|ing) up|build(?:s|ing)? up|creep(?:s|ing)? up)\b/i;
const OVER_TIME =
  /\b(?:every|each|per|after|with|over|between|across)\b.{0,16}\b(?:epochs?|iterations?|steps?|batch(?:es)?|loops?|runs?|calls?|requests?|images?|time|cycles?|frames?)\b|\b(?:steadily|gradually|continuous\w{0,2}|constant\w{0,2}|slowly|monotonic\w{0,4}|linearly|keeps?|kept|over time|indefinitely|until)\b/i;
const NOT_FREED =
  /\b(?:never|not|n['’]t|without)\b.{0,28}\b(?:free[ds]?|freeing|releas\w{1,3}|reclaim\w{0,3}|clear(?:ed|ing)?|clean(?:ed)?(?: up)?|garbage)\b/i;
const EARLIER =
  /\b(?:previous|earlier|old|first|last|every|each|again|re-?run|restart|notebook|attempt|next|between|folds?|trials?)/i;
/** "Gets more and more memory": growth in words that need no span of time. */
const MORE_AND_MORE =
  /\bmore and more (?:\w+ ){0,2}(?:memory|vram|ram)\b|\b(?:memory|vram|ram)\b.{0,30}\b(?:more and more|higher and higher|bigger and bigger)\b|(?:显存|内存).{0,10}越来越/i;
/** What was meant to go is there still. */
const KEPT_ALIVE =
  /\bstill\b.{0,24}\b(?:on|in|occup\w{2,6}|us(?:es|ed|ing)|hold\w{0,3}|allocated)\b.{0,24}\b(?:gpu|vram|memory)\b.{0,60}\b(?:after|although|even|though|del(?:et\w{1,3})?)\b|\b(?:after|although|even|though)\b.{0,40}\bdel(?:et\w{1,3})?\b.{0,60}\b(?:gpu|vram|memory)\b.{0,30}\b(?:still|remain\w{0,3}|not)\b/i;
const NOT_UNLOADED =
  /\b(?:fail\w{0,3}|never|not|n['’]t|unable|without)\b.{0,12}\b(?:unload\w{0,3}|offloaded)\b.{0,40}\b(?:models?|checkpoints?|lora|pipelines?)\b|\b(?:models?|checkpoints?|pipelines?)\b.{0,30}\b(?:never|not|n['’]t)\b.{0,12}\bunload/i;
const CHINESE_OR_RUSSIAN_GROWTH =
  /显存.{0,10}(?:一直|持续|逐渐|不断|越来越).{0,4}(?:增|升|涨|大|多)|видео?памят\S{1,3}.{0,20}раст[её]т/i;
/** It ran, and ran short later; the first of anything is no later one. */
const LATER =
  /\b(?:after|in|at|on|by|during)\b (?:the |a |about |around |just )?(?:few|some|several|couple of|many|second|2nd|third|3rd|\d[\d,.]*k?)(?: \w+)? (?:epochs?|iterations?|iters?|steps|batches|hours|images|requests|generations|runs)\b|\b(?:fine|well|works?|runs?) (?:for|until) .{0,24}\b(?:epochs?|iterations?|steps|batches|hours|images|requests)\b|第(?:二|三|\d+)个?(?:轮|epoch)|через несколько (?:эпох|шагов|итераций)/i;
const CONTROLLED =
  /\b(?:batch size|resolution|sequence length|if (?:i|you|we)|when (?:i|you|we))\b/i;

const OUTPUTS = /\b(?:outputs?|losses|loss|predictions?|preds|logits|results|features|tensors?)\b/i;
const KEPT =
  /\b(?:stor(?:e|es|ed|ing)|keeps?|kept|accumulat\w{1,3}|append\w{0,3}|collect\w{0,3}|compounding|concatenat\w{1,3}|held|sav(?:es|ed) all)\b|累积|累加|накаплива/i;
const CONCATENATED = /\bnested_concat\(|\bpreds?_host\b/;

const ON_FIRST =
  /\b(?:process(?:es)?|ranks?|workers|contexts)\b.{0,40}\b(?:on|using|in|onto)\b.{0,12}\b(?:gpu|cuda|device|card):? ?#?0\b|\b(?:all|every|extra|other|several|[2-9]) (?:\w+ )?(?:process(?:es)?|ranks?)\b.{0,60}\b(?:0 gpu|gpu ?0|cuda:0|first (?:gpu|card))/i;
/** Everything goes to the first card, or sits there beside its own work. */
const TO_FIRST =
  /\b(?:all|both|every|each)\b.{0,40}\b(?:sent|load(?:s|ed)?|plac(?:es|ed)|put|mov(?:es|ed)|goes|go|land(?:s|ed)?|copied|allocated)\b.{0,16}\b(?:to|on|onto|in|into)\b.{0,12}\b(?:(?:gpu|cuda|device|card)[ :#]{0,2}0|first (?:gpu|card|device))\b/i;
const FIRST_HOLDS_MORE =
  /\b(?:(?:gpu|cuda|device|card)[ :#]{0,2}0|first (?:gpu|card|device))\b.{0,24}\b(?:has|have|us(?:es|ed|ing)|occup\w{2,5}|allocat\w{1,3}|tak(?:es|ing)|holds?|consum\w{1,3})\b.{0,16}\b(?:(?:much|many|far|lots?|several|too|all|more)\b.{0,12}\b(?:process(?:es)?|contexts?|memory|vram)|process(?:es)? of)/i;
/** The first card holds more than the others, or what belongs to them: told of memory, not of a shortage. */
const UNEVEN =
  /\b(?:process(?:es)?|ranks?|threads?|workers)\b.{0,80}\b(?:us(?:e|es|ing)|tak(?:e|es|ing)|hold(?:s|ing)?|allocat\w{1,3}|occup\w{1,4})\b.{0,40}\b(?:on|of|in)\b.{0,8}\b(?:gpu|cuda|card|device)[ :#]{0,2}0\b|\b(?:(?:gpu|cuda|card|device|rank)[ :#]{0,2}0|(?:first|primary|main|master) (?:gpu|card|device))\b.{0,40}\b(?:higher|more|larger|much)\b.{0,24}\b(?:than|other|rest)|\bmemory\b.{0,24}\b(?:on|of|in) (?:the )?(?:first|primary|main|master) (?:gpu|card|device)\b.{0,40}\b(?:checkpoint|resum\w{1,3}|load\w{0,3}|process(?:es)?)|\b(?:extra|additional) (?:gpu )?mem\w{0,4}\b.{0,16}\b(?:on|of) (?:rank|gpu|cuda)[ :#]{0,2}0/i;
/** The program is gone and its memory is not. */
const OUTLIVES =
  /\b(?:program|process|script|training|job|run)\b (?:\w+ ){0,2}(?:ends?|ended|exits?|exited|finish(?:es|ed)|kill(?:ed|s)?|stop(?:s|ped)?|terminat\w{1,3}|crash(?:es|ed))\b.{0,80}\b(?:gpus?|memory|vram)\b.{0,40}\b(?:not|n['’]t|never|still|remain\w{0,3})\b|kill\S{0,12}.{0,12}(?:显卡|显存|卡).{0,6}(?:不|未|没)释放|(?:进程|程序).{0,12}(?:结束|退出|杀).{0,16}显存.{0,6}(?:不|未|没)释放|после (?:завершения|остановки|kill).{0,40}памят\S{1,3} .{0,16}не освобо/i;
const SAME_CARD =
  /\b(?:two|2|multiple|several|many|other|both|different|concurrent|more than one)\b (?:\w+ ){0,2}(?:jobs|processes|programs|users|people|containers|pods|scripts|notebooks|experiments|trainings|tasks|models)\b.{0,40}\b(?:same|one|single|shar(?:e|es|ed|ing)(?: (?:the|a))?) (?:\w+ )?(?:gpus?|cards?)\b|\b(?:jobs|processes|tasks|users)\b.{0,30}\b(?:overlap|conflict|collide)\w{0,3}\b.{0,24}\b(?:gpus?|cards?)\b/i;
/** The same model more than once. */
const COPIES =
  /\b(?:multiple|several|many|more|two|each|every|increas\w{1,3}(?: the)?)\b (?:\w+ ){0,2}(?:instances?|workers?|replicas?|copies|process(?:es)?)\b.{0,40}\b(?:models?|weights|count)\b|\b(?:instance|replica|worker)[-_ ](?:count|groups?)\b|\b(?:own|separate|another) cop(?:y|ies) of (?:the )?(?:\w+ )?(?:model|weights)\b/i;
const FRAGMENTS =
  /\bfragment(?:ed|ation|s)\b|\binactive[_ ](?:split|blocks?)\b|\bno (?:large enough )?contiguous\b|\b(?:can ?not|can['’]t|unable to) be (?:utili[sz]ed|reused|reserved)\b|\b(?:can ?not|can['’]t|does not|doesn['’]t) reuse (?:the )?(?:cached|reserved|freed) (?:memory|blocks?)|显存碎片|碎片化|фрагментац/i;
/**
 * Allocators that tell of it themselves. MXNet's buckets: each input larger than the last gets buffers of
 * its own, and those of the last stay. torchtitan counts how often the cache was given back within a step.
 * ArrayFire's summary, where much is allocated and little of it in use.
 */
const NOT_SHARED =
  /\blarger than already allocated shape\b|\bWARNING - [1-9]\d* CUDA memory allocation retries\b|\ballocBytes=\d{10,}, allocBuffers=\d+, lockBytes=\d{1,9}\b/i;
/** The advice that PyTorch prints with every failure. */
const PRINTED_ADVICE = /\bto avoid fragmentation|max_split_size_mb|see documentation/i;
const COLLECTIVES = /\b(?:nccl|rccl|hccl|all_?reduce|all_?gather|reduce_?scatter)\b/i;
const STUCK = /\btime(?:d )?-?out|\bwatchdog|\bhang/i;
const EVALUATES =
  /\bvalidat(?:e|es|ed|ing|ion)\b|\beval(?:uat(?:e|es|ed|ing|ion))?\b|\btest(?:ing)? (?:phase|loop|set|step|time|epoch)|验证|评估|测试|валидац|при оценке/i;
const EXPLODES = /\b(?:explod|explos|blow|blew|spik|jump|skyrocket|shoot|balloon)\w{0,4}\b/i;
const KEPT_BY_TRAINER =
  /\beval_accum\w{1,8}_steps\b|\bpreprocess_logits_for_metrics\b|\bprediction_loss_only\b/i;
const LEFT_OVER =
  /\b(?:orphan(?:s|ed)?|zombie|stale|left-?over|defunct|dangling)\b.{0,40}\b(?:process|python|gpu|memory|worker)|\b(?:process|memory)\b.{0,30}\b(?:is|are|gets?|was|were) (?:orphaned|left behind)|\b(?:after|when)\b.{0,40}\b(?:killed|crash|exit|ctrl)\w{0,3}\b.{0,60}\bmemory\b.{0,20}\b(?:still|remains|not (?:freed|released))/i;
const ANOTHER =
  /\b(?:another|other|different|second|someone else['’]?s?|somebody else['’]?s?) (?:\w+ )?(?:process(?:es)?|programs?|jobs?|users?|code|script|applications?|training|experiment)\b.{0,40}\b(?:gpu|card|vram|cuda)|其他(?:进程|程序|用户).{0,16}(?:占|用)|друг\S{2,3} процесс/i;
const TWO_FRAMEWORKS =
  /\b(?:tensorflow|tf|jax)\b.{0,60}\b(?:with|and|beside|alongside|paired|together)\b.{0,20}\b(?:py)?torch\b|\b(?:py)?torch\b.{0,60}\b(?:with|and|beside|alongside|paired|together)\b.{0,20}\b(?:tensorflow|jax)\b/i;

const AT_SAVE =
  /\b(?:when|while|during|before|after|at|on|upon|tr(?:y|ies|ying) to|about to|seems? .{0,20} to)\b.{0,30}\bsav(?:e|es|ed|ing)\b|\bsav(?:e|ing)\b.{0,24}\b(?:model|checkpoint|ckpt|state|weights|adapter|peft)|\b(?:checkpoint|ckpt) saving|\bsave_(?:pretrained|model|checkpoint)\b|\b(?:when|while|during|before|after|at|on)\b.{0,16}\bcheckpointing\b.{0,60}\bstate_?dict|\b(?:full|sharded|local)_state_dict\b|保存.{0,10}(?:模型|权重|检查点|checkpoint)|при сохранении/i;
const SAVED_BEFORE = /\bsaved? (?:memory|vram|gpu)|\bload(?:ing)? (?:the |a )?saved\b/i;
const AT_RESUME =
  /(?<!pause\W{1,3})\bresum(?:e|es|ed|ing)\b(?!["']?\s?[=:]\s?["']?(?:none|null|false|no\b|["']))|\brestart\w{0,3} (?:training )?from\b|\bcontinu\w{1,3} (?:the )?training\b|恢复训练|断点续训|继续训练|возобновл/i;
const GRADIENTS =
  /\b(?:no|without|missing|forg[eo]t\w{0,3}|lacks?|add(?:ing|ed)?|under|use|using|need\w{0,2})\b.{0,20}\b(?:torch\.)?(?:no_grad|inference_mode)\b/i;
const LARGE_WORK =
  /\b(?:too many|large number of|lots of|hundreds of|thousands of|~ ?\d{3,6}|\d{4,6}) (?:[\w-]+ ){0,2}(?:boxes|bboxes|gts?|objects|instances|residues|amino acids|aa|atoms|frames|patches|pixels)\b|\b(?:large|larger|big|bigger|high|higher|increas\w{1,3}) (?:the )?(?:\w+ )?(?:batch[- _]?size|resolution|image size|images|input size|crop size)\b|\bupscal\w{1,3}\b|\bhi-?res\b|\bhighres|\b(?:reduc|decreas|lower|smaller)\w{0,3} (?:the )?(?:batch[- _]?size|resolution|image size)\b.{0,24}\b(?:works|solves|helps|fixes)/i;

/** The more it settles, the earlier. */
export const MOMENTS: readonly MomentRule[] = [
  { topic: 'gradients-kept', isTold: (text, isShort) => isShort && GRADIENTS.test(text) },
  {
    topic: 'kept-outputs',
    isTold: (text, isShort) =>
      CONCATENATED.test(text) ||
      (isShort && KEPT_BY_TRAINER.test(text)) ||
      (OUTPUTS.test(text) && KEPT.test(text) && (isShort || LEAK.test(text) || MEMORY.test(text))),
  },
  {
    topic: 'others',
    isTold: (text, isShort, isOfMemory) =>
      /\bGPU memory was not freed\b(?! (?:yet|after|in))/.test(text) ||
      (isOfMemory && (UNEVEN.test(text) || OUTLIVES.test(text))) ||
      (isShort &&
        (ON_FIRST.test(text) ||
          LEFT_OVER.test(text) ||
          ANOTHER.test(text) ||
          TO_FIRST.test(text) ||
          FIRST_HOLDS_MORE.test(text) ||
          (SAME_CARD.test(text) && !COPIES.test(text)) ||
          TWO_FRAMEWORKS.test(text))),
  },
  { topic: 'copies', isTold: (text, isShort) => isShort && COPIES.test(text) },
  {
    topic: 'collectives',
    isTold: (text) => COLLECTIVES.test(text) && SHORT.test(text) && !STUCK.test(text),
  },
  {
    topic: 'fragments',
    isTold: (text, isShort) =>
      (isShort && FRAGMENTS.test(text) && !PRINTED_ADVICE.test(text)) || NOT_SHARED.test(text),
  },
  {
    topic: 'saving',
    isTold: (text, isShort) =>
      isShort && SHORT.test(text) && AT_SAVE.test(text) && !SAVED_BEFORE.test(text),
  },
  {
    topic: 'evaluating',
    isTold: (text, isShort) =>
      isShort &&
      !OF_HOST.test(text) &&
      EVALUATES.test(text) &&
      MEMORY.test(text) &&
      (EXPLODES.test(text) || GROWS.test(text) || MORE_AND_MORE.test(text)),
  },
  { topic: 'resuming', isTold: (text, isShort) => isShort && AT_RESUME.test(text) },
  {
    topic: 'growth',
    isTold: (text, isShort, isOfMemory) =>
      !OF_HOST.test(text) &&
      (LEAK.test(text) ||
        CHINESE_OR_RUSSIAN_GROWTH.test(text) ||
        (MEMORY.test(text) && GROWS.test(text) && OVER_TIME.test(text) && !CONTROLLED.test(text)) ||
        (/\b(?:continuous|steady|gradual|constant) (?:ris|grow|increas)/i.test(text) &&
          MEMORY.test(text)) ||
        (SHORT.test(text) && LATER.test(text)) ||
        (isShort && NOT_FREED.test(text) && EARLIER.test(text)) ||
        MORE_AND_MORE.test(text) ||
        (isShort && KEPT_ALIVE.test(text)) ||
        (isOfMemory && NOT_UNLOADED.test(text)) ||
        (isShort && /did(?:n['’]t| not) (?:attempt|try) to free/i.test(text))),
  },
  { topic: 'large-work', isTold: (text, isShort) => isShort && LARGE_WORK.test(text) },
];
