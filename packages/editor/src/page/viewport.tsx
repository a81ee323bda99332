/** One pane of the page: drawing, result or both, at the shared zoom; the pointer on it. Depends on the studio and handles. */
import { useSignal, useSignalEffect } from '@preact/signals';
import type { HTMLAttributes, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Matrix } from '../document/mask.js';
import { grown, type Rect } from '../document/rect.js';
import type { Point } from '../document/shapes.js';
import { readable, type ValueRange } from '../document/values.js';
import { dragMatrix, type Handle, handlesOf, pressAt } from '../tools/handles.js';
import type { Pointer } from '../tools/tool.js';
import { paintDrawing } from './painting.js';
import type { PageTool, Studio } from './studio.js';
import { texts } from './texts.js';
import type { View } from './view.js';

/** What a pane shows. */
export type Pane = 'drawing' | 'result' | 'both';

interface Props {
  readonly studio: Studio;
  readonly view: View;
  readonly pane: Pane;
}

/** A pane. */
export function Viewport({ studio, view, pane }: Props): JSX.Element {
  const frame = useRef<HTMLDivElement>(null);
  const hover = useSignal<Point | null>(null);
  const { width, height } = studio.scene.value;
  const pointers = usePointers(studio, view, frame, hover);
  useEffect(() => {
    const element = frame.current!;
    const resized = new ResizeObserver(() => view.measured(element.clientWidth, element.clientHeight));
    resized.observe(element);
    return () => resized.disconnect();
  }, [view]);
  useEffect(() => view.fit(width, height), [view, width, height]);
  const { zoom, x, y } = view.value;
  const place = { width: `${width * zoom}px`, height: `${height * zoom}px`, transform: `translate(${x}px, ${y}px)` };
  return (
    <section class="pane" aria-label={pane === 'result' ? texts.result : texts.drawing}>
      <h2>
        {pane === 'result' ? texts.result : texts.drawing}
        <small>{pane === 'result' ? texts.resultHint : texts.drawingHint}</small>
        {pane !== 'drawing' && studio.renderer.behind.value && (
          <small class={`older${studio.renderer.status.value.kind === 'ready' ? ' soon' : ''}`}>{texts.older}</small>
        )}
      </h2>
      <div
        class={`frame tool-${studio.tool.value}`}
        ref={frame}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keys act on the drawing
        tabIndex={0}
        role="application"
        aria-label={pane === 'result' ? texts.result : texts.drawing}
        {...pointers}
      >
        <div class="stage" style={place}>
          {pane !== 'drawing' && <ResultCanvas studio={studio} />}
          {pane !== 'result' && <MapCanvas studio={studio} view={view} over={pane === 'both'} />}
        </div>
        <Overlay studio={studio} view={view} hover={hover.value} />
        {pane !== 'result' && <Readout studio={studio} hover={hover.value} />}
      </div>
    </section>
  );
}

function MapCanvas({ studio, view, over }: { studio: Studio; view: View; over: boolean }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawnWith = useRef<ValueRange | null>(null);
  const { width, height } = studio.scene.value;
  useSignalEffect(() => {
    const { rect } = studio.changes.value;
    const { shown } = studio.paints;
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context) return;
    const scene = studio.scene.peek();
    const resized = element.width !== scene.width || element.height !== scene.height;
    if (resized) {
      element.width = scene.width;
      element.height = scene.height;
    }
    const whole = { x: 0, y: 0, width: scene.width, height: scene.height };
    const others = shown !== drawnWith.current;
    drawnWith.current = shown;
    // A pixel beside the change may gain or lose the line between two objects.
    const part = resized || others ? whole : grown(rect, 1, scene);
    paintDrawing(context, studio.maps, scene, studio.paints, part, !studio.paints.areOwn);
  });
  const opacity = over ? view.opacity.value : 1;
  const clip = over ? `inset(0 ${100 - view.wipe.value}% 0 0)` : 'none';
  return <canvas ref={canvas} class="map" width={width} height={height} style={{ opacity, clipPath: clip }} />;
}

function ResultCanvas({ studio }: { studio: Studio }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  useSignalEffect(() => {
    const image = studio.renderer.image.value;
    if (image === null) return;
    const blob = new Blob([image.bytes as Uint8Array<ArrayBuffer>], { type: `image/${image.format}` });
    createImageBitmap(blob).then(bitmap => {
      const element = canvas.current;
      if (element && studio.renderer.image.peek() === image) {
        element.width = bitmap.width;
        element.height = bitmap.height;
        element.getContext('2d')!.drawImage(bitmap, 0, 0);
        element.dataset.revision = String(image.revision);
      }
      bitmap.close();
    });
  });
  return <canvas ref={canvas} class="result" />;
}

