// Deliveries of webhooks by kind, each with the verdict that this repository must give.

import { readFileSync } from 'node:fs'
import { rawSignature, signature } from './webhook-signing.mjs'

const EXAMPLES = new URL('../../spec/examples/', import.meta.url)
const NOW = 1_767_312_000
const ID = 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W'
const SECRET = 'whsec_c2FuZGJveC1zZWNyZXQtMjQtYnl0ZXMh'
const OTHER = 'whsec_dHdlbnR5LWZvdXIgYnl0ZXMgb2Yga2V5'
const LONG = `whsec_${Buffer.alloc(64, 7).toString('base64')}`
const CUSTOMER = '"customer":{"id":"cust_1","externalId":"user_42"}'
const EVENT = `{"object":"payment","id":"pym_1",${CUSTOMER},"pricingModelId":"pricing_model_1"}`

/** Every delivery: `{ kind, name, accepted, reasons, delivery: { secrets, now, headers, body } }`. */
export function deliveries() {
  const all = []
  const of = (kind) => {
    const add = (accepted) => (name, delivery, reasons = {}) => all.push({ kind, name, accepted, reasons, delivery })
    return { accepts: add(true), refuses: add(false) }
  }
  valid(of('valid'))
  bodies(of('body'))
  altered(of('altered'))
  times(of('time'))
  writtenTimes(of('written time'))
  ids(of('id'))
  families(of('header family'))
  missing(of('missing header'))
  twice(of('header that comes twice'))
  several(of('several signatures'))
  versions(of('version of a signature'))
  texts(of('text of a signature'))
  rotation(of('rotation'))
  secrets(of('secret'))
  return all
}

/** A delivery that was signed by svix, with changes after that. */
function signed({ id = ID, time = NOW, body = EVENT, secret = SECRET, now = NOW, family = 'svix', ...changed } = {}) {
  const sent = { id, time: String(time), signature: signature(secret, id, time, body), body, ...changed.sent }
  return received({ sent, family, now, secrets: changed.secrets ?? [secret] })
}

/** A delivery whose parts were signed as they are. */
function signedRaw({ id = ID, time = String(NOW), body = EVENT, secret = SECRET, secrets = [secret] } = {}) {
  const sent = { id, time, signature: rawSignature(secret, id, time, body), body }
  return received({ sent, family: 'svix', now: NOW, secrets })
}

function received({ sent, family, now, secrets }) {
  const headers = [[`${family}-id`, sent.id], [`${family}-timestamp`, sent.time], [`${family}-signature`, sent.signature]]
  return { secrets, now, headers: headers.filter(([, value]) => value !== undefined), body: Buffer.from(sent.body) }
}

/** The same delivery with other headers. */
function withHeaders(delivery, change) {
  return { ...delivery, headers: change(Object.fromEntries(delivery.headers)) }
}

function valid({ accepts }) {
  accepts('an event', signed())
  accepts('an event without a customer', signed({ body: '{"object":"payment","id":"pym_1"}' }))
  accepts('an event of an object that is not known', signed({ body: '{"object":"invoice","id":"inv_1"}' }))
  accepts('a secret of 64 bytes', signed({ secret: LONG }))
  accepts('a secret of 100 bytes, more than a block of the hash', signed({ secret: `whsec_${Buffer.alloc(99, 1).toString('base64')}` }))
  accepts('a secret of 24 bytes that are 0', signed({ secret: `whsec_${Buffer.alloc(24).toString('base64')}` }))
  accepts('a secret with + and / in its base64', signed({ secret: `whsec_${Buffer.alloc(24, 0xfb).toString('base64')}` }))
  accepts('a secret with padding', signed({ secret: `whsec_${Buffer.alloc(25, 3).toString('base64')}` }))
  accepts('a secret with twice the padding', signed({ secret: `whsec_${Buffer.alloc(28, 3).toString('base64')}` }))
  accepts('other headers beside its own', withHeaders(signed(), (headers) => [['content-type', 'text/plain'], ...Object.entries(headers), ['x-id', '1']]))
  accepts('its headers in another order', withHeaders(signed(), (headers) => Object.entries(headers).reverse()))
  const read = (name) => JSON.parse(readFileSync(new URL(`${name}.json`, EXAMPLES), 'utf8'))
  const { headers, rawBody } = read('webhook-delivery')
  const { secret } = read('webhook-create')
  const now = Number(headers['svix-timestamp'])
  accepts('the delivery among the examples of the API', { secrets: [secret], now, headers: Object.entries(headers), body: Buffer.from(rawBody) })
}

