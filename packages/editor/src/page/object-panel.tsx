/** What can be done to the selected objects: their paint, their place among the others, their looks. Depends on the studio. */
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { RenderedCluster } from '../engine/engine.js';
import { chooseFiles } from './files.js';
import type { Studio } from './studio.js';
import { filled, type TextKey, texts } from './texts.js';

interface Props {
  readonly studio: Studio;
}

/** The selected object: its class, its looks, its place among the others. */
export function ObjectPanel({ studio }: Props): JSX.Element {
  const object = studio.objects.last.value;
  const model = studio.renderer.model.value;
  const clusters = studio.looks.clustersOf(object);
  const count = studio.objects.selection.ids.value.length;
  const several = studio.objects.ofSeveral;
  const parts = studio.objects.selection.parts(studio.scene.value).length;
  const button = (key: TextKey, act: () => void) => (
    <button type="button" onClick={act}>
      {texts[key]}
    </button>
  );
  return (
    <section class="panel" aria-label={texts.object}>
      <h2>{count > 1 ? `${count} ${texts.objects}` : texts.object}</h2>
      {object === undefined ? (
        <p class="hint">{texts.nothing}</p>
      ) : (
        <>
          <label class="field">
            <span>{texts.relabel}</span>
            <select
              value={several ? '' : object.label}
              onChange={event => studio.objects.relabel(Number(event.currentTarget.value))}
            >
              {several && (
                <option value="" disabled>
                  {texts.several}
                </option>
              )}
              {studio.paints.classes.value.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <div class="buttons">
            {studio.objects.movable && button('duplicate', () => studio.objects.duplicate())}
            {button('delete', () => studio.objects.remove())}
            {!studio.paints.areOwn && (
              <button type="button" class="wide" onClick={() => studio.objects.remove(true)}>
                {texts.deleteFillWith}
                <i style={{ background: studio.paints.classes.value[studio.paints.label.value]?.colour }} />
              </button>
            )}
            {button('front', () => studio.objects.reorder('front'))}
            {button('forward', () => studio.objects.reorder('forward'))}
            {button('backward', () => studio.objects.reorder('backward'))}
            {button('back', () => studio.objects.reorder('back'))}
          </div>
          {parts > 0 && studio.objects.movable && (
            <label class="check">
              <input
                type="checkbox"
                checked={studio.objects.selection.withParts.value}
                onChange={event => {
                  studio.objects.selection.withParts.value = event.currentTarget.checked;
                }}
              />
              {texts.withParts.replace('{n}', String(parts))}
            </label>
          )}
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
              <div class="buttons">
                {button('randomLook', () => studio.objects.wear(studio.looks.between(object)))}
                <button
                  type="button"
                  disabled={!studio.objects.hasChosenLook}
                  onClick={() => studio.objects.style(undefined)}
                >
                  {texts.usualLook}
                </button>
                {button('copyLook', () => studio.objects.copyLook())}
                <button
                  type="button"
                  disabled={studio.looks.copied.value === null}
                  onClick={() => studio.objects.wear(studio.looks.copied.value)}
                >
                  {texts.pasteLook}
                </button>
                <button type="button" class="wide" onClick={() => studio.objects.styleAlike()}>
                  {texts.lookAlike}
                </button>
              </div>
              <details>
                <summary>{texts.fineTune}</summary>
                <Features studio={studio} />
              </details>
            </>
          )}
          <FromPhoto studio={studio} instance={object.id} text={texts.likePhoto} />
        </>
      )}
      {model?.styles && <AllLooks studio={studio} />}
      <FromPhoto studio={studio} instance={null} text={texts.allLikePhoto} />
    </section>
  );
}

/** The looks of all objects at once; those that were given one keep it unless the person says otherwise. */
function AllLooks({ studio }: Props): JSX.Element {
  const { looks, scene } = studio;
  const { seed = 0 } = scene.value;
  const chosen = looks.chosenIn(scene.value);
  const also = looks.shuffleChosen.value;
  return (
    <fieldset class="all-looks">
      <legend>{texts.seed}</legend>
      <div class="buttons">
        <button type="button" onClick={() => studio.reseed(seed + 1)}>
          {texts.shuffle}
        </button>
        <button type="button" disabled={seed === 0 && !(also && chosen > 0)} onClick={() => studio.reseed(0)}>
          {texts.usual}
        </button>
      </div>
      <label class="check">
        <input
          type="checkbox"
          checked={also}
          onChange={event => {
            looks.shuffleChosen.value = event.currentTarget.checked;
          }}
        />
        {texts.shuffleChosen}
      </label>
      {chosen > 0 && !also && <p class="hint">{filled('chosenLooks', { n: chosen })}</p>}
    </fieldset>
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
  const features = studio.looks.featuresOf(studio.objects.last.value);
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
            onInput={event => studio.objects.turnFeature(channel, Number(event.currentTarget.value))}
            onChange={() => studio.objects.keepFeatures()}
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
  const object = studio.objects.last.value;
  const bounds = object?.mask.bounds;
  const chosen = object?.style?.kind === 'cluster' && object.style.cluster === cluster;
  const { width, height } = studio.scene.value;
  // A square about the middle of the object, with a quarter of its longer side around it, fills the button.
  const shown = bounds ? 1.5 * Math.max(bounds.width, bounds.height) : 1;
  const share = (length: number) => `${(100 * length) / shown}%`;
  const picture = bounds && {
    width: share(width),
    height: share(height),
    left: share(shown / 2 - bounds.x - bounds.width / 2),
    top: share(shown / 2 - bounds.y - bounds.height / 2),
  };
  return (
    <button
      type="button"
      class="look"
      aria-pressed={chosen}
      aria-label={`${texts.styles} ${cluster + 1}`}
      onClick={() => studio.objects.style(chosen ? undefined : { kind: 'cluster', cluster })}
    >
      {address && picture ? <img src={address} alt="" style={picture} /> : <span class="waiting" />}
    </button>
  );
}
