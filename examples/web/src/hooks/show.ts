/** Returns texts unchanged, and everything else as JSON. */
export function show(value: unknown): string {
  if (typeof value === 'string') return value
  return JSON.stringify(value, null, 2) ?? 'undefined'
}