function bodies({ accepts, refuses }) {
  const json = { svix: 'json', flowglad: 'json' }
  accepts('empty', signed({ body: '' }), json)
  accepts('white space only', signed({ body: ' \n' }), json)
  accepts('text that is no JSON', signed({ body: 'payment.succeeded' }), json)
  accepts('JSON that was cut off', signed({ body: EVENT.slice(0, -1) }), json)
  accepts('two JSON texts', signed({ body: `${EVENT}${EVENT}` }), json)
  accepts('a mark of byte order before the JSON', signed({ body: `\u{feff}${EVENT}` }), json)
  accepts('a NUL after the JSON', signed({ body: `${EVENT}\0` }), json)
  accepts('JSON that is no object', signed({ body: '[null]' }))
  accepts('a number', signed({ body: '1' }))
  accepts('an empty object', signed({ body: '{}' }))
  accepts('a key that comes twice', signed({ body: '{"object":"payment","object":"customer","id":"pym_1"}' }))
  accepts('white space around and within', signed({ body: `\r\n\t ${EVENT.replaceAll(',', ' ,\n ')} \n` }))
  accepts('letters beyond ASCII', signed({ body: EVENT.replace('user_42', 'Zoë 李 🦀') }))
  accepts('letters as escapes', signed({ body: EVENT.replace('user_42', '\\u00e9\\ud83e\\udd80') }))
  accepts('half of a surrogate pair as an escape', signed({ body: EVENT.replace('user_42', '\\ud83e') }))
  accepts('separators of lines in a string', signed({ body: EVENT.replace('user_42', '\u2028\u2029') }))
  accepts('dots', signed({ body: '"a.b.c.."' }))
  accepts('one byte less than 256 KiB', signed({ body: EVENT.padEnd(256 * 1024 - 1) }))
  accepts('one mebibyte', signed({ body: EVENT.padEnd(1024 * 1024) }))
  const latin1 = Buffer.from(EVENT.replace('user_42', 'Zo\u00eb'), 'latin1')
  accepts('bytes that are no UTF-8, signed as they are', signedRaw({ body: latin1 }), { svix: 'bytes', flowglad: 'bytes' })
  const signature = rawSignature(SECRET, ID, NOW, latin1.toString('utf8'))
  refuses('bytes that are no UTF-8, signed with U+FFFD for them', signed({ sent: { body: latin1, signature } }), { svix: 'bytes', flowglad: 'bytes' })
  accepts('U+FFFD itself', signed({ body: EVENT.replace('user_42', '\ufffd') }))
}

