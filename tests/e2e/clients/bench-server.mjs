// The official server from npm, for `cargo xtask bench pass-through`: its request handler behind Node's own HTTP server.

import { createServer } from 'node:http'
import { FlowgladServer, requestHandler } from '@flowglad/server'

const MOUNT = '/api/flowglad/'
const baseURL = process.env.FLOWGLAD_BASE_URL
const apiKey = 'sk_test_bench'

const handle = requestHandler({
  getCustomerExternalId: async (request) => request.headers['x-user'],
  flowglad: (customerExternalId) =>
    new FlowgladServer({
      customerExternalId,
      apiKey,
      baseURL,
      getCustomerDetails: async () => ({ name: 'Ada', email: 'ada@example.com' }),
    }),
  apiKey,
  baseURL,
})

async function readBody(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString() || '{}')
}

const server = createServer(async (request, response) => {
  const body = await readBody(request)
  const path = request.url.slice(MOUNT.length).split('/')
  const { status, data, error } = await handle({ path, method: request.method, body }, request)
  const text = JSON.stringify(error ? { error, data } : { data })
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
})

server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`))
