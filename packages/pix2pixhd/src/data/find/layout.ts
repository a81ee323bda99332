/** What the folders of a data set are called, and which of them a network needs. Depends on nothing. */

/** Part of the dataset: `train`, `test`, or a name of the user's own. */
export type Phase = string;

/** What a file is to the network: class ids, instance ids, precomputed style features, the input image (A), or the target image. */
export type Role = 'label' | 'instance' | 'features' | 'source' | 'image';

/** The roles whose files are images, in the order in which they are read and compared. */
export const IMAGE_ROLES = ['label', 'source', 'instance', 'image'] as const satisfies readonly Role[];

/** A role whose files are images. */
export type ImageRole = (typeof IMAGE_ROLES)[number];

/** Whether files of a role hold ids, whose values must not change. */
export function holdsIds(role: Role): role is 'label' | 'instance' {
  return role === 'label' || role === 'instance';
}

/** Which roles a data set has. */
export interface DatasetLayout {
  /** Number of classes of the label maps; 0 when the input is an image (folders A and B). */
  readonly labelNc: number;
  /** Whether instance maps are used. */
  readonly useInstance: boolean;
  /**
   * Folders of input images, by their names behind the phase, where there are several inputs; default the one folder of images
   * with `labelNc` 0, and none otherwise.
   */
  readonly images?: readonly string[] | undefined;
  /** Whether precomputed features are used; default false. */
  readonly useFeatures?: boolean;
  /** Where nothing is paired (CycleGAN): the folders that are read, each by itself. */
  readonly domains?: readonly ('source' | 'image')[] | undefined;
}

/** Folder names of a role, the preferred first. With an image as input (`labelNc` 0) the target images are in B. */
export function folderNames(phase: Phase, role: Role, labelNc: number): readonly string[] {
  switch (role) {
    case 'label':
      return [`${phase}_label`];
    case 'instance':
      return [`${phase}_inst`];
    case 'features':
      return [`${phase}_feat`];
    case 'source':
      return [`${phase}_A`, `${phase}A`];
    case 'image':
      return labelNc > 0 ? [`${phase}_img`] : [`${phase}_B`, `${phase}B`];
  }
}

/** The roles of a layout, the network's input first. */
export function rolesOf({ labelNc, images, useInstance, useFeatures, domains }: DatasetLayout): readonly Role[] {
  if (domains !== undefined) return domains;
  return [
    ...(labelNc > 0 ? (['label'] as const) : []),
    ...((images === undefined ? labelNc === 0 : images.length > 0) ? (['source'] as const) : []),
    ...(useInstance ? (['instance'] as const) : []),
    ...(useFeatures ? (['features'] as const) : []),
    'image',
  ];
}