function altered({ refuses }) {
  const flipped = (text, at, bit) => {
    const bytes = Buffer.from(text)
    bytes[at < 0 ? bytes.length + at : at] ^= bit
    return bytes
  }
  refuses('the first byte of the body', signed({ sent: { body: flipped(EVENT, 0, 1) } }))
  refuses('the last byte of the body', signed({ sent: { body: flipped(EVENT, -1, 0x80) } }))
  refuses('one bit in the middle of the body', signed({ sent: { body: flipped(EVENT, 40, 4) } }))
  refuses('another customer in the body', signed({ sent: { body: EVENT.replace('user_42', 'user_43') } }))
  refuses('a line break after the body', signed({ sent: { body: `${EVENT}\n` } }))
  refuses('a space before the body', signed({ sent: { body: ` ${EVENT}` } }))
  refuses('a body that was parsed and written again', signed({ sent: { body: JSON.stringify(JSON.parse(EVENT), null, 2) } }))
  refuses('a body whose keys were sorted', signed({ sent: { body: JSON.stringify(JSON.parse(EVENT), ['id', 'object']) } }))
  refuses('a body in another encoding', signed({ body: '{"id":"ë"}', sent: { body: Buffer.from('{"id":"ë"}', 'utf16le') } }))
  refuses('a body without its end', signed({ sent: { body: EVENT.slice(0, -1) } }))
  refuses('no body', signed({ sent: { body: '' } }))
  refuses('a body where none was signed', signed({ body: '', sent: { body: EVENT } }))
  refuses('one letter of the id', signed({ sent: { id: ID.replace('W', 'w') } }))
  refuses('the id of another delivery', signed({ sent: { id: 'msg_1' } }))
  refuses('an id that is longer', signed({ sent: { id: `${ID}0` } }))
  refuses('a time that is one second later', signed({ sent: { time: String(NOW + 1) } }))
  refuses('a new time for an old delivery', signed({ time: NOW - 4000, sent: { time: String(NOW) } }))
  refuses('the first letter of the signature', signed({ sent: { signature: signature(SECRET, ID, NOW, EVENT).replace(/,./, (start) => `,${nextLetter(start[1])}`) } }))
  refuses('a signature of another body', signed({ sent: { signature: signature(SECRET, ID, NOW, '{}') } }))
  refuses('the id and the time the other way round', signed({ id: String(NOW), sent: { id: String(NOW), signature: rawSignature(SECRET, NOW, ID, EVENT) } }))
  refuses('a dot that moved from the id to the time', signed({ id: 'msg_1', sent: { id: 'msg', time: `1.${NOW}` } }))
}

function times({ accepts, refuses }) {
  for (const age of [0, 1, 60, 299, 300]) accepts(`${age} seconds ago`, signed({ time: NOW - age }))
  for (const age of [301, 302, 3600, 86_400 * 365]) refuses(`${age} seconds ago`, signed({ time: NOW - age }))
  for (const ahead of [1, 59, 60]) accepts(`${ahead} seconds in the future`, signed({ time: NOW + ahead }))
  const future = { svix: 'future' }
  for (const ahead of [61, 62, 299, 300]) refuses(`${ahead} seconds in the future`, signed({ time: NOW + ahead }), future)
  for (const ahead of [301, 3600, 86_400 * 365]) refuses(`${ahead} seconds in the future`, signed({ time: NOW + ahead }))
  accepts('1970, when it is 1970', signed({ time: 0, now: 0 }))
  accepts('300 seconds after 1970 began, of its first second', signed({ time: 0, now: 300 }))
  accepts('60 seconds into 1970, before it began', signed({ time: 60, now: 0 }))
  accepts('the year 2286, when the number gets a digit more', signed({ time: 10_000_000_000, now: 10_000_000_000 }))
}

function writtenTimes({ refuses }) {
  const raw = (time) => signedRaw({ time })
  const asNumber = (time) => signed({ sent: { time } })
  refuses('milliseconds', raw(`${NOW}000`))
  refuses('a sign', raw(`+${NOW}`), { flowglad: 'plain' })
  refuses('a sign, and a signature without it', asNumber(`+${NOW}`), { svix: 'digits' })
  refuses('zeros before it', raw(`00${NOW}`), { flowglad: 'plain' })
  refuses('zeros before it, and a signature without them', asNumber(`00${NOW}`), { svix: 'digits' })
  refuses('a fraction', raw(`${NOW}.5`), { flowglad: 'plain' })
  refuses('a fraction, and a signature without it', asNumber(`${NOW}.0`), { svix: 'digits' })
  refuses('letters after it', raw(`${NOW}abc`), { flowglad: 'plain' })
  refuses('letters after it, and a signature without them', asNumber(`${NOW}abc`), { svix: 'digits' })
  refuses('two numbers', raw(`${NOW} ${NOW}`), { flowglad: 'plain' })
  refuses('an exponent', raw('1.767312e9'))
  refuses('a number in base 16', raw(`0x${NOW.toString(16)}`))
  refuses('digits of another alphabet', raw('١٧٦٧٣١٢٠٠٠'))
  refuses('a date', raw('2026-01-02T00:00:00Z'))
  refuses('letters', raw('now'))
  refuses('a negative number', raw(`-${NOW}`))
  refuses('the least number of 64 bits', raw('-9223372036854775808'))
  refuses('the greatest number of 64 bits', raw('9223372036854775807'))
  refuses('more than 64 bits', raw('18446744073709551616'))
  refuses('a thousand digits', raw('1'.repeat(1000)))
  refuses('no text', raw(''))
  refuses('infinity', raw('Infinity'))
}

