/** The handles around a selected object, and the matrix that dragging one of them means. Pure geometry. */
import type { Matrix } from '../document/mask.js';
import type { Rect } from '../document/rect.js';
import type { Point } from '../document/shapes.js';

/** A corner or an edge to scale by, the knob to turn by, or the object itself to move. */
export type Handle = 'nw' | 'n' | 'ne' | 'e' | 'se' | 's' | 'sw' | 'w' | 'turn' | 'move';

/** Where the handles are, from 0 to 1 across the rectangle. */
const places: Readonly<Record<Exclude<Handle, 'turn' | 'move'>, readonly [number, number]>> = {
  nw: [0, 0],
  n: [0.5, 0],
  ne: [1, 0],
  e: [1, 0.5],
  se: [1, 1],
  s: [0.5, 1],
  sw: [0, 1],
  w: [0, 0.5],
};

/** Sides shorter than this, in pixels of the screen, leave no room for handles in their middles. */
const roomForMiddles = 48;

/** How far the knob is from the upper edge, in pixels of the screen. */
const knobDistance = 24;

/** The handles of a rectangle on the canvas. @param zoom pixels of the screen per pixel of the canvas. */
export function handlesOf(rect: Rect, zoom: number): readonly (Point & { readonly handle: Handle })[] {
  const small = Math.min(rect.width, rect.height) * zoom < roomForMiddles;
  const shown = Object.entries(places).filter(([, [u, v]]) => !small || (u !== 0.5 && v !== 0.5));
  const scaling = shown.map(([handle, [u, v]]) => ({
    handle: handle as Handle,
    x: rect.x + u * rect.width,
    y: rect.y + v * rect.height,
  }));
  return [...scaling, { handle: 'turn', x: rect.x + rect.width / 2, y: rect.y - knobDistance / zoom }];
}

/** The handle nearest to the pointer within reach, or the inside of the rectangle, of which half the way to a handle is kept free. */
export function handleAt(rect: Rect, zoom: number, { x, y }: Point, reach = 8): Handle | null {
  const distance = (handle: Point) => Math.hypot(handle.x - x, handle.y - y);
  const nearest = handlesOf(rect, zoom).reduce((best, handle) => (distance(handle) < distance(best) ? handle : best));
  const inside = x >= rect.x && y >= rect.y && x < rect.x + rect.width && y < rect.y + rect.height;
  const within = inside ? Math.min(reach / zoom, Math.min(rect.width, rect.height) / 4) : reach / zoom;
  if (distance(nearest) <= within) return nearest.handle;
  return inside ? 'move' : null;
}

/** What pressing the pointer with the Select tool begins. */
export type Press =
  /** @param chooses whether what is under the pointer is selected first. */
  | { readonly kind: 'drag'; readonly handle: Handle; readonly chooses: boolean }
  /** A rectangle around what is to be selected. */
  | { readonly kind: 'band' };

/**
 * What a drag that starts at a place is: of a handle, of what is selected wherever in its frame, of the object under the pointer, or of
 * a rectangle. Where the pointer is let go without a drag it was a click, which chooses what is under it.
 * @param frame of what is selected; null where that cannot be moved.
 * @param band Shift: a rectangle, whatever is under the pointer.
 * @param onObject whether an object that can be moved is under the pointer.
 */
export function pressAt(frame: Rect | null, zoom: number, point: Point, band: boolean, onObject: boolean): Press {
  const handle = frame === null ? null : handleAt(frame, zoom, point);
  if (handle !== null && handle !== 'move') return { kind: 'drag', handle, chooses: false };
  if (band) return { kind: 'band' };
  if (handle === 'move') return { kind: 'drag', handle, chooses: false };
  return onObject ? { kind: 'drag', handle: 'move', chooses: true } : { kind: 'band' };
}

/**
 * What dragging a handle does to an object: corners scale both ways, edges one way, both from the opposite side; the knob turns
 * about the middle; everything else moves by whole pixels.
 * @param even corners keep the proportions, the knob turns by 15°.
 */
export function dragMatrix(handle: Handle, rect: Rect, from: Point, to: Point, even: boolean): Matrix {
  if (handle === 'move') return [1, 0, 0, 1, Math.round(to.x - from.x), Math.round(to.y - from.y)];
  if (handle === 'turn') {
    const [x, y] = [rect.x + rect.width / 2, rect.y + rect.height / 2];
    const turned = Math.atan2(to.y - y, to.x - x) - Math.atan2(from.y - y, from.x - x);
    const angle = even ? (Math.round(turned / (Math.PI / 12)) * Math.PI) / 12 : turned;
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    return [c, s, -s, c, x - c * x + s * y, y - s * x - c * y];
  }
  const [u, v] = places[handle];
  const scaleX = u === 0.5 ? 1 : scale(u, rect.width, to.x - from.x);
  const scaleY = v === 0.5 ? 1 : scale(v, rect.height, to.y - from.y);
  const both = u !== 0.5 && v !== 0.5 && even ? Math.max(scaleX, scaleY) : null;
  const [sx, sy] = [both ?? scaleX, both ?? scaleY];
  const [fixedX, fixedY] = [rect.x + (1 - u) * rect.width, rect.y + (1 - v) * rect.height];
  return [sx, 0, 0, sy, u === 0.5 ? 0 : fixedX * (1 - sx), v === 0.5 ? 0 : fixedY * (1 - sy)];
}

/** At least one pixel stays. */
function scale(side: number, length: number, by: number): number {
  return Math.max(1, length + (side === 1 ? by : -by)) / length;
}
