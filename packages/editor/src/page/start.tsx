/** Starts the page: an engine, the drawing that was kept, and the view. Depends on the rest of the page. */
import '@fontsource/figtree/400.css';
import '@fontsource/figtree/600.css';
import { render } from 'preact';
import type { Engine, EngineEvents } from '../engine/engine.js';
import { App } from './app.js';
import { keep, kept } from './autosave.js';
import { receiveFiles } from './files.js';
import { drawingsOf } from './renderer.js';
import { type OtherModels, Studio } from './studio.js';
import './style.css';
import { language, texts } from './texts.js';
import { View } from './view.js';

/** Starts the page. @param models how another model is opened; undefined where the engine has one. */
export function start(engine: (events: EngineEvents) => Engine, models?: OtherModels): void {
  const studio = new Studio(engine);
  studio.models = models;

  /** One drawing per kind of model. One that could not be read is left where it is, and another place taken. */
  let spoilt = false;
  const place = () => {
    const model = studio.renderer.model.peek();
    return model === null ? '' : `${drawingsOf(model)}${spoilt ? ' 2' : ''}`;
  };

  studio.onWelcome = async () => {
    const { width, height } = studio.renderer.model.peek()!;
    studio.paints.chooseFirst();
    const text = await kept(place()).catch(() => undefined);
    if (text !== undefined) {
      try {
        studio.openProject(text, 'kept');
        return;
      } catch (error) {
        spoilt = true;
        studio.renderer.notice.value = { text: `${texts.unreadable} ${(error as Error).message}` };
      }
    }
    if (studio.renderer.gallery.peek().length > 0) studio.beginnings.choose(0);
    else studio.blank(width, height);
  };

  let timer: ReturnType<typeof setTimeout> | undefined;
  const save = () => {
    clearTimeout(timer);
    timer = undefined;
    keep(place(), studio.projectText).catch((error: unknown) => {
      studio.renderer.notice.value = { text: `${texts.notKept} ${(error as Error).message}` };
    });
  };
  studio.onEdit = () => {
    timer ??= setTimeout(save, 400);
  };
  addEventListener('pagehide', () => {
    if (timer !== undefined) save();
  });

  studio.onOtherModel = () => {
    if (timer !== undefined) save();
    location.reload();
  };

  document.documentElement.lang = language;
  receiveFiles(studio);
  render(<App studio={studio} view={new View()} />, document.getElementById('app')!);
}
