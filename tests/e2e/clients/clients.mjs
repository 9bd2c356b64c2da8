// Tests a running sandbox with the clients that apps use: the required scenarios through @flowglad/server, and every
// method of every resource of @flowglad/node. Then sends webhooks that svix has signed to a receiver of this repository.
//
//   FLOWGLAD_BASE_URL=http://127.0.0.1:4010 FLOWGLAD_SECRET_KEY=sk_test_sandbox \
//   FLOWGLAD_WEBHOOK_URL=http://127.0.0.1:4020/webhooks FLOWGLAD_WEBHOOK_SECRET=whsec_… node tests/e2e/clients/clients.mjs
//
// It creates its own pricing model. `cargo xtask clients` starts both.

import { everyMethodOfNode } from './node-methods.mjs'
import { Report } from './report.mjs'
import { Sandbox } from './sandbox.mjs'
import { everyMethodOfServer, scenarios } from './scenarios.mjs'
import { everyMethodOfAdmin } from './server-admin.mjs'
import { webhooks } from './webhooks.mjs'

const sandbox = Sandbox.fromEnvironment()
const report = new Report()

await scenarios(sandbox, report)
await everyMethodOfServer(report)
await everyMethodOfAdmin(sandbox, report)
await everyMethodOfNode(sandbox, report)
await webhooks(report)

process.exit(report.conclude())
