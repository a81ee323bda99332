/** The panels beside the drawing: tools, classes, the selected object, steps. Depends on the studio. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { RenderedCluster } from '../engine/engine.js';
import { chooseFiles } from './files.js';
import { icons } from './icons.js';
import type { PageTool, Studio } from './studio.js';
import { type TextKey, texts } from './texts.js';

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

/** What a tool is called: with networks of images, classes are colours. */
function toolText(tool: PageTool, { paints }: Studio): TextKey {
  if (!paints.areColours) return tool;
  return tool === 'pick' ? 'pickColour' : tool === 'replace' ? 'replaceColour' : tool;
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
            title={`${texts[toolText(tool, studio)]} (${key})`}
            onClick={() => {
              studio.finish();
              studio.tool.value = tool;
            }}
          >
            <svg viewBox="0 0 24 24" aria-hidden="true">
              <path d={icons[tool]} />
            </svg>
            <span>{texts[toolText(tool, studio)]}</span>
          </button>
        ))}
      </div>
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
  if (studio.paints.areColours) return <Colours studio={studio} />;
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
                const { peek } = studio.tool;
                if (peek.call(studio.tool) === 'select' || peek.call(studio.tool) === 'pick')
                  studio.tool.value = 'brush';
              }}
            >
              <i style={{ background: colour }} />
              <span>{name}</span>
            </button>
          </li>
        ))}
      </ul>
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
  return (
    <section class="panel" aria-label={texts.colours}>
      <h2>{texts.colours}</h2>
      <div class="swatches">
        {studio.paints.classes.value.map(({ id, colour }) => (
          <button
            key={id}
            type="button"
            aria-label={colour}
            aria-pressed={studio.paints.label.value === id}
            style={{ background: colour }}
            onClick={() => {
              studio.paints.label.value = id;
              if (studio.tool.peek() === 'select' || studio.tool.peek() === 'pick') studio.tool.value = 'brush';
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

/** The selected object: its class, its looks, its place among the others. */
export function ObjectPanel({ studio }: Props): JSX.Element {
  const object = studio.selectedObject.value;
  const model = studio.renderer.model.value;
  const clusters = studio.looks.clustersOf(object);
  const button = (key: TextKey, act: () => void) => (
    <button type="button" onClick={act}>
      {texts[key]}
    </button>
  );
  return (
    <section class="panel" aria-label={texts.object}>
      <h2>{texts.object}</h2>
      {object === undefined ? (
        <p class="hint">{texts.nothing}</p>
      ) : (
        <>
          <label class="field">
            <span>{studio.paints.areColours ? texts.recolour : texts.relabel}</span>
            <select value={object.label} onChange={event => studio.relabel(Number(event.currentTarget.value))}>
              {studio.paints.classes.value.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <div class="buttons">
            {button('duplicate', () => studio.duplicate())}
            {button('delete', () => studio.remove())}
            {!studio.paints.areColours && (
              <button type="button" class="wide" onClick={() => studio.remove(true)}>
                {texts.deleteFill}
              </button>
            )}
            {button('front', () => studio.reorder('front'))}
            {button('forward', () => studio.reorder('forward'))}
            {button('backward', () => studio.reorder('backward'))}
            {button('back', () => studio.reorder('back'))}
          </div>
          {clusters.length > 0 && (
            <>
              <h3>{texts.styles}</h3>
              <div class="looks">
                {clusters.map((_, cluster) => (
                  <Look
                    key={cluster}
                    studio={studio}
                    cluster={cluster}
                    rendered={studio.renderer.clusters.value.find(one => one.cluster === cluster)}
                  />
                ))}
              </div>
              <Features studio={studio} />
              <div class="buttons">
                {button('randomLook', () => studio.wear(studio.looks.between(object)))}
                {button('copyLook', () => studio.copyLook())}
                <button
                  type="button"
                  disabled={studio.looks.copied.value === null}
                  onClick={() => studio.wear(studio.looks.copied.value)}
                >
                  {texts.pasteLook}
                </button>
              </div>
            </>
          )}
          <FromPhoto studio={studio} instance={object.id} text={texts.likePhoto} />
        </>
      )}
      {model?.styles && (
        <label class="field">
          <span>{texts.seed}</span>
          <span class="seed">
            <output>{studio.seed.value === 0 ? texts.usual : studio.seed.value}</output>
            <button type="button" onClick={() => studio.reseed(studio.seed.peek() + 1)}>
              {texts.shuffle}
            </button>
          </span>
        </label>
      )}
      <FromPhoto studio={studio} instance={null} text={texts.allLikePhoto} />
    </section>
  );
}

interface FromPhotoProps extends Props {
  /** Null: every object. */
  readonly instance: number | null;
  readonly text: string;
}

/** Lets the person choose a photo, whose look is taken; nothing where the network finds no looks in photos. */
function FromPhoto({ studio, instance, text }: FromPhotoProps): JSX.Element | null {
  if (!studio.looks.fromPhotos) return null;
  return (
    <button
      type="button"
      class="wide"
      disabled={studio.renderer.looking.value}
      onClick={() => chooseFiles('image/*', false, ([file]) => void studio.looks.takeFrom(file!, instance))}
    >
      {text}
    </button>
  );
}

/** The numbers behind the look of the selected object, to be turned by hand. */
function Features({ studio }: Props): JSX.Element {
  const features = studio.looks.featuresOf(studio.selectedObject.value);
  return (
    <div class="features">
      {features.map((value, channel) => (
        <label key={channel} class="range">
          <span>{`${texts.feature} ${channel + 1}`}</span>
          <input
            type="range"
            min={-1}
            max={1}
            step={0.02}
            value={value}
            onInput={event => studio.turnFeature(channel, Number(event.currentTarget.value))}
            onChange={() => studio.keepFeatures()}
          />
        </label>
      ))}
    </div>
  );
}

interface LookProps extends Props {
  readonly cluster: number;
  readonly rendered: RenderedCluster | undefined;
}

/** The object in one of its looks, in its place. */
function Look({ studio, cluster, rendered }: LookProps): JSX.Element {
  const address = useMemo(
    () =>
      rendered && URL.createObjectURL(new Blob([rendered.bytes as Uint8Array<ArrayBuffer>], { type: 'image/webp' })),
    [rendered],
  );
  useEffect(() => () => address && URL.revokeObjectURL(address), [address]);
  const object = studio.selectedObject.value;
  const bounds = object?.mask.bounds;
  const chosen = object?.style?.kind === 'cluster' && object.style.cluster === cluster;
  const { width, height } = studio.scene.value;
  const side = 64;
  const margin = bounds ? Math.max(bounds.width, bounds.height) * 0.25 : 0;
  const shown = bounds ? Math.max(bounds.width, bounds.height) + 2 * margin : 1;
  const scale = side / shown;
  const picture = bounds && {
    width: `${width * scale}px`,
    height: `${height * scale}px`,
    transform: `translate(${side / 2 - (bounds.x + bounds.width / 2) * scale}px, ${side / 2 - (bounds.y + bounds.height / 2) * scale}px)`,
  };
  return (
    <button
      type="button"
      class="look"
      aria-pressed={chosen}
      aria-label={`${texts.styles} ${cluster + 1}`}
      onClick={() => studio.style(chosen ? undefined : { kind: 'cluster', cluster })}
    >
      {address && picture ? <img src={address} alt="" style={picture} /> : <span class="waiting" />}
    </button>
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
