/**
 * Which objects are selected, and what is done to them. Depends on signals, the document, the paints and the looks.
 */
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import {
  duplicateObjects,
  extentOf,
  type Order,
  removeObjects,
  reorderObjects,
  transformObjects,
} from '../document/groups.js';
import type { Matrix } from '../document/mask.js';
import { noPixels, type Rect } from '../document/rect.js';
import { type ObjectStyle, objectOf, relabelObject, type Scene, type SceneObject } from '../document/scene.js';
import type { Looks } from './looks.js';
import type { Paints } from './paints.js';
import { Selection } from './selection.js';
import type { TextKey } from './texts.js';

/** The drawing that they are objects of. */
export interface ObjectsDrawing {
  /** What is shown. */
  readonly scene: ReadonlySignal<Scene>;
  /** The last step. */
  readonly state: () => Scene;
  readonly commit: (name: TextKey, scene: Scene, rect?: Rect | null) => void;
  /** Without a step of the history. */
  readonly show: (scene: Scene, rect: Rect | null) => void;
}

/** The objects of a drawing. */
export class Objects {
  readonly selection = new Selection();
  /** The object that was selected last. */
  readonly last: ReadonlySignal<SceneObject | undefined>;
  /** The frame around what is selected; null where nothing is. */
  readonly frame: ReadonlySignal<Rect | null>;
  readonly #drawing: ObjectsDrawing;
  readonly #paints: Paints;
  readonly #looks: Looks;
  readonly #onSelect: () => void;

  /** @param onSelect is told that another object was selected last. */
  constructor(drawing: ObjectsDrawing, paints: Paints, looks: Looks, onSelect: () => void) {
    this.#drawing = drawing;
    this.#paints = paints;
    this.#looks = looks;
    this.#onSelect = onSelect;
    this.last = computed(() => {
      const id = this.selection.last;
      return id === null ? undefined : objectOf(drawing.scene.value, id);
    });
    this.frame = computed(() => {
      const { value } = drawing.scene;
      return extentOf(
        value,
        this.selection.objects(value).map(({ id }) => id),
      ).bounds;
    });
  }

  /** A rectangle that is being dragged, to select what is in it. */
  readonly band = signal<Rect | null>(null);