/** Outline and handles of the selected object, the brush, a line that is being drawn. */
function Overlay({ studio, view, hover }: { studio: Studio; view: View; hover: Point | null }): JSX.Element {
  const { zoom, x, y } = view.value;
  const tool = studio.tool.value;
  const bounds = studio.objects.frame.value;
  const band = studio.objects.band.value;
  const screen = (point: Point) => [x + point.x * zoom, y + point.y * zoom] as const;
  const line = studio.outline.value.map(point => screen(point).join(',')).join(' ');
  const round = tool === 'brush' || tool === 'line' || tool === 'eraser';
  return (
    <svg class="overlay" aria-hidden="true">
      {bounds && <Box class="selection" rect={bounds} view={view} />}
      {bounds &&
        tool === 'select' &&
        studio.objects.movable &&
        handlesOf(bounds, zoom).map(handle => {
          const [cx, cy] = screen(handle);
          return <circle key={handle.handle} class="handle" cx={cx} cy={cy} r={5} />;
        })}
      {band && <Box class="band" rect={band} view={view} />}
      {line !== '' && <polyline class="line" points={line} />}
      {hover && round && (
        <circle class="cursor" cx={screen(hover)[0]} cy={screen(hover)[1]} r={(studio.brushSize.value / 2) * zoom} />
      )}
    </svg>
  );
}

/** Where the pointer is, and the value that is there; nothing where pixels are no values. */
function Readout({ studio, hover }: { studio: Studio; hover: Point | null }): JSX.Element | null {
  // What is under a pointer that rests may change.
  studio.changes.value;
  const value = hover === null ? null : studio.pixels.valueAt(hover);
  if (value === null) return null;
  return (
    <p class="readout">
      {`x ${Math.floor(hover!.x)}, y ${Math.floor(hover!.y)}`}
      <b>{readable(value)}</b>
    </p>
  );
}

/** A rectangle of the drawing, on the screen. */
function Box({ class: name, rect, view }: { class: string; rect: Rect; view: View }): JSX.Element {
  const { zoom, x, y } = view.value;
  return (
    <rect
      class={name}
      x={x + rect.x * zoom}
      y={y + rect.y * zoom}
      width={rect.width * zoom}
      height={rect.height * zoom}
    />
  );
}

type Drag =
  | { kind: 'pan'; x: number; y: number }
  | { kind: 'handle'; handle: Handle; from: Point; frame: Rect; chosen: boolean }
  | { kind: 'draw' }
  | { kind: 'band'; from: Pointer }
  | { kind: 'tap' };

/** Tools that do all they do when the pointer is pressed. */
const actsAtOnce = new Set<PageTool>(['fill', 'replace', 'pick']);

/** The rectangle with two places as opposite corners. */
function between(a: Point, b: Point): Rect {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  return { x, y, width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y) };
}

