/** The whole page. Depends on its panels and panes. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { Dialog } from './dialog.js';
import { openFile } from './files.js';
import { Gallery } from './gallery.js';
import { keyTable, useKeys } from './keys.js';
import { ObjectPanel } from './object-panel.js';
import { Classes, Steps, Tools } from './panels.js';
import { Recorder } from './recorder.js';
import type { Notice } from './renderer.js';
import { SaveMenu } from './save-menu.js';
import { ShapeDialog } from './shape-dialog.js';
import type { Studio } from './studio.js';
import { filled, texts } from './texts.js';
import type { View } from './view.js';
import { Viewport } from './viewport.js';

interface Props {
  readonly studio: Studio;
  readonly view: View;
}

/** Drawings that are wider than this, in heights, are above their results, where they are seen larger. */
const widest = 1.4;

/** The page. */
export function App({ studio, view }: Props): JSX.Element {
  const layout = useSignal<'beside' | 'over'>('beside');
  const help = useSignal(false);
  const gallery = useSignal(false);
  const recorder = useMemo(() => new Recorder(studio), [studio]);
  const shapes = useSignal(false);
  useKeys(studio, view, help);
  useEffect(() => {
    document.title = texts.title;
  }, []);
  const ready = studio.renderer.model.value !== null;
  const { width, height } = studio.scene.value;
  return (
    <div class="app">
      <Bar
        studio={studio}
        view={view}
        recorder={recorder}
        layout={layout}
        help={help}
        begin={() => (gallery.value = true)}
      />
      <Status studio={studio} />
      <aside class="left">
        <Tools studio={studio} />
        {ready && <Classes studio={studio} addShape={() => (shapes.value = true)} />}
      </aside>
      <main class={`${layout.value}${width > widest * height ? ' wide' : ''}`}>
        {layout.value === 'over' ? (
          <Viewport key="both" studio={studio} view={view} pane="both" />
        ) : (
          <>
            <Viewport key="drawing" studio={studio} view={view} pane="drawing" />
            <Viewport key="result" studio={studio} view={view} pane="result" />
          </>
        )}
      </main>
      <aside class="right">
        <ObjectPanel studio={studio} />
        <Steps studio={studio} />
      </aside>
      {gallery.value && <Gallery studio={studio} close={() => (gallery.value = false)} />}
      {shapes.value && <ShapeDialog studio={studio} view={view} close={() => (shapes.value = false)} />}
      {help.value && (
        <Help
          close={() => {
            help.value = false;
          }}
        />
      )}
    </div>
  );
}

interface BarProps extends Props {
  readonly recorder: Recorder;
  readonly layout: { value: 'beside' | 'over' };
  readonly help: { value: boolean };
  readonly begin: () => void;
}

function Bar({ studio, view, recorder, layout, help, begin }: BarProps): JSX.Element {
  const { canUndo, canRedo } = studio.history.value;
  const files = !studio.renderer.readOnly.value;
  return (
    <header class="bar">
      <strong>{studio.renderer.model.value?.name ?? 'pix2pixHD'}</strong>
      {studio.models?.leave && (
        <button type="button" onClick={studio.models.leave}>
          {texts.firstModel}
        </button>
      )}
      <button type="button" disabled={studio.renderer.model.value === null} onClick={begin}>
        {texts.start} …
      </button>
      <button type="button" disabled={!canUndo} onClick={() => studio.undo()} title="Ctrl+Z">
        {texts.undo}
      </button>
      <button type="button" disabled={!canRedo} onClick={() => studio.redo()} title="Ctrl+Shift+Z">
        {texts.redo}
      </button>
      <span class="space" />
      <select
        aria-label={texts.layout}
        value={layout.value}
        onChange={event => {
          layout.value = event.currentTarget.value as 'beside' | 'over';
        }}
      >
        <option value="beside">{texts.beside}</option>
        <option value="over">{texts.over}</option>
      </select>
      {layout.value === 'over' && (
        <>
          <Slider
            text={texts.opacity}
            value={view.opacity.value * 100}
            set={value => {
              view.opacity.value = value / 100;
            }}
          />
          <Slider
            text={texts.wipe}
            value={view.wipe.value}
            set={value => {
              view.wipe.value = value;
            }}
          />
        </>
      )}
      <button type="button" onClick={() => view.zoomBy(1 / 1.25)} aria-label={texts.zoomOut}>
        −
      </button>
      <button type="button" onClick={() => view.fit(studio.scene.peek().width, studio.scene.peek().height)}>
        {texts.fit}
      </button>
      <button type="button" onClick={() => view.zoomBy(1.25)} aria-label={texts.zoomIn}>
        +
      </button>
      {files && (
        <>
          <button type="button" onClick={() => openFile(studio)}>
            {texts.open}
          </button>
          <SaveMenu studio={studio} />
          <RecordButton studio={studio} recorder={recorder} />
        </>
      )}
      <button
        type="button"
        onClick={() => {
          help.value = true;
        }}
        aria-label={texts.help}
      >
        ?
      </button>
    </header>
  );
}

