import type { Interval } from './pricing'

const INTERVALS: [Interval, string][] = [
  ['month', 'Monthly'],
  ['year', 'Yearly'],
]

/** Shows the prices by the month or by the year. */
export function IntervalSwitch({
  interval,
  onChange,
}: {
  interval: Interval
  onChange: (interval: Interval) => void
}) {
  return (
    <fieldset className="switch">
      <legend className="unseen">Billing period</legend>
      {INTERVALS.map(([value, words]) => (
        <label key={value}>
          <input
            type="radio"
            name="interval"
            value={value}
            checked={interval === value}
            onChange={() => onChange(value)}
          />
          <span>{words}</span>
        </label>
      ))}
    </fieldset>
  )
}
