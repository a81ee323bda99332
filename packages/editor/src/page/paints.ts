/** What can be painted: the model's classes, or for networks of images the drawing's own colours. Depends on signals and the document. */
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Colours } from '../document/pixels.js';
import { noLabel, type Scene, type SceneClass } from '../document/scene.js';
import type { Model } from '../protocol/messages.js';

/** Colours to begin with; the first is the ground. */
const swatches =
  'ffffff 1b1b1f 4b4f5c 8a8f9e cfd2da 5b3a2e 8d5a3b c48a5a f2c9a0 e02f2f ff6a3d ffab2e ffdf5a 8ccf4d 2fa84f 0f7a6c 35c0d0 00a6ed 2f6bff 2c2f8f 7a4fe0 b95fd8 ff6fae a01245'
    .split(' ')
    .map(colour => `#${colour}`);

/** The paints, and the one that is chosen. */
export class Paints {
  readonly #model: ReadonlySignal<Model | null>;
  /** Colours of the drawing (`#rrggbb`), at the index that is their label. */
  readonly colours = signal<readonly string[]>(swatches);
  /** The label of the chosen paint. */
  readonly label = signal(0);

  constructor(model: ReadonlySignal<Model | null>) {
    this.#model = model;
  }

  /** Whether the network's inputs are images: labels are then the drawing's own colours. */
  get areColours(): boolean {
    return this.#model.value?.labelNc === 0;
  }

  /** All paints. The first that cannot be counted is the ground. */
  readonly classes = computed((): readonly SceneClass[] => {
    const model = this.#model.value;
    if (model === null) return [];
    if (model.labelNc > 0) return model.classes;
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

  /** A drawing of other colours in those of this one. @param colours of its labels. */
  adopted(scene: Scene, colours: readonly string[]): Scene {
    const chosen = this.label.value;
    const labels = colours.map(colour => {
      this.useColour(colour);
      return this.label.value;
    });
    this.label.value = chosen;
    return { ...scene, objects: scene.objects.map(object => ({ ...object, label: labels[object.label]! })) };
  }

  /** The colours as numbers, at the index that is their label. */
  get numbers(): Colours {
    return Uint32Array.from(this.colours.value, colour => Number.parseInt(colour.slice(1), 16));
  }
}
