/** The data set, table, index or scene itself is larger than the card. */
import { say } from '../../base/texts.ts';
import { type Case, exceedsCard, hadRoom, isShortage, share } from '../case.ts';
import type { Assessment, Cause } from '../cause.ts';
import { placeText } from '../place.ts';

const TEXTS = {
  en: {
    title: 'The data do not fit on the GPU',
    summary:
      'A table, a training set, an index, a graph or a scene is put on the GPU whole and is larger than what it has.',
    headline: 'The data that are put on the GPU as a whole do not fit.',
    program: 'This program keeps its whole data on the GPU.',
    sized: '{requested} was asked for in one piece, and there was {room}.',
    loading: 'It was taking its data in: {place}.',
    scene: 'The renderer says that card and host are full: geometry and textures.',
    cut: 'The text does not show how large the data are.',
    whole: 'A whole set was being put on the card: {place}.',
    dense: 'A dense matrix was being made of what is sparse: {place}.',
    square: 'It is {requested}, with all its zeros; the card has {room}.',
    grows: 'Splats are added as this training goes on, each with its states: {place}.',
    piece: 'Where it is made anew with every batch, it is the work of a step.',
  },
  zh: {
    title: '数据放不进 GPU',
    summary: '整张表、训练集、索引、图或场景被完整放到 GPU 上，超出了容量。',
    headline: '整体放到 GPU 上的数据放不下。',
    program: '该程序把全部数据放在 GPU 上。',
    sized: '一次申请 {requested}，而可用的有 {room}。',
    loading: '当时正在读入数据：{place}。',
    scene: '渲染器称显卡和主机都已满：几何体和纹理。',
    cut: '文本没有显示数据有多大。',
    whole: '正在把整个数据集放到显卡上：{place}。',
    dense: '正在把稀疏的内容展开成稠密矩阵：{place}。',
    square: '连同所有的零共 {requested}；这张卡有 {room}。',
    grows: '这种训练会不断增加高斯点，每个点都带有自己的优化器状态：{place}。',
    piece: '如果每个 batch 都重新生成它，那就是这一步的计算。',
  },
  ru: {
    title: 'Данные не помещаются на GPU',
    summary:
      'Таблица, обучающая выборка, индекс, граф или сцена целиком кладутся на GPU и больше того, что у него есть.',
    headline: 'Данные, которые целиком кладутся на GPU, не помещаются.',
    program: 'Эта программа держит все данные на GPU.',
    sized: 'Одним куском просили {requested}, а было {room}.',
    loading: 'Программа как раз забирала данные: {place}.',
    scene: 'Рендерер сообщает, что полны и карта, и хост: геометрия и текстуры.',
    cut: 'Сколько весят данные, в тексте не видно.',
    whole: 'На карту целиком клался набор данных: {place}.',
    dense: 'Разреженное разворачивалось в плотную матрицу: {place}.',
    square: 'Со всеми нулями это {requested}; у карты {room}.',
    grows: 'По ходу такого обучения сплатов становится больше, у каждого свои состояния: {place}.',
    piece: 'Если она строится заново для каждого батча, это работа шага.',
  },
} as const;

/** Programs that put their data on the GPU as a whole. */
const WHOLE = ['catboost', 'xgboost', 'lightgbm', 'faiss', 'ethminer', 'custatevec', 'qiskit-aer'];

export const dataDoesNotFit: Cause = {
  id: 'data-does-not-fit',
  code: 'UN238',
  since: '0.1.0',
  status: 'preview',
  family: 'model-does-not-fit',
  domain: 'any',
  category: 'capacity',
  resolvable: 'partly',
  applies_to: [],
  docs: [],
  shares: [],
  texts: TEXTS,
  sources: ['catboost, xgboost, faiss: data sets and indexes live on the device'],
  assess(c): Assessment | undefined {
    if (c.kind !== 'gpu_oom') return undefined;
    // What traces rays as arrays keeps the samples of all pixels: that is work.
    if (c.format === 'renderer' && !c.frameworks.includes('mitsuba')) {
      // Only a scene fills the memory that the host shares as well.
      const isBoth = /shared/i.test(c.wording ?? '');
      return {
        strength: isBoth ? 'likely' : 'possible',
        because: [say(TEXTS, isBoth ? 'scene' : 'program')],
        against: isBoth ? [] : [say(TEXTS, 'cut')],
        weight: 8,
      };
    }
    const shown = ofDenseMatrix(c) ?? ofWholeSet(c) ?? ofGrowingScene(c);
    if (shown !== undefined) return shown;
    if (WHOLE.includes(c.format) || c.frameworks.some((name) => WHOLE.includes(name))) {
      return ofWholeData(c);
    }
    return ofLoading(c);
  },
};

