/** Memory that CUDA libraries take for themselves. */

import { say } from '../../base/texts.ts';
import { isPooled, isShortage, share } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'A library found no memory of its own',
    summary:
      'CUDA libraries take device memory for handles and buffers beside the framework’s allocator, which had taken it all.',
    headline: 'A CUDA library could not get memory of its own: the card was probably full already.',
    library: 'The library itself failed to allocate.',
    asked: 'It names what it wanted for its own work: {requested}.',
    search: 'It was trying out algorithms, each with a workspace of its own.',
    full: 'What filled the card the message does not show.',
    scratch:
      '{requested} in one piece, about all that is free ({free}), beside {live} of tensors: a convolution’s workspace asks like that.',
    convolution: 'A convolution was being computed: {place}.',
    taken: 'A library took its scratch there: {place}.',
    tensor: 'A tensor of that size looks the same.',
    install:
      'The same error comes from a broken or mismatched install, and after an earlier kernel fault.',
  },
  zh: {
    title: '库分不到自己的显存',
    summary: 'CUDA 库在框架分配器之外为句柄和缓冲区申请显存，而分配器已占满。',
    headline: 'CUDA 库分不到自己的显存：卡多半早已占满。',
    library: '失败的是库自己的分配。',
    asked: '它说明了自己的计算要用多少：{requested}。',
    search: '当时正在尝试各种算法，每种都有自己的 workspace。',
    full: '是什么占满了卡，消息没有显示。',
    scratch:
      '一整块 {requested}，约等于全部空闲（{free}），而张量只有 {live}：卷积的工作区就是这样申请的。',
    convolution: '当时正在计算卷积：{place}。',
    taken: '某个库在这里申请工作区：{place}。',
    tensor: '这么大的张量看起来也一样。',
    install: '安装损坏或不匹配、以及此前的 kernel 故障，也会出现同样的错误。',
  },
  ru: {
    title: 'Библиотеке не хватило своей памяти',
    summary:
      'Библиотеки CUDA берут память под дескрипторы и буферы помимо аллокатора фреймворка, а он занял всё.',
    headline: 'Библиотека CUDA не получила своей памяти: карта, вероятно, уже была полна.',
    library: 'Не удалось выделение самой библиотеки.',
    asked: 'Она называет, сколько хотела для своей работы: {requested}.',
    search: 'Она пробовала алгоритмы, и у каждого своя рабочая область.',
    full: 'Чем полна карта, сообщение не показывает.',
    scratch:
      '{requested} одним куском — примерно всё свободное ({free}) — при {live} тензоров: так просит рабочая область свёртки.',
    convolution: 'Вычислялась свёртка: {place}.',
    taken: 'Здесь библиотека брала рабочую область: {place}.',
    tensor: 'Тензор такого размера выглядит так же.',
    install: 'Та же ошибка бывает при сломанной или несовпадающей установке и после сбоя ядра.',
  },
} as const;

/** cuDNN tries algorithms with a workspace of their own each. */
const SEARCH = 'algorithm-search';

export const workspaceOutsideTheAllocator: Cause = {
  id: 'workspace-outside-the-allocator',
  code: 'UN210',
  since: '0.1.0',
  status: 'preview',
  family: 'outside-the-pool',
  domain: 'any',
  category: 'workspace',
  resolvable: 'yes',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['cublas, cudnn and nccl: handles and workspaces'],
  assess(c): Assessment | undefined {
    // NCCL's buffers are a cause of their own.
    if (c.kind !== 'gpu_oom' || c.format === 'nccl') return undefined;
    if (c.has('library-workspace')) {
      // The library is the victim; what filled the card is another matter, so it ranks behind that.
      const against = [say(TEXTS, 'full')];
      if (c.has('may-be-no-memory')) against.push(say(TEXTS, 'install'));
      const { requested: asked } = c.amounts;
      const because = [say(TEXTS, 'library')];
      if (asked !== undefined) because.push(say(TEXTS, 'asked', { requested: asked }));
      // A pool that is taken at start leaves a library nothing, before any work is done.
      const isSearch = c.wording === SEARCH;
      if (isSearch) because.push(say(TEXTS, 'search'));
      const weight = isPooled(c) ? 5.5 : 3.6;
      // The work area of a transform is as large as its data: it is itself what does not fit.
      const isTransform = /FFT/i.test(c.wording ?? '') && !c.has('may-be-no-memory');
      const isNamed = asked !== undefined || isSearch || isTransform;
      // A handle that could not be made wants next to nothing: the card was full of something else, or nothing is full.
      const isHandle = c.has('may-be-no-memory') && /NOT_INITIALIZED/i.test(c.wording ?? '');
      const rank = isHandle && !isPooled(c) ? -0.5 : weight;
      return { strength: 'possible', because, against, weight: isNamed ? 7 : rank };
    }
    const taken = c.shows('takes-workspace');
    if (taken !== undefined && isShortage(c)) {
      const because = [say(TEXTS, 'taken', { place: placeText(taken) })];
      return { strength: 'possible', because, against: [say(TEXTS, 'full')], weight: 6 };
    }
    const { requested, free, total, live } = c.amounts;
    if (requested === undefined || free === undefined || !isShortage(c)) return undefined;
    const place = c.shows('convolution');
    const isScratch =
      share(live, total) < 0.2 && share(requested, total) >= 0.3 && share(requested, free) < 1.5;
    if (!isScratch || live === undefined) return undefined;
    return {
      strength: 'possible',
      because: [
        say(TEXTS, 'scratch', { requested, live, free }),
        ...(place === undefined ? [] : [say(TEXTS, 'convolution', { place: placeText(place) })]),
      ],
      against: [say(TEXTS, 'tensor')],
      weight: place === undefined ? 3.5 : 8,
    };
  },
};
