/** The page from the first word to the last: consent, trials, thanks. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Sitting } from '../protocol/index.js';
import type { Client } from './client.js';
import type { Kept } from './kept.js';
import { Rounds } from './rounds.js';
import { texts } from './texts.js';

/** A page of a few words. */
export function Message({ title, text }: { readonly title: string; readonly text?: string }): JSX.Element {
  return (
    <main class="words">
      <h1>{title}</h1>
      {text && <p>{text}</p>}
    </main>
  );
}

interface Props {
  readonly client: Client;
  readonly kept: Kept;
  readonly sitting: Sitting;
}

/** Everything that one rater does. */
export function App({ client, kept, sitting }: Props): JSX.Element {
  const [consented, setConsented] = useState(sitting.consented);
  const [done, setDone] = useState(sitting.answered >= sitting.trials.length);
  const [reachable, setReachable] = useState(true);
  useEffect(() => {
    client.onReachable = setReachable;
  }, [client]);
  const agree = async () => {
    await client.consent();
    setConsented(true);
  };
  return (
    <>
      <p class="notice" role="status">
        {reachable ? '' : texts.offline}
      </p>
      {done ? (
        <Message title={texts.thanks} text={texts.done} />
      ) : consented ? (
        <Rounds client={client} kept={kept} sitting={sitting} finish={() => setDone(true)} />
      ) : (
        <Welcome sitting={sitting} agree={agree} />
      )}
    </>
  );
}

function Welcome({ sitting, agree }: { readonly sitting: Sitting; readonly agree: () => Promise<void> }): JSX.Element {
  const { title, question, consent, trials, practice } = sitting;
  const [asked, setAsked] = useState(false);
  const timed = trials[0]?.exposureMs !== undefined;
  const begin = () => {
    if (asked) return;
    setAsked(true);
    void agree();
  };
  return (
    <main class="words">
      <h1>{title}</h1>
      {consent.split(/\n\s*\n/).map((paragraph, i) => (
        <p key={i}>{paragraph}</p>
      ))}
      <h2>{texts.howItWorks}</h2>
      <p class="question">{question}</p>
      <p>{timed ? texts.limited : texts.unlimited}</p>
      <p>
        {texts.keys} {timed && texts.keysTimed}
      </p>
      <p>
        {texts.rounds(practice, trials.length - practice)} {texts.resume}
      </p>
      <button type="button" class="main" onClick={begin} aria-disabled={asked}>
        {texts.agree}
      </button>
    </main>
  );
}
