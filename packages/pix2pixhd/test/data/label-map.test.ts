/** `--label-map`: values replaced all at once, whatever type holds them. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { mapLabels, parseLabelMap } from '../../src/data/labels/mapping.js';
import { loadSample } from '../../src/data/load/sample.js';
import { sampleRandom } from '../../src/data/random.js';
import type { IdArray } from '../../src/raster.js';
import { temporaryFolder, writePng } from './images.js';

test('values are exchanged, widened where needed, and unchanged where no mapping is given', () => {
  const map = (data: IdArray, text: string) => [
    ...mapLabels({ width: data.length, height: 1, channels: 1, data }, parseLabelMap(text)).data,
  ];
  assert.deepEqual(map(Uint8Array.of(0, 1, 255, 7), '0:1,1:0,255:2'), [1, 0, 2, 7]);
  assert.deepEqual(map(Uint8Array.of(0, 1, 255), '1:300'), [0, 300, 255]);
  assert.deepEqual(map(Uint16Array.of(0, 24000, 255), '24000:1'), [0, 1, 255]);
  assert.deepEqual(map(Uint16Array.of(3, 4), '4:70000'), [3, 70000]);
  assert.deepEqual(map(Int32Array.of(-1, 100000, 2), '100000:1'), [-1, 1, 2]);
  const data = Uint8Array.of(1);
  assert.equal(mapLabels({ width: 1, height: 1, channels: 1, data }, parseLabelMap(null)).data, data);
});

test('a mask of 0 and 255 makes the sample of one of 0 and 1, and values are checked after they are mapped', async t => {
  const folder = temporaryFolder(t);
  const spec = {
    transform: { mode: 'none', loadSize: 0, fineSize: 0, multiple: 1, flip: false } as const,
    labelNc: 2,
    labelMap: parseLabelMap('255:1,200:255'),
    sourceChannels: 3,
    imageChannels: 3,
    alpha: 'drop' as const,
  };
  const mask = join(folder, 'mask.png');
  writePng(mask, 2, 1, Uint8Array.of(0, 255, 200, 255));
  const sample = await loadSample({ stem: 's', label: mask }, spec, sampleRandom(0, 0, 0));
  assert.deepEqual([...sample.label!], [0, 1, 255, 1]);
});
