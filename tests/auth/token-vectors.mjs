// Signed tokens, good ones and attacks, for Clerk, Supabase and providers in general. jose makes the good ones and judges all;
// the cookies are those of @supabase/ssr.
//
//   node token-vectors.mjs     writes tokens.json, which flowglad-core's tests read

import { createHmac, createSign, sign as rawSign } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { NOW } from './clock.mjs'

const { createServerClient } = await import('@supabase/ssr')
const jose = await import('jose')

const CLERK = 'https://clerk.example.com'
const APP = 'https://app.example.com'
const PROJECT = 'https://abcdefgh.supabase.co'
const COOKIE = 'sb-abcdefgh-auth-token'
const SUPABASE = `${PROJECT}/auth/v1`
const IDP = 'https://idp.example.com/'
const API = 'https://api.example.com'
const SECRET = 'a shared secret of 32 characters and more'

const key = async (alg, kid, options) => {
  const pair = await jose.generateKeyPair(alg, { extractable: true, ...options })
  return { ...pair, alg, kid, jwk: { ...(await jose.exportJWK(pair.publicKey)), kid, alg, use: 'sig' } }
}
const rsa = await key('RS256', 'rsa-1')
const rsa4096 = await key('RS256', 'rsa-4096', { modulusLength: 4096 })
const ec = await key('ES256', 'ec-1')
const ed = await key('EdDSA', 'ed-1')
const ec384 = await key('ES384', 'ec-384')
const secondRsa = await key('RS256', 'rsa-1')
const secondEc = await key('ES256', 'ec-1')
delete ed.jwk.use
const weak = await (async () => {
  const { generateKeyPairSync } = await import('node:crypto')
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
  return { privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid: 'weak', alg: 'RS256', use: 'sig' } }
})()
const forEncryption = { ...rsa4096.jwk, kid: 'enc', use: 'enc' }
const secretInSet = { kty: 'oct', kid: 'oct', alg: 'HS256', k: Buffer.from(SECRET).toString('base64url') }
const keySet = {
  keys: [rsa.jwk, rsa4096.jwk, ec.jwk, ed.jwk, ec384.jwk, weak.jwk, forEncryption, secretInSet, { kty: 'new' }, 7],
}

// jose takes no set in which something is no key.
const objects = { keys: keySet.keys.filter((key) => typeof key === 'object') }

const b64 = (value) => Buffer.from(value).toString('base64url')
const json = (value) => (typeof value === 'string' ? value : JSON.stringify(value))

/** A token with any header and claims, as texts or as values. */
function forged(header, claims, by = rsa, algorithm = header.alg ?? 'RS256') {
  const signed = `${b64(json(header))}.${b64(json(claims))}`
  const signers = {
    RS256: () => createSign('SHA256').update(signed).sign(by.privateKey),
    RS384: () => createSign('SHA384').update(signed).sign(by.privateKey),
    ES256: () => rawSign('SHA256', Buffer.from(signed), { key: by.privateKey, dsaEncoding: 'ieee-p1363' }),
    HS256: () => createHmac('SHA256', by).update(signed).digest(),
  }
  return `${signed}.${signers[algorithm]().toString('base64url')}`
}
const good = (claims, by = rsa, header = {}) =>
  new jose.SignJWT(claims).setProtectedHeader({ alg: by.alg, kid: by.kid, typ: 'JWT', ...header }).sign(by.privateKey)
const symmetric = (claims, secret = SECRET, header = {}) =>
  new jose.SignJWT(claims).setProtectedHeader({ alg: 'HS256', typ: 'JWT', ...header }).sign(Buffer.from(secret))

