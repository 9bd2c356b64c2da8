/** Grey lines in place of a text that is being loaded. Screen readers get the words. */
export function SkeletonLines({ words, lines }: { words?: string; lines: number }) {
  return (
    <div className="skeleton" aria-busy="true">
      {words && (
        <p className="unseen" role="status">
          {words}
        </p>
      )}
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} />
      ))}
    </div>
  )
}

/** The account before its billing is known, in the shape that it will have. */
export function AccountSkeleton() {
  return (
    <>
      <p className="unseen" role="status">
        Loading your account…
      </p>
      <div className="cards above" aria-hidden="true">
        {[4, 3, 4, 2].map((lines, card) => (
          <div key={card} className="card">
            <SkeletonLines lines={lines} />
          </div>
        ))}
      </div>
    </>
  )
}

/** The plans before the prices are known. A link to them already leads here. */
export function PlansSkeleton() {
  return (
    <section id="plans" aria-labelledby="plans-heading">
      <h2 id="plans-heading">Plans</h2>
      <p className="unseen" role="status">
        Loading prices…
      </p>
      <ul className="plans" aria-hidden="true">
        {[0, 1].map((plan) => (
          <li key={plan} className="card">
            <SkeletonLines lines={6} />
          </li>
        ))}
      </ul>
    </section>
  )
}