function RecordButton({ studio, recorder }: { studio: Studio; recorder: Recorder }): JSX.Element {
  const on = recorder.recording.value;
  return (
    <button
      type="button"
      class="record"
      aria-pressed={on}
      disabled={studio.renderer.image.value === null}
      onClick={() => (on ? void recorder.stop() : recorder.start())}
    >
      {on ? texts.stop : texts.record}
    </button>
  );
}

function Slider({ text, value, set }: { text: string; value: number; set: (value: number) => void }): JSX.Element {
  return (
    <label class="range">
      <span>{text}</span>
      <input type="range" min={0} max={100} value={value} onInput={event => set(Number(event.currentTarget.value))} />
    </label>
  );
}

/** A line over the drawing; one that something has been done goes by itself. */
function Message({ studio, notice }: { studio: Studio; notice: Notice }): JSX.Element {
  const hide = () => {
    if (studio.renderer.notice.peek() === notice) studio.renderer.notice.value = null;
  };
  useEffect(() => {
    if (!notice.done) return;
    const timer = setTimeout(hide, 4000);
    return () => clearTimeout(timer);
  }, [notice]);
  return (
    <p class={`message ${notice.done ? 'done' : 'problem'}`}>
      {notice.text}
      {notice.remedy && ` – ${notice.remedy}`}
      <button type="button" onClick={hide}>
        {texts.hide}
      </button>
    </p>
  );
}

/** What the person should know: no connection, work in progress, what went wrong. */
function Status({ studio }: { studio: Studio }): JSX.Element {
  const status = studio.renderer.status.value;
  const notice = studio.renderer.notice.value;
  const begun = studio.renderer.model.value !== null;
  const connection =
    status.kind === 'ready'
      ? ''
      : status.kind === 'lost' && !status.again
        ? `${texts.refused} ${status.reason}`
        : begun
          ? `${texts.lost}${status.kind === 'lost' && status.reason !== '' ? ` (${status.reason})` : ''}`
          : status.kind === 'connecting' && status.share !== undefined
            ? filled('loading', { share: String(Math.round(status.share * 100)) })
            : texts.connecting;
  return (
    <div class="status" role="status" data-state={status.kind}>
      {connection !== '' && <p class={status.kind === 'connecting' ? '' : 'problem'}>{connection}</p>}
      {notice && <Message studio={studio} notice={notice} />}
      <span class={`working ${studio.renderer.rendering.value ? 'on' : ''}`} title={texts.working} />
    </div>
  );
}

function Help({ close }: { close: () => void }): JSX.Element {
  return (
    <Dialog class="help" title={texts.help} close={close}>
      <p>{texts.helpFirst}</p>
      <p>{texts.helpThen}</p>
      <h3>{texts.keys}</h3>
      <dl>
        {keyTable.map(([keys, text]) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map(key => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{texts[text]}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