const times = { iat: NOW - 10, nbf: NOW - 10, exp: NOW + 60 }
const clerk = { iss: CLERK, azp: APP, sub: 'user_ada', sid: 'sess_1', sts: 'active', v: 2, fva: [1, -1], ...times }
const person = { email: 'ada@example.com', user_metadata: { full_name: 'Ada Lovelace' } }
const supabase = { iss: SUPABASE, aud: 'authenticated', role: 'authenticated', sub: 'user_ada', ...person, is_anonymous: false, ...times }
const idp = { iss: IDP, aud: API, sub: 'user_ada', name: 'Ada Lovelace', email: 'ada@example.com', ...times }
const without = (claims, ...names) => Object.fromEntries(Object.entries(claims).filter(([name]) => !names.includes(name)))
const HEADER = { alg: 'RS256', kid: 'rsa-1', typ: 'JWT' }

const verify = {
  clerk: (token) => jose.jwtVerify(token, jose.createLocalJWKSet(objects), { issuer: CLERK, ...clock }),
  supabase: (token) => jose.jwtVerify(token, jose.createLocalJWKSet(objects), { issuer: SUPABASE, audience: 'authenticated', ...clock }),
  supabaseSecret: (token) => jose.jwtVerify(token, Buffer.from(SECRET), { issuer: SUPABASE, audience: 'authenticated', ...clock }),
  jwt: (token) => jose.jwtVerify(token, jose.createLocalJWKSet(objects), { issuer: IDP, audience: API, ...clock }),
  jwtSecret: (token) => jose.jwtVerify(token, Buffer.from(SECRET), { issuer: IDP, audience: API, ...clock }),
}
const clock = { currentDate: new Date(NOW * 1000), clockTolerance: 5 }

const vectors = []
const add = (provider, name, headers, refused) => vectors.push({ provider, name, headers, ...(refused !== undefined && { refused }) })
const bearer = (token) => [['authorization', `Bearer ${token}`]]
const cookie = (text) => ['cookie', text]
const accept = async (provider, name, token) => add(provider, name, bearer(await token))
const refuse = async (provider, name, token, reason) => add(provider, name, bearer(await token), reason)

const SIGNATURE = "the token's signature is not that of its key"
const ALGORITHM = "the token's algorithm is not that of its key"
const UNKNOWN_ALGORITHM = "the token's algorithm is none of"
const UNKNOWN_KEY = 'the token names a key that is not in the key set'
const OWN_KEY = "the token's header brings a key or rules of its own"
const MALFORMED = 'the token has not the three parts'
const BASE64 = 'a part of the token is not base64url'
const NOT_JSON = "the token's claims are not JSON, or one comes twice"
const ISSUER = 'the token is of another issuer'
const AUDIENCE = 'the token is for another audience'
const ORIGIN = 'the token is for a page of another origin'
const ROLE = 'the token is not that of a user (aud and role)'
const TIME = 'a time of the token'
const EXPIRED = 'the token has expired'
const TWO_COOKIES = 'there are two cookies of one name'
const BAD_HEADER = 'the Authorization header is malformed'
const BAD_COOKIE = 'the session cookie is malformed'

