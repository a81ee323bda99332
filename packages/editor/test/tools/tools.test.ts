/** Tools: from pointer events to pixels; handles: from drags to matrices. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mask } from '../../src/document/mask.js';
import { dragMatrix, handleAt, handlesOf, pressAt } from '../../src/tools/handles.js';
import { begin, type Pointer, type ToolName } from '../../src/tools/tool.js';

const canvas = { width: 100, height: 60 };
const at = (x: number, y: number, more: Partial<Pointer> = {}): Pointer => ({
  x,
  y,
  pressure: 1,
  even: false,
  reach: 6,
  ...more,
});

test('a brush paints as it goes, says what changed, and a pen that is pressed less paints less', () => {
  const brush = begin('brush', canvas, 10, at(20, 30));
  const moved = brush.move(at(40, 30));
  assert.equal(moved.done, false);
  assert.ok(moved.pixels.has(30, 30) && !moved.pixels.has(50, 30));
  const further = brush.move(at(60, 30));
  assert.ok(further.changed!.x >= 34, 'only the last piece changed');
  const ended = brush.up(at(60, 30));
  assert.equal(ended.done, true);
  assert.deepEqual(ended.pixels.bounds, { x: 15, y: 25, width: 50, height: 10 });
  const light = begin('brush', canvas, 10, at(20, 30.5, { pressure: 0.3 })).move(at(60, 30.5, { pressure: 0.3 }));
  assert.equal(light.pixels.bounds!.height, 3);
});

test('line, rectangle and ellipse follow the pointer; shift makes them even', () => {
  const last = (name: ToolName, to: Pointer) => {
    const tool = begin(name, canvas, 3, at(10.5, 10.5));
    tool.move(at(90, 50));
    return tool.up(to);
  };
  const rectangle = last('rectangle', at(30, 20));
  assert.deepEqual(rectangle.pixels.bounds, { x: 10, y: 10, width: 21, height: 11 });
  assert.deepEqual(rectangle.changed, { x: 10, y: 10, width: 81, height: 41 });
  assert.deepEqual(last('rectangle', at(30, 20, { even: true })).pixels.bounds, {
    x: 10,
    y: 10,
    width: 21,
    height: 21,
  });
  const circle = last('ellipse', at(30, 20, { even: true })).pixels.bounds!;
  assert.equal(circle.width, circle.height);
  assert.equal(last('line', at(50, 12, { even: true })).pixels.bounds!.height, 3);
});

test('a polygon takes corners, and closes on its first one or when told', () => {
  const tool = begin('polygon', canvas, 1, at(10, 10));
  assert.equal(tool.up(at(10, 10)).done, false);
  tool.down(at(50, 10));
  assert.equal(tool.move(at(50, 50)).outline?.length, 3);
  tool.down(at(50, 50));
  const closed = tool.down(at(12, 11));
  assert.equal(closed.done, true);
  assert.ok(closed.pixels.has(45, 20) && !closed.pixels.has(15, 40));
  const other = begin('polygon', canvas, 1, at(10, 10));
  other.down(at(50, 10));
  other.down(at(50, 50));
  assert.ok(other.finish().pixels.equals(closed.pixels));
});

test('a lasso has what its line encloses', () => {
  const tool = begin('lasso', canvas, 1, at(10, 10));
  for (const [x, y] of [
    [50, 10],
    [50, 50],
  ] as const)
    tool.move(at(x, y));
  const { pixels, done } = tool.up(at(10, 50));
  assert.equal(done, true);
  assert.deepEqual(pixels.bounds, { x: 10, y: 10, width: 40, height: 40 });
});

test('handles: found where they are shown at any zoom, and a drag puts the corner under the pointer', () => {
  const rect = { x: 20, y: 10, width: 30, height: 20 };
  for (const zoom of [0.5, 1, 4])
    for (const { handle, x, y } of handlesOf(rect, zoom)) assert.equal(handleAt(rect, zoom, { x, y }), handle);
  assert.equal(handleAt(rect, 4, { x: 30, y: 20 }), 'move');
  assert.equal(handleAt(rect, 4, { x: 80, y: 50 }), null);
  // A small object can still be taken in its middle, at its edges and near its corners.
  const small = { x: 10, y: 10, width: 6, height: 4 };
  for (const [x, y] of [
    [13, 12],
    [13, 10.2],
    [11.2, 11],
  ] as const)
    assert.equal(handleAt(small, 4, { x, y }), 'move');
  assert.equal(handleAt(small, 4, { x: 16.5, y: 14.5 }), 'se');
  const box = Mask.where(100, 60, rect, () => true);
  const after = (
    handle: Parameters<typeof dragMatrix>[0],
    from: [number, number],
    to: [number, number],
    even = false,
  ) => box.transformed(dragMatrix(handle, rect, { x: from[0], y: from[1] }, { x: to[0], y: to[1] }, even)).bounds;
  assert.deepEqual(after('move', [30, 20], [35.4, 18]), { x: 25, y: 8, width: 30, height: 20 });
  assert.deepEqual(after('se', [50, 30], [60, 40]), { x: 20, y: 10, width: 40, height: 30 });
  assert.deepEqual(after('nw', [20, 10], [10, 5]), { x: 10, y: 5, width: 40, height: 25 });
  assert.deepEqual(after('e', [50, 20], [65, 33]), { x: 20, y: 10, width: 45, height: 20 });
  assert.deepEqual(after('se', [50, 30], [80, 31], true), { x: 20, y: 10, width: 60, height: 40 });
  assert.deepEqual(after('se', [50, 30], [0, 0]), { x: 20, y: 10, width: 1, height: 1 });
  assert.deepEqual(after('turn', [35, -4], [60, 20]), { x: 25, y: 5, width: 20, height: 30 });
});

test('a drag inside the frame moves what is selected, whatever is under the pointer; with Shift it is a rectangle', () => {
  const frame = { x: 20, y: 10, width: 40, height: 40 };
  const press = (x: number, y: number, { shift = false, onObject = false, selected = true } = {}) =>
    pressAt(selected ? frame : null, 1, { x, y }, shift, onObject);
  const move = { kind: 'drag', handle: 'move', chooses: false };
  const band = { kind: 'band' };
  for (const onObject of [false, true]) {
    assert.deepEqual(press(30, 38, { onObject }), move);
    assert.deepEqual(press(30, 38, { onObject, shift: true }), band);
    assert.deepEqual(press(20, 10, { onObject }), { kind: 'drag', handle: 'nw', chooses: false });
    // In proportion.
    assert.deepEqual(press(20, 10, { onObject, shift: true }), { kind: 'drag', handle: 'nw', chooses: false });
    assert.deepEqual(press(80, 50, { onObject, shift: true }), band);
  }
  assert.deepEqual(press(80, 50), band);
  assert.deepEqual(press(30, 38, { selected: false }), band);
  assert.deepEqual(press(80, 50, { onObject: true }), { ...move, chooses: true });
  assert.deepEqual(press(30, 38, { onObject: true, selected: false }), { ...move, chooses: true });
});