function ids({ accepts, refuses }) {
  accepts('one letter', signed({ id: 'm' }))
  accepts('256 letters', signed({ id: 'm'.repeat(256) }))
  accepts('every sign but letters and dots', signed({ id: '!"#$%&\'()*+,-/:;<=>?@[\\]^_`{|}~' }))
  accepts('digits', signed({ id: '0' }))
  const id = { svix: 'id', flowglad: 'id' }
  refuses('257 letters', signed({ id: 'm'.repeat(257) }), id)
  refuses('a dot', signed({ id: 'msg.1' }), id)
  refuses('a dot and the time, which is also one of the body', signed({ id: `msg_1.${NOW}` }), id)
  refuses('a space within', signed({ id: 'msg 1' }), id)
  refuses('a tab within', signed({ id: 'msg\t1' }), id)
  refuses('a letter beyond ASCII', signed({ id: 'msg_é' }), id)
  refuses('no text', signed({ id: '' }))
}

function families({ accepts, refuses }) {
  const both = (svix, webhook) => ({ ...svix, headers: [...svix.headers, ...webhook.headers] })
  const webhook = (more) => signed({ family: 'webhook', ...more })
  accepts('webhook-*', webhook(), { flowglad: 'family' })
  accepts('webhook-* at the last second', webhook({ time: NOW - 300 }), { flowglad: 'family' })
  refuses('webhook-* one second later', webhook({ time: NOW - 301 }))
  refuses('webhook-* with another body', webhook({ sent: { body: '{}' } }))
  refuses('webhook-* with another secret', webhook({ secrets: [OTHER] }))
  accepts('both, the same', both(signed(), webhook()))
  accepts('both, and only svix-* is right', both(signed(), webhook({ secret: OTHER })))
  refuses('both, and only webhook-* is right', both(signed({ secrets: [OTHER] }), webhook({ secret: OTHER, secrets: [OTHER], id: 'msg_9' })))
  const mixed = (change) => withHeaders(both(signed(), webhook()), change)
  const without = (...names) => mixed((headers) => Object.entries(headers).filter(([name]) => !names.includes(name)))
  refuses('the id of webhook-*, the rest of svix-*', without('svix-id', 'webhook-timestamp', 'webhook-signature'), { svix: 'mixed' })
  refuses('the time of webhook-*, the rest of svix-*', without('svix-timestamp', 'webhook-id', 'webhook-signature'), { svix: 'mixed' })
  refuses('the signature of webhook-*, the rest of svix-*', without('svix-signature', 'webhook-id', 'webhook-timestamp'), { svix: 'mixed' })
  accepts('webhook-* and a part of svix-*', without('svix-signature'), { flowglad: 'family' })
  refuses('names that are alike', withHeaders(signed(), (headers) => Object.entries(headers).map(([name, value]) => [`x-${name}`, value])))
}

function missing({ refuses }) {
  for (const family of ['svix', 'webhook']) {
    for (const part of ['id', 'time', 'signature']) {
      refuses(`the ${part} of ${family}-*`, signed({ family, sent: { [part]: undefined } }))
      refuses(`the text of the ${part} of ${family}-*`, signed({ family, sent: { [part]: '' } }))
    }
  }
  refuses('all', { ...signed(), headers: [] })
  refuses('all but the signature', withHeaders(signed(), (headers) => [['svix-signature', headers['svix-signature']]]))
}

function twice({ accepts, refuses }) {
  const again = (name, value) => withHeaders(signed(), (headers) => [...Object.entries(headers), [name, value ?? headers[name]]])
  const before = (name, value) => withHeaders(signed(), (headers) => [[name, value], ...Object.entries(headers)])
  const both = { svix: 'twice', flowglad: 'twice' }
  accepts('the id', again('svix-id'), both)
  accepts('the id, and the second is another', again('svix-id', 'msg_9'), both)
  refuses('the id, and the first is another', before('svix-id', 'msg_9'))
  accepts('the time', again('svix-timestamp'), { flowglad: 'twice' })
  accepts('the time, and the second is another', again('svix-timestamp', '1'), { flowglad: 'twice' })
  refuses('the time, and the first is another', before('svix-timestamp', String(NOW - 1)))
  const wrong = signature(OTHER, ID, NOW, EVENT)
  accepts('the signature', again('svix-signature'))
  accepts('the signature, and the second is wrong', again('svix-signature', wrong))
  refuses('the signature, and the first is wrong', before('svix-signature', wrong), both)
}