// Good tokens.
await accept('clerk', 'clerk: a session', good(clerk))
await accept('clerk', 'clerk: version 2 with an organization', good({ ...clerk, o: { id: 'org_engines', rol: 'admin', slg: 'engines' } }))
await accept('clerk', 'clerk: version 1 with an organization', good({ ...without(clerk, 'v', 'sts'), org_id: 'org_engines', org_role: 'org:admin', org_slug: 'engines' }))
await accept('clerk', 'clerk: name and email as claims of the app', good({ ...clerk, name: 'Ada Lovelace', email: 'ada@example.com' }))
add('clerk', 'clerk: the cookie', [cookie(`a=b; __session=${await good(clerk)}`)])
add('clerk', 'clerk: a cookie in the second header', [cookie('a=b'), cookie(`__session=${await good(clerk)}`)])
add('clerk', 'clerk: the header counts before the cookie', [...bearer(await good(clerk)), cookie('__session=bad')])
add('clerk', 'clerk: a password for a proxy beside the cookie', [['authorization', 'Basic YTpi'], cookie(`__session=${await good(clerk)}`)])
add('clerk', 'clerk: the scheme in capitals', [['authorization', `BEARER ${await good(clerk)}`]])
await accept('supabase', 'supabase: a session, ES256', good(supabase, ec))
await accept('supabase', 'supabase: a session, RS256', good(supabase, rsa))
await accept('supabaseSecret', 'supabase: a session, HS256', symmetric(supabase))
await accept('jwt', 'jwt: RS256', good(idp))
await accept('jwt', 'jwt: RS256 with 4096 bits', good(idp, rsa4096))
await accept('jwt', 'jwt: ES256', good(idp, ec))
await accept('jwt', 'jwt: EdDSA', good(idp, ed))
await accept('jwt', 'jwt: one of several audiences', good({ ...idp, aud: ['https://other.example.com', API] }))
await accept('jwt', 'jwt: type at+jwt', good(idp, rsa, { typ: 'at+jwt' }))
await accept('jwt', 'jwt: no type', forged({ alg: 'RS256', kid: 'rsa-1' }, idp))
await accept('jwt', 'jwt: no kid, one key of its algorithm', forged({ alg: 'ES256' }, idp, ec))
await accept('jwt', 'jwt: the clock is 4 seconds off', good({ ...idp, iat: NOW + 4, nbf: NOW + 4 }))
await accept('jwt', 'jwt: expired 4 seconds ago', good({ ...idp, exp: NOW - 4 }))
await accept('jwt', 'jwt: times with fractions', good({ ...idp, iat: NOW - 0.5, exp: NOW + 60.25 }))
await accept('jwtSecret', 'jwt: HS256', symmetric(idp))

// The algorithm.
for (const alg of ['none', 'None', 'NONE', '']) {
  await refuse('jwt', `alg: ${alg || 'empty'} without a signature`, `${b64(json({ alg, kid: 'rsa-1' }))}.${b64(json(idp))}.`, UNKNOWN_ALGORITHM)
}
await refuse('jwt', 'alg: none with the signature of a good token', `${b64(json({ alg: 'none' }))}.${(await good(idp)).split('.').slice(1).join('.')}`, UNKNOWN_ALGORITHM)
await refuse('jwt', 'alg: missing', forged({ kid: 'rsa-1' }, idp), UNKNOWN_ALGORITHM)
await refuse('jwt', 'alg: a list', forged('{"alg":["RS256"],"kid":"rsa-1"}', idp, rsa, 'RS256'), UNKNOWN_ALGORITHM)
const pem = await jose.exportSPKI(rsa.publicKey)
await refuse('jwt', 'alg: HS256 with the public key as the secret (PEM)', forged({ ...HEADER, alg: 'HS256' }, idp, pem), ALGORITHM)
await refuse('jwt', 'alg: HS256 with the modulus as the secret', forged({ ...HEADER, alg: 'HS256' }, idp, rsa.jwk.n), ALGORITHM)
await refuse('clerk', 'alg: HS256 for a provider with a key set', forged({ ...HEADER, alg: 'HS256' }, clerk, pem), ALGORITHM)
await refuse('jwt', 'alg: the secret that someone put into the key set', symmetric(idp, SECRET, { kid: 'oct' }), UNKNOWN_KEY)
await refuse('jwt', 'alg: RS384 by a key for RS256', forged({ ...HEADER, alg: 'RS384' }, idp), UNKNOWN_ALGORITHM)
await refuse('jwt', 'alg: PS256 by a key for RS256', new jose.SignJWT(idp).setProtectedHeader({ alg: 'PS256', kid: 'rsa-1' }).sign(await jose.importJWK(await jose.exportJWK(rsa.privateKey), 'PS256')), UNKNOWN_ALGORITHM)
await refuse('jwt', 'alg: ES384 by a key that is not supported', good(idp, ec384), UNKNOWN_ALGORITHM)
await refuse('jwt', 'alg: ES256 named with the key of RS256', forged({ ...HEADER, alg: 'ES256' }, idp, ec), ALGORITHM)
await refuse('supabaseSecret', 'alg: RS256 where a secret is set', good(supabase, rsa), ALGORITHM)
await refuse('supabase', 'alg: HS256 by the old secret where a key set is used', symmetric(supabase, SECRET, { kid: 'ec-1' }), ALGORITHM)

