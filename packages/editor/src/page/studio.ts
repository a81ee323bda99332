/**
 * The state of the page and everything that changes it: the drawing with its history, what is selected, the tool, the
 * engine. The view only shows it. Depends on the document, tools, engine and project; its timers are the browser's.
 */
import { signal } from '@preact/signals';
import { History } from '../document/history.js';
import { sceneOf } from '../document/layers.js';
import type { Mask } from '../document/mask.js';
import { noPixels, type Rect } from '../document/rect.js';
import {
  blankScene,
  erase,
  flatten,
  grounded,
  type Maps,
  mapsOf,
  objectAt,
  objectOf,
  type Paint,
  paint,
  pictureScene,
  replaceClass,
  type Scene,
  type SceneObject,
  valueScene,
} from '../document/scene.js';
import { area, type Point } from '../document/shapes.js';
import type { Engine, EngineEvents, FoundLooks, GalleryCanvas } from '../engine/engine.js';
import { formatProject, parseProject } from '../project/project.js';
import type { WireStyles } from '../protocol/messages.js';
import { decodeValues } from '../protocol/values.js';
import { begin, type Drawing, type Pointer, type Tool, type ToolName } from '../tools/tool.js';
import { Beginnings, canvasMaps } from './beginnings.js';
import { Library } from './library.js';
import { Looks } from './looks.js';
import { Objects } from './objects.js';
import { Paints } from './paints.js';
import { Pixels } from './pixels.js';
import { Renderer } from './renderer.js';
import { filled, type TextKey } from './texts.js';

/** Every tool of the page: those that draw, and the others. */
export type PageTool = ToolName | 'select' | 'eraser' | 'fill' | 'replace' | 'pick';

/** Whether a stroke begins an object of its own or goes on with the selected one. */
export type StrokeMode = 'new' | 'extend';

/** How another model is opened in place of the one that is shown. */
export interface OtherModels {
  readonly isModel: (file: File) => boolean;
  /** Shows the page anew, with the model of these files. */
  readonly open: (files: readonly File[]) => Promise<void>;
  /** Shows the page's own model again; null where it is shown. */
  readonly leave: (() => void) | null;
}

/** The page's state. */
export class Studio {
  readonly history = signal<History<Scene>>(History.of(blankScene(256, 256, 0), 'blank'));
  /** What is shown: the last step, or what is being drawn. */
  readonly scene = signal<Scene>(this.history.value.state);
  readonly tool = signal<PageTool>('brush');
  readonly brushSize = signal(16);
  readonly strokeMode = signal<StrokeMode>('new');
  readonly outline = signal<readonly Point[]>([]);
  /** The flattened drawing, and a count of its changes. */
  maps: Maps = mapsOf(this.scene.value);
  readonly changes = signal<{ readonly count: number; readonly rect: Rect }>({ count: 0, rect: all(this.scene.value) });

  readonly renderer: Renderer;
  readonly paints: Paints;
  readonly pixels: Pixels;
  readonly beginnings: Beginnings;
  readonly library: Library;
  readonly looks: Looks;
  readonly objects: Objects;
  #begun = false;
  #drawing: { tool: Tool; name: PageTool; by: Paint | 'eraser'; before: Scene } | null = null;

  /** @param connect makes the engine that tells these events. */
  constructor(connect: (events: EngineEvents) => Engine) {
    const subject = {
      scene: () => this.scene.value,
      bytes: (rect: Rect) => this.pixels.bytes(rect),
      styles: () => this.#styles(),
      selected: () => this.objects.last.value?.id ?? null,
    };
    const events = {
      welcome: () => this.onWelcome?.(),
      canvas: (canvas: GalleryCanvas) => this.beginnings.received(canvas),
      noCanvas: () => this.beginnings.failed(),
      otherModel: () => this.onOtherModel?.(),
      looks: (looks: FoundLooks) => this.looks.received(looks),
    };
    this.renderer = new Renderer(connect, subject, events);
    this.paints = new Paints(this.renderer.model);
    this.pixels = new Pixels(
      this.paints,
      () => ({ scene: this.scene.value, maps: this.maps }),
      () => this.renderer.model.value?.inputChannels ?? 3,
    );
    this.beginnings = new Beginnings(this.renderer, canvas => this.#openCanvas(canvas));
    this.looks = new Looks(
      this.renderer,
      () => this.history.value.state,
      styled => this.commit('style', styled, noPixels),
    );
    const drawing = {
      scene: this.scene,
      state: () => this.history.value.state,
      commit: this.commit.bind(this),
      show: this.#show.bind(this),
    };
    this.objects = new Objects(drawing, this.paints, this.looks, () => this.renderer.selected());
    this.library = new Library(this.paints, this.beginnings);
  }

  /** Called once, when the engine is there for the first time: brings back a drawing, or begins one. */
  onWelcome: (() => void) | undefined;

  /** Called when the engine has come back with another model. */
  onOtherModel: (() => void) | undefined;

  #styles(): WireStyles | undefined {
    if (this.renderer.model.value?.styles == null) return undefined;
    const instances = this.looks.wire(this.scene.value);
    // At first every object looks as its class does most often; shuffled, as chance has it.
    const { seed = 0 } = this.scene.value;
    return { seed, default: seed === 0 ? { cluster: 0 } : 'random', instances };
  }

