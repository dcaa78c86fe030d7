import { expect, test } from 'vitest';
import { shapesIn } from './told-code.ts';

const shapesOf = (text: string): string[] =>
  shapesIn(text.split('\n').map((line, at) => ({ text: line, number: at + 1 }))).map(
    ({ topic }) => topic,
  );

test('an evaluation loop without a guard', () => {
  expect(shapesOf('net.eval()\nfor x, y in loader:\n    out = net(x)')).toEqual(['unguarded-eval']);
  expect(shapesOf('self.model.eval()\ntotal = 0\n  for i, b in enumerate(loader):')).toEqual([
    'unguarded-eval',
  ]);
});

test('a guard anywhere, or training in between, and nothing is shown', () => {
  expect(shapesOf('net.eval()\nwith torch.no_grad():\n    for x in loader:')).toEqual([]);
  expect(shapesOf('@torch.inference_mode()\ndef f():\n  net.eval()\n  for x in y:')).toEqual([]);
  expect(shapesOf('net.eval()\nnet.train()\nfor x in loader:')).toEqual([]);
  expect(shapesOf('result = ast.eval()\nfor x in loader:')).toEqual([]);
});

test('a sum of losses keeps every graph unless it is a number or is differentiated', () => {
  expect(shapesOf('running_loss += loss')).toEqual(['summed-loss']);
  expect(shapesOf('    self.total_loss += loss * batch.size(0)  # mean')).toEqual(['summed-loss']);
  expect(shapesOf('running_loss += loss.item()')).toEqual([]);
  expect(shapesOf('running_loss += float(loss)')).toEqual([]);
  expect(shapesOf('loss += aux_loss\nloss.backward()')).toEqual([]);
});

test('outputs kept as tensors', () => {
  expect(shapesOf('all_preds.append(pred)')).toEqual(['appended-outputs']);
  expect(shapesOf('  self.outputs.append(output)')).toEqual(['appended-outputs']);
  expect(shapesOf('all_preds.append(pred.cpu())')).toEqual([]);
  expect(shapesOf('names.append(name)')).toEqual([]);
});
