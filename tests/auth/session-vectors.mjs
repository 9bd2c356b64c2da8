// Session cookies of Auth.js and NextAuth, good and bad, with the verdicts of the packages and of this repository.
//
//   node session-vectors.mjs             writes sessions.json, which flowglad-core's tests replay
//   node session-vectors.mjs --check     asks the packages again about the file that is there

import assert from 'node:assert/strict'
import { deflateRawSync } from 'node:zlib'
import { readFile, writeFile } from 'node:fs/promises'
import { NOW } from './clock.mjs'
import { flipped, key4, key5, kid, seal, withPart } from './jwe.mjs'

const { authJsApp, nextAuthApp } = await import('./real-cookies.mjs')
const { getToken } = await import('@auth/core/jwt')

const FILE = new URL('sessions.json', import.meta.url)
const SECRET = 'the secret of the app, which is long'
const OLD = 'the secret before it, which was long'
const C5 = 'authjs.session-token'
const S5 = `__Secure-${C5}`
const C4 = 'next-auth.session-token'
const S4 = `__Secure-${C4}`
const CBC = 'A256CBC-HS512'
const GCM = 'A256GCM'
const CLAIMS = { sub: 'user_ada', name: 'Ada Lovelace', email: 'ada@example.com', iat: NOW - 10, exp: NOW + 3600, jti: 'a' }

/** Why this repository's verdict is another one than that of the package. */
const REASONS = {
  exp: 'A session without an end, or with an absurd one, is a mistake of the app.',
  iat: 'A token from the future means that a clock is wrong, or that the token was made up.',
  twice: 'Two readers of the text could take different values.',
  id: 'Without an id as a text it cannot be said whose customer it is.',
  header: 'A header with more than is known here asks for something that would be left out.',
  long: 'No browser and few servers take that much; nothing is decoded of it.',
  zip: 'A compressed token of a few bytes can be megabytes, so none is opened.',
  names: 'A key that is not named is looked for among all of the app’s; Auth.js takes the first only.',
  cookies: 'A second cookie of the name, or a part that does not belong there, may have been set by another site.',
  bearer: 'The session endpoints read cookies only. The header counts first here, and is not made good by a cookie.',
  versions: 'The app of one version does not know the cookies of the other; here both are known.',
}

const header5 = (secret, cookie, enc = CBC) => ({ alg: 'dir', enc, kid: kid(key5(secret, cookie, enc)) })
const token5 = (claims, { secret = SECRET, cookie = C5, enc = CBC, header = {}, ...how } = {}) =>
  seal(key5(secret, cookie, enc), { ...header5(secret, cookie, enc), ...header }, claims, how)
const token4 = (claims, { secret = SECRET, salt = '', header = {}, ...how } = {}) =>
  seal(key4(secret, salt), { alg: 'dir', enc: GCM, ...header }, claims, how)
const without = (name) => Object.fromEntries(Object.entries(CLAIMS).filter(([key]) => key !== name))
const text = (change) => JSON.stringify(CLAIMS).replace('{', `{${change},`)

