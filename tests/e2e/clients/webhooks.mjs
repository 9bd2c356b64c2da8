// The signatures of webhooks, checked with svix and @flowglad/server.

import assert from 'node:assert/strict'
import { asText, committed, makeVectors } from './webhook-vectors.mjs'

export async function webhooks(report) {
  await report.step('tests/webhooks/vectors.json has the signatures and verdicts of svix and @flowglad/server', async () => {
    assert.equal(await committed(), asText(makeVectors()))
  })
}
