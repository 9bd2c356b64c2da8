import { useId } from 'react'
import { show } from './show'

/** The values of a hook, with their names. */
export function Facts({ of }: { of: Record<string, unknown> }) {
  const id = useId()
  return (
    <dl className="facts">
      {Object.entries(of).map(([name, value]) => (
        <div key={name}>
          <dt id={`${id}${name}`}>{name}</dt>
          <dd aria-labelledby={`${id}${name}`}>
            <pre>{show(value)}</pre>
          </dd>
        </div>
      ))}
    </dl>
  )
}
