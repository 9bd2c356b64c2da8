import { type ReactNode, useEffect, useState } from 'react'
import { Badge } from './Badge'
import { IntervalSwitch } from './IntervalSwitch'
import { Packs } from './Packs'
import {
  type Interval,
  offersBothIntervals,
  packsOf,
  type Plan,
  plansOf,
  type Price,
  type PricingModel,
  productAt,
  type Product,
  yearlySaving,
} from './pricing'
import { describeInterval, formatMoney } from './wording'

/** The element below a product: a button, a link, or nothing. */
export type ProductAction = (product: Product, price: Price) => ReactNode

type Props = { pricingModel: PricingModel; currentProduct?: Product | undefined; action: ProductAction }

/** The plans of the pricing model by the month or by the year, and below them what is paid once. */
export function Plans({ pricingModel, currentProduct, action }: Props) {
  const [interval, setInterval] = useState<Interval>(
    currentProduct?.defaultPrice.intervalUnit === 'year' ? 'year' : 'month',
  )
  const plans = plansOf(pricingModel)

  // A link to /#plans is opened before the prices have arrived, so there is nothing to scroll to yet.
  useEffect(() => {
    if (window.location.hash === '#plans') document.getElementById('plans')?.scrollIntoView()
  }, [])

  return (
    <section id="plans" aria-labelledby="plans-heading">
      <div className="heading">
        <h2 id="plans-heading">Plans</h2>
        {offersBothIntervals(plans) && <IntervalSwitch interval={interval} onChange={setInterval} />}
      </div>
      <ul className="plans">
        {plans.map((plan) => (
          <PlanCard key={plan.name} plan={plan} interval={interval} currentProduct={currentProduct} action={action} />
        ))}
      </ul>
      <Packs products={packsOf(pricingModel)} action={action} />
    </section>
  )
}

type PlanCardProps = Omit<Props, 'pricingModel'> & { plan: Plan; interval: Interval }

function PlanCard({ plan, interval, currentProduct, action }: PlanCardProps) {
  const product = productAt(plan, interval) ?? plan.products[0]
  if (!product) return null
  const { defaultPrice: price } = product
  const isCurrent = product.id === currentProduct?.id
  const saving = price.intervalUnit === 'year' ? yearlySaving(plan) : 0
  return (
    <li className={isCurrent ? 'card current' : 'card'}>
      <div className="title">
        <h3>{plan.name}</h3>
        {isCurrent && <Badge tone="good">Your plan</Badge>}
      </div>
      <p className="price">
        {formatMoney(price.unitPrice, price.currency)} <small>{describeInterval(price)}</small>
      </p>
      {saving > 0 && <p className="saving">{saving}% less than by the month</p>}
      {product.description && <p className="muted">{product.description}</p>}
      <ul className="ticks">
        {product.features.map((feature) => (
          <li key={feature.id}>
            {feature.name}
            <small>{feature.description}</small>
          </li>
        ))}
      </ul>
      <div className="actions">{action(product, price)}</div>
    </li>
  )
}