/** All requests: what they are called, whether they are accepted here, their cookies or headers, and the app's setting. */
async function requests() {
  const list = []
  const add = (accepted, name, cookie, more = {}) => list.push({ name, accepted, cookie, ...more })
  const yes = (...parts) => add(true, ...parts)
  const no = (...parts) => add(false, ...parts)

  // From the packages themselves.
  yes('Auth.js: a sign-in', await authJsApp({ secret: SECRET }).signIn())
  yes('Auth.js: a sign-in with https', await authJsApp({ secret: SECRET, https: true }).signIn())
  const parts5 = await authJsApp({ secret: SECRET, https: true, long: true }).signIn()
  yes('Auth.js: a sign-in with a long token, in parts', parts5)
  yes('Auth.js: a sign-in with a cookie name of the app', await authJsApp({ secret: SECRET, cookieName: 'my.session-token' }).signIn(), { cookieName: 'my.session-token' })
  const old = await authJsApp({ secret: OLD }).signIn()
  yes('Auth.js: a session from before the secret was replaced', old, { secrets: [SECRET, OLD] })
  no('Auth.js: a session of a secret that is not used any more', old)
  const [, token] = (await authJsApp({ secret: SECRET }).signIn()).match(/=(.*)$/)
  const [, other] = (await authJsApp({ secret: SECRET }).signIn()).match(/=(.*)$/)
  yes('NextAuth: a sign-in', await nextAuthApp({ secret: SECRET }).signIn(), { version: 4 })
  yes('NextAuth: a sign-in with https', await nextAuthApp({ secret: SECRET, https: true }).signIn(), { version: 4 })
  const parts4 = await nextAuthApp({ secret: SECRET, https: true, long: true }).signIn()
  yes('NextAuth: a sign-in with a long token, in parts', parts4, { version: 4 })
  no('NextAuth: a session of another secret', await nextAuthApp({ secret: OLD }).signIn(), { version: 4 })
  const [, token4real] = (await nextAuthApp({ secret: SECRET }).signIn()).match(/=(.*)$/)
  no('no cookie', '')
  no('other cookies only', 'theme=dark; authjs.csrf-token=abc%7Cdef; authjs.session-tokens=x')

  // Forms that the packages read, but do not write.
  yes('Auth.js: A256GCM with its kid', `${C5}=${token5(CLAIMS, { enc: GCM })}`)
  yes('Auth.js: no kid', `${C5}=${seal(key5(SECRET, C5), { alg: 'dir', enc: CBC }, CLAIMS)}`)
  yes('Auth.js: no kid, of the second secret', `${C5}=${seal(key5(OLD, C5), { alg: 'dir', enc: CBC }, CLAIMS)}`, { secrets: [SECRET, OLD], why: 'names' })
  yes('Auth.js: a typ', `${C5}=${token5(CLAIMS, { header: { typ: 'JWT' } })}`)
  yes('parts in another order', parts5.split('; ').reverse().join('; '))
  yes('among other cookies, with quotes and equals signs', `a="1;2"; b=x=y; ${C5}=${token};c=`)

  // The bearer header.
  yes('a bearer token', '', { authorization: [`Bearer ${token}`] })
  yes('a bearer token, and a bad cookie', `${C5}=bad`, { authorization: [`bearer ${token}`], why: 'bearer' })
  no('a bad bearer token, and a good cookie', `${C5}=${token}`, { authorization: [`Bearer ${withPart(token, 3, flipped)}`], why: 'bearer' })
  no('an empty bearer token, and a good cookie', `${C5}=${token}`, { authorization: ['Bearer '], why: 'bearer' })
  no('two Authorization headers', `${C5}=${token}`, { authorization: [`Bearer ${token}`, `Bearer ${other}`], why: 'bearer' })
  yes('a password for a proxy, and a good cookie', `${C5}=${token}`, { authorization: ['Basic YTpi'] })

  // The parts of a token.
  for (const [index, name] of [[0, 'header'], [2, 'IV'], [3, 'content'], [4, 'tag']]) {
    const foreign = token5(CLAIMS, { cookie: S5 })
    if (index > 0) no(`the ${name} of another session`, `${C5}=${withPart(token, index, other.split('.')[index])}`)
    no(`the ${name} of a session of another cookie`, `${C5}=${withPart(token, index, foreign.split('.')[index])}`)
    no(`one bit of the ${name} changed`, `${C5}=${withPart(token, index, flipped)}`)
    no(`no ${name}`, `${C5}=${withPart(token, index, '')}`)
    no(`the ${name} not base64url`, `${C5}=${withPart(token, index, (part) => `${part.slice(0, -2)}+/`)}`)
  }
  no('NextAuth: one bit of the tag changed', `${C4}=${withPart(token4real, 4, flipped)}`, { version: 4 })
  no('NextAuth: one bit of the IV changed', `${C4}=${withPart(token4real, 2, flipped)}`, { version: 4 })
  no('a tag of 16 bytes', `${C5}=${token5(CLAIMS, { tagLength: 16 })}`)
  no('a tag of 1 byte', `${C5}=${token5(CLAIMS, { tagLength: 1 })}`)
  no('A256GCM: a tag of 12 bytes', `${C5}=${token5(CLAIMS, { enc: GCM, tagLength: 12 })}`)
  no('NextAuth: a tag of 4 bytes', `${C4}=${token4(CLAIMS, { tagLength: 4 })}`, { version: 4 })
  no('a key of its own', `${C5}=${token5(CLAIMS, { encryptedKey: 'AAAA' })}`)
  no('four parts', `${C5}=${token.split('.').slice(0, 4).join('.')}`)
  no('six parts', `${C5}=${token}.AAAA`)
  no('a signed token', `${C5}=eyJhbGciOiJub25lIn0.${Buffer.from(JSON.stringify(CLAIMS)).toString('base64url')}.`)
  no('the id of a session in a database', `${C5}=4f8f5a46-6a2f-4c6f-9c38-3f3f0d1c8a11`)
  no('dots only', `${C5}=${'.'.repeat(10_000)}`)
  no('a token that was cut off', `${C5}=${token.slice(0, -10)}`)
  no('longer than any session', `${C5}=${token5({ ...CLAIMS, long: 'x'.repeat(25_000) })}`, { why: 'long' })
  no('content of no whole blocks', `${C5}=${withPart(token, 3, (part) => part.slice(0, -4))}`)
  no('bad padding, with the right tag', `${C5}=${token5(Buffer.alloc(64, 0xff), { padded: false })}`)

  // The header.
  const claims = JSON.stringify(CLAIMS)
  const zipped = deflateRawSync(claims)
  const bomb = deflateRawSync(Buffer.from(claims.replace('{', `{"x":"${'0'.repeat(5_000_000)}",`)))
  no('compressed', `${C5}=${token5(zipped, { header: { zip: 'DEF' } })}`, { why: 'zip' })
  no('NextAuth: compressed', `${C4}=${token4(zipped, { header: { zip: 'DEF' } })}`, { version: 4, why: 'zip' })
  no('NextAuth: a few bytes that are megabytes', `${C4}=${token4(bomb, { header: { zip: 'DEF' } })}`, { version: 4 })
  for (const [name, header] of Object.entries({
    'alg none': { alg: 'none' },
    'alg A256KW': { alg: 'A256KW' },
    'a password and ten million rounds': { alg: 'PBES2-HS256+A128KW', p2s: 'AAAAAAAAAAA', p2c: 10_000_000 },
    'no alg': { alg: undefined },
    'enc A128GCM': { enc: 'A128GCM' },
    'enc of the other kind': { enc: GCM },
    'no enc': { enc: undefined },
    crit: { crit: ['exp'], exp: 1 },
    'an empty kid': { kid: '' },
    'an unknown kid': { kid: kid(key5(OLD, C5)) },
    'a kid that is a number': { kid: 1 },
    'a kid that is a path': { kid: '../../dev/null' },
  })) {
    no(`header: ${name}`, `${C5}=${token5(CLAIMS, { header })}`)
  }
  for (const [name, header] of Object.entries({
    'its key': { jwk: { kty: 'oct', k: key5(SECRET, C5).toString('base64url') } },
    'an address of keys': { jku: 'http://127.0.0.1:9/keys' },
    'a certificate': { x5c: ['AAAA'] },
    'a type of the content': { cty: 'JWT' },
  })) {
    no(`header: ${name}`, `${C5}=${token5(CLAIMS, { header })}`, { why: 'header' })
  }
  const plain = JSON.stringify(header5(SECRET, C5))
  no('header: alg twice', `${C5}=${seal(key5(SECRET, C5), plain.replace('{', '{"alg":"none",'), CLAIMS)}`, { why: 'twice' })
  no('header: kid twice', `${C5}=${seal(key5(SECRET, C5), plain.replace('{', '{"kid":"a",'), CLAIMS)}`, { why: 'twice' })
  no('header: an array', `${C5}=${seal(key5(SECRET, C5), JSON.stringify(Object.values(JSON.parse(plain))), CLAIMS)}`)
  no('header: too long', `${C5}=${token5(CLAIMS, { header: { typ: 'x'.repeat(2000) } })}`, { why: 'header' })

  // Keys for something else.
  no('a session of the cookie for https in the one for http', `${C5}=${token5(CLAIMS, { cookie: S5 })}`)
  no('a session of the cookie for http in the one for https', `${S5}=${token}`, { https: true })
  no('Auth.js: the state of a sign-in as a session', `${C5}=${token5(CLAIMS, { cookie: 'authjs.state' })}`)
  no('NextAuth: the state of a sign-in as a session', `${C4}=${token4(CLAIMS, { salt: 'next-auth.state' })}`, { version: 4 })
  no('the secret itself as the key', `${C5}=${seal(Buffer.alloc(64, SECRET), { alg: 'dir', enc: CBC }, CLAIMS)}`)
  no('no secret as the key', `${C5}=${token5(CLAIMS, { secret: '' })}`)
  yes('a session of version 4 in the cookie of version 5', `${C5}=${token4real}`, { why: 'versions' })

  // Cookies.
  const [first, second] = parts5.split('; ')
  no('the first part is missing', second, { https: true })
  no('the last part is missing', first, { https: true })
  no('a gap between the parts', `${first}; ${second.replace('.1=', '.2=')}`, { https: true, why: 'cookies' })
  no('parts of two sessions', `${first.replace(/=.*/, `=${token.slice(0, 100)}`)}; ${second}`, { https: true })
  no('a part twice', `${first}; ${second}; ${second}`, { https: true, why: 'cookies' })
  no('whole and in parts', `${S5}=${token5(CLAIMS, { cookie: S5 })}; ${parts5}`, { https: true })
  no('the parts swapped', `${first.replace('.0=', '.1=')}; ${second.replace('.1=', '.0=')}`, { https: true })
  no('the cookie twice', `${C5}=${token}; ${C5}=${other}`, { why: 'cookies' })
  no('the cookie twice, in two headers', [`${C5}=${token}`, `a=b; ${C5}=${token}`], { why: 'cookies' })
  yes('parts in two headers', [first, second], { https: true })
  no('a bad cookie for https, and a good one for http', `${S5}=bad; ${C5}=${token}`, { https: false, why: 'cookies' })
  yes('an empty cookie for https, and a good one for http', `${S5}=; ${C5}=${token}`, { https: false })

  // The claims.
  const five = (name, accepted, claims, why) => add(accepted, `claims: ${name}`, `${C5}=${token5(claims)}`, { why })
  five('ended 14 seconds ago', true, { ...CLAIMS, exp: NOW - 14 })
  five('ended 15 seconds ago', false, { ...CLAIMS, exp: NOW - 15 })
  five('valid from in 15 seconds', true, { ...CLAIMS, nbf: NOW + 15 })
  five('valid from in 16 seconds', false, { ...CLAIMS, nbf: NOW + 16 })
  five('issued in 15 seconds', true, { ...CLAIMS, iat: NOW + 15 })
  five('issued in 16 seconds', false, { ...CLAIMS, iat: NOW + 16 }, 'iat')
  five('no exp', false, without('exp'), 'exp')
  five('exp as a text', false, { ...CLAIMS, exp: String(NOW + 3600) })
  five('exp in the year 10000', false, { ...CLAIMS, exp: 253_402_300_800 }, 'exp')
  five('exp of 1e300', false, { ...CLAIMS, exp: 1e300 }, 'exp')
  five('a negative iat', false, { ...CLAIMS, iat: -1 }, 'exp')
  five('exp twice', false, text('"exp":1'), 'twice')
  five('sub twice', false, text('"sub":"user_eve"'), 'twice')
  five('a member of a member twice', false, text('"o":{"id":"a","id":"b"}'), 'twice')
  five('no sub', false, without('sub'), 'id')
  five('an empty sub', false, { ...CLAIMS, sub: '' }, 'id')
  five('a sub that is a number', false, { ...CLAIMS, sub: 7 }, 'id')
  five('a list', false, [CLAIMS])
  five('no JSON', false, 'user_ada')
  five('nothing', false, '')
  five('very deep', false, text(`"x":${'['.repeat(5000)}${']'.repeat(5000)}`), 'header')
  five('no name and no email', true, { sub: 'user_ada', exp: NOW + 60 })
  add(false, 'NextAuth: ended', `${C4}=${token4({ ...CLAIMS, exp: NOW - 15 })}`, { version: 4 })
  add(false, 'NextAuth: no exp', `${C4}=${token4(without('exp'))}`, { version: 4, why: 'exp' })
  return list
}

