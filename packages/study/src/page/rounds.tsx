/** The trials, one after the other: the question, two pictures, a choice that is stored before the next pair comes. */
import type { JSX } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Answer, Sitting } from '../protocol/index.js';
import type { Client } from './client.js';
import { expose, waitFrames } from './exposure.js';
import type { Kept } from './kept.js';
import { Choice, LabelPicture } from './picture.js';
import { PictureLoader, type Pictures } from './pictures.js';
import { texts } from './texts.js';

/** How long the mark is looked at before pictures are shown for a limited time. */
const fixationMs = 500;
/** Nobody has seen the pictures by then: a key that was held too long, or a second click on the last pair. */
const tooSoonMs = 150;

/**
 * `ready`: covered, and waiting for a key. `watching`: the mark, and the pictures for their time. `choosing`: an answer is awaited, of
 * covered pictures where the time is limited.
 */
type Phase = 'loading' | 'ready' | 'watching' | 'choosing' | 'saving';

interface Props {
  readonly client: Client;
  readonly kept: Kept;
  readonly sitting: Sitting;
  readonly finish: () => void;
}

/** All trials from the first that is not answered. */
export function Rounds({ client, kept, sitting, finish }: Props): JSX.Element {
  const { trials, practice, question } = sitting;
  const loader = useMemo(() => new PictureLoader(client, trials), [client, trials]);
  const [number, setNumber] = useState(sitting.answered);
  const [phase, drawPhase] = useState<Phase>('loading');
  const [loaded, setLoaded] = useState<{ number: number; pictures: Pictures }>();
  const pair = useRef<HTMLDivElement>(null);
  const watched = useRef({ choosable: 0, shownMs: 0, views: 1 });
  const trial = trials[number]!;
  const timed = trial.exposureMs !== undefined;
  const pictures = loaded?.pictures;

  // Known at once: of two keys that are pressed before the page is drawn again, the second one comes too late.
  const now = useRef<Phase>('loading');
  const setPhase = useCallback((next: Phase) => {
    now.current = next;
    drawPhase(next);
  }, []);
  const cover = useCallback((how: 'plain' | 'noise' | 'none') => {
    pair.current!.dataset.cover = how;
  }, []);

  useEffect(() => {
    let current = true;
    setPhase('loading');
    cover('plain');
    void loader.of(number).then(pictures => {
      if (!current) return;
      setLoaded({ number, pictures });
      if (timed) setPhase('ready');
    });
    return () => {
      current = false;
    };
  }, [loader, number, timed, cover, setPhase]);

  // Drawn by now: without a limit they are shown, and the clock runs, from the next frame on.
  useEffect(() => {
    if (loaded?.number !== number || timed) return;
    requestAnimationFrame(() => {
      cover('none');
      watched.current = { choosable: performance.now(), shownMs: 0, views: kept.seen(number) };
      setPhase('choosing');
    });
  }, [loaded, timed, number, kept, cover, setPhase]);

  const show = async () => {
    if (now.current !== 'ready') return;
    setPhase('watching');
    const frameMs = await waitFrames(fixationMs);
    const views = kept.seen(number);
    const shownMs = await expose(
      trial.exposureMs!,
      frameMs,
      () => cover('none'),
      () => cover('noise'),
    );
    watched.current = { choosable: performance.now(), shownMs, views };
    setPhase('choosing');
  };

  const choose = async (choice: Answer['choice']) => {
    const { choosable, shownMs, views } = watched.current;
    const responseMs = performance.now() - choosable;
    if (now.current !== 'choosing' || responseMs < tooSoonMs) return;
    setPhase('saving');
    const answer = { trial: number, choice, shownMs: timed ? shownMs : responseMs, responseMs, views };
    kept.unsent = answer;
    const answered = await client.answer(answer);
    if (answered >= trials.length) finish();
    else setNumber(answered);
  };

  useKeys(
    key => void (key === 'show' ? show() : choose(key)),
    key => now.current === (key === 'show' ? 'ready' : 'choosing'),
  );

  return (
    <main class="rounds">
      <header>
        <h1>{question}</h1>
        <p class="progress">
          <span role="status">
            {number < practice
              ? texts.practice(number + 1, practice)
              : texts.pair(number - practice + 1, trials.length - practice)}
          </span>
          <progress max={trials.length} value={number} aria-label={texts.pair(number + 1, trials.length)} />
        </p>
      </header>
      {pictures?.label && <LabelPicture bitmap={pictures.label} />}
      <div
        class="pair"
        ref={pair}
        data-trial={number}
        data-phase={phase}
        style={{ '--ratio': trial.width / trial.height, '--width': `${trial.width}px` }}
      >
        <Choice
          letter={texts.a}
          bitmap={pictures?.a}
          choosable={phase === 'choosing'}
          choose={() => void choose('a')}
        />
        <Choice
          letter={texts.b}
          bitmap={pictures?.b}
          choosable={phase === 'choosing'}
          choose={() => void choose('b')}
        />
        {phase === 'watching' && (
          <span class="mark" role="img" aria-label={texts.look}>
            +
          </span>
        )}
      </div>
      {timed && (
        <button type="button" class="main" onClick={() => void show()} disabled={phase !== 'ready'}>
          {texts.show}
        </button>
      )}
    </main>
  );
}

const keys: Readonly<Record<string, 'a' | 'b' | 'show'>> = {
  ...{ a: 'a', '1': 'a', arrowleft: 'a', arrowup: 'a' },
  ...{ b: 'b', '2': 'b', arrowright: 'b', arrowdown: 'b' },
  ' ': 'show',
};

/** Calls `act` for the keys of the page, once for each press, where `wants` it. */
function useKeys(act: (key: 'a' | 'b' | 'show') => void, wants: (key: 'a' | 'b' | 'show') => boolean): void {
  const latest = useRef({ act, wants });
  latest.current = { act, wants };
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const key = keys[event.key.toLowerCase()];
      if (key === undefined || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      if (!latest.current.wants(key)) return;
      event.preventDefault();
      latest.current.act(key);
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, []);
}