function several({ accepts, refuses }) {
  const [right, wrong, v2] = [signature(SECRET, ID, NOW, EVENT), signature(OTHER, ID, NOW, EVENT), 'v2,AAAA']
  const sent = (signature) => signed({ sent: { signature } })
  accepts('the right one first', sent(`${right} ${wrong}`))
  accepts('the right one last', sent(`${wrong} ${right}`))
  accepts('the right one between two', sent(`${wrong} ${right} ${wrong}`))
  accepts('the right one after one of a version that is not known', sent(`${v2} ${right}`))
  accepts('the right one after text that is none', sent(`nothing , v1 ${right}`))
  accepts('the right one twice', sent(`${right} ${right}`))
  accepts('the right one after 200 others', sent(`${`${wrong} `.repeat(200)}${right}`))
  accepts('two spaces between them', sent(`${wrong}  ${right}`))
  refuses('200 wrong ones', sent(Array(200).fill(wrong).join(' ')))
  refuses('wrong ones only', sent(`${wrong} ${signature(LONG, ID, NOW, EVENT)}`))
  refuses('a tab between them', sent(`${wrong}\t${right}`), { flowglad: 'space' })
  refuses('a comma between them', sent(`${wrong},${right}`))
  refuses('a semicolon between them', sent(`${wrong};${right}`))
  refuses('nothing between them', sent(`${wrong}${right}`))
}

function versions({ refuses }) {
  const text = signature(SECRET, ID, NOW, EVENT).slice(3)
  for (const version of ['v1a', 'v2', 'v0', 'V1', 'v01', 'v', '1', 'sha256', 'whsec']) {
    refuses(version, signed({ sent: { signature: `${version},${text}` } }))
  }
  refuses('none', signed({ sent: { signature: text } }))
  refuses('none before the comma', signed({ sent: { signature: `,${text}` } }))
  refuses('v1 without a comma', signed({ sent: { signature: `v1${text}` } }))
  refuses('v1 with = for the comma', signed({ sent: { signature: `v1=${text}` } }))
  refuses('v1 with a space after the comma', signed({ sent: { signature: `v1, ${text}` } }))
}

function texts({ refuses }) {
  const right = signature(SECRET, ID, NOW, EVENT)
  const bytes = Buffer.from(right.slice(3), 'base64')
  const sent = (signature) => signed({ sent: { signature } })
  const lenient = { flowglad: 'lenient' }
  refuses('none', sent('v1,'))
  refuses('one byte less', sent(`v1,${bytes.subarray(1).toString('base64')}`))
  refuses('one byte more', sent(`v1,${Buffer.concat([bytes, bytes.subarray(0, 1)]).toString('base64')}`))
  refuses('the first byte alone', sent(`v1,${bytes.subarray(0, 1).toString('base64')}`))
  refuses('32 bytes that are 0', sent(`v1,${Buffer.alloc(32).toString('base64')}`))
  refuses('without padding', sent(right.replace('=', '')), lenient)
  refuses('with twice the padding', sent(`${right}=`), lenient)
  refuses('in the alphabet for URLs', urlAlphabet(), lenient)
  refuses('with a sign that is none of base64', sent(right.replace(',', ',!')), lenient)
  refuses('with bits after its end', sent(`${right.slice(0, -2)}${nextLetter(right.at(-2))}=`), lenient)
  refuses('in base 16', sent(`v1,${bytes.toString('hex')}`))
  refuses('in capital letters', sent(`v1,${right.slice(3).toUpperCase()}`))
  refuses('with letters beyond ASCII', sent(`v1,é${right.slice(3)}`), lenient)
  refuses('with a second comma and more', sent(`${right},more`), { svix: 'rest', flowglad: 'rest' })
  refuses('4 KiB of letters', sent(`v1,${'A'.repeat(4 * 1024)}`))
}