/** What the pointer does: draws, drags handles, pans; two fingers pan and zoom. */
function usePointers(
  studio: Studio,
  view: View,
  frame: { readonly current: HTMLDivElement | null },
  hover: { value: Point | null },
): HTMLAttributes<HTMLDivElement> {
  const drag = useRef<Drag | null>(null);
  const next = useRef<{ matrix: Matrix | null }>({ matrix: null });
  /** Shows what is dragged where it is in the next frame; not in between. */
  const preview = (by: Matrix) => {
    if (next.current.matrix === null)
      requestAnimationFrame(() => {
        const { matrix } = next.current;
        next.current.matrix = null;
        if (matrix !== null && drag.current?.kind === 'handle') studio.objects.preview(matrix);
      });
    next.current.matrix = by;
  };
  const fingers = useRef(new Map<number, Point>());
  const local = (event: PointerEvent | WheelEvent): Point => {
    const box = frame.current!.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const pointer = (event: PointerEvent): Pointer => ({
    ...view.toCanvas(local(event)),
    pressure: event.pointerType === 'pen' ? Math.max(0.05, event.pressure) : 1,
    even: event.shiftKey,
    reach: 8 / view.value.zoom,
  });
  const begin = (event: PointerEvent): Drag => {
    const at = local(event);
    if (event.button === 1 || view.panning.value) return { kind: 'pan', ...at };
    const point = pointer(event);
    if (studio.tool.peek() === 'select') return select(point);
    // A finger may be the first of two: what acts at once waits until it is lifted.
    if (event.pointerType === 'touch' && actsAtOnce.has(studio.tool.peek())) return { kind: 'tap' };
    studio.down(point);
    return { kind: 'draw' };
  };
  const select = (point: Pointer): Drag => {
    const { objects } = studio;
    const box = objects.movable ? objects.frame.peek() : null;
    const press = pressAt(box, view.value.zoom, point, point.even, objects.isMovable(studio.objectAt(point)));
    if (press.kind === 'band') return { kind: 'band', from: point };
    if (press.chooses) studio.down(point);
    return { kind: 'handle', handle: press.handle, from: point, frame: objects.frame.peek()!, chosen: press.chooses };
  };
  const matrix = (dragged: Extract<Drag, { kind: 'handle' }>, event: PointerEvent) => {
    return dragMatrix(dragged.handle, dragged.frame, dragged.from, pointer(event), event.shiftKey);
  };
  const moved = ({ from }: { readonly from: Point }, event: PointerEvent) => {
    const to = pointer(event);
    return Math.hypot(to.x - from.x, to.y - from.y) * view.value.zoom > 2;
  };
  return {
    onPointerDown(event: PointerEvent) {
      if (event.button > 1) return;
      frame.current!.setPointerCapture(event.pointerId);
      frame.current!.focus({ preventScroll: true });
      event.preventDefault();
      if (event.pointerType === 'touch') {
        fingers.current.set(event.pointerId, local(event));
        if (fingers.current.size === 2) {
          if (studio.tool.peek() !== 'polygon') studio.cancel();
          drag.current = null;
          studio.objects.band.value = null;
          return;
        }
      }
      drag.current = begin(event);
    },
    onPointerMove(event: PointerEvent) {
      hover.value = view.toCanvas(local(event));
      const others = fingers.current;
      if (others.size === 2 && others.has(event.pointerId)) {
        const before = [...others.values()];
        others.set(event.pointerId, local(event));
        view.pinch(before as [Point, Point], [...others.values()] as [Point, Point]);
        return;
      }
      const dragged = drag.current;
      if (dragged === null) {
        if (studio.outline.peek().length > 0) studio.move(pointer(event));
      } else if (dragged.kind === 'pan') {
        const at = local(event);
        view.pan(at.x - dragged.x, at.y - dragged.y);
        drag.current = { kind: 'pan', ...at };
      } else if (dragged.kind === 'handle') {
        if (moved(dragged, event)) preview(matrix(dragged, event));
      } else if (dragged.kind === 'band') {
        if (studio.objects.band.peek() !== null || moved(dragged, event))
          studio.objects.band.value = between(dragged.from, pointer(event));
      } else if (dragged.kind === 'draw')
        for (const each of event.getCoalescedEvents?.() ?? [event]) studio.move(pointer(each));
    },
    onPointerUp(event: PointerEvent) {
      fingers.current.delete(event.pointerId);
      const dragged = drag.current;
      drag.current = null;
      if (dragged?.kind === 'band') {
        const band = studio.objects.band.peek();
        studio.objects.band.value = null;
        if (band !== null) studio.objects.selectWithin(band, dragged.from.even);
        else studio.down(dragged.from);
      }
      if (dragged?.kind === 'tap') studio.down(pointer(event));
      if (dragged?.kind === 'draw') studio.up(pointer(event));
      if (dragged?.kind !== 'handle') return;
      const { handle } = dragged;
      const name = handle === 'move' || handle === 'turn' ? handle : 'resize';
      if (moved(dragged, event)) studio.objects.transform(name, matrix(dragged, event));
      else {
        studio.cancel();
        // A click inside the frame is about what is under the pointer, and on one of several selected objects about that one.
        if (handle === 'move' && !dragged.chosen) studio.chooseAt(dragged.from);
      }
    },
    onPointerCancel(event: PointerEvent) {
      fingers.current.delete(event.pointerId);
      drag.current = null;
      studio.objects.band.value = null;
      studio.cancel();
    },
    onPointerLeave() {
      hover.value = null;
    },
    onDblClick() {
      studio.finish();
    },
    onWheel(event: WheelEvent) {
      event.preventDefault();
      if (event.ctrlKey || !event.shiftKey) view.zoomAt(local(event), 1.0015 ** -event.deltaY);
      else view.pan(-event.deltaX - event.deltaY, 0);
    },
  } as HTMLAttributes<HTMLDivElement>;
}
