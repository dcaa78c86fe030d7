/** What is said for and against growth. */

export const TEXTS = {
  en: {
    left: '{steps} of {of} steps left {count} allocations that nothing has freed.',
    every: 'It happens every {period} steps.',
    overdue:
      'The others of this place were let go within {n} steps; these have been there for longer.',
    'never-freed': 'None that outlived its step was ever freed.',
    'graph-kept':
      'It stays together with small values of {line}: something keeps a result whose graph holds these tensors. Look for a value that is stored without .item() or .detach().',
    larger:
      'In {steps} of {of} steps a larger one took its place, while what each step uses did not grow.',
    late: 'It begins only with step {first}; before that nothing stayed.',
    guessed: 'Where steps begin is read from what recurs, not from annotations.',
    'may-be-layers':
      'Only calls of the model tell the steps. If the recording begins within a pass, they may be its layers.',
    'some-freed': '{n} that outlived their step were freed later.',
    'few-steps': 'Only {n} steps were seen.',
    short: 'So few steps can all belong to the start, even if they are all alike.',
    'may-be-cleared':
      'It may be cleared after the end of the recording, as at the end of an epoch.',
  },
  zh: {
    left: '{of} 步中有 {steps} 步留下了 {count} 块从未释放的分配。',
    every: '每 {period} 步发生一次。',
    overdue: '同一处的其他分配都在 {n} 步之内释放了，而这些存在得更久。',
    'never-freed': '活过所在步的分配没有一块被释放过。',
    'graph-kept':
      '它与 {line} 的小张量一起留下：有东西保留了结果，而结果的计算图持有这些张量。应查找未经 .item() 或 .detach() 就保存的值。',
    larger: '{of} 步中有 {steps} 步由更大的一块取代，而每步用完即释放的部分没有增长。',
    late: '从第 {first} 步才开始，此前没有留下任何东西。',
    guessed: '步的起点是根据重复规律推断的，不是来自标注。',
    'may-be-layers': '步只能由模型的调用看出。若记录从一次前向中间开始，它们可能只是其中的层。',
    'some-freed': '有 {n} 块活过所在步的分配后来被释放了。',
    'few-steps': '只看到 {n} 步。',
    short: '步数这么少，即使每步都一样，也可能都属于启动阶段。',
    'may-be-cleared': '它可能在记录结束之后被清空，例如在一个 epoch 结束时。',
  },
  ru: {
    left: 'Шагов {of}, из них {steps} оставили {count} выделений, которые никто не освободил.',
    every: 'Период в шагах: {period}.',
    overdue: 'Остальные выделения этого места жили шагов: не больше {n}; эти живут дольше.',
    'never-freed': 'Ни одно выделение, пережившее свой шаг, не было освобождено.',
    'graph-kept':
      'Остаётся вместе с маленькими значениями из {line}: что-то хранит результат, граф которого держит эти тензоры. Ищите значение, сохранённое без .item() или .detach().',
    larger:
      'На {steps} из {of} шагов его сменяло большее, а то, что шаг использует и освобождает, не росло.',
    late: 'Начинается лишь с шага {first}; до того ничего не оставалось.',
    guessed: 'Начало шагов определено по повторам, а не по разметке.',
    'may-be-layers':
      'Шаги видны только по вызовам модели. Если запись начата посреди прохода, это могут быть его слои.',
    'some-freed': 'Из переживших свой шаг потом освобождено: {n}.',
    'few-steps': 'Видно лишь шагов: {n}.',
    short: 'Шагов так мало, что все они, даже одинаковые, могут относиться к началу работы.',
    'may-be-cleared': 'Возможно, это очищается после конца записи, например в конце эпохи.',
  },
} as const;