// The key.
await refuse('jwt', 'key: another one with the same kid', good(idp, secondRsa), SIGNATURE)
await refuse('jwt', 'key: another one with the same kid, ES256', good(idp, secondEc), SIGNATURE)
await refuse('jwt', 'key: in the header (jwk)', good(idp, secondRsa, { jwk: secondRsa.jwk }), OWN_KEY)
await refuse('jwt', 'key: in the header, also of a good token', good(idp, rsa, { jwk: rsa.jwk }), OWN_KEY)
await refuse('jwt', 'key: at an address in the header (jku)', good(idp, secondRsa, { jku: 'https://evil.example/jwks.json' }), OWN_KEY)
await refuse('jwt', 'key: at an address in the header (x5u)', good(idp, secondRsa, { x5u: 'https://evil.example/x5u' }), OWN_KEY)
await refuse('jwt', 'key: a certificate in the header (x5c)', good(idp, secondRsa, { x5c: ['MIIB'] }), OWN_KEY)
await refuse('jwt', 'key: an unknown kid', good(idp, rsa, { kid: 'other' }), UNKNOWN_KEY)
await refuse('jwt', 'key: a kid that is a path', good(idp, rsa, { kid: '../../../dev/null' }), UNKNOWN_KEY)
await refuse('jwt', 'key: a kid that is a query', good(idp, rsa, { kid: "x' UNION SELECT 'key" }), UNKNOWN_KEY)
await refuse('jwt', 'key: an empty kid', good(idp, rsa, { kid: '' }), UNKNOWN_KEY)
await refuse('jwt', 'key: a kid that is a number', forged('{"alg":"RS256","kid":1}', idp, rsa, 'RS256'), "the token's kid is not a text")
await refuse('jwt', 'key: a kid of 300 characters', good(idp, rsa, { kid: 'k'.repeat(300) }), "the token's kid is not a text")
await refuse('jwt', 'key: no kid, several keys of its algorithm', forged({ alg: 'RS256' }, idp), 'the token names no key')
await refuse('jwt', 'key: RSA with 1024 bits', forged({ alg: 'RS256', kid: 'weak' }, idp, weak), UNKNOWN_KEY)
await refuse('jwt', 'key: one for encryption', forged({ alg: 'RS256', kid: 'enc' }, idp, rsa4096), UNKNOWN_KEY)
await refuse('jwtSecret', 'key: another secret', symmetric(idp, 'another secret of 32 characters and more'), SIGNATURE)
await refuse('jwtSecret', 'key: an empty secret', forged({ alg: 'HS256' }, idp, ''), SIGNATURE)

// The header.
await refuse('jwt', 'header: crit', forged({ ...HEADER, crit: ['exp'], exp: NOW + 60 }, idp), OWN_KEY)
await refuse('jwt', 'header: an empty crit', forged({ ...HEADER, crit: [] }, idp), OWN_KEY)
await refuse('jwt', 'header: zip', forged({ ...HEADER, zip: 'DEF' }, idp), OWN_KEY)
await refuse('jwt', 'header: b64', forged({ ...HEADER, b64: false }, idp), OWN_KEY)
await refuse('jwt', 'header: alg twice', forged('{"alg":"RS256","kid":"rsa-1","alg":"none"}', idp, rsa, 'RS256'), "the token's header is not a JSON object")
await refuse('jwt', 'header: a list', forged('[]', idp, rsa, 'RS256'), "the token's header is not a JSON object")
await refuse('jwt', 'header: a token for signing out', good(idp, rsa, { typ: 'logout+jwt' }), 'the token is of a type for another end')
await refuse('jwt', 'header: a type that is no text', forged('{"alg":"RS256","kid":"rsa-1","typ":1}', idp, rsa, 'RS256'), 'the token is of a type for another end')
await refuse('jwt', 'header: 3000 characters', good(idp, rsa, { note: 'n'.repeat(3000) }), MALFORMED)

