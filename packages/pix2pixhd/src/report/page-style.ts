/** The look of the pages, in light and in dark. Depends on nothing. */

/** The style sheet of all pages. Lines of a chart take `--line-1`, `--line-2`, … */
export const pageStyle = `
:root {
  --page: #f7f6f3; --card: #ffffff; --text: #1b1b1a; --quiet: #66645f; --faint: #e4e2dc;
  --line-1: #2468c9; --line-2: #d9581c; --line-3: #12805f; --line-4: #8a4fc7;
  --good: #12805f; --bad: #c22f2f; --busy: #2468c9;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #161615; --card: #201f1e; --text: #f0efea; --quiet: #a5a39b; --faint: #393835;
    --line-1: #6aa5f2; --line-2: #f08a55; --line-3: #41bd92; --line-4: #bd93ea;
    --good: #41bd92; --bad: #f0807a; --busy: #6aa5f2;
  }
}
* { box-sizing: border-box; }
body { margin: 0; padding: 36px 24px 64px; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main, header { max-width: 1200px; margin: 0 auto; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 14px; }
h1 { margin: 0; font-size: 26px; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 40px 0 14px; font-size: 18px; }
h3 { margin: 0 0 2px; font-size: 14px; }
p { max-width: 72ch; margin: 10px 0; }
.quiet { color: var(--quiet); font-size: 13px; }
code, pre { font: 13px/1.6 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
pre { padding: 14px 18px; overflow-x: auto; }
.card { background: var(--card); border: 1px solid var(--faint); border-radius: 12px; }
.status { padding: 2px 12px; border: 1px solid currentColor; border-radius: 99px; font-size: 13px; font-weight: 600; }
.status.training { color: var(--busy); } .status.finished { color: var(--good); }
.status.stopped { color: var(--quiet); } .status.failed { color: var(--bad); }
.status.training::before { content: ""; display: inline-block; width: 8px; height: 8px; margin-right: 7px;
  border-radius: 50%; background: currentColor; animation: pulse 1.6s ease-in-out infinite; }
@keyframes pulse { 50% { opacity: .25; } }
@media (prefers-reduced-motion: reduce) { .status.training::before { animation: none; } }
.tiles { display: flex; flex-wrap: wrap; gap: 12px 40px; margin: 20px 0 0; }
.tiles dt { color: var(--quiet); font-size: 13px; }
.tiles dd { margin: 0; font-size: 20px; font-weight: 600; font-variant-numeric: tabular-nums; }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(360px, 100%), 1fr)); gap: 16px; }
.panel { margin: 0; padding: 14px 16px 8px; }
.panel svg { display: block; width: 100%; height: auto; touch-action: pan-y; }
.panel text { fill: var(--quiet); font: 11px system-ui, sans-serif; font-variant-numeric: tabular-nums; }
.panel .grid { stroke: var(--faint); } .panel .cursor { stroke: var(--quiet); stroke-dasharray: 3 3; }
.panel .spread { opacity: .12; }
.panel .raw { fill: none; stroke-width: 1; opacity: .28; }
.panel .smooth { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.panel.preference, .figures + .intervals, .tiles + .intervals { max-width: 760px; margin: 16px 0; } .figures + h3, details h3 { margin-top: 20px; }
.legend { display: flex; flex-wrap: wrap; gap: 0 18px; min-height: 1.5em; font-size: 13px; color: var(--quiet); }
.legend b { color: var(--text); font-weight: 600; font-variant-numeric: tabular-nums; }
.legend i { display: inline-block; width: 14px; height: 3px; margin-right: 6px; border-radius: 2px; vertical-align: middle; }
.samples { padding: 16px; }
.samples figure { margin: 0; }
.samples figure img { display: block; max-width: 100%; height: auto; margin: 0 auto; border-radius: 6px; background: #fff; }
.slider { display: flex; align-items: center; gap: 16px; margin-bottom: 14px; }
.slider input { flex: 1; accent-color: var(--line-1); }
.slider output { min-width: 8em; font-weight: 600; font-variant-numeric: tabular-nums; text-align: right; }
details { padding: 12px 18px; margin-top: 40px; } summary { cursor: pointer; font-weight: 600; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 7px 18px 7px 0; border-bottom: 1px solid var(--faint); text-align: left; vertical-align: top; }
tr:last-child > * { border-bottom: 0; }
.config td { font: 13px/1.5 ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.config { margin-top: 10px; width: 100%; } .config th { width: 16em; font-weight: 500; color: var(--quiet); }
.figures { padding: 8px 20px; display: inline-block; max-width: 100%; overflow-x: auto; }
.figures td, .figures thead th { text-align: right; padding: 8px 0 8px 36px; }
.figures thead th { color: var(--quiet); font-weight: 500; font-size: 13px; } .figures tbody th { font-weight: 500; }
.figures thead th:first-child { text-align: left; padding-left: 0; }
.figures .best { color: var(--good); font-weight: 700; }
.figures small { display: block; color: var(--quiet); font-size: 12px; white-space: nowrap; }
.figures .worse { color: var(--bad); } .figures .better { color: var(--good); }
.intervals .quiet { margin: 0 0 6px; } .figures + .panels { margin-top: 16px; }
.intervals .reference { stroke: var(--text); } .intervals .dots { opacity: .3; }
.intervals .whisker { stroke-width: 3; } .intervals .name { fill: var(--text); font-size: 12px; paint-order: stroke; stroke: var(--card); stroke-width: 3px; }
.intervals .mean { stroke: var(--card); stroke-width: 1.5; }
.examples { padding: 14px 16px; margin: 0 0 16px; }
.examples .row { display: grid; grid-template-columns: 92px repeat(var(--columns), minmax(0, 200px)); gap: 10px; align-items: start; margin-top: 12px; }
.examples .which { font-size: 13px; overflow-wrap: anywhere; } .examples .which b { display: block; }
.examples img { display: block; width: 100%; height: auto; border-radius: 6px; background: #fff; outline: 1px solid var(--faint); }
.examples img.small { image-rendering: pixelated; }
.examples .cell span { display: flex; justify-content: space-between; gap: 8px; margin-top: 4px; font-size: 12px; color: var(--quiet); font-variant-numeric: tabular-nums; }
.examples .cell b { color: var(--text); font-weight: 600; }
.protocols { width: 100%; } .protocols th { white-space: nowrap; font-weight: 600; } .protocols td { font-size: 13px; }
.figures .bar { display: inline-block; width: 96px; height: 8px; margin-right: 10px; border-radius: 2px; background: linear-gradient(to right, var(--colour) var(--share), var(--faint) var(--share)); }
.confusion { overflow-x: auto; } .panel.confusion svg { max-width: 620px; } .confusion rect { fill: var(--line-1); }
pre.command { white-space: pre-wrap; overflow-wrap: anywhere; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(360px, 100%), 1fr)); gap: 16px; }
.gallery figure { margin: 0; padding: 12px; }
.gallery .trio { display: grid; grid-template-columns: repeat(3, 1fr); gap: 8px; }
.gallery .trio span { display: block; color: var(--quiet); font-size: 12px; }
.gallery img { display: block; width: 100%; height: auto; border-radius: 8px; background: #fff; outline: 1px solid var(--faint); }
.gallery figcaption { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 14px; margin-top: 8px; font-size: 13px; }
.gallery.styles { grid-template-columns: repeat(auto-fill, minmax(min(210px, 100%), 1fr)); }
.gallery.styles figcaption { align-items: center; justify-content: flex-start; }
.gallery.styles figcaption img { width: auto; max-width: 64px; border-radius: 6px; }
`;
