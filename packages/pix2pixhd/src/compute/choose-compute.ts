/**
 * Where and how networks compute: device, precision, memory format. A choice by options and hardware; changes nothing. Depends
 * on torch and config.
 */
import { cpuHasBfloat16, cudaDeviceCount, cudaGraphsAvailable, cudaHasBfloat16 } from '@pix2pixhd/torch';
import type { InputFormat } from '../conditioning/tensors.js';
import type { TrainConfig } from '../config/schema.js';
import { UserError } from '../errors.js';

/** Where and how networks compute. */
export interface Compute extends InputFormat {
  readonly precision: 'fp32' | 'bf16';
}

/** The options that decide where and how networks compute. */
export type ComputeOptions = Pick<TrainConfig, 'device' | 'precision'> & { readonly cudaGraphs?: boolean | null };

/**
 * Chooses device, dtype and memory format; changes nothing. `auto` is bf16 where the hardware multiplies it.
 *
 * @throws UserError where CUDA, one of its devices or its graphs are asked for and are not there.
 */
export function chooseCompute(config: ComputeOptions): Compute {
  const gpus = cudaDeviceCount();
  const hasCuda = gpus > 0;
  if (config.device.startsWith('cuda') && !hasCuda)
    throw new UserError({
      code: 'DEVICE_UNAVAILABLE',
      doing: 'choosing where to compute',
      where: '--device',
      found: `${config.device}, but libtorch here sees no CUDA device`,
      remedy: 'leave --device out, or build the addon against a libtorch with CUDA: npx pix2pixhd-torch-build --help',
    });
  const number = Number(/^cuda:(\d+)$/.exec(config.device)?.[1] ?? 0);
  if (hasCuda && number >= gpus)
    throw new UserError({
      code: 'DEVICE_UNAVAILABLE',
      doing: 'choosing where to compute',
      where: '--device',
      found: config.device,
      expected: gpus === 1 ? 'cuda:0, the only CUDA device here' : `cuda:0 to cuda:${gpus - 1}`,
      remedy: 'give one of these, or leave --device out',
    });
  const wanted = config.device === 'auto' ? (hasCuda ? 'cuda' : 'cpu') : config.device;
  const device = wanted === 'cuda' ? 'cuda:0' : wanted;
  if (config.cudaGraphs === true) requireGraphs(device);
  const mixedPrecision =
    config.precision === 'bf16' ||
    (config.precision === 'auto' && (device === 'cpu' ? cpuHasBfloat16() : cudaHasBfloat16(device)));
  return {
    device,
    precision: mixedPrecision ? 'bf16' : 'fp32',
    dtype: mixedPrecision ? 'bfloat16' : 'float32',
    // Measured on the CPU (docs/speed.md): channels-last is faster in bfloat16, contiguous in float32.
    memory: mixedPrecision || device !== 'cpu' ? 'channels_last' : 'contiguous',
  };
}

function requireGraphs(device: string): void {
  if (device !== 'cpu' && cudaGraphsAvailable()) return;
  throw new UserError({
    code: 'DEVICE_UNAVAILABLE',
    doing: 'choosing how to compute',
    where: '--cuda-graphs',
    found: device === 'cpu' ? 'the CPU to compute on' : "an addon that was built without CUDA's headers",
    expected: "a CUDA device, and an addon built where CUDA's headers are",
    remedy: 'leave --cuda-graphs out, or name the folder of the CUDA toolkit in CUDA_HOME and run npm run setup',
  });
}