/** The next base64 letter, whose last bits are others. */
function nextLetter(letter) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  return letters[(letters.indexOf(letter) + 1) % letters.length]
}

/** A delivery whose signature has a + or a /, written as - or _. */
function urlAlphabet() {
  for (let number = 0; ; number += 1) {
    const id = `msg_${number}`
    const text = signature(SECRET, id, NOW, EVENT).slice(3)
    if (!/[+/]/.test(text)) continue
    return signed({ id, sent: { signature: `v1,${text.replaceAll('+', '-').replaceAll('/', '_')}` } })
  }
}

function rotation({ accepts, refuses }) {
  const both = [SECRET, OTHER]
  accepts('the first secret', signed({ secret: SECRET, secrets: both }))
  accepts('the second secret', signed({ secret: OTHER, secrets: both }))
  accepts('the last of five', signed({ secret: OTHER, secrets: [...Array(4).fill(LONG), OTHER] }))
  accepts('the same secret twice', signed({ secrets: [SECRET, SECRET] }))
  const two = `${signature(OTHER, ID, NOW, EVENT)} ${signature(SECRET, ID, NOW, EVENT)}`
  accepts('signed with both, and the receiver has the old one', signed({ sent: { signature: two }, secrets: [OTHER] }))
  accepts('signed with both, and the receiver has the new one', signed({ sent: { signature: two }, secrets: [SECRET] }))
  accepts('signed with both, and the receiver has both', signed({ sent: { signature: two }, secrets: both }))
  refuses('a third secret', signed({ secret: LONG, secrets: both }))
  refuses('signed with both, and the receiver has a third', signed({ sent: { signature: two }, secrets: [LONG] }))
  refuses('the old secret after the rotation', signed({ secret: SECRET, secrets: [OTHER] }))
}

function secrets({ accepts, refuses }) {
  const bare = SECRET.slice('whsec_'.length)
  const of = (...secrets) => signed({ secrets })
  refuses('another one', of(OTHER))
  refuses('no text', of(''))
  refuses('without whsec_', of(bare), { svix: 'prefix' })
  refuses('whsec_ in capital letters', of(`WHSEC_${bare}`))
  refuses('whsec- for whsec_', of(`whsec-${bare}`))
  refuses('whsec_ twice', of(`whsec_${SECRET}`))
  refuses('the key itself', of(`whsec_${Buffer.from(bare, 'base64').toString('latin1')}`))
  refuses('in base 16', of(`whsec_${Buffer.from(bare, 'base64').toString('hex')}`))
  refuses('in the alphabet for URLs', of(`whsec_${Buffer.alloc(24, 0xfb).toString('base64url')}`))
  refuses('without its last letter', of(SECRET.slice(0, -1)))
  refuses('with a letter more', of(`${SECRET}A`), { svix: 'secret' })
  const short = { svix: 'short', flowglad: 'short' }
  refuses('23 bytes', signed({ secret: `whsec_${Buffer.alloc(23, 5).toString('base64')}` }), short)
  refuses('one byte', signed({ secret: 'whsec_YQ==' }), short)
  const empty = { ...signedRaw({ secret: 'whsec_' }), secrets: ['whsec_'] }
  refuses('whsec_ alone, which everyone can sign with', empty, { svix: 'short' })
  refuses('without its padding', signed({ secret: `whsec_${Buffer.alloc(25, 3).toString('base64')}`, secrets: [`whsec_${Buffer.alloc(25, 3).toString('base64').replaceAll('=', '')}`] }), { svix: 'secret' })
  refuses('with a second part after _', of(`${SECRET}_more`), { flowglad: 'secret' })
  accepts('with a line break after it', of(`${SECRET}\n`), { flowglad: 'trim' })
  accepts('with spaces around it', of(`  ${SECRET}\t`), { svix: 'trim', flowglad: 'trim' })
  refuses('with a space within', of(SECRET.replace('_', '_ ')))
  refuses('in quotes', of(`"${SECRET}"`))
}
