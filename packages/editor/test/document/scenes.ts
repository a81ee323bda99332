/** Small scenes for tests: their size, shapes and what is to be seen of them. */
import { Mask } from '../../src/document/mask.js';
import { flatten, mapsOf, type Scene } from '../../src/document/scene.js';

export const [width, height] = [120, 80];

export function box(x: number, y: number, w: number, h: number): Mask {
  return Mask.build(width, height, add => {
    for (let v = y; v < y + h; v++) add(v, x, x + w);
  });
}

export function flat(scene: Scene) {
  const maps = mapsOf(scene);
  flatten(scene, maps);
  return maps;
}

export const label = (scene: Scene, x: number, y: number) => flat(scene).labels[y * width + x];