  /** Selects what lies wholly in a rectangle. @param add to what is selected. */
  selectWithin({ x, y, width, height }: Rect, add: boolean): void {
    const inside = this.#drawing.scene.value.objects.filter(object => {
      const bounds = object.mask.bounds;
      if (bounds === null || !this.isMovable(object)) return false;
      const [right, bottom] = [bounds.x + bounds.width, bounds.y + bounds.height];
      return bounds.x >= x && bounds.y >= y && right <= x + width && bottom <= y + height;
    });
    const before = add ? this.selection.ids.value : [];
    this.#select([...new Set([...before, ...inside.map(({ id }) => id)])]);
  }

  /** Another scene is shown: what it has not is not selected any more. */
  shown(scene: Scene): void {
    const left = this.selection.objects(scene).map(({ id }) => id);
    if (left.length < this.selection.ids.value.length) this.#select(left);
  }

  select(id: number | null): void {
    this.#select(id === null ? [] : [id]);
  }

  /** Selects everything that can be moved. */
  selectAll(): void {
    this.#select(this.#drawing.scene.value.objects.filter(object => this.isMovable(object)).map(({ id }) => id));
  }

  /** Selects the object above the selected one, or below it; from the last on the first. */
  selectNext(by: 1 | -1): void {
    const objects = this.#drawing.scene.value.objects.filter(({ label }) => label !== this.#paints.ground);
    const at = objects.findIndex(({ id }) => id === this.selection.last);
    const next = objects.at((at < 0 && by < 0 ? -1 : at + by) % Math.max(1, objects.length));
    if (next !== undefined) this.select(next.id);
  }

  #select(ids: readonly number[]): void {
    const before = this.selection.last;
    this.selection.ids.value = ids;
    if (this.selection.last !== before) this.#onSelect();
  }

  /** A click, on an object or on none. @param add to what is selected. */
  choose(object: SceneObject | undefined, add: boolean): void {
    if (object === undefined) {
      if (!add) this.select(null);
    } else if (add) this.#select(this.selection.toggled(object.id));
    else if (!this.selection.ids.value.includes(object.id)) this.select(object.id);
  }

  /** The sky has no place that it could be moved to. */
  isMovable(object: SceneObject | undefined): boolean {
    return object !== undefined && object.label !== this.#paints.ground && this.#paints.of(object.label).countable;
  }

  /** Whether what is selected can be moved, scaled and turned. */
  get movable(): boolean {
    const objects = this.selection.objects(this.#drawing.scene.value);
    return objects.length > 0 && objects.every(object => this.isMovable(object));
  }

  /** Shows what is selected moved, without a step of the history yet. */
  preview(matrix: Matrix): void {
    const scene = this.#drawing.state();
    this.#drawing.show(transformObjects(scene, this.selection.members(scene), matrix), null);
  }

  /** Moves, scales or turns what is selected. */
  transform(name: 'move' | 'resize' | 'turn', matrix: Matrix): void {
    const scene = this.#drawing.state();
    this.#drawing.commit(name, transformObjects(scene, this.selection.members(scene), matrix));
  }

  /** Moves what is selected by pixels. */
  nudge(dx: number, dy: number): void {
    if (this.movable) this.transform('move', [1, 0, 0, 1, dx, dy]);
  }

  /** Takes away what is selected. @param filled whether the chosen paint takes its place, or what surrounds it. */
  remove(filled = false): void {
    const scene = this.#drawing.state();
    const ids = this.#members(scene);
    const fill = filled ? ({ kind: 'class', ...this.#paints.chosen } as const) : undefined;
    if (ids.length > 0) this.#drawing.commit(filled ? 'deleteFill' : 'delete', removeObjects(scene, ids, fill));
  }

  duplicate(): void {
    const before = this.#drawing.state();
    const originals = this.selection.members(before);
    if (!this.movable) return;
    const { x, y, width, height } = this.frame.value!;
    // To the lower right, or away from an edge that is near.
    const step = (end: number, side: number) => (end + 12 < side ? 12 : -12);
    const [dx, dy] = [step(x + width, before.width), step(y + height, before.height)];
    const { scene, ids } = duplicateObjects(before, originals, dx, dy);
    this.#drawing.commit('duplicate', scene);
    this.#select(this.selection.ids.value.map(id => ids[originals.indexOf(id)]!));
  }

  reorder(to: Order): void {
    const scene = this.#drawing.state();
    const ids = this.#members(scene);
    const isFloor = (object: SceneObject) => !this.isMovable(object);
    if (ids.length > 0) this.#drawing.commit('reorder', reorderObjects(scene, ids, to, isFloor));
  }

  /** Gives what is selected another paint. */
  relabel(label: number): void {
    let scene = this.#drawing.state();
    const ids = this.selection.objects(scene).flatMap(({ id }) => {
      // One that lay under another of them may be gone with it.
      if (objectOf(scene, id) === undefined) return [];
      const changed = relabelObject(scene, id, this.#paints.of(label));
      scene = changed.scene;
      return [changed.id];
    });
    this.#drawing.commit('repaint', scene);
    this.#select(label === this.#paints.ground ? [] : [...new Set(ids)]);
  }

  /** What is moved, deleted and put elsewhere: with what lies on it, unless it has no place that it could be moved to. */
  #members(scene: Scene): readonly number[] {
    return this.movable ? this.selection.members(scene) : this.selection.objects(scene).map(({ id }) => id);
  }

  style(style: ObjectStyle | undefined): void {
    const objects = this.selection.objects(this.#drawing.state());
    const dressed = objects.reduce((scene, { id }) => this.#looks.dressed(scene, id, style), this.#drawing.state());
    this.#drawing.commit('style', dressed, noPixels);
  }

  /** Whether one of the selected objects was given a look. */
  get hasChosenLook(): boolean {
    return this.selection.objects(this.#drawing.scene.value).some(({ style }) => style !== undefined);
  }

  /** Whether the selected objects are of several paints. */
  get ofSeveral(): boolean {
    const [first, ...others] = this.selection.objects(this.#drawing.scene.value);
    return others.some(({ label }) => label !== first!.label);
  }

  /** Gives all objects of the selected one's class its look. */
  styleAlike(): void {
    const object = this.last.value;
    if (object === undefined) return;
    const alike = this.#drawing.state().objects.filter(({ label }) => label === object.label);
    const dressed = (scene: Scene, { id }: SceneObject) => this.#looks.dressed(scene, id, object.style);
    this.#drawing.commit('style', alike.reduce(dressed, this.#drawing.state()), noPixels);
  }

  /** Shows the selected object with another value of a feature, without a step of the history yet. */
  turnFeature(channel: number, value: number): void {
    const object = this.last.value;
    if (object === undefined) return;
    const features = this.#looks.featuresOf(object).map((old, i) => (i === channel ? value : old));
    this.#drawing.show(
      this.#looks.dressed(this.#drawing.scene.value, object.id, { kind: 'features', features }),
      noPixels,
    );
  }

  /** Makes a step of the history of the features that are shown. */
  keepFeatures(): void {
    const style = this.last.value?.style;
    if (style !== undefined) this.style(style);
  }

  copyLook(): void {
    this.#looks.copied.value = this.#looks.featuresOf(this.last.value);
  }

  /** Gives the selected object a look that was copied or drawn at random. */
  wear(features: readonly number[] | null | undefined): void {
    if (features != null) this.style({ kind: 'features', features });
  }
}
