/** All words of the page but those that whoever runs the study has chosen. */
export const texts = {
  noLink: 'This page needs a personal link.',
  noLinkHelp: 'Open the link that you were given, all of it. If you do not have one, ask whoever runs the study.',
  loading: 'One moment …',
  agree: 'I agree and want to begin',
  howItWorks: 'How it works',
  unlimited:
    'You will see two pictures, A and B, again and again. Choose the one that fits the question. Take all the time you need.',
  limited:
    'You will see two pictures, A and B, for a short time, again and again. Then they are covered, and you choose the one that fits the question. Some times are very short: just say what you think.',
  keys: 'Touch or click your choice, or press the keys A and B, or ← and →.',
  keysTimed: 'The space bar shows the next pictures.',
  rounds: (practice: number, total: number) =>
    practice === 0
      ? `There are ${total} pairs of pictures.`
      : `There are ${total} pairs of pictures, after ${practice} for practice.`,
  resume: 'You may close this page and open your link again later: it goes on where you were.',
  practice: (number: number, of: number) => `Practice ${number} of ${of}`,
  pair: (number: number, of: number) => `Pair ${number} of ${of}`,
  label: 'Both were made from this',
  show: 'Show the pictures',
  look: 'Look here',
  a: 'A',
  b: 'B',
  picture: (letter: string) => `Picture ${letter}`,
  offline: 'The server does not answer. Your answer is kept here, and sent again and again.',
  thanks: 'Thank you!',
  done: 'All your answers are stored. You may close this page.',
} as const;
