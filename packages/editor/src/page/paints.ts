/**
 * What can be painted: the model's classes, or for networks of images the drawing's own colours or values. Depends on signals and the
 * document.
 */
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Colours } from '../document/pixels.js';
import { noLabel, type Scene, type SceneClass } from '../document/scene.js';
import { evenValues, greyOf, readable, type ValueRange } from '../document/values.js';
import type { Project } from '../project/project.js';
import type { Model } from '../protocol/messages.js';

/** Colours to begin with; the first is the ground. */
const swatches =
  'ffffff 1b1b1f 4b4f5c 8a8f9e cfd2da 5b3a2e 8d5a3b c48a5a f2c9a0 e02f2f ff6a3d ffab2e ffdf5a 8ccf4d 2fa84f 0f7a6c 35c0d0 00a6ed 2f6bff 2c2f8f 7a4fe0 b95fd8 ff6fae a01245'
    .split(' ')
    .map(colour => `#${colour}`);

const unit: ValueRange = { low: 0, high: 1 };

/** Values to begin with, from black to white; the last is the ground. */
const firstValues = 21;

/** The paints, and the one that is chosen. */
export class Paints {
  readonly #model: ReadonlySignal<Model | null>;
  /** Colours of the drawing (`#rrggbb`), at the index that is their label. */
  readonly colours = signal<readonly string[]>(swatches);
  readonly #otherValues = signal<readonly number[]>([]);
  /** The values of the drawing at the index that is their label; none where it has colours. */
  readonly levels = computed((): readonly number[] => {
    const range = this.range;
    return range === null ? [] : [...evenValues(range, firstValues), ...this.#otherValues.value];
  });
  /** What is black and white on the screen, within the range of values; null for all of that. */
  readonly #window = signal<ValueRange | null>(null);
  /** The label of the chosen paint. */
  readonly label = signal(0);

  constructor(model: ReadonlySignal<Model | null>) {
    this.#model = model;
  }

  /** Whether the network's inputs are images: labels are then the drawing's own paints. */
  get areOwn(): boolean {
    return this.#model.value?.labelNc === 0;
  }

  /** Black and white of the values that are painted; null where paints are classes or colours. */
  get range(): ValueRange | null {
    return this.#model.value?.values ?? null;
  }

  /** What is black and white on the screen where values are painted. */
  get shown(): ValueRange {
    return this.#window.value ?? this.range ?? unit;
  }

  /** Shows a part of the range of values from black to white; null shows all of it. What is painted stays as it is. */
  show(part: ValueRange | null): void {
    const range = this.range;
    if (part === null || range === null) {
      this.#window.value = null;
      return;
    }
    const [low, high] = [Math.max(range.low, part.low), Math.min(range.high, part.high)];
    if (low < high) this.#window.value = { low, high };
  }

  /** All paints. The first that cannot be counted is the ground. */
  readonly classes = computed((): readonly SceneClass[] => {
    const model = this.#model.value;
    if (model === null) return [];
    if (model.labelNc > 0) return model.classes;
    if (model.values !== null)
      return this.levels.value.map((value, id) => {
        const grey = greyOf(value, this.shown).toString(16).padStart(2, '0');
        return { id, name: readable(value), colour: `#${grey}${grey}${grey}`, countable: id !== firstValues - 1 };
      });
    return this.colours.value.map((colour, id) => ({ id, name: colour, colour, countable: id > 0 }));
  });

  /** What a blank drawing is of, and what has no class becomes. */
  get ground(): number {
    const classes = this.classes.value;
    return (classes.find(({ countable }) => !countable) ?? classes[0])?.id ?? 0;
  }

  /** The chosen paint. */
  get chosen(): { readonly label: number; readonly countable: boolean } {
    return this.of(this.label.value);
  }

  /** Chooses a paint to begin with that is seen on the ground: the most colourful of those that can be counted. */
  chooseFirst(): void {
    const vividness = (colour: string) => {
      const parts = [1, 3, 5].map(at => Number.parseInt(colour.slice(at, at + 2), 16));
      return Math.max(...parts) - Math.min(...parts);
    };
    const [first] = this.classes.value
      .filter(({ countable }) => countable)
      .sort((a, b) => vividness(b.colour) - vividness(a.colour));
    this.label.value = first?.id ?? this.label.value;
  }

  /** The paint of a label. */
  of(label: number): { readonly label: number; readonly countable: boolean } {
    return { label, countable: this.classes.value[label]?.countable ?? false };
  }

  /** Makes a colour (`#rrggbb`) the paint. */
  useColour(colour: string): void {
    const known = this.colours.value.findIndex((other, label) => other === colour && label !== noLabel);
    if (known < 0) {
      // The label that means nothing is no colour's.
      const filler = this.colours.value.length === noLabel ? [colour] : [];
      this.colours.value = [...this.colours.value, ...filler, colour];
    }
    this.label.value = known < 0 ? this.colours.value.length - 1 : known;
  }

  /** Makes a value the paint. */
  useValue(value: number): void {
    const exact = Math.fround(value);
    const known = this.levels.value.findIndex((other, label) => other === exact && label !== noLabel);
    if (known < 0) {
      const filler = this.levels.value.length === noLabel ? [exact] : [];
      this.#otherValues.value = [...this.#otherValues.value, ...filler, exact];
    }
    this.label.value = known < 0 ? this.levels.value.length - 1 : known;
  }

  /** A drawing of other paints in those of this one. */
  adopted({ scene, colours, levels }: Project): Scene {
    if (colours === undefined && levels === undefined) return scene;
    const chosen = this.label.value;
    const labels =
      levels?.map(value => this.#labelAfter(() => this.useValue(value))) ??
      colours?.map(colour => this.#labelAfter(() => this.useColour(colour))) ??
      [];
    this.label.value = chosen;
    return { ...scene, objects: scene.objects.map(object => ({ ...object, label: labels[object.label]! })) };
  }

  #labelAfter(use: () => void): number {
    use();
    return this.label.value;
  }

  /** The colours as numbers, at the index that is their label. */
  get numbers(): Colours {
    return Uint32Array.from(this.colours.value, colour => Number.parseInt(colour.slice(1), 16));
  }
}
