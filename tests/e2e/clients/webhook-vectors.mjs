// Deliveries of webhooks, good and bad, with the verdicts of svix, of @flowglad/server and of this repository.
//
//   node tests/e2e/clients/webhook-vectors.mjs     writes tests/webhooks/vectors.json
//
// flowglad-core's tests replay that file. The clients' test makes it again and compares.

import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { deliveries } from './webhook-deliveries.mjs'
import { flowgladAccepts, svixAccepts } from './webhook-signing.mjs'

const FILE = new URL('../../webhooks/vectors.json', import.meta.url)

/** Why this repository's verdict is another one than theirs. */
const REASONS = {
  json: 'Verifying is apart from decoding: the signature is right, and then event() refuses the body.',
  bytes: 'They decode the body as text before they check it, with U+FFFD for what is no UTF-8. Ours checks the bytes that were sent.',
  future: 'Svix allows 300 seconds in the future. 60 seconds, as @flowglad/server has it, are enough for two clocks.',
  digits: 'Svix reads a number from the beginning of the text and checks a signature of that number.',
  plain: 'They read a time that is written in another way than Svix does. There is one way to write it.',
  family: '@flowglad/server knows the svix-* headers only; the same deliveries come with webhook-* headers from other senders.',
  mixed: 'Svix takes each header from either family. Ours takes the three of one, so that no header of a second delivery counts.',
  prefix: 'Svix takes a secret without whsec_. Without it, an API key or another secret could be set by mistake.',
  short: 'Whoever sees a delivery can guess a short key, and an empty one is known to all. Flowglad’s secrets have 24 bytes.',
  trim: 'White space around a secret comes from files and variables, and cannot be a part of it.',
  secret: 'They take a secret that was cut off or pasted together, if enough of it can be read.',
  id: 'An id of Svix has no dot and is short. With a dot, one signed text could be two deliveries; the length limits what is kept.',
  twice: 'Node.js joins the values of a header that comes twice. Ours reads the first value, as other servers do.',
  lenient: '@flowglad/server decodes a signature that is not quite base64, and Svix compares texts. Ours decodes, and requires all of it.',
  rest: 'They ignore what follows a signature after a second comma.',
  space: '@flowglad/server separates signatures at any white space. Svix, and ours, at spaces.',
}

/** All vectors, with the verdicts of today's packages. */
export function makeVectors() {
  const wrong = []
  const vectors = deliveries().map(({ kind, name, accepted, reasons, delivery }) => {
    const verdicts = { ours: accepted, svix: svixAccepts(delivery), flowglad: flowgladAccepts(delivery) }
    for (const verifier of ['svix', 'flowglad']) {
      const disagrees = verdicts[verifier] !== accepted
      if (verifier in reasons !== disagrees) wrong.push(`${kind}: ${name}: ${verifier}: ${JSON.stringify(verdicts)}`)
    }
    const { secrets, now, headers } = delivery
    return { kind, name, secrets, now, headers, ...written(delivery.body), ...verdicts, reasons }
  })
  assert.deepEqual(wrong, [], 'each disagreement has a reason, and each reason is for a disagreement')
  const used = new Set(vectors.flatMap(({ reasons }) => Object.values(reasons)))
  assert.deepEqual([...used].sort(), Object.keys(REASONS).sort(), 'every reason is used, and known')
  const names = vectors.map(({ kind, name }) => `${kind}: ${name}`)
  assert.equal(new Set(names).size, names.length, 'every name is there once')
  return { reasons: REASONS, vectors }
}

/** The text of the committed file. */
export async function committed() {
  return await readFile(FILE, 'utf8')
}

/** The text of the file, with one vector a line. */
export function asText({ reasons, vectors }) {
  const lines = vectors.map((vector) => `    ${JSON.stringify(vector)}`).join(',\n')
  return `{\n  "reasons": ${JSON.stringify(reasons, null, 4).replace(/\}$/, '  }')},\n  "vectors": [\n${lines}\n  ]\n}\n`
}

/** A body as text, or in base64; what is long and repeated is written as a count. */
function written(body) {
  const text = body.toString('utf8')
  const spaces = text.length - text.trimEnd().length
  if (spaces > 1_000) return { body: text.trimEnd(), spacesAfter: spaces }
  return Buffer.from(text, 'utf8').equals(body) ? { body: text } : { bodyBase64: body.toString('base64') }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const made = makeVectors()
  await writeFile(FILE, asText(made))
  const disagreements = made.vectors.filter(({ reasons }) => Object.keys(reasons).length > 0)
  console.log(`${made.vectors.length} vectors, ${disagreements.length} with a disagreement`)
}
