/** The weakest evidence of a failure: the class or a sentence, no figures. */
import { isAdvice } from '../advice.ts';
import type { Reader, Reading } from '../reader.ts';

/** An exception line ends with the class or goes on with its message; source code does neither. */
const STANDS_ALONE =
  /^!?[ \t]*(?:[\r\n]|$|:[ \t]|(?<=!)[ \t][A-Z]|Traceback \(most recent|[|`*"')-]*[ \t]*(?:[\r\n]|$))/;
const NAMED_ONLY =
  /(?:\bexcept\b|\bimport\b|\bisinstance\b|\braise\b|java\.lang\.|ray\.exceptions\.)[^\n]*$/;

export const applicationOom: Reader = {
  id: 'application-oom',
  code: 'UN419',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'A program\u2019s own out-of-memory line',
      summary:
        'What programs print when they catch the error themselves: "ran out of memory on GPU #2, skipping batch", a bare OutOfMemoryError. Read only when nothing better stands near it.',
    },
    zh: {
      title: '程序自己的显存不足提示',
      summary:
        '程序自己捕获错误后打印的内容：“ran out of memory on GPU #2, skipping batch”、单独的 OutOfMemoryError。仅当附近没有更明确的信息时才采用。',
    },
    ru: {
      title: 'Собственная строка программы о нехватке памяти',
      summary:
        'Что печатают программы, когда сами перехватывают ошибку: «ran out of memory on GPU #2, skipping batch», OutOfMemoryError без подробностей. Учитывается, только если рядом нет ничего точнее.',
    },
  },
  sources: ['fairseq@v0.10.2:fairseq/trainer.py'],
  needles: [
    'outofmemoryerror',
    'resourceexhaustederror  ',
    'resourceexhaustederror: graph',
    'list of allocated tensors',
    'ran out of memory',
    ': out of memory',
    'cuda out-of-',
    'cuda oom',
    'of memmory',
    'due to a lack of memory',
    'insufficient gpu memory. falling',
    'gpu stitching failed',
    'failed, trying batch size',
    'negligible gpu memory',
    'got an oom, unloading',
    'gpu loading failed',
  ],
  anchor:
    /ranoutofmemory,skippingbatch|ran(?:ning)?outofmemoryon(?:GPU|device)#?(?<index>\d{1,3})?|GPU#?\d{1,3}:outofmemory|CUDA(?:out-of-memory|OOM(?![a-z])|outofmemmory)|(?:(?<![A-Za-z])|(?<=Detected))(?:torch\.(?:cuda\.)?)?OutOfMemoryError|Hint:IfyouwanttoseealistofallocatedtensorswhenOOMhappens|ResourceExhaustedError:Graphexecutionerror:?(?:$|(?=Detectedatnode))|Predictionondevicewasunsuccessful,probablyduetoalackofmemory|Predictionwith\w{1,40}=TruefailedduetoinsufficientGPUmemory|GPUstitchingfailed,attemptingonCPU|Batchsize\d{1,7}failed,tryingbatchsize|NoornegligibleGPUmemoryavailablefor|GotanOOM,unloadingallloadedmodels|GPUloadingfailed\(outofVRAM\?\)|ResourceExhaustedError(?=Traceback\(mostrecentcalllast\))/gi,
  precedence: 10,
  read(message): Reading | undefined {
    const text = message.match[0];
    if (isAdvice(message)) return undefined;
    // The hint stands below the message; where that was cut off, it says that there was one.
    if (/^Hint/i.test(text) && /OOMwhenallocating/i.test(message.preceding(4000))) return undefined;
    // What was to be allocated is told behind the frames of the node.
    if (/^Resource/i.test(text) && /OOMwhenallocating/i.test(message.text.slice(0, 20_000)))
      return undefined;
    const isTensorflow = /^(?:Resource|Hint)/i.test(text);
    const isClass = /OutOfMemoryError$/i.test(text);
    const isNamed = STANDS_ALONE.test(message.following) || /\bCUDA $/.test(message.lead);
    if (isClass && !isNamed) return undefined;
    // The end of a longer name; what stands on the line above is no part of it.
    if (/^GPU/i.test(text) && /\b(?:if|when) $/i.test(message.lead)) return undefined;
    if ((isTensorflow || /^GPU/i.test(text)) && /[A-Za-z]$/.test(message.lead)) return undefined;
    // except clauses, isinstance checks and imports name the class without anything having failed.
    if (NAMED_ONLY.test(message.lead)) return undefined;
    const index = message.match.groups?.['index'] ?? /^GPU#?(\d+):/i.exec(text)?.[1];
    return {
      kind: 'gpu_oom',
      framework: isTensorflow ? 'tensorflow' : 'pytorch',
      backend: 'cuda',
      ...(text.startsWith('torch') && { exception: text }),
      facts: message.facts,
      ...(/^Prediction|stitching/i.test(text) && {
        phase: 'eval' as const,
        wording: 'prediction',
      }),
      ...(/^GPUloading/i.test(text) && { phase: 'load' as const }),
      clues: ['first-line-only'],
      end: message.end,
      ...(index !== undefined && { device: Number(index) }),
    };
  },
};
