/** `prepare/alignment/`: two cameras' images brought over each other. See docs/alignment.md. */
export { type Calibration, parseCalibration, readCalibration } from './calibration.js';
export { commonBox, narrower, seenShare } from './common-box.js';
export type { Interpolation, PointMap } from './interpolate.js';
export { type CannotTell, type Displacement, type Judged, type Reason, reasons } from './judge.js';
export type { Pair } from './levels.js';
export {
  type AlignmentSummary,
  type Measurement,
  type MeasureOptions,
  measureAlignment,
  summarizeAlignment,
} from './measure.js';
export type { Parallax, Remaining } from './residuals.js';
export { centred, estimateRig, type Rig, type RigOptions } from './rig.js';
export type { SearchRange } from './search.js';
export {
  apply,
  compose,
  cornerDistance,
  cornersOf,
  identity,
  invert,
  type Point,
  rotation,
  type Size,
  scaling,
  type Transform,
  type TransformModel,
  transformModels,
  translation,
} from './transform.js';
export { distortionMap, undistort, warpAndDistort } from './undistort.js';
export { resample, type Warped, type WarpOptions, warp } from './warp.js';
