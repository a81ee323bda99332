/**
 * The common form of annotations: what every reader of this folder makes of its format, and what becomes label and instance
 * maps (`rasterise.ts`). Depends on nothing.
 */

/** The formats that are read. */
export const annotationFormats = ['labelme', 'coco', 'yolo', 'cvat', 'label-studio'] as const;

/** One of {@link annotationFormats}. */
export type AnnotationFormat = (typeof annotationFormats)[number];

/**
 * The corners of a closed outline, x and y alternating, in pixels: (0, 0) is the top left corner of the top left pixel, whose
 * centre is (0.5, 0.5). At least three corners; the last is joined to the first.
 */
export type Ring = Float64Array;

/** A set of pixels within a box, as lengths of runs that alternate between outside and inside, outside first. */
export interface Mask {
  /** The box's left edge in the image, in pixels. */
  readonly x: number;
  /** The box's top edge. */
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Whether runs follow rows from left to right, or columns from top to bottom. */
  readonly order: 'rows' | 'columns';
  /** They add up to width × height. */
  readonly runs: ArrayLike<number>;
}

interface ShapeFacts {
  readonly className: string;
  /** Whether it marks what cannot be told apart, or is to be ignored: no class and no object. */
  readonly crowd: boolean;
  /** Shapes of one class and one key are one object; without a key each shape is an object of its own. */
  readonly instance?: string | number;
}

/** A shape that outlines bound. */
export interface OutlinedShape extends ShapeFacts {
  readonly rings: readonly Ring[];
  /** `even-odd`: a ring within another is a hole. `union`: rings are parts, whatever lies in any of them is inside. */
  readonly fill: 'even-odd' | 'union';
}

/** A shape given pixel by pixel. */
export interface MaskedShape extends ShapeFacts {
  readonly mask: Mask;
}

/** One drawn area of an image. */
export type Shape = OutlinedShape | MaskedShape;

/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The annotations of one image. */
export interface AnnotatedImage extends Size {
  /** The image's name as the annotation has it: a file name, a path, an address. */
  readonly image: string;
  /** In drawing order: later shapes lie above earlier ones. */
  readonly shapes: readonly Shape[];
}

/** An image of a set, whose shapes are made when they are asked for. */
export interface AnnotationEntry {
  /** As {@link AnnotatedImage.image}; different for every entry of a set. */
  readonly image: string;
  /** Makes the shapes; every call makes them anew. @throws UserError where the image's size is not known, or a file has changed. */
  read(): Promise<AnnotatedImage>;
}

/** Something that carries no area, or no annotation, and was left out. */
export interface Notice {
  /** What it is: `linestrip`, `polyline`, `task without annotation`. */
  readonly kind: string;
  readonly count: number;
}

/** All annotations of a data set. Whatever is wrong with a shape has been found by the time a set exists. */
export interface AnnotationSet {
  readonly format: AnnotationFormat;
  /** Names of the classes in a stable order, each once; those without a shape too, where the format lists them. */
  readonly classes: readonly string[];
  readonly images: readonly AnnotationEntry[];
  readonly notices: readonly Notice[];
}

/** How annotations are read. */
export interface ReadOptions {
  /** The format, where it is not to be recognised. */
  readonly format?: AnnotationFormat;
  /** The size of an image, by its name in the annotations: for YOLO, and wherever a file does not say it. */
  readonly sizeOf?: (image: string) => Promise<Size>;
  /** YOLO's list of class names, where it is not beside the labels. */
  readonly classesFile?: string;
  /** What several rings of a COCO annotation are: parts, as COCO's own tools take them (default), or outline and holes. */
  readonly cocoRings?: 'union' | 'even-odd';
}
