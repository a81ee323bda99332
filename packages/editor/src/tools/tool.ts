/**
 * Tools as small state machines: from what the pointer does to pixels. They know neither page nor scene: what is done with the
 * pixels is the caller's. Depends on the document's shapes.
 */
import { Mask } from '../document/mask.js';
import { around, type Rect } from '../document/rect.js';
import { ellipse, type Point, polygon, rectangle, stroke } from '../document/shapes.js';

/** Where the pointer is on the canvas, and how it is held. */
export interface Pointer extends Point {
  /** From 0 to 1; 1 for a mouse. */
  readonly pressure: number;
  /** Shift: equal sides, or directions by 45°. */
  readonly even: boolean;
  /** How near to a place counts as at it, in pixels of the drawing. */
  readonly reach: number;
}

/** What a tool has drawn so far. */
export interface Drawing {
  readonly pixels: Mask;
  /** What the last event changed; null where nothing. */
  readonly changed: Rect | null;
  /** A line to show meanwhile: corners of a polygon that is not closed yet. */
  readonly outline?: readonly Point[];
  readonly done: boolean;
}

/** A drawing in progress. */
export interface Tool {
  /** The pointer moved, pressed or not. */
  move(pointer: Pointer): Drawing;
  /** The pointer was let go. */
  up(pointer: Pointer): Drawing;
  /** The pointer was pressed again: a further corner. */
  down(pointer: Pointer): Drawing;
  /** Return or a double click: what has no last corner by itself ends here. */
  finish(): Drawing;
}

interface Canvas {
  readonly width: number;
  readonly height: number;
}

/** The tools that draw. */
export type ToolName = 'brush' | 'line' | 'rectangle' | 'ellipse' | 'polygon' | 'lasso';

/** Begins a drawing where the pointer was pressed. @param size the brush's diameter in pixels. */
export function begin(name: ToolName, canvas: Canvas, size: number, first: Pointer): Tool {
  switch (name) {
    case 'brush':
      return new Brush(canvas, size, first);
    case 'polygon':
      return new Polygon(canvas, first);
    case 'lasso':
      return new Lasso(canvas, first);
    default:
      return new Span(canvas, first, spans[name](canvas, size));
  }
}

/** Follows the pointer with a round brush. */
class Brush implements Tool {
  readonly #canvas: Canvas;
  readonly #size: number;
  #last: Pointer;
  #pixels: Mask;

  constructor(canvas: Canvas, size: number, first: Pointer) {
    this.#canvas = canvas;
    this.#size = size;
    this.#last = first;
    this.#pixels = stroke(canvas, [first], [this.#sizeAt(first)]);
  }

