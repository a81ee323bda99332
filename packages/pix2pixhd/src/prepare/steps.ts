/**
 * Steps as data, which threads can be given, and what each does. Depends on align.ts, label-maps.ts and make.ts.
 */
import { pairStep, type RigDecision, rigStep, undistortStep } from './align.js';
import type { Calibration, TransformModel } from './alignment/index.js';
import { instanceStep, labelStep } from './label-steps.js';
import type { Palette } from './labels/palette.js';
import type { Panoptic } from './labels/panoptic.js';
import type { Step } from './make.js';

/** A step as data. */
export type StepSpec =
  | { readonly kind: 'labels'; readonly palette?: Palette | undefined; readonly panoptic?: Panoptic | undefined }
  | { readonly kind: 'instances'; readonly classes: readonly number[] | 'all'; readonly leastSize: number }
  | { readonly kind: 'undistort'; readonly role: 'source' | 'image'; readonly calibration: Calibration }
  | { readonly kind: 'rig'; readonly decision: RigDecision }
  | { readonly kind: 'pair'; readonly model: TransformModel };

/** A step as data, or one that cannot leave its thread. */
export type PlannedStep = StepSpec | Step;

/** The step that data means. */
export function stepOf(step: PlannedStep): Step {
  if (typeof step === 'function') return step;
  switch (step.kind) {
    case 'labels':
      return labelStep(step.palette, step.panoptic);
    case 'instances':
      return instanceStep(step.classes, step.leastSize);
    case 'undistort':
      return undistortStep(step.role, step.calibration);
    case 'rig':
      return rigStep(step.decision);
    case 'pair':
      return pairStep(step.model);
  }
}
