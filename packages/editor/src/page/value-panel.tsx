/** The values to paint with, and which of them are shown from black to white. Depends on the studio. */
import type { JSX } from 'preact';
import { noLabel } from '../document/scene.js';
import { greyOf, readable, type ValueRange } from '../document/values.js';
import type { Studio } from './studio.js';
import { filled, texts } from './texts.js';

interface Props {
  readonly studio: Studio;
}

/** The values of the drawing, and any other of the range. */
export function Values({ studio }: Props): JSX.Element {
  const { paints } = studio;
  const { low, high } = paints.range!;
  const chosen = paints.levels.value[paints.label.value] ?? high;
  return (
    <section class="panel" aria-label={texts.values}>
      <h2>{texts.values}</h2>
      <div class="values">
        {paints.classes.value.map(
          ({ id, name, colour }) =>
            id !== noLabel && (
              <button
                key={id}
                type="button"
                class={greyOf(paints.levels.value[id]!, paints.shown) < 128 ? 'dark' : ''}
                title={name}
                aria-pressed={paints.label.value === id}
                style={{ background: colour }}
                onClick={() => {
                  studio.choosePaint(id);
                }}
              >
                {name}
              </button>
            ),
        )}
      </div>
      <label class="field">
        <span>{texts.otherValue}</span>
        <input
          type="number"
          step="any"
          min={low}
          max={high}
          value={readable(chosen)}
          onChange={event => {
            const value = event.currentTarget.valueAsNumber;
            if (Number.isFinite(value)) {
              paints.useValue(Math.min(high, Math.max(low, value)));
              studio.choosePaint(paints.label.value);
            }
            event.currentTarget.value = readable(paints.levels.value[paints.label.value] ?? high);
          }}
        />
        <small>{filled('valuesFromTo', { low: readable(low), high: readable(high) })}</small>
      </label>
      <Shown studio={studio} range={paints.range!} />
    </section>
  );
}

/** Which values are black and white on the screen. */
function Shown({ studio, range }: Props & { readonly range: ValueRange }): JSX.Element {
  const { paints } = studio;
  const { shown } = paints;
  const least = (range.high - range.low) / 1000;
  const setLow = (low: number) => paints.show({ ...shown, low: Math.min(low, shown.high - least) });
  const setHigh = (high: number) => paints.show({ ...shown, high: Math.max(high, shown.low + least) });
  return (
    <fieldset class="shown">
      <legend>{texts.shownRange}</legend>
      <End text={texts.shownBlack} value={shown.low} range={range} set={setLow} />
      <End text={texts.shownWhite} value={shown.high} range={range} set={setHigh} />
      <button type="button" class="wide" disabled={shown === range} onClick={() => paints.show(null)}>
        {texts.shownAll}
      </button>
    </fieldset>
  );
}

interface EndProps {
  readonly text: string;
  readonly value: number;
  readonly range: ValueRange;
  readonly set: (value: number) => void;
}

/** One end of what is shown: a slider, and a field for the number itself. */
function End({ text, value, range: { low, high }, set }: EndProps): JSX.Element {
  return (
    <div class="end">
      <span aria-hidden="true">{text}</span>
      <input
        type="number"
        step="any"
        aria-label={text}
        value={readable(value)}
        onChange={event => {
          const wanted = event.currentTarget.valueAsNumber;
          if (Number.isFinite(wanted)) set(wanted);
          event.currentTarget.value = readable(value);
        }}
      />
      <input
        type="range"
        min={low}
        max={high}
        step={(high - low) / 1000}
        aria-label={text}
        value={value}
        onInput={event => set(event.currentTarget.valueAsNumber)}
      />
    </div>
  );
}
