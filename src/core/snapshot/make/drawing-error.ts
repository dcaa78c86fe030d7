/** What can be wrong with a drawing, as a Problem: where, why, and what to write instead. */
import type { Problem } from '../../base/problem.ts';
import { type Param, say, type TextTable } from '../../base/texts.ts';

const en = {
  what: 'The drawing cannot be followed at line {line}.',
  tab: 'The line is indented with a tab.',
  'tab-todo': 'Indent with spaces.',
  indent: 'The line is indented, and no line ending in ":" stands before it at this depth.',
  'indent-todo': 'Indent all lines of a block alike; open a block with a line that ends in ":".',
  block: 'Nothing is indented under the line.',
  'block-todo': 'Put the lines of the block under it, indented by two spaces.',
  statement: '"{word}" begins no statement.',
  'statement-todo': 'A line begins with one of: {words}; or with NAME = alloc SIZE.',
  expected: '{expected} is expected where "{found}" stands.',
  'expected-todo': 'Write it like this: {example}',
  late: '"{word}" comes after a line that has begun the run.',
  'late-todo': 'Put device, settings, seed and max_entries first.',
  variable: '"{name}" has no value here.',
  'variable-todo': 'Give it one with "let {name} = …", or use it inside "for {name} in …:".',
  unheld: 'Nothing is held as {name}.',
  'unheld-todo': 'Allocate it first ({name} = alloc …), and free it only once.',
  number: '{value} is not a whole number from {least} to {most}.',
  'number-todo': 'Sizes are whole bytes, with units if you like: 512, 4KiB, 1.5GiB.',
  fits: 'The request was to fail, and it fits: {free} were free.',
  'fits-todo': 'Ask for more, or give the device a smaller capacity.',
  setting: 'The simulated allocator has no setting "{word}", or it cannot be {value}.',
  'setting-todo': 'It knows: {words}.',
  device: 'There is no device {index}.',
  'device-todo': 'Declare it at the top: device {index} 80GiB.',
  bound: 'The drawing goes beyond {most} {things}.',
  'bound-todo': 'Draw a shorter run: the same picture with fewer repetitions shows the same.',
} as const;

type Key = keyof typeof en;

const TEXTS: TextTable<Key> = {
  en,
  zh: {
    what: '图示在第 {line} 行无法继续解读。',
    tab: '该行用制表符缩进。',
    'tab-todo': '请用空格缩进。',
    indent: '该行有缩进，但前面没有同一层级、以“:”结尾的行。',
    'indent-todo': '同一块内各行缩进一致；以“:”结尾的行开始一个块。',
    block: '该行下面没有缩进的内容。',
    'block-todo': '把块内的各行写在它下面，缩进两个空格。',
    statement: '“{word}”不是任何语句的开头。',
    'statement-todo': '行首应为以下之一：{words}；或者写成 NAME = alloc SIZE。',
    expected: '“{found}”处应为 {expected}。',
    'expected-todo': '请这样写：{example}',
    late: '“{word}”出现在运行已经开始之后。',
    'late-todo': '请把 device、settings、seed、max_entries 放在最前面。',
    variable: '“{name}”在这里没有值。',
    'variable-todo': '用“let {name} = …”赋值，或在“for {name} in …:”块内使用。',
    unheld: '没有以 {name} 持有的内存。',
    'unheld-todo': '先分配（{name} = alloc …），且只释放一次。',
    number: '{value} 不是 {least} 到 {most} 之间的整数。',
    'number-todo': '大小为整数字节，可带单位：512、4KiB、1.5GiB。',
    fits: '该请求本应失败，却放得下：当时空闲 {free}。',
    'fits-todo': '请求更多内存，或减小设备容量。',
    setting: '模拟的分配器没有设置“{word}”，或其值不能是 {value}。',
    'setting-todo': '可用的设置：{words}。',
    device: '没有设备 {index}。',
    'device-todo': '请在开头声明：device {index} 80GiB。',
    bound: '图示超出上限：{most} {things}。',
    'bound-todo': '请缩短运行：重复次数少一些，图景不变。',
  },
  ru: {
    what: 'Чертёж нельзя прочесть дальше строки {line}.',
    tab: 'Отступ строки сделан табуляцией.',
    'tab-todo': 'Для отступа нужны пробелы.',
    indent: 'Строка с отступом, но перед ней на этом уровне нет строки с «:» в конце.',
    'indent-todo': 'У строк одного блока одинаковый отступ; блок открывает строка с «:» в конце.',
    block: 'Под строкой ничего нет с отступом.',
    'block-todo': 'Строки блока пишутся под ней с отступом в два пробела.',
    statement: 'Со слова «{word}» не начинается ни одна инструкция.',
    'statement-todo': 'Строка начинается с одного из слов: {words}; или NAME = alloc SIZE.',
    expected: 'На месте «{found}» должно стоять: {expected}.',
    'expected-todo': 'Пишется так: {example}',
    late: '«{word}» стоит после строки, с которой начался прогон.',
    'late-todo': 'device, settings, seed и max_entries пишутся в начале.',
    variable: 'У «{name}» здесь нет значения.',
    'variable-todo': 'Задать его: «let {name} = …», или использовать внутри «for {name} in …:».',
    unheld: 'Под именем {name} ничего не выделено.',
    'unheld-todo': 'Сначала выделить ({name} = alloc …), а освобождать один раз.',
    number: '{value} — не целое число от {least} до {most}.',
    'number-todo': 'Размеры — целые байты, можно с единицами: 512, 4KiB, 1.5GiB.',
    fits: 'Запрос должен был не пройти, но помещается: было свободно {free}.',
    'fits-todo': 'Запросить больше или уменьшить ёмкость устройства.',
    setting:
      'У моделируемого аллокатора нет настройки «{word}», или ей нельзя дать значение {value}.',
    'setting-todo': 'Он знает: {words}.',
    device: 'Устройства {index} нет.',
    'device-todo': 'Объявить его в начале: device {index} 80GiB.',
    bound: 'Чертёж выходит за предел: {most} {things}.',
    'bound-todo': 'Сократить прогон: меньше повторений покажут то же самое.',
  },
};

/** Kinds of faults: those keys that have a `…-todo` beside them. */
type Fault = { [K in Key]: `${K}-todo` extends Key ? K : never }[Key];

/** Thrown inside the room and caught at its door (drawing.ts). */
export class DrawingError extends Error {
  readonly fault: Fault;
  readonly params: Readonly<Record<string, Param>>;
  line: number;

  constructor(line: number, fault: Fault, params: Readonly<Record<string, Param>> = {}) {
    super(fault);
    this.line = line;
    this.fault = fault;
    this.params = params;
  }

  problem(source: string): Problem {
    return {
      code: `drawing-${this.fault}`,
      what: say(TEXTS, 'what', { line: this.line }),
      why: say(TEXTS, this.fault, this.params),
      todo: say(TEXTS, `${this.fault}-todo`, this.params),
      at: { source, line: this.line },
    };
  }
}
