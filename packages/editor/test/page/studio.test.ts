/** The page's state without a page: paints of what is selected, looks of all, names of steps. The engine answers nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mask } from '../../src/document/mask.js';
import { blankScene, flatten, mapsOf, objectOf, paint, type Scene } from '../../src/document/scene.js';
import type { Engine, EngineEvents } from '../../src/engine/engine.js';
import { Studio } from '../../src/page/studio.js';
import type { Model } from '../../src/protocol/messages.js';

const [width, height] = [40, 30];
const names = ['ground', 'road', 'car', 'van', 'dot'];
const model: Model = {
  ...{ name: 'm', labelNc: names.length, inputChannels: names.length, values: null, width, height },
  classes: names.map((name, id) => ({ id, name, colour: '#808080', countable: id > 1 })),
  styles: {
    per: 'instance',
    channels: 1,
    clusters: [2, 3, 4].map(label => [label, [[0.1], [0.2]]]),
    fromImages: false,
  },
};

function box(x: number, y: number, w: number, h: number): Mask {
  return Mask.build(width, height, add => {
    for (let v = y; v < y + h; v++) add(v, x, x + w);
  });
}

/** A car with a dot on it, and a van. */
function setUp() {
  let events!: EngineEvents;
  const nothing = () => {};
  const engine: Engine = {
    ...{ open: nothing, change: nothing, render: nothing, clusters: nothing, gallery: nothing, look: nothing },
  };
  const studio = new Studio(told => {
    events = told;
    return engine;
  });
  const limits = { side: 64, pixels: 4096 };
  events.status({ kind: 'ready', model, gallery: [], limits, readOnly: false });
  const draw = (scene: Scene, mask: Mask, label: number) =>
    paint(scene, mask, { kind: 'class', label, countable: true }).scene;
  const car = draw(blankScene(width, height, 0), box(2, 2, 15, 10), 2);
  studio.replace(draw(draw(car, box(5, 5, 3, 3), 4), box(20, 20, 10, 5), 3), 'blank');
  studio.tool.value = 'select';
  const labels = () => [...studio.scene.value.objects].map(({ label }) => names[label]);
  const steps = () => studio.history.value.steps.map(({ name }) => name);
  return { studio, labels, steps };
}

test('a paint that is chosen while objects are selected is theirs, in one step, and Select stays', () => {
  const { studio, labels, steps } = setUp();
  studio.objects.select(2001);
  assert.equal(studio.objects.ofSeveral, false);
  studio.objects.choose(objectOf(studio.scene.value, 3001), true);
  assert.equal(studio.objects.ofSeveral, true);
  const before = studio.scene.value;
  studio.choosePaint(4);
  assert.equal(studio.tool.value, 'select');
  assert.deepEqual(labels(), ['ground', 'dot', 'dot', 'dot']);
  assert.deepEqual(steps(), ['blank', 'repaint']);
  assert.equal(studio.paints.label.value, 4);
  assert.equal(studio.objects.selection.ids.value.length, 2);
  // The same once more is no step.
  studio.choosePaint(4);
  assert.equal(steps().length, 2);
  studio.undo();
  assert.equal(studio.scene.value, before);
  // What becomes the ground is no object any more.
  studio.objects.select(3001);
  studio.choosePaint(0);
  assert.deepEqual(studio.objects.selection.ids.value, []);
  assert.deepEqual(labels(), ['ground', 'car', 'dot']);
});

test('with nothing selected, or another tool, a paint is painted with', () => {
  const { studio, steps } = setUp();
  studio.choosePaint(3);
  assert.deepEqual([studio.tool.value, studio.paints.label.value], ['brush', 3]);
  studio.objects.select(2001);
  studio.choosePaint(4);
  assert.deepEqual([studio.tool.value, studio.paints.label.value], ['brush', 4]);
  studio.tool.value = 'fill';
  studio.choosePaint(2);
  assert.equal(studio.tool.value, 'fill');
  assert.deepEqual(steps(), ['blank']);
});

test('an object that lies under another one selected may be gone with it when both become road', () => {
  const { studio, labels } = setUp();
  studio.objects.selectAll();
  studio.choosePaint(1);
  assert.deepEqual([...new Set(labels())].sort(), ['ground', 'road']);
  const maps = mapsOf(studio.scene.value);
  flatten(studio.scene.value, maps);
  assert.ok([...box(2, 2, 15, 10).runs()].every(([y, from]) => maps.labels[y * width + from] === 1));
});

test('a road that is deleted leaves what stands on it', () => {
  const { studio, labels } = setUp();
  studio.commit(
    'fill',
    paint(studio.scene.value, box(0, 0, 40, 18), { kind: 'class', label: 1, countable: false }).scene,
  );
  studio.undo();
  const road = paint(blankScene(width, height, 0), box(0, 0, 40, 18), { kind: 'class', label: 1, countable: false });
  studio.replace(paint(road.scene, box(5, 5, 5, 5), { kind: 'class', label: 2, countable: true }).scene, 'blank');
  studio.objects.select(1);
  studio.objects.remove();
  assert.deepEqual(labels(), ['ground', 'car']);
});

test('shuffling leaves the looks that were chosen, unless told; one object gets its usual look back', () => {
  const { studio, steps } = setUp();
  const styled = () => studio.scene.value.objects.filter(({ style }) => style !== undefined).map(({ id }) => id);
  studio.objects.select(2001);
  assert.equal(studio.objects.hasChosenLook, false);
  studio.objects.style({ kind: 'cluster', cluster: 1 });
  assert.equal(studio.objects.hasChosenLook, true);
  studio.reseed(1);
  assert.deepEqual(styled(), [2001]);
  assert.equal(studio.looks.chosenIn(studio.scene.value), 1);
  studio.looks.shuffleChosen.value = true;
  studio.reseed(2);
  assert.deepEqual([styled(), studio.scene.value.seed], [[], 2]);
  studio.undo();
  assert.deepEqual([styled(), studio.scene.value.seed], [[2001], 1]);
  studio.looks.shuffleChosen.value = false;
  studio.reseed(0);
  assert.deepEqual([styled(), studio.scene.value.seed], [[2001], 0]);
  studio.objects.style(undefined);
  assert.deepEqual(styled(), []);
  assert.deepEqual(steps(), ['blank', 'style', 'shuffle', 'usual', 'style']);
});

test('what is opened is a step that has its name', () => {
  const { studio, steps } = setUp();
  const maps = mapsOf(studio.scene.value);
  flatten(studio.scene.value, maps);
  studio.openMaps(maps, 'label.png');
  studio.openProject(studio.projectText, 'kept');
  assert.deepEqual(steps(), ['blank', 'Opened label.png', 'kept']);
});

test('a click inside the frame chooses what is under the pointer; on the ground nothing', () => {
  const { studio } = setUp();
  studio.objects.selectAll();
  studio.chooseAt({ x: 6, y: 6 });
  assert.deepEqual(studio.objects.selection.ids.value, [4001]);
  studio.chooseAt({ x: 3, y: 20 });
  assert.deepEqual(studio.objects.selection.ids.value, []);
});