// The form.
const fine = await good(idp)
const [head, body, signature] = fine.split('.')
const other = (await good({ ...idp, sub: 'user_eve' }, secondRsa)).split('.')[1]
await refuse('jwt', 'form: claims of another token', `${head}.${other}.${signature}`, SIGNATURE)
await refuse('jwt', 'form: one bit of the signature', `${head}.${body}.${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`, SIGNATURE)
await refuse('jwt', 'form: no signature', `${head}.${body}.`, SIGNATURE)
await refuse('jwt', 'form: half a signature', `${head}.${body}.${signature.slice(0, 100)}`, SIGNATURE)
await refuse('jwt', 'form: a longer signature', `${head}.${body}.${signature.slice(0, -2)}AAAAAA`, SIGNATURE)
await refuse('jwt', 'form: two parts', `${head}.${body}`, MALFORMED)
await refuse('jwt', 'form: four parts', `${fine}.AAAA`, MALFORMED)
await refuse('jwt', 'form: one part', 'token', MALFORMED)
await refuse('jwt', 'form: five parts, an encrypted token', `${head}.AAAA.AAAA.AAAA.AAAA`, MALFORMED)
await refuse('jwt', 'form: nothing but dots', '..', "the token's header is not a JSON object")
await refuse('jwt', 'form: padding', `${head}.${body}.${signature}==`, BASE64)
await refuse('jwt', 'form: plain base64', `${head}.${body}.${Buffer.from(signature, 'base64url').toString('base64').replace(/=+$/, '')}`, /[+/]/.test(Buffer.from(signature, 'base64url').toString('base64')) ? BASE64 : undefined)
const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const loose = signature.slice(0, -1) + last[last.indexOf(signature.at(-1)) + 1]
await refuse('jwt', 'form: bits that belong to no byte', `${head}.${body}.${loose}`, BASE64)
await refuse('jwt', 'form: ES256 in the form of a certificate', (() => {
  const signed = `${b64(json({ alg: 'ES256', kid: 'ec-1' }))}.${b64(json(idp))}`
  return `${signed}.${createSign('SHA256').update(signed).sign(ec.privateKey).toString('base64url')}`
})(), SIGNATURE)
await refuse('jwt', 'form: ES256 with a signature of zeros', `${b64(json({ alg: 'ES256', kid: 'ec-1' }))}.${b64(json(idp))}.${Buffer.alloc(64).toString('base64url')}`, SIGNATURE)
await refuse('jwt', 'form: 17 KiB', good({ ...idp, note: 'n'.repeat(13_000) }), 'the token is too long')
await refuse('jwt', 'form: claims that are a list', forged(HEADER, '[]'), "the token's claims are not an object")
await refuse('jwt', 'form: claims that are no JSON', forged(HEADER, '{"iss":'), NOT_JSON)
await refuse('jwt', 'form: claims that are not UTF-8', forged(HEADER, Buffer.from([0x7b, 0xff, 0x7d]).toString('latin1')), NOT_JSON)
await refuse('jwt', 'form: 1000 levels', forged(HEADER, `{"deep":${'['.repeat(1000)}${']'.repeat(1000)}}`), NOT_JSON)
await refuse('jwt', 'form: sub twice', forged(HEADER, json(idp).replace('{', '{"sub":"user_eve",')), NOT_JSON)
await refuse('jwt', 'form: exp twice', forged(HEADER, json(idp).replace('{', '{"exp":1,')), NOT_JSON)
await refuse('clerk', 'form: the organization twice', forged(HEADER, json({ ...clerk, o: { id: 'org_a' } }).replace('{"id":"org_a"}', '{"id":"org_b","id":"org_a"}')), NOT_JSON)

