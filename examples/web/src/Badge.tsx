import type { Tone } from './standing'

/** A state in one or two words. Its colour says what the state means, and is never all that says it. */
export function Badge({ tone, children }: { tone: Tone; children: string }) {
  return <span className={`badge ${tone}`}>{children}</span>
}
