/** Which objects are selected. Depends on signals and the document. */
import { signal } from '@preact/signals';
import { partsOf } from '../document/groups.js';
import { objectOf, type Scene, type SceneObject } from '../document/scene.js';

/** The selected objects, the one that was chosen last at the end: the panel is about that one. */
export class Selection {
  readonly ids = signal<readonly number[]>([]);
  /** Whether what lies on them goes with them. */
  readonly withParts = signal(true);

  get last(): number | null {
    return this.ids.value.at(-1) ?? null;
  }

  /** The same with another one, or without it. */
  toggled(id: number): readonly number[] {
    const { value } = this.ids;
    return value.includes(id) ? value.filter(other => other !== id) : [...value, id];
  }

  /** Those of the selected objects that a scene has. */
  objects(scene: Scene): readonly SceneObject[] {
    return this.ids.value.map(id => objectOf(scene, id)).filter(object => object !== undefined);
  }

  /** What lies on the selected objects and is not selected itself. */
  parts(scene: Scene): readonly number[] {
    const { value } = this.ids;
    const all = new Set(this.objects(scene).flatMap(({ id }) => partsOf(scene, id)));
    return [...all].filter(id => !value.includes(id));
  }

  /** The ids of what is moved and deleted: the selected objects and, where wanted, what lies on them. */
  members(scene: Scene): readonly number[] {
    return [...(this.withParts.value ? this.parts(scene) : []), ...this.objects(scene).map(({ id }) => id)];
  }
}
