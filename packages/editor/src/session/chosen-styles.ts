/** The styles of a drawing as generators take them. Depends on the protocol. */
import type { WireStyle, WireStyles } from '../protocol/messages.js';

/** The styles that a page has sent, as the option `style` of a generator. */
export function chosenStyles({ seed, default: otherwise, instances }: WireStyles): {
  seed: number;
  choices: { default: WireStyle; instances: Record<number, WireStyle> };
} {
  return { seed, choices: { default: otherwise, instances: Object.fromEntries(instances) } };
}
