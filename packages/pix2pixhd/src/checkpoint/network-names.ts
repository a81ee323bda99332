/** The networks that there are, and what they are called in files and in messages. Depends on nothing. */

/** The networks of a training, and their short names in tensor names and in the names of official files. */
const letters = {
  generator: 'G',
  discriminator: 'D',
  encoder: 'E',
  // CycleGAN's two of each: G_A makes images of domain B from those of A, which D_A judges.
  generatorA: 'G_A',
  generatorB: 'G_B',
  discriminatorA: 'D_A',
  discriminatorB: 'D_B',
} as const;

/** A network of a training. */
export type NetworkName = keyof typeof letters;
/** Its short name. */
export type NetworkLetter = (typeof letters)[NetworkName];

/** All of them. */
export const networkNames = Object.keys(letters) as NetworkName[];
/** The short names of all networks. */
export const networkLetters: readonly NetworkLetter[] = Object.values(letters);

/** The short name of a network. */
export function letterOf(name: NetworkName): NetworkLetter {
  return letters[name];
}

const words: Readonly<Record<NetworkLetter, string>> = {
  G: 'generator',
  D: 'discriminator',
  E: 'encoder',
  G_A: 'generator A to B',
  G_B: 'generator B to A',
  D_A: 'discriminator of B',
  D_B: 'discriminator of A',
};

/** A network in words. */
export function describeNetwork(letter: NetworkLetter): string {
  return words[letter];
}
