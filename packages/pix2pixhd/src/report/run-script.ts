/** The JavaScript inside the page of a run: the slider, reading values off the curves, the refresh. Depends on nothing. */

/**
 * Runs in the browser; takes its data from the element `#data`. What the reader chose survives a refresh, in the tab's
 * session storage; at its right end the slider follows the newest sample.
 */
export const runScript = `
'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const recall = () => { try { return JSON.parse(sessionStorage.getItem(data.key)) || {}; } catch { return {}; } };
const remember = what => { try { sessionStorage.setItem(data.key, JSON.stringify({ ...recall(), ...what })); } catch {} };

const slider = document.querySelector('.slider input');
const figures = [...document.querySelectorAll('.samples figure')];
const show = index => {
  figures.forEach((figure, i) => { figure.hidden = i !== index; });
  document.querySelector('.slider output').textContent = figures[index].dataset.label;
};
if (slider) {
  const kept = data.steps.indexOf(recall().step);
  if (kept >= 0) { slider.value = kept; show(kept); }
  slider.addEventListener('input', () => {
    const index = Number(slider.value);
    show(index);
    remember({ step: index === figures.length - 1 ? null : data.steps[index] });
  });
}

const details = document.querySelector('details');
if (details) {
  details.open = recall().open === true;
  details.addEventListener('toggle', () => remember({ open: details.open }));
}

const nearest = (points, step) => {
  let low = 0, high = points.length - 1;
  while (low < high) { const middle = (low + high) >> 1; if (points[middle][0] < step) low = middle + 1; else high = middle; }
  return low > 0 && step - points[low - 1][0] < points[low][0] - step ? points[low - 1] : points[low];
};
document.querySelectorAll('.panel').forEach((panel, index) => {
  const { plot, width, steps, curves } = data.panels[index];
  const drawing = panel.querySelector('svg'), cursor = panel.querySelector('.cursor');
  const numbers = [...panel.querySelectorAll('.legend b')], last = numbers.map(number => number.textContent);
  const at = panel.querySelector('.at');
  drawing.addEventListener('pointermove', event => {
    const box = drawing.getBoundingClientRect();
    const x = Math.min(plot.right, Math.max(plot.left, (event.clientX - box.left) / box.width * width));
    const step = steps[0] + (x - plot.left) / (plot.right - plot.left) * (steps[1] - steps[0]);
    curves.forEach((points, i) => { numbers[i].textContent = nearest(points, step)[1].toPrecision(3); });
    at.textContent = 'at step ' + Math.round(step).toLocaleString('en-US');
    cursor.setAttribute('x1', x); cursor.setAttribute('x2', x); cursor.setAttribute('visibility', 'visible');
  });
  drawing.addEventListener('pointerleave', () => {
    numbers.forEach((number, i) => { number.textContent = last[i]; });
    at.textContent = '';
    cursor.setAttribute('visibility', 'hidden');
  });
});

if (data.refreshSeconds > 0) {
  let held = false;
  addEventListener('pointerdown', () => { held = true; });
  for (const release of ['pointerup', 'pointercancel']) addEventListener(release, () => { held = false; });
  setInterval(() => { if (!held) location.reload(); }, data.refreshSeconds * 1000);
}
`;