  move(pointer: Pointer): Drawing {
    const last = this.#last;
    this.#last = pointer;
    const piece = stroke(this.#canvas, [last, pointer], [this.#sizeAt(last), this.#sizeAt(pointer)]);
    this.#pixels = this.#pixels.union(piece);
    return { pixels: this.#pixels, changed: piece.bounds, done: false };
  }

  up(pointer: Pointer): Drawing {
    return { ...this.move({ ...pointer, pressure: this.#last.pressure }), done: true };
  }

  down(pointer: Pointer): Drawing {
    return this.move(pointer);
  }

  finish(): Drawing {
    return { pixels: this.#pixels, changed: null, done: true };
  }

  #sizeAt({ pressure }: Pointer): number {
    return Math.max(1, this.#size * pressure);
  }
}

/** What lies between where the pointer was pressed and where it is. */
class Span implements Tool {
  readonly #first: Pointer;
  readonly #shape: (a: Point, b: Pointer) => Mask;
  #pixels: Mask;

  constructor(canvas: Canvas, first: Pointer, shape: (a: Point, b: Pointer) => Mask) {
    this.#first = first;
    this.#shape = shape;
    this.#pixels = Mask.empty(canvas.width, canvas.height);
    this.move(first);
  }

  move(pointer: Pointer): Drawing {
    const before = this.#pixels.bounds;
    this.#pixels = this.#shape(this.#first, pointer);
    return { pixels: this.#pixels, changed: around(before, this.#pixels.bounds), done: false };
  }

  up(pointer: Pointer): Drawing {
    return { ...this.move(pointer), done: true };
  }

  down(pointer: Pointer): Drawing {
    return this.move(pointer);
  }

  finish(): Drawing {
    return { pixels: this.#pixels, changed: null, done: true };
  }
}

const spans: Record<
  'line' | 'rectangle' | 'ellipse',
  (canvas: Canvas, size: number) => (a: Point, b: Pointer) => Mask
> = {
  line: (canvas, size) => (a, b) => stroke(canvas, [a, b.even ? byEighths(a, b) : b], [size, size]),
  rectangle: canvas => (a, b) => rectangle(canvas, a, b.even ? square(a, b) : b),
  ellipse: canvas => (a, b) => ellipse(canvas, a, b.even ? square(a, b) : b),
};

/** The corner of a square in the pointer's direction. */
function square(a: Point, b: Point): Point {
  const side = Math.max(Math.abs(b.x - a.x), Math.abs(b.y - a.y));
  return { x: a.x + Math.sign(b.x - a.x) * side, y: a.y + Math.sign(b.y - a.y) * side };
}

/** The point in the nearest of eight directions. */
function byEighths(a: Point, b: Point): Point {
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  const angle = (Math.round(Math.atan2(b.y - a.y, b.x - a.x) / (Math.PI / 4)) * Math.PI) / 4;
  return { x: a.x + length * Math.cos(angle), y: a.y + length * Math.sin(angle) };
}

/** One corner a click; closed by a click on the first corner, a double click or Return. */
class Polygon implements Tool {
  readonly #canvas: Canvas;
  readonly #corners: Point[];
  #before: Rect | null = null;

  constructor(canvas: Canvas, first: Pointer) {
    this.#canvas = canvas;
    this.#corners = [first];
  }

  move(pointer: Pointer): Drawing {
    return this.#drawing([...this.#corners, pointer], false);
  }

  up(): Drawing {
    return this.#drawing(this.#corners, false);
  }

  down(pointer: Pointer): Drawing {
    const [first] = this.#corners;
    if (this.#corners.length > 2 && Math.hypot(pointer.x - first!.x, pointer.y - first!.y) <= pointer.reach)
      return this.finish();
    this.#corners.push(pointer);
    return this.#drawing(this.#corners, false);
  }

  finish(): Drawing {
    return this.#drawing(this.#corners, true);
  }

  #drawing(corners: readonly Point[], done: boolean): Drawing {
    const pixels = polygon(this.#canvas, corners);
    const changed = around(this.#before, pixels.bounds);
    this.#before = pixels.bounds;
    return { pixels, changed, done, ...(!done && { outline: corners }) };
  }
}

/** The inside of the line that the pointer draws. */
class Lasso implements Tool {
  readonly #canvas: Canvas;
  readonly #line: Point[];
  #before: Rect | null = null;

  constructor(canvas: Canvas, first: Pointer) {
    this.#canvas = canvas;
    this.#line = [first];
  }

  move(pointer: Pointer): Drawing {
    this.#line.push(pointer);
    return this.#drawing(false);
  }

  up(pointer: Pointer): Drawing {
    this.#line.push(pointer);
    return this.#drawing(true);
  }

  down(pointer: Pointer): Drawing {
    return this.move(pointer);
  }

  finish(): Drawing {
    return this.#drawing(true);
  }

  #drawing(done: boolean): Drawing {
    const pixels = polygon(this.#canvas, this.#line);
    const changed = around(this.#before, pixels.bounds);
    this.#before = pixels.bounds;
    return { pixels, changed, done, ...(!done && { outline: this.#line }) };
  }
}
