import assert from 'node:assert/strict'
import * as on from './page.mjs'

const CAPACITY = 5
const ADA = 'ada {"desk":7,"window":true}'

export async function seats({ story, hooks }) {
  const names = (claims) => claims.map(({ externalId }) => externalId)
  const claim = async (variant, hook) => {
    const { claims, usage } = (await hooks.call('claim', variant, hook)).resolved
    return { claims: names(claims), claimed: usage.claimed }
  }
  const release = async (variant, hook) => {
    const { releasedClaims, usage } = (await hooks.call('release', variant, hook)).resolved
    return { released: names(releasedClaims), claimed: usage.claimed }
  }

  /** Waits until both hooks have these claims. */
  async function held(...claims) {
    const usage = `seats: ${claims.length} of ${CAPACITY} claimed, ${CAPACITY - claims.length} left`
    await hooks.holds(on.RESOURCES, { error: null, resources: [usage] })
    await hooks.holds(on.RESOURCE, { error: null, usage, claims })
  }

  await story.step('claim', 'claim of useResources resolves with claims and usage; both hooks follow.', async () => {
    assert.deepEqual(await claim('quantity 1', on.RESOURCES), { claims: [null], claimed: 1 })
    await held('anonymous')
    assert.deepEqual(await claim('external id', on.RESOURCES), { claims: ['ada'], claimed: 2 })
    await held('anonymous', ADA)
  })

  await story.step('claim-again', 'External ids are claimed once.', async () => {
    assert.deepEqual(await claim('external id', on.RESOURCES), { claims: ['ada'], claimed: 2 })
    const both = await claim('external ids', on.RESOURCES)
    assert.deepEqual([both.claims.toSorted(), both.claimed], [['ada', 'grace'], 3])
    await held('anonymous', ADA, 'grace')
  })

  await story.step('claim-bound', 'claim of useResource knows its resource.', async () => {
    assert.deepEqual(await claim('external id', on.RESOURCE), { claims: ['linus'], claimed: 4 })
    await held('anonymous', ADA, 'grace', 'linus')
  })

  await story.step('claim-refused', 'A refused claim throws the sentence of the server.', async () => {
    const over = await hooks.refused('claim', 'over capacity', '400 bad_request', on.RESOURCES)
    assert.match(over.threw, /No available capacity\. Requested: 100, Available: 1, Total capacity: 5/)
    const bound = await hooks.refused('claim', 'quantity 2', '400 bad_request', on.RESOURCE)
    assert.match(bound.threw, /Requested: 2, Available: 1/)
    const two = await hooks.refused('claim', 'two targets', '400 validation_error', on.RESOURCES)
    assert.deepEqual(two, { threw: 'Give exactly one of quantity, externalId, externalIds.' })
    const none = await hooks.refused('claim', 'quantity 0', '400 validation_error', on.RESOURCE)
    assert.deepEqual(none, { threw: 'quantity must be a whole number, 1 or more.' })
    const unknown = await hooks.refused('claim', 'unknown resource', '502 flowglad_error', on.RESOURCES)
    assert.match(unknown.threw, /Resource with slug "no_such_resource" not found/)
    await held('anonymous', ADA, 'grace', 'linus')
  })

  await story.step('release', 'release resolves with what was released, and both hooks follow.', async () => {
    assert.deepEqual(await release('claim id', on.RESOURCE), { released: ['linus'], claimed: 3 })
    await held('anonymous', ADA, 'grace')
    const both = await release('external ids', on.RESOURCES)
    assert.deepEqual([both.released.toSorted(), both.claimed], [['ada', 'grace'], 1])
    await held('anonymous')
    assert.deepEqual(await release('quantity 1', on.RESOURCE), { released: [null], claimed: 0 })
    await held()
  })

  await story.step('release-refused', 'A refused release throws the sentence of the server.', async () => {
    const again = await hooks.refused('release', 'external id', '502 flowglad_error', on.RESOURCES)
    assert.match(again.threw, /No active claim found with externalId "ada"/)
    const missing = await hooks.refused('release', 'no such claim', '502 flowglad_error', on.RESOURCES)
    assert.match(missing.threw, /No active claim found with externalId "missing"/)
    const many = await hooks.refused('release', 'quantity 100', '502 flowglad_error', on.RESOURCE)
    assert.match(many.threw, /Cannot release 100 anonymous claims\. Only 0 exist/)
    const none = await hooks.refused('release', 'no target', '400 validation_error', on.RESOURCES)
    assert.deepEqual(none, { threw: 'Give exactly one of quantity, externalId, externalIds, claimIds.' })
  })

  await story.step('unknown-resource', 'useResource of an unknown slug gives up after three retries.', async () => {
    const slug = hooks.page.getByLabel('resourceSlug', { exact: true })
    const before = hooks.sent('resources/claims')
    hooks.expectRefusal('resources/claims', 404, 4)
    await slug.selectOption('no_such_resource')
    await hooks.quiet()
    await hooks.holds(on.RESOURCE, { usage: 'undefined', claims: [], isLoadingClaims: false })
    assert.match(await hooks.text(on.RESOURCE, 'error'), /Resource not found/)
    await hooks.page.clock.fastForward('01:00:00')
    await hooks.quiet()
    assert.equal(hooks.sent('resources/claims') - before, 4)
    await slug.selectOption('seats')
    await held()
  })
}
