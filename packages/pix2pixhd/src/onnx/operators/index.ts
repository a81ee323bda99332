/** Every operator of libtorch that a network of ours may call, one small file an operator. */
import { averagePools } from './average-pool.js';
import { batchNorms } from './batch-norm.js';
import { concatenations } from './concatenation.js';
import { convolutions } from './convolution.js';
import { dropouts } from './dropout.js';
import { elementwise } from './elementwise.js';
import { instanceNorms } from './instance-norm.js';
import { instancePools } from './instance-pool.js';
import { nearestUpsamplings } from './nearest-upsampling.js';
import type { Operators } from './operator.js';
import { rectifiers } from './rectifier.js';
import { reflectionPads } from './reflection-pad.js';
import { transposedConvolutions } from './transposed-convolution.js';

/** They, by libtorch's names. */
export const operators: Operators = {
  ...averagePools,
  ...batchNorms,
  ...concatenations,
  ...convolutions,
  ...dropouts,
  ...elementwise,
  ...instanceNorms,
  ...instancePools,
  ...nearestUpsamplings,
  ...rectifiers,
  ...reflectionPads,
  ...transposedConvolutions,
};
