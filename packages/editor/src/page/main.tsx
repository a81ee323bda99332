/** Starts the page: an engine, the drawing that was kept, and the view. */
import '@fontsource/figtree/400.css';
import '@fontsource/figtree/600.css';
import { render } from 'preact';
import { RemoteEngine } from '../engine/remote-engine.js';
import { App } from './app.js';
import { keep, kept } from './autosave.js';
import { receiveFiles } from './files.js';
import { Studio } from './studio.js';
import './style.css';
import { View } from './view.js';

const { protocol, host, hash } = location;
const token = new URLSearchParams(hash.slice(1)).get('token') ?? undefined;
const address = `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/socket`;
const studio = new Studio(events => new RemoteEngine(address, token, events));

/** One drawing per model. */
const name = () => studio.renderer.model.peek()?.name ?? '';

studio.onWelcome = async () => {
  const { width, height } = studio.renderer.model.peek()!;
  studio.paints.chooseFirst();
  try {
    const text = await kept(name());
    if (text !== undefined) {
      studio.openProject(text);
      return;
    }
  } catch {
    // A browser that keeps nothing, or a drawing of another model under the name: begin anew.
  }
  if (studio.renderer.gallery.peek().length > 0) studio.beginnings.choose(0);
  else studio.blank(width, height);
};

let timer: ReturnType<typeof setTimeout> | undefined;
const save = () => {
  clearTimeout(timer);
  timer = undefined;
  keep(name(), studio.projectText).catch(() => {});
};
studio.onEdit = () => {
  timer ??= setTimeout(save, 400);
};
addEventListener('pagehide', () => {
  if (timer !== undefined) save();
});

receiveFiles(studio);
render(<App studio={studio} view={new View()} />, document.getElementById('app')!);
