/** Event types that the Linux sensor gives, beside those that are always logged (4, 16, 255). */
export const LINUX_EVENT_IDS: ReadonlySet<number> = new Set([1, 2, 3, 5, 6, 8, 9, 10, 11, 22, 23]);
