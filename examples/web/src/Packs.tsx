import type { ProductAction } from './Plans'
import type { Product } from './pricing'
import { describeInterval, formatMoney } from './wording'

/** What is paid once and comes on top of any plan. It is a row and not a card, so that it does not look like a plan. */
export function Packs({ products, action }: { products: Product[]; action: ProductAction }) {
  if (products.length === 0) return null
  return (
    <section className="packs" aria-labelledby="packs-heading">
      <h3 id="packs-heading">
        One-time purchases <small>on top of any plan</small>
      </h3>
      <ul>
        {products.map((product) => (
          <li key={product.id}>
            <div>
              <h4>{product.name}</h4>
              <small>{product.description ?? product.features.map(({ description }) => description).join(', ')}</small>
            </div>
            <p className="price">
              {formatMoney(product.defaultPrice.unitPrice, product.defaultPrice.currency)}{' '}
              <small>{describeInterval(product.defaultPrice)}</small>
            </p>
            <div className="actions">{action(product, product.defaultPrice)}</div>
          </li>
        ))}
      </ul>
    </section>
  )
}
