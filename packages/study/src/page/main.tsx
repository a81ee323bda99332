/** Starts the page: whose link it is, and what is there to do. */
import '@fontsource/figtree/400.css';
import '@fontsource/figtree/600.css';
import { render } from 'preact';
import { App, Message } from './app.js';
import { Client, UnknownRater } from './client.js';
import { Kept } from './kept.js';
import './style.css';
import { texts } from './texts.js';

const root = document.querySelector<HTMLElement>('#app')!;
const noLink = <Message title={texts.noLink} text={texts.noLinkHelp} />;

/** The link's token is behind the `#`, which browsers send to no server. */
async function start(token: string): Promise<void> {
  const client = new Client(token);
  const kept = new Kept(token);
  render(<Message title={texts.loading} />, root);
  const sitting = await client.sitting();
  document.title = sitting.title;
  const { unsent } = kept;
  // Given before the page was loaded again, and perhaps not stored.
  if (unsent?.trial === sitting.answered && sitting.consented) sitting.answered = await client.answer(unsent);
  render(<App client={client} kept={kept} sitting={sitting} />, root);
}

const token = location.hash.slice(1);
if (/^[\w-]{16,}$/.test(token))
  start(token).catch((error: unknown) => {
    if (!(error instanceof UnknownRater)) throw error;
    render(noLink, root);
  });
else render(noLink, root);
// Another link in the same tab is another rater.
addEventListener('hashchange', () => location.reload());
