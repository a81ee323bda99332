/**
 * `@pix2pixhd/web/scene`: the objects of a scene and the styles that they get, the same code in every program that generates:
 * a seed chooses the same styles under libtorch, in Node and in a browser. Knows neither files, tensors nor pages.
 */
export { findInstances, type Instance } from './instances.js';
export { ignoredLabel, isIgnored, looksLikeMask } from './label-values.js';
export { InvalidStyle, parseStyleChoices } from './parse-choices.js';
export { Random, type RandomState } from './random.js';
export { type ClassStyles, StyleBook, type StyleCluster, type StyleCrop } from './style-book.js';
export { chooseStyle, type Style, type StyleChoices, type StyleChoicesInput, sameForAll } from './style-choices.js';
export {
  choosePlanes,
  featuresAt,
  type SceneMaps,
  styledIds,
  styledInstances,
  stylePlanes,
} from './style-planes.js';