/** Whether the package takes the user for signed in. */
async function theirVerdict({ cookie, authorization, secrets, version, cookieName, https }) {
  const all = [cookie].flat().filter(Boolean).join('; ')
  if (authorization?.length === 1 && all === '') {
    const headers = { authorization: authorization[0] }
    return (await getToken({ req: { headers }, secret: secrets, cookieName: C5 })) !== null
  }
  const app =
    version === 4 ? nextAuthApp({ secret: secrets[0], https }) : authJsApp({ secret: secrets, https, cookieName })
  const session = await app.session(all)
  return Boolean(session?.user)
}

async function judged(request) {
  const theirs = await theirVerdict(request).catch(() => false)
  return { ...request, theirs }
}

const { reasons, vectors } = process.argv.includes('--check') ? JSON.parse(await readFile(FILE, 'utf8')) : await made()
const wrong = []
for (const vector of vectors) {
  const { theirs } = await judged(vector)
  const disagrees = theirs !== vector.accepted
  if (theirs !== vector.theirs || disagrees !== Boolean(vector.why)) wrong.push(`${vector.name}: theirs ${theirs}, why ${vector.why}`)
}
assert.deepEqual(wrong, [], 'each disagreement has a reason, and each reason is for a disagreement')
const used = new Set(vectors.map(({ why }) => why).filter(Boolean))
assert.deepEqual([...used].sort(), Object.keys(reasons).sort(), 'every reason is used, and known')
assert.equal(new Set(vectors.map(({ name }) => name)).size, vectors.length, 'every name is there once')
console.log(`${vectors.length} sessions, ${vectors.filter(({ accepted }) => accepted).length} accepted, ${vectors.filter(({ why }) => why).length} judged otherwise by the packages`)

async function made() {
  const vectors = []
  for (const request of await requests()) {
    const https = request.https ?? [request.cookie].flat().some((cookie) => cookie.startsWith('__Secure-'))
    vectors.push(await judged({ secrets: [SECRET], version: 5, ...request, https }))
  }
  const lines = vectors.map((vector) => `    ${JSON.stringify(vector)}`)
  const text = `{\n  "now": ${NOW},\n  "reasons": ${JSON.stringify(REASONS)},\n  "vectors": [\n${lines.join(',\n')}\n  ]\n}\n`
  await writeFile(FILE, text)
  return JSON.parse(text)
}
