/** A segmenter by its file: one that was trained here, or an ONNX model. Depends on both kinds. */
import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import type { Compute } from '../compute/choose-compute.js';
import { UserError } from '../errors.js';
import { OnnxSegmenter } from './onnx/onnx-segmenter.js';
import type { Segmenter } from './segmenter.js';
import { TrainedSegmenter } from './trained-segmenter.js';

/**
 * Opens a segmenter.
 *
 * @param path a `.safetensors` file of `train-segmenter`, or a `.json` file that describes an ONNX model.
 * @param compute where a segmenter of `train-segmenter` computes; ONNX models compute on the CPU.
 * @param folder the folder whose project may have ONNX Runtime.
 * @throws UserError naming what is missing or does not fit.
 */
export async function openSegmenter(path: string, compute: Compute, folder: string): Promise<Segmenter> {
  const extension = extname(path).toLowerCase();
  if (existsSync(path) && extension === '.json') return OnnxSegmenter.load(path, folder);
  if (existsSync(path) && extension === '.safetensors') return TrainedSegmenter.load(path, compute);
  throw new UserError({
    code: existsSync(path) ? 'FILE_UNREADABLE' : 'FILE_NOT_FOUND',
    doing: 'opening a segmenter',
    where: path,
    found: existsSync(path)
      ? extension === '.onnx'
        ? 'an ONNX model by itself'
        : `a file named ${extension}`
      : 'no such file',
    expected: 'a .safetensors file of pix2pixhd train-segmenter, or a .json file that describes an ONNX model',
    remedy:
      extension === '.onnx'
        ? 'write a JSON file that describes the model, and give that to --segmenter; docs/segmentation.md has examples'
        : 'give --segmenter one of these; pix2pixhd train-segmenter makes the first',
  });
}
