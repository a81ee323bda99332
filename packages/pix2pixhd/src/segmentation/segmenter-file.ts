/**
 * A segmenter trained here, in one safetensors file: `best.<key>` are the weights of the best epoch; while its training is
 * unfinished, `last.<key>`, `optim.exp_avg.<key>` and `optim.exp_avg_sq.<key>` are what it goes on from. The header's `state` is
 * {@link SegmenterState} as JSON. Header and tensors have checksums, which every read checks. Depends on torch and
 * the options.
 */
import { FileFormatError, readSafetensors, type TensorData, writeSafetensors } from '@pix2pixhd/torch';
import { z } from 'zod';
import { trainSegmenterSchema } from '../config/commands/train-segmenter.js';
import { reasonOf, UserError } from '../errors.js';

const FORMAT = 'pix2pixhd-segmenter';
const VERSION = 1;

const scoresSchema = z.object({ epoch: z.int(), loss: z.number(), pixelAccuracy: z.number(), meanIou: z.number() });

const stateSchema = z.object({
  /** The options that it is trained with. */
  config: trainSegmenterSchema,
  /** Pairs that it is trained on and scored by. */
  pairs: z.int(),
  /** Epochs done, and batches of the next one. */
  epoch: z.int(),
  batch: z.int(),
  /** How often Adam has updated the weights. */
  updates: z.int(),
  /** Of the steps of that epoch. */
  loss: z.object({ sum: z.number(), steps: z.int() }),
  finished: z.boolean(),
  /** Of each epoch, on the held-out pairs. */
  history: z.array(scoresSchema),
  best: scoresSchema.nullable(),
  /** Of the loss, by class. */
  classWeights: z.array(z.number()),
});

/** The scores of an epoch. */
export type EpochScores = z.infer<typeof scoresSchema>;

/** What a segmenter's file stores beside its tensors. */
export type SegmenterState = z.infer<typeof stateSchema>;

/** A segmenter's file. */
export interface SegmenterContent {
  readonly state: SegmenterState;
  readonly tensors: ReadonlyMap<string, TensorData>;
}

/** Writes a segmenter, atomically. */
export function writeSegmenter(path: string, tensors: ReadonlyMap<string, TensorData>, state: SegmenterState): void {
  writeSafetensors(path, tensors, { format: FORMAT, version: String(VERSION), state: JSON.stringify(state) });
}

/**
 * Reads a segmenter.
 *
 * @param part what to read of its tensors: the best weights alone, to segment with, or all.
 * @throws UserError naming the file where it cannot be read, or is not a segmenter of this program.
 */
export function readSegmenter(path: string, part: 'best' | 'everything'): SegmenterContent {
  try {
    const { tensors, metadata } = readSafetensors(path, name => part === 'everything' || name.startsWith('best.'));
    if (metadata.format !== FORMAT || metadata.state === undefined)
      throw new FileFormatError(path, 'is not a segmenter: a safetensors file of something else');
    if (!(Number(metadata.version) <= VERSION))
      throw new FileFormatError(
        path,
        `is a segmenter of format version ${metadata.version}; this program reads ${VERSION}`,
      );
    return { state: stateSchema.parse(JSON.parse(metadata.state)), tensors };
  } catch (cause) {
    throw new UserError(
      {
        code: 'FILE_UNREADABLE',
        doing: 'reading a segmenter',
        where: path,
        found:
          cause instanceof FileFormatError
            ? cause.problem
            : cause instanceof z.ZodError
              ? 'a state that is damaged'
              : reasonOf(cause),
        expected: 'a complete file of pix2pixhd train-segmenter',
        remedy: 'train it again with pix2pixhd train-segmenter, or give another file',
      },
      { cause },
    );
  }
}

/** The tensors whose names begin with `prefix`, without it. */
export function withoutPrefix(
  tensors: ReadonlyMap<string, TensorData>,
  prefix: string,
): ReadonlyMap<string, TensorData> {
  const own = [...tensors].filter(([name]) => name.startsWith(prefix));
  return new Map(own.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}