// The times.
await refuse('jwt', 'time: expired 5 seconds ago', good({ ...idp, exp: NOW - 5 }), EXPIRED)
await refuse('jwt', 'time: no exp', good(without(idp, 'exp')), 'the token has no exp')
for (const [name, exp] of [['a text', `"${NOW + 60}"`], ['null', 'null'], ['true', 'true'], ['a list', `[${NOW + 60}]`], ['negative', '-1'], ['in the year 10000', '253402300800'], ['1e300', '1e300']]) {
  await refuse('jwt', `time: exp is ${name}`, forged(HEADER, json(idp).replace(/"exp":\d+/, `"exp":${exp}`)), TIME)
}
await refuse('jwt', 'time: nbf in 6 seconds', good({ ...idp, nbf: NOW + 6 }), 'the token is not valid yet')
await refuse('jwt', 'time: iat in 6 seconds', good({ ...idp, iat: NOW + 6 }), 'the token is from the future')
await refuse('clerk', 'time: iat in 6 seconds, clerk', good({ ...clerk, iat: NOW + 6 }), 'the token is from the future')
await refuse('jwt', 'time: nbf is a text', forged(HEADER, json(idp).replace(/"nbf":\d+/, '"nbf":"now"')), TIME)

// Whose token it is.
await refuse('jwt', 'iss: another', good({ ...idp, iss: 'https://evil.example/' }), ISSUER)
await refuse('jwt', 'iss: without its slash', good({ ...idp, iss: IDP.slice(0, -1) }), ISSUER)
await refuse('jwt', 'iss: with more behind it', good({ ...idp, iss: `${IDP}evil` }), ISSUER)
await refuse('jwt', 'iss: missing', good(without(idp, 'iss')), ISSUER)
await refuse('jwt', 'iss: a list', good({ ...idp, iss: [IDP] }), ISSUER)
await refuse('clerk', 'iss: another instance of Clerk', good({ ...clerk, iss: 'https://other.clerk.accounts.dev' }), ISSUER)
await refuse('supabase', 'iss: another project', good({ ...supabase, iss: 'https://other.supabase.co/auth/v1' }, ec), ISSUER)
await refuse('jwt', 'aud: another', good({ ...idp, aud: 'https://other.example.com' }), AUDIENCE)
await refuse('jwt', 'aud: missing', good(without(idp, 'aud')), AUDIENCE)
await refuse('jwt', 'aud: an empty list', good({ ...idp, aud: [] }), AUDIENCE)
await refuse('jwt', 'aud: an object', good({ ...idp, aud: { 0: API } }), AUDIENCE)
await refuse('jwtSecret', 'aud: a part of it', symmetric({ ...idp, aud: 'https://api.example' }), AUDIENCE)
await refuse('jwtAny', 'aud: there, where none is set', good(idp), 'the token is for an audience (aud), and none is set here')
await refuse('clerk', 'azp: another origin', good({ ...clerk, azp: 'https://evil.example' }), ORIGIN)
await refuse('clerk', 'azp: missing', good(without(clerk, 'azp')), ORIGIN)
await refuse('clerk', 'azp: a list', good({ ...clerk, azp: [APP] }), ORIGIN)
await refuse('clerk', 'azp: a subdomain', good({ ...clerk, azp: 'https://app.example.com.evil.example' }), ORIGIN)
await refuse('clerk', 'sts: pending', good({ ...clerk, sts: 'pending' }), 'the session has tasks left to do')
await refuse('supabase', 'role: anon', good({ ...supabase, role: 'anon' }, ec), ROLE)
await refuse('supabaseSecret', 'role: the key for servers', symmetric({ iss: SUPABASE, role: 'service_role', ...times }), ROLE)
await refuse('supabase', 'role: missing', good(without(supabase, 'role'), ec), ROLE)
await refuse('supabase', 'aud: another, supabase', good({ ...supabase, aud: 'anon' }, ec), ROLE)
await refuse('supabase', 'is_anonymous', good({ ...supabase, is_anonymous: true }, ec), 'the user is an anonymous one')
await refuse('supabase', 'is_anonymous is a text', good({ ...supabase, is_anonymous: 'true' }, ec), 'the user is an anonymous one')
await refuse('jwt', 'sub: missing', good(without(idp, 'sub')), 'the token has no id of the user')
await refuse('jwt', 'sub: a number', good({ ...idp, sub: 42 }), 'the token has no id of the user')
await refuse('jwt', 'sub: empty', good({ ...idp, sub: '' }), 'the token has no id of the user')
await refuse('clerk', 'sub: null', good({ ...clerk, sub: null }), 'the token has no sub')

