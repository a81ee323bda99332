/** The library of shapes as pictures; a click puts one into the drawing. Depends on the studio and the view. */
import { useSignal, useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { addShape, fitted, largest, type Shape } from '../document/library.js';
import { Dialog } from './dialog.js';
import type { Studio } from './studio.js';
import { filled, texts } from './texts.js';
import type { View } from './view.js';

interface Props {
  readonly studio: Studio;
  readonly view: View;
  readonly close: () => void;
}

/** Pictures at most. */
const most = 200;
/** Pixels of a picture's side. */
const side = 144;

/** A dialog with the shapes of the drawings to begin with. */
export function ShapeDialog({ studio, view, close }: Props): JSX.Element {
  const filter = useSignal<number | 'all' | null>(null);
  useEffect(() => studio.beginnings.browse(), [studio]);
  useSignalEffect(() => studio.library.gather());
  const shapes = studio.library.shapes.value;
  const waiting = studio.beginnings.offered.value.size < studio.renderer.gallery.value.length;
  const paint = studio.paints.chosen;
  const counts = new Map<number, number>();
  for (const { label } of shapes) counts.set(label, (counts.get(label) ?? 0) + 1);
  // While drawings are still coming the paint's class may yet have shapes.
  const hopeful = counts.has(paint.label) || (waiting && paint.countable);
  const wanted = filter.value ?? (hopeful ? paint.label : 'all');
  const shown = wanted === 'all' ? shapes : shapes.filter(({ label }) => label === wanted);
  const pictured = largest(shown, most);
  const classes = studio.paints.classes.value.filter(({ id }) => counts.has(id) || id === wanted);
  const add = (shape: Shape) => {
    addTo(studio, shape, view);
    close();
  };
  const filterBy = (
    <select
      aria-label={texts.shapeClass}
      value={wanted}
      onChange={event => {
        const { value } = event.currentTarget;
        filter.value = value === 'all' ? 'all' : Number(value);
      }}
    >
      <option value="all">{`${texts.allClasses} (${shapes.length})`}</option>
      {classes.map(({ id, name }) => (
        <option key={id} value={id}>
          {`${name} (${counts.get(id) ?? 0})`}
        </option>
      ))}
    </select>
  );
  return (
    <Dialog class="gallery shapes" title={texts.addShape} tools={filterBy} close={close}>
      {shown.length === 0 && !waiting && <p class="hint">{texts.noShapes}</p>}
      <ul>
        {pictured.map(shape => (
          <li key={keyOf(shape)}>
            <button type="button" onClick={() => add(shape)}>
              <Picture studio={studio} shape={shape} />
              {shape.from}
              <small>{studio.paints.classes.value[shape.label]?.name}</small>
            </button>
          </li>
        ))}
        {waiting && (
          <li>
            <span class="sheet waiting" />
          </li>
        )}
      </ul>
      {pictured.length < shown.length && (
        <p class="hint">{filled('largestOf', { shown: pictured.length, all: shown.length })}</p>
      )}
    </Dialog>
  );
}

/** Adds a shape where the view is, to be dragged from there. */
function addTo(studio: Studio, shape: Shape, view: View): void {
  studio.finish();
  const { scene, id } = addShape(studio.history.peek().state, shape, view.middle);
  studio.commit('added', scene);
  studio.objects.select(id);
  studio.tool.value = 'select';
}

function Picture({ studio, shape }: { studio: Studio; shape: Shape }): JSX.Element {
  const element = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = element.current?.getContext('2d');
    if (!context) return;
    context.fillStyle = studio.paints.classes.peek()[shape.label]?.colour ?? '#000000';
    for (const [y, from, to] of fitted(shape.mask, side).runs()) context.fillRect(from, y, to - from, 1);
  }, [studio, shape]);
  return (
    <span class="shape">
      <canvas ref={element} width={side} height={side} />
    </span>
  );
}

const keys = new WeakMap<Shape, number>();
let count = 0;

/** Shapes come between others: each keeps its element. */
function keyOf(shape: Shape): number {
  const known = keys.get(shape) ?? count++;
  keys.set(shape, known);
  return known;
}