/** They have nothing but a table, or the amplitudes of a state. */
const HOLD_ONE_TABLE: readonly string[] = ['ethminer', 'qiskit-aer'];

function ofWholeData(c: Case): Assessment | undefined {
  const { requested, free, total } = c.amounts;
  if (hadRoom(c.amounts)) return undefined;
  const because = [say(TEXTS, 'program')];
  const has = free ?? total;
  const isSized = requested !== undefined && has !== undefined;
  if (isSized) because.push(say(TEXTS, 'sized', { requested, room: has }));
  // A miner has nothing but its table; others ask for their pool, too, in one piece.
  const isLarge =
    isSized &&
    HOLD_ONE_TABLE.some((name) => c.frameworks.includes(name)) &&
    share(requested, total ?? free) >= MUCH_OF_ROOM;
  return {
    strength: isLarge ? 'likely' : 'possible',
    because,
    against: isLarge ? [] : [say(TEXTS, 'cut')],
    weight: isLarge ? 9 : 6,
  };
}

/** A program of its own that had just begun to take its data in. */
function ofLoading(c: Case): Assessment | undefined {
  const place = c.shows('loading-data');
  const isEarly = ['unknown', 'load', 'init', 'transfer'].includes(c.phase.value);
  if (place === undefined || !OWN_PROGRAMS.includes(c.format) || !isEarly || !isShortage(c)) {
    return undefined;
  }
  // Behind a step the data have found their room.
  if (c.step !== undefined || c.phase.turn === 'later') return undefined;
  return {
    strength: 'possible',
    because: [say(TEXTS, 'loading', { place: placeText(place) })],
    against: [say(TEXTS, 'cut')],
    weight: 6,
  };
}

/** Formats of programs that are no framework for models of one's own. */
const OWN_PROGRAMS: readonly string[] = ['compute-program', 'renderer', 'opencl', 'rmm', 'faiss'];

/** Of the room a card has, from this share on one matrix is what fills it. */
const MUCH_OF_ROOM = 0.5;

/** A graph, a table of counts or of classes that is written out in full. */
function ofDenseMatrix(c: Case): Assessment | undefined {
  const place = c.shows('dense-matrix');
  const { requested, room } = c.amounts;
  if (place === undefined || requested === undefined || !isShortage(c)) return undefined;
  const because = [say(TEXTS, 'dense', { place: placeText(place) })];
  if (room !== undefined) because.push(say(TEXTS, 'square', { requested, room }));
  const isMost = exceedsCard(c.amounts) || share(requested, room) >= MUCH_OF_ROOM;
  return {
    strength: isMost ? 'likely' : 'possible',
    because,
    against: isMost ? [] : [say(TEXTS, 'piece')],
    weight: isMost ? 9 : 5,
  };
}

function ofWholeSet(c: Case): Assessment | undefined {
  const place = c.shows('whole-data');
  const { requested, room } = c.amounts;
  if (place === undefined || !isShortage(c) || c.phase.value !== 'transfer') return undefined;
  if (c.phase.moves_model || share(requested, room) < MUCH_OF_ROOM) return undefined;
  return {
    strength: 'possible',
    because: [say(TEXTS, 'whole', { place: placeText(place) })],
    against: [],
    weight: 8,
  };
}

/** Gaussian splatting: what the scene is made of becomes more until a limit that the user sets. */
function ofGrowingScene(c: Case): Assessment | undefined {
  const place = c.shows('densifies');
  if (place === undefined || !isShortage(c)) return undefined;
  return {
    strength: 'possible',
    because: [say(TEXTS, 'grows', { place: placeText(place) })],
    against: [say(TEXTS, 'cut')],
    weight: 8,
  };
}
