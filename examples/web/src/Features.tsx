import type { Billing } from './pricing'

/** Every toggle feature of the plans, and whether this customer's plan has it. */
export function Features({ billing }: { billing: Billing }) {
  const offered = new Map(
    billing.pricingModel.products.flatMap((product) =>
      product.features
        .filter((feature) => feature.type === 'toggle')
        .map((feature) => [feature.slug, { feature, planName: product.name }] as const),
    ),
  )

  return (
    <section className="card" aria-labelledby="features-heading">
      <h2 id="features-heading">Features</h2>
      <ul className="features">
        {[...offered.values()].map(({ feature, planName }) => {
          const open = billing.checkFeatureAccess(feature.slug)
          return (
            <li key={feature.slug} className={open ? 'open' : 'locked'}>
              <span>
                {feature.name}
                <small>{feature.description}</small>
              </span>
              <span className={open ? 'badge' : 'badge plain'}>{open ? 'Included' : `Part of ${planName}`}</span>
            </li>
          )
        })}
      </ul>
      <p>
        <a href="/reports">Open reports</a>
      </p>
    </section>
  )
}
