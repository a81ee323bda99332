/**
 * CVAT for images 1.1: one XML file for a set. Depends on the common form, `xml.ts`, `rings.ts` and `runs.ts`. Source:
 * docs.cvat.ai, "XML annotation format".
 *
 * Shapes lie above each other by `z_order`, those of one `z_order` as they follow; run-lengths of masks follow the rows of
 * their box; boxes and ellipses may be turned about their centres.
 */
import type { AnnotationSet, Mask, Ring, Shape } from './annotations.js';
import { described, type FaultDetails, faultIn, type SourceFile } from './field.js';
import { ellipse, rectangle, ringOf, turned } from './rings.js';
import { checkedRuns } from './runs.js';
import { checkedSize } from './size.js';
import { ImageNames, Tally } from './tally.js';
import { type Element, parseXml } from './xml.js';

/** Elements of an image that have no area. */
const WITHOUT_AREA = new Set(['polyline', 'points', 'tag', 'skeleton']);

/**
 * A set of CVAT. Classes are the labels that the file lists, in its order.
 *
 * @throws UserError naming the file, the element with its line and the attribute where something is missing or wrong.
 */
export function cvatSet(source: SourceFile, text: string): AnnotationSet {
  const root = parseXml(source, text);
  if (root.name !== 'annotations')
    throw faultIn(source, `line ${root.line}`, `<${root.name}>`, '<annotations>, of CVAT for images 1.1');
  if (root.children.some(({ name }) => name === 'track'))
    throw faultIn(source, '', 'tracks, of CVAT for video', 'CVAT for images 1.1', {
      remedy: 'export the task as "CVAT for images 1.1"',
    });
  const classes = labelsOf(root);
  if (classes.length === 0) throw faultIn(source, '<meta>', 'no labels', '<labels> with at least one <label>');
  const tally = new Tally();
  const names = new ImageNames();
  const images = root.children.filter(({ name }) => name === 'image');
  const entries = images.map(element => {
    const tag = new Tag(source, element);
    const image = tag.text('name');
    names.add(image, source, tag.place());
    const { width, height } = element.attributes;
    const size = checkedSize(source, tag.place('width and height'), Number(width), Number(height));
    shapesOf(source, element, classes, tally);
    return { image, read: async () => ({ image, ...size, shapes: shapesOf(source, element, classes) }) };
  });
  return { format: 'cvat', classes, images: entries, notices: tally.notices() };
}

/** The labels of the task, project or job; points of skeletons, which have a parent, are none. */
function labelsOf(root: Element): string[] {
  const child = (element: Element | undefined, name: string) => element?.children.find(one => one.name === name);
  const textOf = (label: Element, name: string) => child(label, name)?.text.trim() ?? '';
  const lists = (child(root, 'meta')?.children ?? []).map(owner => child(owner, 'labels')?.children ?? []);
  const labels = lists.flat().filter(label => label.name === 'label' && textOf(label, 'parent') === '');
  return [...new Set(labels.map(label => textOf(label, 'name')).filter(name => name !== ''))];
}

function shapesOf(source: SourceFile, image: Element, classes: readonly string[], tally?: Tally): Shape[] {
  const shapes: { z: number; shape: Shape }[] = [];
  for (const element of image.children) {
    if (WITHOUT_AREA.has(element.name)) tally?.add(element.name);
    else {
      const tag = new Tag(source, element);
      shapes.push({ z: tag.number('z_order', 0), shape: shapeOf(tag, classes) });
    }
  }
  return shapes.sort((a, b) => a.z - b.z).map(({ shape }) => shape);
}

function shapeOf(tag: Tag, classes: readonly string[]): Shape {
  const area = areaOf(tag);
  const className = tag.text('label');
  if (!classes.includes(className))
    throw tag.fault('label', described(className), 'one of the labels that <meta> lists');
  const group = tag.number('group_id', 0);
  return { className, crowd: false, ...(group === 0 ? {} : { instance: group }), ...area };
}

function areaOf(tag: Tag): { readonly rings: readonly Ring[]; readonly fill: 'even-odd' } | { readonly mask: Mask } {
  const outlined = (ring: Ring) => ({ rings: [ring], fill: 'even-odd' as const });
  switch (tag.element.name) {
    case 'polygon':
      return outlined(polygonOf(tag));
    case 'box':
      return outlined(boxOf(tag));
    case 'ellipse':
      return outlined(ellipseOf(tag));
    case 'mask':
      return { mask: maskOf(tag) };
    default:
      throw tag.fault('', `<${tag.element.name}>`, 'polygon, box, ellipse or mask, or a kind without area', {
        remedy: 'draw the shape as a polygon',
      });
  }
}

function polygonOf(tag: Tag): Ring {
  const values = tag
    .text('points')
    .split(';')
    .flatMap(point => point.split(',').map(numberOf));
  return ringOf(values, (found, expected) => tag.fault('points', found, expected));
}

function boxOf(tag: Tag): Ring {
  const [x0, y0, x1, y1] = [tag.number('xtl'), tag.number('ytl'), tag.number('xbr'), tag.number('ybr')];
  return turned(rectangle(x0, y0, x1, y1), tag.number('rotation', 0), (x0 + x1) / 2, (y0 + y1) / 2);
}

function ellipseOf(tag: Tag): Ring {
  const [x, y, radiusX, radiusY] = [tag.number('cx'), tag.number('cy'), tag.number('rx'), tag.number('ry')];
  if (radiusX < 0 || radiusY < 0) throw tag.fault('rx and ry', `${radiusX} and ${radiusY}`, 'radii of at least 0');
  return turned(ellipse(x, y, radiusX, radiusY), tag.number('rotation', 0), x, y);
}

function maskOf(tag: Tag): Mask {
  const [x, y] = [tag.number('left'), tag.number('top')];
  if (!Number.isInteger(x) || !Number.isInteger(y)) throw tag.fault('left and top', `${x} and ${y}`, 'whole numbers');
  const size = checkedSize(tag.source, tag.place('width and height'), tag.number('width'), tag.number('height'));
  const runs = checkedRuns(tag.text('rle').split(',').map(numberOf), size.width * size.height, (found, expected) =>
    tag.fault('rle', found, expected),
  );
  return { x, y, ...size, order: 'rows', runs };
}

function numberOf(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

/** An element of an image, whose attributes are asked for by name. */
class Tag {
  readonly source: SourceFile;
  readonly element: Element;

  constructor(source: SourceFile, element: Element) {
    this.source = source;
    this.element = element;
  }

  /** `<polygon points> in line 34`. */
  place(attribute = ''): string {
    return `<${this.element.name}${attribute === '' ? '' : ` ${attribute}`}> in line ${this.element.line}`;
  }

  fault(attribute: string, found: string, expected: string, details?: FaultDetails) {
    return faultIn(this.source, this.place(attribute), found, expected, details);
  }

  text(attribute: string): string {
    const value = this.element.attributes[attribute];
    if (value === undefined || value.trim() === '') throw this.fault(attribute, 'nothing', 'a value');
    return value;
  }

  number(attribute: string, otherwise?: number): number {
    if (otherwise !== undefined && this.element.attributes[attribute] === undefined) return otherwise;
    const value = numberOf(this.text(attribute));
    if (!(Math.abs(value) <= 1e7)) throw this.fault(attribute, described(this.text(attribute)), 'a number up to 1e7');
    return value;
  }
}
