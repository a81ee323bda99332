/** The panels beside the drawing: tools, paints, steps. Depends on the studio. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { noLabel } from '../document/scene.js';
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
  const classes = studio.paints.classes.value;
  if (studio.paints.range !== null) return <Values studio={studio} />;
  if (studio.paints.areOwn) return <Colours studio={studio} />;
  const shown = classes.filter(({ name, id }) => `${id} ${name}`.toLowerCase().includes(search.value.toLowerCase()));
  return (
    <section class="panel classes" aria-label={texts.classes}>
      <h2>{texts.classes}</h2>
      <input
        type="search"
        placeholder={texts.search}
        aria-label={texts.search}
        value={search.value}
        onInput={event => {
          search.value = event.currentTarget.value;
        }}
      />
      <ul>
        {shown.map(({ id, name, colour }) => (
          <li key={id}>
            <button
              type="button"
              aria-pressed={studio.paints.label.value === id}
              title={name}
              onClick={() => {
                studio.paints.label.value = id;
                studio.paintNext();
              }}
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
    </section>
  );
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
              studio.paints.label.value = id;
              studio.paintNext();
            }}
          />
        ))}
      </div>
      <label class="field">
        <span>{texts.otherColour}</span>
        <input type="color" value={chosen} onChange={event => studio.paints.useColour(event.currentTarget.value)} />
      </label>
    </section>
  );
}

/** The steps that led here; a click goes back to one. */
export function Steps({ studio }: Props): JSX.Element {
  const history = studio.history.value;
  const from = Math.max(0, history.steps.length - 200);
  return (
    <section class="panel steps" aria-label={texts.history}>
      <h2>{texts.history}</h2>
      <ol start={from + 1}>
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
