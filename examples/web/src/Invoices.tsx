import { Badge } from './Badge'
import type { Billing } from './pricing'
import type { Tone } from './standing'
import { describeStatus, formatDate, formatMoney } from './wording'

type Invoice = Billing['invoices'][number]

const TONES: { [status: string]: Tone } = {
  paid: 'good',
  awaiting_payment_confirmation: 'info',
  open: 'warn',
  uncollectible: 'bad',
}

export function Invoices({ invoices }: { invoices: Invoice[] }) {
  const newestFirst = invoices.toSorted((a, b) => b.invoice.invoiceDate - a.invoice.invoiceDate)

  return (
    <section aria-labelledby="invoices-heading">
      <h2 id="invoices-heading">Invoices</h2>
      <div className="card">
        {newestFirst.length === 0 ? (
          <p className="muted">No invoices yet.</p>
        ) : (
          <table aria-labelledby="invoices-heading">
            <thead>
              <tr>
                <th scope="col">Number</th>
                <th scope="col">Date</th>
                <th scope="col" className="number">
                  Amount
                </th>
                <th scope="col">Status</th>
              </tr>
            </thead>
            <tbody>
              {newestFirst.map(({ invoice, invoiceLineItems }) => (
                <tr key={invoice.id}>
                  <td>{invoice.invoiceNumber}</td>
                  <td>{formatDate(invoice.invoiceDate)}</td>
                  <td className="number">{formatMoney(total({ invoice, invoiceLineItems }), invoice.currency)}</td>
                  <td>
                    <Badge tone={TONES[invoice.status] ?? 'calm'}>{describeStatus(invoice.status)}</Badge>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </section>
  )
}

/** The invoice's total. For an invoice without a subtotal it is the sum of the line items. */
function total({ invoice, invoiceLineItems }: Invoice): number {
  const lines = invoiceLineItems.reduce((sum, line) => sum + line.price * line.quantity, 0)
  return (invoice.subtotal ?? lines) + (invoice.taxAmount ?? 0)
}
