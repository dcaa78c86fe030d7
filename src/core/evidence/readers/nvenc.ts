/** Video engines: the same words for a session too many, which is no memory, and for a card that is full. */
import type { Reader, Reading } from '../reader.ts';

const SESSION = /OpenEncodeSessionEx|Toomanyconcurrentsessions|maximumnumberofconcurrentsessions/i;

export const nvenc: Reader = {
  id: 'nvenc',
  code: 'UN487',
  since: '0.1.0',
  status: 'stable',
  texts: {
    en: {
      title: 'NVENC and NVDEC',
      summary:
        'OpenEncodeSessionEx "out of memory" is the limit of encoding sessions; a CUDA context, a bitstream buffer or a decoder that fails is real memory.',
    },
    zh: {
      title: 'NVENC 与 NVDEC',
      summary:
        'OpenEncodeSessionEx 报“out of memory”表示编码会话数达到上限；CUDA 上下文、码流缓冲区或解码器创建失败才是真正的显存不足。',
    },
    ru: {
      title: 'NVENC и NVDEC',
      summary:
        '«out of memory» от OpenEncodeSessionEx — это предел числа сеансов кодирования; если же не создаётся контекст CUDA, буфер битового потока или декодер, памяти действительно не хватает.',
    },
  },
  sources: [
    'ffmpeg@n6.1:libavcodec/nvenc.c',
    'ffmpeg@n6.1:libavutil/cuda_check.h',
    'obs-studio@30.0:plugins/obs-nvenc/nvenc-helpers.c',
  ],
  needles: [
    'openencodesessionex',
    'cuda call "',
    'concurrent sessions',
    'buffer failed: out of',
    'encoder failed: out of',
    'resource failed: out of',
    'picture failed',
    'context for nvenc',
    'failed -> cuda_error_out',
    'nv_enc_err_out_of',
    'unable to allocate enough memory',
  ],
  anchor:
    /(?:nvEnc)?OpenEncodeSessionEx(?:\([^()]{0,60}\))?(?:returned|failedwith)?:?(?:error|errorcode|status|ret)[:=]?10(?!\d)|(?:nvEnc)?OpenEncodeSessionEx(?:\([^()]{0,60}\))?:10\((?:NVENCindicatesthat)?theAPIcallfailedbecauseitwasunabletoallocateenoughmemory|NVENCindicatesthattheAPIcallfailedbecauseitwasunabletoallocateenoughmemory|(?:nvEnc)?OpenEncodeSessionEx(?:failed)?:?(?:outofmemory|\S{0,40}?NV_ENC_ERR_OUT_OF_MEMORY|ret=?10)(?:\(10\))?|(?:Toomany|maximumnumberof)concurrentsessions|(?:Create(?:Bitstream|Input)Buffer|InitializeEncoder|RegisterResource|MapInputResource|EncodePicture)(?:failed)?[^\u0001]{0,20}?outofmemory(?:\(10\))?|FailedcreatingCUDAcontextforNVENC:0x2|cu(?:vid)?(?:Ctx|Mem|Create|Map|Device)\w{0,30}\([^()]{0,120}\)failed->CUDA_ERROR_OUT_OF_MEMORY(?::outofmemory)?|cuda_\w{3,24}_surface:CUDAcall"\S{1,120}?failedwithCUDA_ERROR_OUT_OF_MEMORY|NV_ENC_ERR_OUT_OF_MEMORY/gi,
  read(message): Reading {
    const text = message.match[0];
    const isSession = SESSION.test(text);
    return {
      kind: isSession ? 'look_alike' : 'gpu_oom',
      framework: 'nvenc',
      backend: 'cuda',
      wording: isSession ? 'session' : /_surface:/i.test(text) ? 'surface' : 'memory',
      // Sessions, contexts and buffers are made when an encoder is opened.
      phase: 'init',
      facts: message.facts,
      clues: isSession
        ? ['session-limit']
        : /context|cuCtxCreate/i.test(text)
          ? ['context-creation']
          : [],
      end: message.end,
    };
  },
};
