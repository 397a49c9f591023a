/** Logarithms of the gamma function and of binomial coefficients. */

/**
 * Natural logarithm of the gamma function of `x` > 0, to about 1e-13 of its value: Stirling's series (Abramowitz and
 * Stegun 6.1.41) from 10 on, the recurrence below.
 */
export function lnGamma(x: number): number {
  let product = 1;
  let z = x;
  for (; z < 10; z += 1) product *= z;
  const inverse = 1 / z;
  const square = inverse * inverse;
  const series =
    inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188))));
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product);
}

/** Natural logarithm of `n` choose `k`, whole numbers, 0 <= k <= n. */
export function lnChoose(n: number, k: number): number {
  return lnGamma(n + 1) - lnGamma(k + 1) - lnGamma(n - k + 1);
}
