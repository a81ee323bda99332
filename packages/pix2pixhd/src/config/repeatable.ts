/**
 * Options of training that other commands accept again, as NVIDIA's programs require them: a checkpoint knows them, so
 * they only have to agree with it. Depends on the schema, and `errors.ts`.
 */
import { UserError } from '../errors.js';
import { usesBoundary, usesImages } from './inputs.js';
import { optionsOf, selectOptions } from './option.js';
import { type TrainConfig, trainSchema } from './schema.js';

/** What the networks that generate are, as far as NVIDIA's programs have such options. */
export const networkOptions = selectOptions(
  trainSchema,
  ({ network, nvidia }) => network === 'G' && nvidia !== undefined,
);

/** How images are brought to the size of the training. */
export const sizeOptions = trainSchema.pick({ resizeOrCrop: true, loadSize: true, fineSize: true });

/** When an option has an effect; always, where it is not listed. */
const isUsed: Partial<Record<keyof TrainConfig, (config: TrainConfig) => boolean>> = {
  inputNc: usesImages,
  nLocalEnhancers: ({ netG }) => netG === 'local',
  nBlocksLocal: ({ netG }) => netG === 'local',
  nDownsampleGlobal: ({ netG }) => netG !== 'unet',
  nBlocksGlobal: ({ netG }) => netG !== 'unet',
  featNum: takesFeatures,
  nDownsampleE: hasEncoder,
  nef: hasEncoder,
  loadSize: ({ resizeOrCrop }) => resizeOrCrop !== 'none' && resizeOrCrop !== 'crop',
  // Only images seen whole are encoded.
  fineSize: () => false,
};

function takesFeatures({ instanceFeat, labelFeat }: TrainConfig): boolean {
  return instanceFeat || labelFeat;
}

function hasEncoder(config: TrainConfig): boolean {
  return takesFeatures(config) && !config.loadFeatures;
}

/**
 * Compares the repeated options with those that a checkpoint was trained with.
 *
 * @param trained the options of the checkpoint, of its stage.
 * @param checkpoint its file, for the error.
 * @throws UserError naming the first option that contradicts, and both values.
 */
export function checkAgrees(stated: Partial<TrainConfig>, trained: TrainConfig, checkpoint: string): void {
  // Images as inputs have no instance maps, whatever the option says.
  const effective: TrainConfig = { ...trained, noInstance: !usesBoundary(trained) };
  for (const { key, flag, kind } of optionsOf(trainSchema)) {
    const said = (stated as Record<string, unknown>)[key];
    const known = (effective as Record<string, unknown>)[key];
    if (said === undefined || said === known || isUsed[key as keyof TrainConfig]?.(effective) === false) continue;
    const word = (value: unknown) =>
      kind === 'flag' ? (value === true ? `with --${flag}` : `without`) : String(value);
    throw new UserError({
      code: 'OPTION_MISMATCH',
      doing: 'comparing the command line with the checkpoint',
      where: `--${flag}`,
      found: word(said),
      expected: `${word(known)}, as ${checkpoint} was trained`,
      remedy: 'leave the option out, or give another --name',
    });
  }
}
