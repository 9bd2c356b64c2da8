import { useId } from 'react'
import { useCall } from './LastCall'

type Props<Args extends unknown[]> = {
  /** The function's name. */
  of: string
  run: (...args: Args) => unknown
  /** The arguments for each button. */
  variants: Record<string, NoInfer<Args>>
}

/** One function of a hook, with a button for each variant of its arguments. */
export function Calls<Args extends unknown[]>({ of, run, variants }: Props<Args>) {
  const id = useId()
  const call = useCall()
  return (
    <div className="calls" role="group" aria-labelledby={id}>
      <h3 id={id}>{of}</h3>
      {Object.entries(variants).map(([variant, args]) => (
        <button
          key={variant}
          type="button"
          className="quiet"
          onClick={() => call(`${of}: ${variant}`, args, () => run(...args))}
        >
          {variant}
        </button>
      ))}
    </div>
  )
}
