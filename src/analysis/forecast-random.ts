/** Random numbers with a fixed seed, so that the same logs give the same forecast. */

/** Uniform numbers over 0 (not in it) to 1 (not in it): xorshift128 of Marsaglia (2003), "Xorshift RNGs". */
export function uniforms(seed: number): () => number {
  let [x, y, z, w] = [seed | 0, 362_436_069, 521_288_629, 88_675_123];
  return () => {
    const t = x ^ (x << 11);
    x = y;
    y = z;
    z = w;
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8);
    return ((w >>> 0) + 0.5) / 2 ** 32;
  };
}

function normal(next: () => number): number {
  return Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next());
}

/** Gamma of this shape (more than 0) and scale 1: Marsaglia and Tsang (2000). */
export function gamma(shape: number, next: () => number): number {
  if (shape < 1) return gamma(shape + 1, next) * next() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(next);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Poisson of this mean; past 25 the rounded normal with its skewness set right (Cornish and Fisher). */
function poisson(mean: number, next: () => number): number {
  if (mean > 25) {
    const z = normal(next);
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * z + (z * z - 1) / 6));
  }
  const end = Math.exp(-mean);
  let count = 0;
  for (let product = next(); product > end; product *= next()) count += 1;
  return count;
}

/** A count of this mean whose variance is `dispersion` (more than 0) times its mean. */
export function dispersed(mean: number, dispersion: number, next: () => number): number {
  if (mean <= 0) return 0;
  // Gamma-Poisson: the negative binomial whose sums are of the same kind.
  if (dispersion > 1) {
    const scale = dispersion - 1;
    return poisson(gamma(mean / scale, next) * scale, next);
  }
  if (dispersion === 1) return poisson(mean, next);
  // Binomial: its trials are rounded up or down, so that their mean is kept.
  const hit = 1 - dispersion;
  const trials = Math.floor(mean / hit + next());
  if (trials > 100)
    return Math.max(0, Math.round(trials * hit + Math.sqrt(trials * hit * dispersion) * normal(next)));
  let count = 0;
  for (let trial = 0; trial < trials; trial += 1) if (next() < hit) count += 1;
  return count;
}
