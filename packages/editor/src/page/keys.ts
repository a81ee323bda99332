/** Keyboard shortcuts. Depends on the studio and the view. */
import { useEffect } from 'preact/hooks';
import { toolKeys } from './panels.js';
import type { Studio } from './studio.js';
import type { TextKey } from './texts.js';
import type { View } from './view.js';

/** What the help sheet lists: keys, one after the other, and what they do. */
export const keyTable: readonly (readonly [string, TextKey])[] = [
  ...toolKeys.map(([tool, key]) => [key, tool] as const),
  ['Ctrl+Z', 'undo'],
  ['Ctrl+Shift+Z', 'redo'],
  ['[ ]', 'size'],
  [', .', 'selectNext'],
  ['Del', 'delete'],
  ['Ctrl+D', 'duplicate'],
  ['Ctrl+A', 'selectAll'],
  ['← ↑ → ↓', 'move'],
  ['+', 'zoomIn'],
  ['−', 'zoomOut'],
  ['0', 'fit'],
  ['?', 'help'],
];

/** Listens to keys wherever no text is being typed. */
export function useKeys(studio: Studio, view: View, help: { value: boolean }): void {
  useEffect(() => {
    const down = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.altKey || target.closest('dialog')) return;
      if (target.matches('input[type=search], input[type=text], input[type=number], textarea, select')) return;
      // Buttons, sliders and the like have these keys themselves.
      const own = [' ', 'Enter', 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'];
      if (own.includes(event.key) && target.matches('button, input, summary')) return;
      if (event.key === 'Escape' && document.querySelector(':popover-open')) return;
      if (event.key === ' ') {
        view.panning.value = true;
        event.preventDefault();
        return;
      }
      if (act(event, studio, view, help)) event.preventDefault();
    };
    const up = (event: KeyboardEvent) => {
      if (event.key === ' ') view.panning.value = false;
    };
    addEventListener('keydown', down);
    addEventListener('keyup', up);
    return () => {
      removeEventListener('keydown', down);
      removeEventListener('keyup', up);
    };
  }, [studio, view, help]);
}

/** @returns whether the key means something here. */
function act(event: KeyboardEvent, studio: Studio, view: View, help: { value: boolean }): boolean {
  // Where letters are on the keyboard, whatever alphabet it is set to.
  const key = /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    if (key === 'z') event.shiftKey ? studio.redo() : studio.undo();
    else if (key === 'y') studio.redo();
    else if (key === 'd') studio.objects.duplicate();
    else if (key === 'a') studio.objects.selectAll();
    else return false;
    return true;
  }
  const tool = toolKeys.find(([, letter]) => letter.toLowerCase() === key)?.[0];
  if (tool !== undefined) {
    studio.finish();
    studio.tool.value = tool;
  } else if (key === '[') studio.brushSize.value = Math.max(1, studio.brushSize.value - step(studio.brushSize.value));
  else if (key === ']') studio.brushSize.value = Math.min(128, studio.brushSize.value + step(studio.brushSize.value));
  else if (key.startsWith('arrow')) {
    const by = event.shiftKey ? 10 : 1;
    const [dx, dy] = { arrowleft: [-by, 0], arrowright: [by, 0], arrowup: [0, -by], arrowdown: [0, by] }[key]!;
    studio.objects.nudge(dx!, dy!);
  } else if (key === 'delete' || key === 'backspace') studio.objects.remove();
  else if (key === 'enter') studio.finish();
  else if (key === ',' || key === '.') studio.objects.selectNext(key === '.' ? 1 : -1);
  else if (key === 'escape') {
    if (studio.outline.value.length > 0) studio.cancel();
    else studio.objects.select(null);
  } else if (key === '+' || key === '=') view.zoomBy(1.25);
  else if (key === '-') view.zoomBy(1 / 1.25);
  else if (key === '0') view.fit(studio.scene.value.width, studio.scene.value.height);
  else if (key === '?') help.value = true;
  else return false;
  return true;
}

function step(size: number): number {
  return size < 10 ? 1 : 4;
}
