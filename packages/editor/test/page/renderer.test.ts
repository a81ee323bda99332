/** The conversation with an engine, here one that notes what it is asked and answers when told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rect } from '../../src/document/rect.js';
import { blankScene } from '../../src/document/scene.js';
import type { Engine, EngineEvents, Rendered } from '../../src/engine/engine.js';
import { bandsOf, Renderer } from '../../src/page/renderer.js';
import type { Model } from '../../src/protocol/messages.js';

const model: Model = {
  name: 'm',
  labelNc: 3,
  inputChannels: 1,
  values: null,
  width: 8,
  height: 8,
  classes: [],
  styles: null,
};

function setUp() {
  const calls: string[] = [];
  let events!: EngineEvents;
  let others = 0;
  let scene = blankScene(8, 8, 0);
  const engine: Engine = {
    open: (width, height) => calls.push(`open ${width}×${height}`),
    change: ({ x, width }: Rect) => calls.push(`change ${x} ${width}`),
    render: (revision, reduce, format) => calls.push(`render ${revision} ${reduce} ${format}`),
    clusters: () => {},
    gallery: () => {},
    look: () => {},
  };
  const renderer = new Renderer(
    told => {
      events = told;
      return engine;
    },
    { scene: () => scene, bytes: () => new Uint8Array(), styles: () => undefined, selected: () => null },
    {
      welcome: () => renderer.changed(whole, true),
      canvas() {},
      looks() {},
      noCanvas() {},
      otherModel: () => others++,
    },
  );
  const whole = { x: 0, y: 0, width: 8, height: 8 };
  const ready = (name = 'm') => {
    const limits = { side: 64, pixels: 4096 };
    events.status({ kind: 'ready', model: { ...model, name }, gallery: [], limits, readOnly: false });
  };
  const image = (revision: number, format = 'webp'): Rendered => {
    const sent = { revision, reduce: 1, width: 8, height: 8, took: 1, format, bytes: new Uint8Array() };
    events.image(sent);
    return sent;
  };
  ready();
  return {
    calls,
    renderer,
    image,
    ready,
    failed: (of: string) => events.failed(of, 'no', undefined),
    others: () => others,
    open(side: number) {
      scene = blankScene(side, side, 0);
      renderer.changed({ x: 0, y: 0, width: side, height: side }, true);
    },
  };
}

const edit = (renderer: Renderer, x: number) => renderer.changed({ x, y: 0, width: 1, height: 1 }, false);

test('of the edits while an image is on its way, one request', () => {
  const { calls, renderer, image } = setUp();
  assert.deepEqual(calls.splice(0), ['open 8×8', 'change 0 8', 'render 1 1 webp']);
  edit(renderer, 2);
  edit(renderer, 4);
  assert.deepEqual(calls, []);
  image(1);
  assert.deepEqual(calls, ['change 2 3', 'render 3 1 webp']);
});

test('another drawing while an image is on its way: what was asked before is not waited for', async () => {
  const { calls, renderer, open } = setUp();
  const kept = renderer.exact();
  calls.length = 0;
  open(4);
  assert.deepEqual(calls, ['open 4×4', 'change 0 4', 'render 2 1 webp']);
  assert.equal(await kept, null);
});

test('the image to be kept has the edits that were not sent yet', async () => {
  const { calls, renderer, image } = setUp();
  calls.length = 0;
  edit(renderer, 5);
  const kept = renderer.exact();
  assert.deepEqual(calls, ['change 5 1', 'render 2 1 png']);
  const sent = image(2, 'png');
  assert.equal(await kept, sent);
  assert.equal(renderer.image.value, null);
});

test('only a failed image is an image that failed; edits made meanwhile are asked for', async () => {
  const { calls, renderer, failed, image } = setUp();
  calls.length = 0;
  const kept = renderer.exact();
  failed('gallery');
  assert.equal(renderer.rendering.value, true);
  edit(renderer, 1);
  failed('render');
  assert.equal(await kept, null);
  assert.deepEqual(calls, ['render 1 1 png', 'change 1 1', 'render 2 1 webp']);
  image(2);
  assert.equal(renderer.image.value?.revision, 2);
});

test('a model that takes other drawings is noticed, the same one is sent everything', () => {
  const { calls, ready, others } = setUp();
  calls.length = 0;
  ready();
  assert.equal(others(), 0);
  assert.deepEqual(calls, ['open 8×8', 'change 0 8', 'render 1 1 webp']);
  ready('other');
  assert.equal(others(), 1);
});

test('a rectangle is sent in bands that cover it once and fit into a message', () => {
  for (const rect of [
    { x: 0, y: 0, width: 16384, height: 16384 },
    { x: 3, y: 5, width: 7, height: 9 },
    { x: 1, y: 2, width: 4096, height: 4095 },
  ]) {
    let next = rect.y;
    for (const band of bandsOf(rect)) {
      assert.deepEqual([band.x, band.y, band.width], [rect.x, next, rect.width]);
      assert.ok(band.height > 0 && band.width * band.height * 12 < 64 << 20);
      next += band.height;
    }
    assert.equal(next, rect.y + rect.height);
  }
});

test('an image is behind the drawing from an edit on until one of it has come', () => {
  const { renderer, image, open, ready } = setUp();
  assert.equal(renderer.behind.value, false, 'no image is none that is older');
  image(1);
  assert.equal(renderer.behind.value, false);
  open(16);
  assert.equal(renderer.behind.value, true);
  ready();
  assert.equal(renderer.behind.value, true, 'a server that has come back has not rendered yet');
  image(2);
  assert.equal(renderer.behind.value, false);
});
