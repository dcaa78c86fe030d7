/**
 * Why a container of data was not read to its end. Machines throw it inside; what faces the user
 * catches it and gives a Problem back.
 */
import type { Problem } from '../base/problem.ts';
import { type Param, type Statement, say, type TextTable } from '../base/texts.ts';

export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: string;
  readonly what: Statement;
  readonly todo: Statement;

  constructor(code: string, what: Statement, todo: Statement) {
    super(code);
    this.code = code;
    this.what = what;
    this.todo = todo;
  }
}

type Key =
  | 'memory'
  | 'deep'
  | 'many_texts'
  | 'many_rows'
  | 'many_values'
  | 'long'
  | 'crafted'
  | 'recursive'
  | 'changed'
  | 'not_list'
  | 'not_dict'
  | 'odd_pairs'
  | 'no_mark'
  | 'empty_stack'
  | 'bad_memo'
  | 'todo_damaged'
  | 'todo_limit'
  | 'at';

const TEXTS: TextTable<Key> = {
  en: {
    memory: 'There is not enough memory to go on reading.',
    deep: 'Values are nested more than {limit} deep.',
    many_texts: 'There are more different texts than {limit}.',
    many_rows: 'There are more than {limit} entries of one kind.',
    many_values: 'There is more data of a kind that no snapshot holds than {limit} values.',
    long: 'A text is longer than {limit} bytes.',
    crafted: 'Its texts or stacks are made to slow down whoever looks them up.',
    recursive: 'A container holds itself.',
    changed: 'A container is changed after it was put into another.',
    not_list: 'An item is added to what is no list.',
    not_dict: 'A key is set in what is no dict.',
    odd_pairs: 'A key has no value.',
    no_mark: 'A group ends that never began.',
    empty_stack: 'An operation finds fewer values than it needs.',
    bad_memo: 'It refers to a value ({index}) that was not stored before.',
    todo_damaged:
      'The file is damaged or was not written by PyTorch: copy it again, or record it again.',
    todo_limit:
      'A snapshot does not look like this. If PyTorch wrote the file, please report it with the place named here.',
    at: 'It happens at byte {offset}, operation {name}.',
  },
  zh: {
    memory: '内存不足，无法继续读取。',
    deep: '值的嵌套深度超过 {limit} 层。',
    many_texts: '不同的字符串超过 {limit} 个。',
    many_rows: '同一类条目超过 {limit} 个。',
    many_values: '快照中不应出现的数据超过 {limit} 个值。',
    long: '有一个字符串超过 {limit} 字节。',
    crafted: '其中的字符串或调用栈是刻意构造的，用来拖慢查找。',
    recursive: '有一个容器包含了它自己。',
    changed: '有一个容器在放入另一个容器之后又被修改。',
    not_list: '向一个不是列表的值追加元素。',
    not_dict: '在一个不是字典的值上设置键。',
    odd_pairs: '有一个键没有对应的值。',
    no_mark: '有一个分组没有开头就结束了。',
    empty_stack: '某个操作所需的值不足。',
    bad_memo: '引用了此前没有保存过的值（{index}）。',
    todo_damaged: '文件已损坏，或不是由 PyTorch 写出的：请重新复制或重新录制。',
    todo_limit:
      '正常的快照不会是这样。如果文件确实由 PyTorch 写出，请附上这里给出的位置反馈给我们。',
    at: '位置：第 {offset} 字节，操作 {name}。',
  },
  ru: {
    memory: 'Не хватает памяти, чтобы читать дальше.',
    deep: 'Значения вложены глубже {limit} уровней.',
    many_texts: 'Разных строк больше {limit}.',
    many_rows: 'Записей одного вида больше {limit}.',
    many_values: 'Данных, которых в снимке быть не может, больше {limit} значений.',
    long: 'Строка длиннее {limit} байт.',
    crafted: 'Строки или стеки подобраны так, чтобы замедлить поиск.',
    recursive: 'Контейнер содержит сам себя.',
    changed: 'Контейнер изменён после того, как был вложен в другой.',
    not_list: 'Элемент добавляется к тому, что не является списком.',
    not_dict: 'Ключ задаётся в том, что не является словарём.',
    odd_pairs: 'У ключа нет значения.',
    no_mark: 'Группа заканчивается, не начавшись.',
    empty_stack: 'Операции не хватает значений.',
    bad_memo: 'Ссылка на значение ({index}), которое не сохранялось.',
    todo_damaged: 'Файл повреждён или записан не PyTorch: скопируй его заново или сними ещё раз.',
    todo_limit: 'Снимок так не выглядит. Если файл записал PyTorch, сообщи нам, указав это место.',
    at: 'Это происходит на байте {offset}, операция {name}.',
  },
};

/** Faults of the data itself, and bounds that it breaks. */
type Fault = Exclude<Key, 'todo_damaged' | 'todo_limit' | 'at'>;
const LIMITS: ReadonlySet<Fault> = new Set([
  'deep',
  'many_texts',
  'many_rows',
  'many_values',
  'long',
]);

export function refuse(fault: Fault, params: Readonly<Record<string, Param>> = {}): Refusal {
  return new Refusal(
    `snapshot-${fault.replaceAll('_', '-')}`,
    say(TEXTS, fault, params),
    say(TEXTS, LIMITS.has(fault) ? 'todo_limit' : 'todo_damaged'),
  );
}

/** The problem that a refusal is, with the place where the machine stood. */
export function problemAt(refusal: Refusal, offset: number, name: string): Problem {
  return {
    code: refusal.code,
    what: refusal.what,
    why: say(TEXTS, 'at', { offset, name }),
    todo: refusal.todo,
  };
}
