import { type ReactNode, useId } from 'react'
import { Facts } from './Facts'

type Props = {
  /** The call of the hook as text. */
  call: string
  facts: Record<string, unknown>
  children?: ReactNode
}

export function Hook({ call, facts, children }: Props) {
  const id = useId()
  return (
    <section className="card" aria-labelledby={id}>
      <h2 id={id}>{call}</h2>
      <Facts of={facts} />
      {children}
    </section>
  )
}