// Where it is.
const session = await good(clerk)
add('clerk', 'place: nothing', [], '')
add('clerk', 'place: other cookies', [cookie('a=b; __sessionx=c')], '')
add('clerk', 'place: an empty cookie, as after signing out', [cookie('__session=')], '')
add('clerk', 'place: two cookies of the name', [cookie(`__session=${session}; __session=${session}`)], TWO_COOKIES)
add('clerk', 'place: two cookies of the name in two headers', [cookie('__session=bad'), cookie(`__session=${session}`)], TWO_COOKIES)
add('clerk', 'place: a bad header and a good cookie', [...bearer('bad'), cookie(`__session=${session}`)], MALFORMED)
add('clerk', 'place: an expired header and a good cookie', [...bearer(await good({ ...clerk, exp: NOW - 60 })), cookie(`__session=${session}`)], EXPIRED)
add('clerk', 'place: an empty header and a good cookie', [['authorization', ''], cookie(`__session=${session}`)], BAD_HEADER)
add('clerk', 'place: Bearer without a token and a good cookie', [['authorization', 'Bearer '], cookie(`__session=${session}`)], BAD_HEADER)
add('clerk', 'place: two headers', [...bearer(session), ...bearer(session)], 'there are two Authorization headers')
add('clerk', 'place: two tokens in a header', bearer(`${session} ${session}`), BAD_HEADER)
add('clerk', 'place: two tokens with a comma', bearer(`${session},${session}`), MALFORMED)
add('clerk', 'place: 70 KiB of cookies', [cookie(`__session=${session}; a=${'a'.repeat(70_000)}`)], 'the cookies are too long')
add('clerk', 'place: a cookie of 17 KiB', [cookie(`__session=${'a'.repeat(17_000)}`)], 'the token is too long')
add('jwt', 'place: a cookie where none is set', [cookie(`__session=${fine}`)], '')
add('jwt', 'place: Basic', [['authorization', `Basic ${fine}`]], '')

