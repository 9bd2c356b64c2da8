import { type ReactNode, useEffect } from 'react'
import type { Price, PricingModel, Product } from './pricing'
import { describeInterval, formatMoney } from './wording'

type Props = {
  pricingModel: PricingModel
  currentProductId?: string | undefined
  /** The element below a product: a button, a link, or nothing. */
  action: (product: Product, price: Price) => ReactNode
}

/** One card for each product of the pricing model. */
export function Plans({ pricingModel, currentProductId, action }: Props) {
  // A link to /#plans is opened before the prices have arrived, so there is nothing to scroll to yet.
  useEffect(() => {
    if (window.location.hash === '#plans') document.getElementById('plans')?.scrollIntoView()
  }, [])

  return (
    <section id="plans" aria-labelledby="plans-heading">
      <h2 id="plans-heading">Plans</h2>
      <ul className="plans">
        {pricingModel.products.map((product) => (
          <li key={product.id} className="card">
            <h3>
              {product.name}
              {product.id === currentProductId && <span className="badge">Your plan</span>}
            </h3>
            <p className="price">
              {formatMoney(product.defaultPrice.unitPrice, product.defaultPrice.currency)}{' '}
              <small>{describeInterval(product.defaultPrice)}</small>
            </p>
            {product.description && <p className="muted">{product.description}</p>}
            <ul className="ticks">
              {product.features.map((feature) => (
                <li key={feature.id}>
                  {feature.name}
                  <small>{feature.description}</small>
                </li>
              ))}
            </ul>
            <div className="actions">{action(product, product.defaultPrice)}</div>
          </li>
        ))}
      </ul>
    </section>
  )
}
