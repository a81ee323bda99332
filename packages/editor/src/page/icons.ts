/** Icons as paths in a square of 24, drawn with a stroke. */
import type { PageTool } from './studio.js';

/** One per tool. */
export const icons: Readonly<Record<PageTool, string>> = {
  select: 'M5 3l14 8-6 2-3 7z',
  brush: 'M20 4c-6 2-10 6-12 10m0 0a3 3 0 0 0-3 3c0 2-2 3-2 3 4 1 8-1 8-4a3 3 0 0 0-3-2z',
  eraser: 'M4 15l9-10 7 6-8 9H8zm5-5l7 6M7 20h13',
  line: 'M5 19L19 5',
  rectangle: 'M4 6h16v12H4z',
  ellipse: 'M3 12a9 6 0 1 0 18 0a9 6 0 1 0-18 0',
  polygon: 'M12 3l9 7-4 10H7L3 10z',
  lasso: 'M12 4c5 0 9 2.500 9 6s-4 6-9 6-9-2.500-9-6 4-6 9-6zm-5 11c-1 2 0 4-2 6',
  fill: 'M4 12l8-8 8 8-8 8zm0 0h16M21 17c1 2 1 4 0 4s-1-2 0-4z',
  replace: 'M4 8h13l-3-3m6 11H7l3 3',
  pick: 'M14 6l4 4m-6-2l-8 8v4h4l8-8m-2-8l3-3 4 4-3 3',
};
