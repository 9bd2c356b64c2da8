import { formatDate } from './wording'

type Props = {
  name: string
  /** The end of the current period. */
  end: number | null | undefined
  pending: boolean
  onCancel: () => void
  onKeep: () => void
}

/** Asks before a plan is canceled. */
export function CancelConfirmation({ name, end, pending, onCancel, onKeep }: Props) {
  return (
    <div className="confirm" role="group" aria-label="Cancel plan">
      <p>
        Cancel {name}? You keep it {end ? `until ${formatDate(end)}` : 'until the period ends'}, and are not charged again.
      </p>
      <div className="actions">
        <button type="button" className="danger" disabled={pending} onClick={onCancel}>
          Yes, cancel
        </button>
        <button type="button" className="secondary" autoFocus disabled={pending} onClick={onKeep}>
          No, keep it
        </button>
      </div>
    </div>
  )
}
