/** What tests ask of a page: expressions that the browser evaluates, as text, for Node's types know no document. */

export interface Outline {
  readonly mode: string;
  readonly ids: readonly string[];
  readonly links: readonly string[];
  readonly h1: number;
  readonly headings: readonly number[];
  readonly unscoped: number;
  readonly unnamed: number;
  readonly sections: number;
}

export const OUTLINE: string = `({
  mode: document.compatMode,
  ids: [...document.querySelectorAll('[id]')].map(({ id }) => id),
  links: [...document.querySelectorAll('a')].map((link) => link.getAttribute('href').slice(1)),
  h1: document.querySelectorAll('h1').length,
  headings: [...document.querySelectorAll('h1, h2, h3')].map(({ tagName }) => Number(tagName[1])),
  unscoped: document.querySelectorAll('th:not([scope])').length,
  unnamed: [...document.querySelectorAll('svg[role=img]')].filter(
    (svg) => !svg.querySelector('title')?.textContent || !svg.querySelector('desc')?.textContent).length,
  sections: document.querySelectorAll('section').length,
})`;

/** Each element with its attributes, so that an attribute that moves to another element is found as well. */
export const SHAPES: string = `[...new Set([...document.querySelectorAll('*')].map(
  (element) => element.localName + ' ' + element.getAttributeNames().sort().join(' ')))]`;

export interface Printed {
  readonly ink: string;
  readonly ground: string;
  /** Labels of tables that are wider than their container. */
  readonly cut: readonly string[];
  readonly container: number;
  readonly table: number;
}

export const PRINTED: string = `({
  ink: getComputedStyle(document.body).color,
  ground: getComputedStyle(document.body).backgroundColor,
  cut: [...document.querySelectorAll('section .scroll')]
    .filter((box) => box.clientWidth > 0 && box.scrollWidth > box.clientWidth + 1)
    .map((box) => box.getAttribute('aria-label')),
  container: document.querySelector('#groups-table').parentElement.clientHeight,
  table: document.querySelector('#groups-table').clientHeight,
})`;

/** The page's luminance, and each kind of text whose contrast is below 4.5, as WCAG 2.2 defines them. */
export const CONTRASTS: string = `(() => {
  const parse = (colour) => {
    if (!/^rgba?\\(/.test(colour)) throw new Error('a colour that this test can not read: ' + colour);
    return colour.match(/[\\d.]+/g).map(Number);
  };
  const linear = (part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const groundOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if ((colour[3] ?? 1) === 1) return colour;
    }
    return [255, 255, 255];
  };
  const weak = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || element.closest('script, svg, .skip') || !element.checkVisibility()) continue;
    const pair = [parse(getComputedStyle(element).color), groundOf(element)].map(luminance);
    const contrast = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (contrast < 4.5) weak.add(element.localName + '.' + element.className + ' ' + contrast.toFixed(2));
  }
  return { ground: luminance(parse(getComputedStyle(document.body).backgroundColor)), weak: [...weak] };
})()`;
