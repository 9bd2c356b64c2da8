import { Badge } from './Badge'
import { type Billing, planName, type Product } from './pricing'

/** Every toggle feature of the plans, and whether this customer's plan has it. */
export function Features({ billing }: { billing: Billing }) {
  const offered = new Map<string, { feature: Product['features'][number]; plan: string }>()
  for (const product of billing.pricingModel.products) {
    for (const feature of product.features) {
      if (feature.type !== 'toggle' || offered.has(feature.slug)) continue
      offered.set(feature.slug, { feature, plan: planName(product) })
    }
  }

  return (
    <section className="card" aria-labelledby="features-heading">
      <h2 id="features-heading">Features</h2>
      <ul className="features">
        {[...offered.values()].map(({ feature, plan }) => {
          const open = billing.checkFeatureAccess(feature.slug)
          return (
            <li key={feature.slug} className={open ? 'open' : 'locked'}>
              <span>
                {feature.name}
                <small>{feature.description}</small>
              </span>
              <Badge tone={open ? 'good' : 'calm'}>{open ? 'Included' : `Part of ${plan}`}</Badge>
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
