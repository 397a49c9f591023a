/**
 * The page's only style. Its hash stands in the page's policy, so nothing else can style the page: no style attribute,
 * nothing out of a log. Colours are chosen for a contrast of 4.5 or more on what they stand on; a test measures that.
 */
export const STYLE: string = `
:root {
  color-scheme: light dark;
  --page: #f7f7f5; --card: #ffffff; --ink: #1b1d22; --soft: #5a5f6b; --line: #e2e2de; --strong-line: #c9c9c4;
  --accent: #2563a8; --accent-soft: #cfe0f3; --warm: #b4560b; --bad: #b3261e; --well: #f1f1ee; --link: #1f5a9c;
  --h1: #e9f1fa; --h2: #cfe0f3; --h3: #a8c8ea; --h4: #2f6fb3; --h5: #1f5795; --h6: #123f73;
  --on-low: #14202e; --on-high: #ffffff;
  --sans: ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif;
  --mono: ui-monospace, "Cascadia Mono", "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #131519; --card: #1a1d23; --ink: #e7e9ed; --soft: #a3a9b5; --line: #2b2f38; --strong-line: #434955;
    --accent: #6ea8e6; --accent-soft: #28425f; --warm: #e79a55; --bad: #ff8a80; --well: #21252d; --link: #8dbcf0;
    --h1: #1d2d40; --h2: #223f5f; --h3: #275280; --h4: #7fb2e8; --h5: #a5cbf2; --h6: #cfe4fa;
    --on-low: #f0f5fb; --on-high: #0e1a28;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--ink); font: 1rem/1.55 var(--sans);
  overflow-wrap: break-word; font-kerning: normal;
}
a { color: var(--link); text-underline-offset: .18em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { position: static; display: inline-block; padding: .5rem 1rem; }
header, main, footer { max-width: 82rem; margin: 0 auto; padding: 0 clamp(1rem, 3vw, 2.5rem); }
header { padding-top: clamp(1.5rem, 4vw, 3.25rem); }
.eyebrow { margin: 0; color: var(--soft); font-size: .875rem; letter-spacing: .01em; }
h1 { margin: .1rem 0 .6rem; font-size: clamp(1.6rem, 4vw, 2.4rem); line-height: 1.15; letter-spacing: -.018em; font-weight: 680; }
h2 { margin: 0 0 .9rem; font-size: 1.2rem; line-height: 1.3; letter-spacing: -.008em; font-weight: 650; }
h3 { margin: 1.75rem 0 .6rem; font-size: .95rem; line-height: 1.4; font-weight: 650; }
.lead { margin: 0; max-width: 46em; font-size: clamp(1.08rem, 1.8vw, 1.3rem); line-height: 1.5; text-wrap: pretty; }
.verdict { margin: .9rem 0 0; padding-left: .8rem; border-left: 3px solid var(--accent); }
.verdict.over { border-left-color: var(--bad); color: var(--bad); }
.badge { display: inline-block; margin: .9rem 0 0; padding: .1rem .6rem; border: 1px solid var(--warm); border-radius: 1rem; color: var(--warm); font-size: .84rem; }
nav { margin: 1.4rem 0 0; }
nav ul { display: flex; flex-wrap: wrap; gap: .3rem 1.15rem; margin: 0; padding: 0; list-style: none; font-size: .9rem; }
main { padding-top: 1.5rem; padding-bottom: 1rem; }
section { margin: 0 0 1.25rem; padding: clamp(1rem, 2.2vw, 1.6rem); background: var(--card); border: 1px solid var(--line); border-radius: .75rem; scroll-margin-top: 1rem; }
section.warn { border-left: .3rem solid var(--warm); }
p { margin: 0 0 .8rem; max-width: 46em; text-wrap: pretty; }
section > :last-child, figure > :last-child { margin-bottom: 0; }
.note, .more, figcaption, small { color: var(--soft); }
.note, .more, figcaption { font-size: .875rem; }
.more, .scroll + .note { margin-top: .7rem; }
ul { margin: 0; padding-left: 1.2rem; }
code, .value, pre { font-family: var(--mono); font-size: .875em; font-variant-ligatures: none; }
pre { margin: 0 0 1rem; padding: .8rem 1rem; background: var(--well); border-radius: .5rem; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .95rem; line-height: 1.5; }
h1, p, dd, td.value, th.value, .tag, .value { overflow-wrap: anywhere; }
.dir { color: var(--soft); }
i.none { color: var(--soft); }
.bad { color: var(--bad); }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 14.5rem), 1fr)); gap: 1.4rem 2rem; margin: 0 0 1.2rem; }
.figures > div { padding-left: .9rem; border-left: 2px solid var(--line); }
.figures > div:first-child { border-left-color: var(--accent); }
.figures dt { color: var(--soft); font-size: .875rem; line-height: 1.35; }
.figures dd { margin: 0; font-size: .9rem; font-variant-numeric: tabular-nums; }
.figures .big { margin: .1rem 0; font-size: 1.3rem; line-height: 1.25; font-weight: 620; letter-spacing: -.012em; }
.figures.small { grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: 1rem; }
.figures.small > div:first-child { border-left-color: var(--line); }
.figures.small .big { font-size: 1.1rem; }
.pairs { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .25rem 1.2rem; margin: 0 0 .8rem; }
.pairs dt { color: var(--soft); }
.pairs dd { margin: 0; }
.scroll { max-height: min(36rem, 80vh); overflow: auto; border: 1px solid var(--line); border-radius: .5rem; overscroll-behavior-x: contain; }
table { width: 100%; border-collapse: separate; border-spacing: 0; font-size: .9rem; line-height: 1.4; }
th, td { padding: .42rem .75rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); font-weight: 400; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { position: sticky; top: 0; z-index: 1; background: var(--well); color: var(--soft); font-size: .82rem; white-space: nowrap; border-bottom-color: var(--strong-line); }
td.number, th.number { width: 1%; text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.text, th.text { width: 1%; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.time, th.time { width: 1%; min-width: 7.6em; font-variant-numeric: tabular-nums; }
td.value, th.value { min-width: 12rem; font-family: var(--sans); font-size: inherit; }
thead th.value { font-size: .82rem; }
td.bar, th.bar { min-width: 7rem; }
.has-value td.bar, .has-value th.bar { width: 18%; }
tbody tr:hover > * { background: color-mix(in srgb, var(--well) 55%, transparent); }
#comparison-table .number { width: 40%; white-space: normal; }
#hosts-table .time { white-space: nowrap; }
#comparison .scroll, #when > .scroll { max-width: 50rem; }
#skipped-table td.text { width: auto; white-space: normal; }
.pair { display: block; }
.id { display: block; font-family: var(--mono); font-size: .78rem; }
.tag { display: inline-block; padding: 0 .35rem; border-radius: .3rem; background: var(--well); font-size: .75rem; }
.unit { white-space: nowrap; }
#rules-table .value { min-width: 11.5rem; }
#rules-table th.value:first-child { min-width: 18rem; }
#rules-table td.bar, #rules-table th.bar { width: 10%; min-width: 5rem; }
span.high, span.critical { color: var(--bad); font-weight: 600; }
span.medium { color: var(--warm); }
thead button { all: unset; cursor: pointer; color: inherit; font: inherit; border-radius: .2rem; }
thead button:hover { color: var(--ink); }
thead button:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; }
thead button::after { content: "\\2195"; display: inline-block; width: 1em; text-align: center; opacity: .45; }
[aria-sort] { color: var(--ink); font-weight: 600; }
[aria-sort="ascending"] button::after { content: "\\2191"; opacity: 1; }
[aria-sort="descending"] button::after { content: "\\2193"; opacity: 1; }
.tools { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem 1rem; margin: 0 0 .7rem; font-size: .9rem; }
.tools[hidden] { display: none; }
.tools label { color: var(--soft); }
.tools input { width: 16rem; max-width: 100%; margin-left: .4rem; padding: .3rem .6rem; color: var(--ink); background: var(--card); border: 1px solid var(--strong-line); border-radius: .4rem; font: inherit; }
.tools output { color: var(--soft); font-variant-numeric: tabular-nums; }
svg { display: block; width: 100%; }
svg.bar { height: .7rem; margin-top: .32rem; }
.fill, rect.events { fill: var(--accent); }
.fill.steady { fill: var(--warm); }
.fill.rest { fill: var(--strong-line); }
rect.light { fill: var(--accent-soft); }
rect.events:hover { fill: var(--warm); }
.chart { margin: 0 0 1.5rem; }
.frame { display: grid; grid-template-columns: max-content minmax(0, 1fr); column-gap: .6rem; }
.frame svg { grid-column: 2; height: clamp(8rem, 20vw, 13rem); overflow: visible; }
.frame .lane { height: .6rem; margin-top: .15rem; }
.vertical { grid-row: 1; display: flex; flex-direction: column; justify-content: space-between; text-align: right; margin: -.6rem 0; }
.horizontal { grid-column: 2; display: flex; margin-top: .3rem; }
.horizontal span { flex: 2 1 0; min-width: 0; text-align: center; white-space: nowrap; }
.horizontal span:first-child { flex-grow: 1; text-align: left; }
.horizontal span:last-child { display: flex; flex-grow: 1; justify-content: flex-end; }
.vertical, .horizontal { color: var(--soft); font-size: .8rem; line-height: 1.2rem; font-variant-numeric: tabular-nums; }
figcaption { margin-top: .5rem; }
figcaption > span { margin-right: 1.2rem; }
.key { display: inline-block; width: .8rem; height: .7rem; margin-right: .45rem; border-radius: .1rem; background: var(--accent); }
.key.boots { width: 2px; background: var(--warm); margin: 0 .65rem 0 .2rem; }
.key.line, .key.dashed { width: 1.3rem; height: 0; vertical-align: middle; border-top: 2px solid var(--accent); background: none; }
.key.dashed { height: 2px; border: 0; background: repeating-linear-gradient(90deg, var(--accent) 0 5px, transparent 5px 8px); }
line, polyline { fill: none; vector-effect: non-scaling-stroke; }
.grid { stroke: var(--line); stroke-width: 1; }
line.boots { stroke: var(--warm); stroke-width: 2; }
.now { stroke: var(--strong-line); stroke-width: 1; stroke-dasharray: 2 3; }
.curve { stroke: var(--accent); stroke-width: 2; stroke-linejoin: round; }
.beyond { stroke-dasharray: 6 5; }
.band { fill: var(--accent-soft); opacity: .7; }
details { margin-top: .6rem; }
summary { cursor: pointer; }
details .scroll { max-width: 30rem; max-height: 20rem; margin-top: .5rem; }
.heat { max-height: none; border: 0; }
.heat table { width: auto; border-spacing: 2px; font-size: .8rem; }
.heat th, .heat td { padding: .2rem .3rem; border: 0; }
.heat thead th { position: static; max-width: none; height: 9rem; background: none; vertical-align: bottom; color: var(--ink); }
.heat thead th span { display: inline-block; max-height: 8.6rem; overflow: hidden; writing-mode: vertical-rl; transform: rotate(180deg); text-overflow: ellipsis; white-space: nowrap; }
.heat .corner { color: var(--soft); vertical-align: bottom; min-width: 9rem; max-width: 16rem; text-align: right; }
.heat tbody th, .heat tfoot th { max-width: 16rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; text-align: right; }
.heat td { min-width: 2.6rem; height: 1.7rem; text-align: center; vertical-align: middle; border-radius: .2rem; font-variant-numeric: tabular-nums; background: var(--well); }
.heat .corner, .heat .sum, .heat tbody tr:hover th { background: none; }
.heat .sum { color: var(--soft); text-align: right; }
.heat .rest { background: none; box-shadow: inset 0 0 0 1px var(--line); color: var(--soft); }
.level1 { background: var(--h1) !important; color: var(--on-low); }
.level2 { background: var(--h2) !important; color: var(--on-low); }
.level3 { background: var(--h3) !important; color: var(--on-low); }
.level4 { background: var(--h4) !important; color: var(--on-high); }
.level5 { background: var(--h5) !important; color: var(--on-high); }
.level6 { background: var(--h6) !important; color: var(--on-high); }
footer { padding-bottom: 3rem; color: var(--soft); font-size: .875rem; }
@media (max-width: 40rem) {
  section { border-radius: .5rem; }
  .horizontal span:not(:first-child, :last-child) { display: none; }
  .pairs { grid-template-columns: minmax(0, 1fr); }
  .pairs dd { margin-bottom: .5rem; }
  td.bar, th.bar { min-width: 4.5rem; }
  th, td { padding: .4rem .55rem; }
}
@media print {
  :root {
    color-scheme: light;
    --page: #fff; --card: #fff; --ink: #000; --soft: #333; --line: #ccc; --strong-line: #999; --well: #fff;
    --accent: #2563a8; --accent-soft: #cfe0f3; --warm: #8a4207; --bad: #8c1d18; --link: #000;
    --h1: #e9f1fa; --h2: #cfe0f3; --h3: #a8c8ea; --h4: #2f6fb3; --h5: #1f5795; --h6: #123f73;
    --on-low: #000; --on-high: #fff;
  }
  @page { margin: 14mm; }
  body { font-size: 10pt; }
  header, main, footer { max-width: none; padding-left: 0; padding-right: 0; }
  nav, .tools, details, .skip { display: none !important; }
  section { padding: 0; border: 0; margin-bottom: 1.6rem; }
  h2, h3, .note:has(+ .heat) { break-after: avoid; }
  .figures > div, figure, tr, pre { break-inside: avoid; }
  .scroll { max-height: none; overflow: visible; border: 0; }
  table { font-size: 7pt; }
  th, td { padding: .18rem .3rem; }
  thead th, thead th.value { font-size: 7pt; }
  .horizontal span:not(:first-child, :last-child) { display: none; }
  .heat table { break-inside: avoid; }
  td.time, th.time { min-width: 6.2em; white-space: normal !important; }
  th, td { white-space: normal !important; }
  td.number, th.number, td.text, th.text { width: auto; }
  th.text { overflow-wrap: normal; }
  thead { display: table-header-group; }
  thead th { position: static; }
  /* A head with a button in it is not repeated on each sheet. */
  thead button { display: none; }
  thead th[data-name]::before { content: attr(data-name); }
  td.value, th.value { min-width: 0 !important; }
  .has-value tbody .value:is(td, th) { width: 28%; }
  thead th.value { overflow-wrap: normal; }
  td.bar, th.bar { width: 15%; min-width: 3rem; }
  svg, .heat td, .key { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  .heat table { font-size: 6.5pt; border-spacing: 1px; }
  .heat td { min-width: 0; height: 1.3rem; padding: 1px; overflow-wrap: normal; }
  .heat thead th { height: 6rem; }
  .heat thead th span { max-height: 5.8rem; }
  .heat .corner { min-width: 0; }
  .heat tbody th { max-width: 8rem; }
}
`;