  /** A paint is chosen: what is selected gets it, where objects are being selected; else a tool that cannot paint gives way to the brush. */
  choosePaint(label: number): void {
    this.paints.label.value = label;
    const tool = this.tool.peek();
    if (tool === 'select' && this.objects.last.peek() !== undefined) this.objects.relabel(label);
    else if (tool === 'select' || tool === 'pick') this.tool.value = 'brush';
  }

  // The drawing

  /** Shows a scene and tells the engine. */
  #show(scene: Scene, rect: Rect | null): void {
    const resized = scene.width !== this.scene.value.width || scene.height !== this.scene.value.height;
    if (resized) this.maps = mapsOf(scene);
    const changed = resized || rect === null ? all(scene) : rect;
    this.scene.value = scene;
    flatten(scene, this.maps, changed);
    this.changes.value = { count: this.changes.value.count + 1, rect: changed };
    this.renderer.changed(changed, resized);
    this.objects.shown(scene);
  }

  /** Makes a step of the history. */
  commit(name: TextKey, scene: Scene, rect: Rect | null = null): void {
    if (scene === this.history.value.state) return;
    this.history.value = this.history.value.with(name, scene);
    this.#rebase(scene);
    this.#show(scene, rect);
    this.onEdit?.();
  }

  /** What is being drawn goes on upon another scene; unless it was to be part of an object that is gone. */
  #rebase(scene: Scene): void {
    if (this.#drawing === null) return;
    const { by } = this.#drawing;
    const gone = by !== 'eraser' && by.kind === 'object' && objectOf(scene, by.id) === undefined;
    this.#drawing = gone ? null : { ...this.#drawing, before: scene };
    if (gone) this.outline.value = [];
  }

  /** Called after every step, undo and redo: to save. */
  onEdit: (() => void) | undefined;

  /** Undefined where the engine has one model. */
  models: OtherModels | undefined;

  /** Takes back the last step, or what is being drawn. */
  undo(): void {
    if (this.#drawing !== null) this.cancel();
    else this.goTo(this.history.value.at - 1);
  }

  redo(): void {
    this.goTo(this.history.value.at + 1);
  }

  goTo(step: number): void {
    this.cancel();
    this.history.value = this.history.value.goTo(step);
    this.#show(this.history.value.state, null);
    this.onEdit?.();
  }

  /** Goes on with another drawing: a step, but for the first one. @param step a text's key, or the text itself. */
  replace(scene: Scene, step: string): void {
    this.beginnings.forget();
    this.cancel();
    this.objects.select(null);
    this.history.value = this.#begun ? this.history.value.with(step, scene) : History.of(scene, step);
    this.#begun = true;
    this.#show(scene, null);
    this.onEdit?.();
  }

  blank(width: number, height: number): void {
    this.replace(blankScene(width, height, this.paints.ground), 'blank');
  }

  /** @param step its name in the history. @throws Error that says what is wrong with the text. */
  openProject(text: string, step: string): void {
    const { labelNc = 0 } = this.renderer.model.value ?? {};
    const project = parseProject(text, labelNc, this.paints.range);
    const { scene } = project;
    const status = this.renderer.status.value;
    const longest = status.kind === 'ready' ? status.limits.side : Number.POSITIVE_INFINITY;
    if (Math.max(scene.width, scene.height) > longest)
      throw new Error(`${scene.width}×${scene.height} pixels; this server takes ${longest} a side`);
    this.replace(this.looks.fitting(this.paints.adopted(project)), step);
  }

  get projectText(): string {
    const scene = this.history.value.state;
    if (!this.paints.areOwn) return formatProject({ scene });
    const { range, colours, levels } = this.paints;
    return formatProject(range === null ? { scene, colours: colours.value } : { scene, levels: levels.value });
  }

  #openCanvas(canvas: GalleryCanvas): void {
    const { width, height, bytes, name } = canvas;
    if (this.paints.range !== null) {
      const values = decodeValues(bytes, width * height);
      if (typeof values === 'string') this.renderer.notice.value = { text: values };
      else this.openValues(width, height, values, name);
      return;
    }
    if (this.paints.areOwn) {
      this.openPicture(width, height, bytes, name);
      return;
    }
    const maps = canvasMaps(canvas, this.renderer.model.value?.labelNc ?? 0);
    if (typeof maps === 'string') this.renderer.notice.value = { text: maps };
    else this.openMaps(maps, name);
  }

  /** Begins with a label map and an instance map; what has no class becomes the ground. @param name of what is opened. */
  openMaps(maps: Maps, name: string): void {
    this.replace(sceneOf(grounded(maps, this.paints.ground)), filled('opened', { name }));
  }

  /** Begins with a picture, to be drawn on. @param pixels red, green and blue of each. */
  openPicture(width: number, height: number, pixels: Uint8Array, name: string): void {
    this.replace(pictureScene(width, height, pixels), filled('opened', { name }));
  }

  /** Begins with values, to be drawn on. */
  openValues(width: number, height: number, values: Float32Array, name: string): void {
    this.replace(valueScene(width, height, values), filled('opened', { name }));
  }

  // Pointer

  /** The pointer was pressed on the drawing. */
  down(pointer: Pointer): void {
    const tool = this.tool.value;
    if (this.#drawing !== null) {
      this.#draw(this.#drawing.tool.down(pointer));
      return;
    }
    const scene = this.history.value.state;
    const under = this.objectAt(pointer);
    if (tool === 'select') this.objects.choose(this.#selectableAt(pointer), pointer.even);
    else if (tool === 'pick') {
      if (under !== undefined) this.paints.label.value = under.label;
      else this.pixels.pick(pointer);
    } else if (tool === 'replace') {
      if (under !== undefined && under.label !== this.paints.label.value)
        this.commit('replace', replaceClass(scene, under.label, this.paints.chosen));
    } else if (tool === 'fill') {
      const { width, height } = this.maps;
      const pixels = area({ width, height, values: this.pixels.areas() }, pointer);
      if (!pixels.isEmpty) this.#finish(paint(scene, pixels, this.#paint()), 'fill', pixels.bounds);
    } else {
      const [name, by] = tool === 'eraser' ? (['brush', tool] as const) : ([tool, this.#paint()] as const);
      const begun = begin(name, scene, this.brushSize.value, pointer);
      this.#drawing = { tool: begun, name: tool, by, before: scene };
      this.#draw(this.#drawing.tool.move(pointer));
    }
  }

  move(pointer: Pointer): void {
    if (this.#drawing !== null) this.#draw(this.#drawing.tool.move(pointer));
  }

  up(pointer: Pointer): void {
    if (this.#drawing !== null) this.#draw(this.#drawing.tool.up(pointer));
  }

  /** Return or a double click. */
  finish(): void {
    if (this.#drawing !== null) this.#draw(this.#drawing.tool.finish());
  }

  /** Escape: what is being drawn or dragged is dropped. */
  cancel(): void {
    this.#drawing = null;
    this.outline.value = [];
    if (this.scene.value !== this.history.value.state) this.#show(this.history.value.state, null);
  }

  #draw({ pixels, changed, outline, done }: Drawing): void {
    const { before, by, name } = this.#drawing!;
    this.outline.value = outline ?? [];
    const result = by === 'eraser' ? { scene: this.#erased(before, pixels) } : paint(before, pixels, by);
    if (done) {
      this.#drawing = null;
      if ('id' in result) this.#finish(result, name, pixels.bounds);
      else this.commit('eraser', result.scene, pixels.bounds);
    } else if (changed !== null) this.#show(result.scene, changed);
  }

  #erased(scene: Scene, pixels: Mask): Scene {
    return erase(scene, pixels, { kind: 'class', label: this.paints.ground, countable: false });
  }

  #finish({ scene, id }: { scene: Scene; id: number }, name: TextKey, rect: Rect | null): void {
    this.commit(name, scene, rect);
    if (this.paints.chosen.countable) this.objects.select(id);
  }

  #paint(): Paint {
    const object = this.objects.last.value;
    const { label, countable } = this.paints.chosen;
    if (this.strokeMode.value === 'extend' && object?.label === label) return { kind: 'object', id: object.id };
    return { kind: 'class', label, countable };
  }

  /** The highest object under a place of the drawing. */
  objectAt({ x, y }: Point): SceneObject | undefined {
    return objectAt(this.history.value.state, Math.floor(x), Math.floor(y));
  }

  /** Selects what is to be seen at a place, and nothing else. */
  chooseAt(point: Point): void {
    this.objects.select(this.#selectableAt(point)?.id ?? null);
  }

  /** The ground cannot be selected. */
  #selectableAt(point: Point): SceneObject | undefined {
    const object = this.objectAt(point);
    return object?.label === this.paints.ground ? undefined : object;
  }

  /** Has objects look otherwise: all, or those that were given no look. @param seed 0: the usual looks. */
  reseed(seed: number): void {
    const { state } = this.history.value;
    const scene = this.looks.shuffleChosen.value ? this.looks.withoutChosen(state) : state;
    this.commit(seed === 0 ? 'usual' : 'shuffle', { ...scene, seed }, noPixels);
  }
}

function all({ width, height }: Scene): Rect {
  return { x: 0, y: 0, width, height };
}
