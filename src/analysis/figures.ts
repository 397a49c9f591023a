/** Numbers as `toLocaleString('en-US')` writes them, whose first call takes as long as answering a small question. */

/** A whole number, thousands separated: `12,345`. */
export function wholeNumber(value: number): string {
  return separated(String(value));
}

/** At most so many significant digits, thousands separated: `4.36`, `12,300`; from 1e-6 to 1e21. */
export function significant(value: number, digits: number): string {
  // The shortest digits that make this number: a tie is one as it is written, and goes up.
  const [mantissa, exponent] = value.toExponential().split('e') as [string, string];
  const written = mantissa.replace(/[-.]/g, '');
  if (written.length <= digits) return separated(String(value));
  const kept = Number(written.slice(0, digits)) + (written[digits]! >= '5' ? 1 : 0);
  return separated(String(Math.sign(value) * Number(`${kept}e${Number(exponent) - digits + 1}`)));
}

function separated(text: string): string {
  const point = text.indexOf('.');
  const end = point < 0 ? text.length : point;
  return text.slice(0, end).replace(/\B(?=(?:\d{3})+$)/g, ',') + text.slice(end);
}
