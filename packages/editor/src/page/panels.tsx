/** The panels beside the drawing: tools, paints, steps. Depends on the studio. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { noLabel } from '../document/scene.js';
import { coloursTyped, wordsOf } from './colour-words.js';
import { icons } from './icons.js';
import type { PageTool, Studio } from './studio.js';
import { type TextKey, texts } from './texts.js';
import { Values } from './value-panel.js';

/** The tools, each with its key. */
export const toolKeys: readonly (readonly [PageTool, string])[] = [
  ['select', 'V'],
  ['brush', 'B'],
  ['eraser', 'D'],
  ['line', 'L'],
  ['rectangle', 'R'],
  ['ellipse', 'E'],
  ['polygon', 'P'],
  ['lasso', 'O'],
  ['fill', 'F'],
  ['replace', 'X'],
  ['pick', 'I'],
];

interface Props {
  readonly studio: Studio;
}

/** The tools, the brush, what a stroke becomes. */
export function Tools({ studio }: Props): JSX.Element {
  return (
    <section class="panel" aria-label={texts.tools}>
      <div class="tools" role="toolbar" aria-label={texts.tools}>
        {toolKeys.map(([tool, key]) => (
          <button
            key={tool}
            type="button"
            aria-pressed={studio.tool.value === tool}
            title={`${texts[tool]} (${key})`}
            onClick={() => {
              studio.finish();
              studio.tool.value = tool;
            }}
          >
            <svg viewBox="0 0 24 24" aria-hidden="true">
              <path d={icons[tool]} />
            </svg>
            <span>{texts[tool]}</span>
          </button>
        ))}
      </div>
      <p class="hint">{texts[`${studio.tool.value}Hint`]}</p>
      <label class="range">
        <span>{texts.size}</span>
        <input
          type="range"
          min={1}
          max={128}
          value={studio.brushSize.value}
          onInput={event => {
            studio.brushSize.value = Number(event.currentTarget.value);
          }}
        />
        <output>{studio.brushSize.value}</output>
      </label>
      <fieldset class="choice">
        <legend>{texts.strokes}</legend>
        {(
          [
            ['new', 'strokeNew'],
            ['extend', 'strokeExtend'],
          ] as const
        ).map(([mode, text]) => (
          <label key={mode}>
            <input
              type="radio"
              name="strokes"
              checked={studio.strokeMode.value === mode}
              onChange={() => {
                studio.strokeMode.value = mode;
              }}
            />
            {texts[text]}
          </label>
        ))}
      </fieldset>
    </section>
  );
}

interface ClassesProps extends Props {
  readonly addShape: () => void;
}

/** The classes with names and colours; a click makes one the paint. */
export function Classes({ studio, addShape }: ClassesProps): JSX.Element {
  const search = useSignal('');
  const list = useRef<HTMLUListElement>(null);
  const { classes, label, range, areOwn } = studio.paints;
  const chosen = classes.value[label.value];
  const colours = coloursTyped(search.value);
  const wanted = search.value.trim().toLowerCase();
  const shown = classes.value.filter(
    ({ id, name, colour }) =>
      `${id} ${name}`.toLowerCase().includes(wanted) || [...wordsOf(colour)].some(word => colours.has(word)),
  );
  useLayoutEffect(() => showWithin(list.current, '[aria-pressed=true]'), [label.value, wanted]);
  if (range !== null) return <Values studio={studio} />;
  if (areOwn) return <Colours studio={studio} />;
  return (
    <section class="panel paints" aria-label={texts.classes}>
      <h2>
        {texts.classes}
        {chosen && (
          <span class="chosen">
            <i style={{ background: chosen.colour }} />
            <span title={chosen.name}>{chosen.name}</span>
          </span>
        )}
      </h2>
      <div class="classes">
        <input
          type="search"
          placeholder={texts.search}
          aria-label={texts.search}
          value={search.value}
          onInput={event => {
            search.value = event.currentTarget.value;
          }}
        />
        <ul ref={list}>
          {shown.map(({ id, name, colour }) => (
            <li key={id}>
              <button
                type="button"
                aria-pressed={label.value === id}
                title={name}
                onClick={() => studio.choosePaint(id)}
              >
                <i style={{ background: colour }} />
                <span>{name}</span>
              </button>
            </li>
          ))}
        </ul>
        {shown.length === 0 && <p class="hint">{texts.noneFound}</p>}
        {studio.renderer.gallery.value.length > 0 && (
          <button type="button" onClick={addShape}>
            {texts.addShape} …
          </button>
        )}
      </div>
    </section>
  );
}

/** Scrolls a list so that an entry is to be seen: the list alone, not what it is in. */
function showWithin(list: HTMLElement | null, entry: string): void {
  const element = list?.querySelector(entry);
  if (!list || !element) return;
  const [outer, inner] = [list.getBoundingClientRect(), element.getBoundingClientRect()];
  if (inner.top < outer.top) list.scrollTop -= outer.top - inner.top;
  else if (inner.bottom > outer.bottom) list.scrollTop += inner.bottom - outer.bottom;
}

/** The colours of the drawing, and any other. */
function Colours({ studio }: Props): JSX.Element {
  const chosen = studio.paints.classes.value[studio.paints.label.value]?.colour ?? '#000000';
  const swatches = studio.paints.classes.value.filter(({ id }) => id !== noLabel);
  return (
    <section class="panel" aria-label={texts.colours}>
      <h2>{texts.colours}</h2>
      <div class="swatches">
        {swatches.map(({ id, colour }) => (
          <button
            key={id}
            type="button"
            aria-label={colour}
            aria-pressed={studio.paints.label.value === id}
            style={{ background: colour }}
            onClick={() => {
              studio.choosePaint(id);
            }}
          />
        ))}
      </div>
      <label class="field">
        <span>{texts.otherColour}</span>
        <input
          type="color"
          value={chosen}
          onChange={event => {
            studio.paints.useColour(event.currentTarget.value);
            studio.choosePaint(studio.paints.label.value);
          }}
        />
      </label>
    </section>
  );
}

/** The steps that led here; a click goes back to one. */
export function Steps({ studio }: Props): JSX.Element {
  const history = studio.history.value;
  const from = Math.max(0, history.steps.length - 200);
  const list = useRef<HTMLOListElement>(null);
  useLayoutEffect(() => showWithin(list.current, '[aria-current]'), [history]);
  return (
    <section class="panel steps" aria-label={texts.history}>
      <h2>{texts.history}</h2>
      <ol start={from + 1} ref={list}>
        {history.steps.slice(from).map(({ name }, i) => {
          const step = from + i;
          return (
            <li key={step}>
              <button
                type="button"
                aria-current={step === history.at ? 'step' : undefined}
                class={step > history.at ? 'undone' : ''}
                onClick={() => studio.goTo(step)}
              >
                {texts[name as TextKey] ?? name}
              </button>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
