/** Problems of reading workloads. */
import type { Place, Problem } from '../../base/problem.ts';
import { say } from '../../base/texts.ts';

const TEXTS = {
  en: {
    'too-large': '{name} is too large to be a configuration.',
    'too-large-why': 'Files of up to {limit} characters are read.',
    'too-large-do': 'Give the configuration, the script or the command line alone.',
    broken: 'This cannot be read as {format}.',
    'broken-why': 'The parser says: {why}.',
    'broken-do': 'Correct the file; what stands before the place was not used either.',
    'unknown-kind': 'No workload was found in {name}.',
    'unknown-kind-why':
      'It looks like no configuration, script or command line of a framework that is known here.',
    'unknown-kind-do':
      'Give the file in which the run is configured, or write a workload file: unoom schema workload.',
    binary: '{name} is not text.',
    'binary-why': 'Configurations, scripts and command lines are text.',
    'binary-do': 'Give the file in which the run is configured.',
    'wrong-type': '{key} cannot be {value}.',
    'wrong-type-why': '{setting} is {type}.',
    'wrong-type-do': 'Correct the value; until then it counts as not given.',
    'no-vocabulary': 'The flags describe a model, but not how large its vocabulary is.',
    'no-vocabulary-why': 'It comes from a tokenizer that is not here.',
    'no-vocabulary-do': 'Add --vocab-size N to the command line.',
    'unknown-field': 'A workload has no field {key}.',
    'unknown-field-why': 'The field was passed over.',
    'unknown-field-do': 'unoom schema workload lists the fields.',
  },
  zh: {
    'too-large': '{name} 太大，不像是配置文件。',
    'too-large-why': '最多读取 {limit} 个字符的文件。',
    'too-large-do': '只给出配置文件、脚本或命令行。',
    broken: '无法按 {format} 解析。',
    'broken-why': '解析器报告：{why}。',
    'broken-do': '修正该文件；出错位置之前的内容也没有使用。',
    'unknown-kind': '在 {name} 中没有找到工作负载。',
    'unknown-kind-why': '它不像任何已知框架的配置、脚本或命令行。',
    'unknown-kind-do': '给出配置这次运行的文件，或编写工作负载文件：unoom schema workload。',
    binary: '{name} 不是文本。',
    'binary-why': '配置、脚本和命令行都是文本。',
    'binary-do': '给出配置这次运行的文件。',
    'wrong-type': '{key} 不能是 {value}。',
    'wrong-type-why': '{setting} 的类型是 {type}。',
    'wrong-type-do': '修正该值；在此之前按未给出处理。',
    'no-vocabulary': '这些参数描述了一个模型，但没有给出词表大小。',
    'no-vocabulary-why': '词表大小来自分词器，而它不在这里。',
    'no-vocabulary-do': '在命令行中加上 --vocab-size N。',
    'unknown-field': '工作负载没有字段 {key}。',
    'unknown-field-why': '该字段已跳过。',
    'unknown-field-do': '字段列表见 unoom schema workload。',
  },
  ru: {
    'too-large': '{name}: слишком большой файл для конфигурации.',
    'too-large-why': 'Читаются файлы до {limit} символов.',
    'too-large-do': 'Передать только конфигурацию, скрипт или командную строку.',
    broken: 'Не удалось прочитать как {format}.',
    'broken-why': 'Парсер сообщает: {why}.',
    'broken-do': 'Исправить файл; то, что стоит до этого места, тоже не использовано.',
    'unknown-kind': 'В {name} не найдено описания запуска.',
    'unknown-kind-why':
      'Это не похоже на конфигурацию, скрипт или командную строку известного здесь фреймворка.',
    'unknown-kind-do':
      'Передать файл, в котором настроен запуск, или описать его самому: unoom schema workload.',
    binary: '{name} — не текст.',
    'binary-why': 'Конфигурации, скрипты и командные строки — это текст.',
    'binary-do': 'Передать файл, в котором настроен запуск.',
    'wrong-type': '{key} не может быть {value}.',
    'wrong-type-why': 'Тип {setting}: {type}.',
    'wrong-type-do': 'Исправить значение; пока оно считается не заданным.',
    'no-vocabulary': 'Флаги описывают модель, но не говорят, велик ли её словарь.',
    'no-vocabulary-why': 'Его размер задаёт токенизатор, а его здесь нет.',
    'no-vocabulary-do': 'Добавить к командной строке --vocab-size N.',
    'unknown-field': 'В описании запуска нет поля {key}.',
    'unknown-field-why': 'Поле пропущено.',
    'unknown-field-do': 'Список полей: unoom schema workload.',
  },
} as const;

type Code =
  | 'too-large'
  | 'broken'
  | 'unknown-kind'
  | 'binary'
  | 'wrong-type'
  | 'no-vocabulary'
  | 'unknown-field';

/** `run.sh:4` as a place. */
export function placeOf(source: string): Place {
  const line = /:(\d+)$/.exec(source)?.[1];
  return {
    source: source.replace(/:\d+$/, ''),
    ...(line !== undefined && { line: Number(line) }),
  };
}

export function problem(
  code: Code,
  at: Place,
  params: Readonly<Record<string, string | number>> = {},
): Problem {
  const all = { name: at.source, ...params };
  return {
    code: `workload-${code}`,
    what: say(TEXTS, code, all),
    why: say(TEXTS, `${code}-why`, all),
    todo: say(TEXTS, `${code}-do`, all),
    at,
  };
}
