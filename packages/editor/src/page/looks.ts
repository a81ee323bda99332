/** The looks that objects can have: of their class, copied from another object, or found in a photo. Depends on signals and the renderer. */
import { signal } from '@preact/signals';
import { type ObjectStyle, objectOf, type Scene, type SceneObject, styleObject } from '../document/scene.js';
import type { FoundLooks } from '../engine/engine.js';
import { mostStyles, type WireStyle } from '../protocol/messages.js';
import { readCovering, readWithin } from './pictures.js';
import type { Renderer } from './renderer.js';

/** Photos are not looked at closer than this: an encoder knows objects at the size of its training's images. */
const longestSide = 512;

/** The looks that objects can have. */
export class Looks {
  /** The look that was copied: features, which fit every class. */
  readonly copied = signal<readonly number[] | null>(null);
  /** Whether shuffling takes back the looks that objects were given. */
  readonly shuffleChosen = signal(false);
  readonly #renderer: Renderer;
  readonly #scene: () => Scene;
  readonly #commit: (scene: Scene) => void;

  /**
   * @param scene the drawing.
   * @param commit makes a step of the history of one whose objects look otherwise.
   */
  constructor(renderer: Renderer, scene: () => Scene, commit: (scene: Scene) => void) {
    this.#renderer = renderer;
    this.#scene = scene;
    this.#commit = commit;
  }

  /** The style features of each look of an object's class. */
  clustersOf(object: SceneObject | undefined): readonly (readonly number[])[] {
    return this.#renderer.model.value?.styles?.clusters.find(([label]) => label === object?.label)?.[1] ?? [];
  }

  /** The style features of an object; of one that has the usual or a shuffled look, those of the most frequent one. */
  featuresOf(object: SceneObject | undefined): readonly number[] {
    const style = object?.style;
    if (style?.kind === 'features') return style.features;
    return this.clustersOf(object)[style?.kind === 'cluster' ? style.cluster : 0] ?? [];
  }

  /** A look that nothing has yet: between two of the class. Undefined where it has none. */
  between(object: SceneObject | undefined): readonly number[] | undefined {
    const clusters = this.clustersOf(object);
    const one = () => clusters[Math.floor(Math.random() * clusters.length)]!;
    if (clusters.length === 0) return undefined;
    const [from, to, share] = [one(), one(), Math.random()];
    return from.map((value, i) => value + share * (to[i]! - value));
  }

  /** A scene in which an object looks otherwise; and all others of its class, where the network gives looks to classes. */
  dressed(scene: Scene, id: number, style: ObjectStyle | undefined): Scene {
    const object = objectOf(scene, id);
    if (object === undefined) return scene;
    const others = this.#ofClasses ? scene.objects.filter(({ label }) => label === object.label) : [object];
    return others.reduce((dressed, other) => styleObject(dressed, other.id, style), scene);
  }

  /** How many objects were given a look. */
  chosenIn({ objects }: Scene): number {
    return objects.filter(({ style }) => style !== undefined).length;
  }

  /** A scene whose objects have the looks that they were given no more. */
  withoutChosen(scene: Scene): Scene {
    return { ...scene, objects: scene.objects.map(({ style: _, ...object }) => object) };
  }

  get #ofClasses(): boolean {
    return this.#renderer.model.value?.styles?.per === 'class';
  }

  /** A drawing without looks that this model does not have. */
  fitting(scene: Scene): Scene {
    const channels = this.#renderer.model.value?.styles?.channels;
    const fits = ({ style }: SceneObject) =>
      style === undefined || channels === undefined || style.kind === 'cluster' || style.features.length === channels;
    const objects = scene.objects.map(object => {
      if (fits(object)) return object;
      const { style: _, ...plain } = object;
      return plain;
    });
    return { ...scene, objects };
  }

  /** What the engine is told: looks by object, or by class; of more than it takes the highest objects'. */
  wire(scene: Scene): [number, WireStyle][] {
    const all = scene.objects.flatMap(({ id, label, style }): [number, WireStyle][] => {
      if (style === undefined) return [];
      const wire = style.kind === 'cluster' ? { cluster: style.cluster } : [...style.features];
      return [[this.#ofClasses ? label : id, wire]];
    });
    return all.slice(-mostStyles);
  }

  /** Whether the engine finds looks in photos. */
  get fromPhotos(): boolean {
    const status = this.#renderer.status.value;
    return status.kind === 'ready' && !status.readOnly && status.model.styles?.fromImages === true;
  }

  /**
   * Has an object look like a photo; or every object like what the photo shows in its place.
   * @param instance null for every object.
   */
  async takeFrom(file: File, instance: number | null): Promise<void> {
    const { width, height } = this.#scene();
    try {
      const photo = await (instance === null
        ? readCovering(file, { width, height })
        : readWithin(file, Math.min(longestSide, Math.max(width, height))));
      this.#renderer.look(instance, photo.width, photo.height, photo.pixels);
    } catch (error) {
      this.#renderer.notice.value = { text: `${file.name}: ${(error as Error).message}` };
    }
  }

  /** Looks have been found; objects that are gone since have none. */
  received(looks: FoundLooks): void {
    this.#commit(
      looks.reduce((scene, [id, features]) => this.dressed(scene, id, { kind: 'features', features }), this.#scene()),
    );
  }
}