// The cookies of Supabase's own package.
async function supabaseCookies(encoding, claims, extra = {}) {
  const jar = new Map()
  const client = createServerClient(PROJECT, 'anon-key', {
    cookieEncoding: encoding,
    realtime: { transport: class {} },
    cookies: { getAll: () => [], setAll: (all) => all.forEach(({ name, value }) => jar.set(name, value)) },
    global: { fetch: async () => new Response(json({ id: claims.sub, aud: 'authenticated', user_metadata: extra, app_metadata: {} }), { headers: { 'content-type': 'application/json' } }) },
  })
  await client.auth.setSession({ access_token: await good(claims, ec), refresh_token: 'refresh' })
  return [...jar].filter(([, value]) => value).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
}
const lasting = { ...supabase, exp: NOW + 3600 }
const big = { text: 'x'.repeat(9000), 'ü': '€'.repeat(200) }
for (const [name, encoding, extra] of [
  ['base64url', 'base64url', {}], ['base64url in chunks', 'base64url', big],
  ['JSON', 'raw', {}], ['JSON in chunks', 'raw', big],
]) {
  const cookies = await supabaseCookies(encoding, lasting, extra)
  const isInChunks = name.includes('chunks')
  if (isInChunks !== (cookies.length > 1)) throw new Error(`${name}: ${cookies.length} cookies`)
  add('supabase', `ssr: ${name}`, [cookie(cookies.join('; '))])
  add('supabase', `ssr: ${name}, with the cookies that do not count`, [cookie([`${COOKIE}-code-verifier=base64-eA`, `${COOKIE}-user=eA`, ...cookies].join('; '))])
  if (isInChunks) {
    add('supabase', `ssr: ${name}, in another order and in several headers`, [...cookies].reverse().map(cookie))
    add('supabase', `ssr: ${name}, of which one is missing`, [cookie([cookies[0], ...cookies.slice(2)].join('; '))], BAD_COOKIE)
    add('supabase', `ssr: ${name}, without the first`, [cookie(cookies.slice(1).join('; '))], '')
    add('supabase', `ssr: ${name}, with one twice`, [cookie([...cookies, cookies[1]].join('; '))], TWO_COOKIES)
    add('supabase', `ssr: ${name}, with old chunks after a gap`, [cookie([...cookies, `${COOKIE}.${cookies.length + 1}=old`].join('; '))])
  }
}
const cookieOf = (session) => [cookie(`${COOKIE}=base64-${b64(json(session))}`)]
const token = await good(lasting, ec)
add('supabase', 'cookie: of another project', [cookie(`sb-other-auth-token=base64-${b64(json({ access_token: token }))}`)], '')
add('supabase', 'cookie: twice', [cookie(`${COOKIE}=base64-e30; ${COOKIE}=base64-${b64(json({ access_token: token }))}`)], TWO_COOKIES)
add('supabase', 'cookie: access_token twice', cookieOf(`{"access_token":"bad","access_token":"${token}"}`), BAD_COOKIE)
add('supabase', 'cookie: no access_token', cookieOf({ user: { id: 'user_eve' } }), BAD_COOKIE)
add('supabase', 'cookie: access_token is no text', cookieOf({ access_token: 1 }), BAD_COOKIE)
add('supabase', 'cookie: no base64url', [cookie(`${COOKIE}=base64-%%%`)], BAD_COOKIE)
add('supabase', 'cookie: not UTF-8', [cookie(`${COOKIE}=%ff%fe`)], BAD_COOKIE)
add('supabase', 'cookie: no JSON', [cookie(`${COOKIE}=token`)], BAD_COOKIE)
add('supabase', 'cookie: a user who is not that of the token', cookieOf({ access_token: token, user: { id: 'user_eve' } }))
add('supabase', 'cookie: an expired token', cookieOf({ access_token: await good({ ...supabase, exp: NOW - 60 }, ec) }), EXPIRED)
add('supabase', 'cookie: a token of 17 KiB', cookieOf({ access_token: 'a'.repeat(17_000) }), 'the token is too long')
add('supabase', 'cookie: a bad header and a good cookie', [...bearer('bad'), ...cookieOf({ access_token: token })], MALFORMED)

// What jose says to the tokens of the headers. Rules that are not in a token's own standard are not its business.
for (const vector of vectors) {
  const isToken = vector.headers.length === 1 && vector.headers[0][0] === 'authorization'
  if (!isToken || !verify[vector.provider]) continue
  const text = vector.headers[0][1].replace(/^bearer /i, '')
  vector.jose = await verify[vector.provider](text).then(() => true, () => false)
}
const file = { now: NOW, secret: SECRET, keySet, vectors: vectors.filter(({ name, refused }) => name !== 'form: plain base64' || refused) }
await writeFile(new URL('tokens.json', import.meta.url), `${JSON.stringify(file, null, 1)}\n`)
const refusedOnes = vectors.filter(({ refused }) => refused !== undefined)
const differ = vectors.filter((vector) => vector.jose !== undefined && vector.jose !== (vector.refused === undefined))
console.log(`${vectors.length} vectors, ${refusedOnes.length} refused; jose accepts, and we do not: ${differ.map(({ name, jose: it }) => `${it ? '' : '(the other way) '}${name}`).join('; ')}`)
