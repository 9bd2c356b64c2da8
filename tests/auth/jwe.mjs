// Tokens of the form that Auth.js and NextAuth make, with what an attacker, or a package with a mistake, would do to them.

import { createHash, createCipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'

const b64u = (value) => Buffer.from(value).toString('base64url')

export const key = (secret, salt, info, length) => Buffer.from(hkdfSync('sha256', secret, salt, info, length))
export const key5 = (secret, cookie, enc = 'A256CBC-HS512') =>
  key(secret, cookie, `Auth.js Generated Encryption Key (${cookie})`, enc === 'A256GCM' ? 32 : 64)
export const key4 = (secret, salt = '') =>
  key(secret, salt, `NextAuth.js Generated Encryption Key${salt ? ` (${salt})` : ''}`, 32)

export function kid(bytes) {
  const hash = createHash(bytes.length === 64 ? 'sha512' : 'sha256')
  return hash.update(JSON.stringify({ k: b64u(bytes), kty: 'oct' })).digest('base64url')
}

/** Encrypts any bytes with any header, which is text or an object. */
export function seal(bytes, header, content, { tagLength, encryptedKey = '', padded = true } = {}) {
  const protectedHeader = b64u(typeof header === 'string' ? header : JSON.stringify(header))
  const text = typeof content === 'object' && !Buffer.isBuffer(content) ? JSON.stringify(content) : content
  if (bytes.length === 32) {
    const iv = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', bytes, iv)
    cipher.setAAD(Buffer.from(protectedHeader))
    const body = Buffer.concat([cipher.update(text), cipher.final()])
    const tag = cipher.getAuthTag().subarray(0, tagLength ?? 16)
    return [protectedHeader, encryptedKey, b64u(iv), b64u(body), b64u(tag)].join('.')
  }
  const iv = randomBytes(16)
  const cipher = createCipheriv('aes-256-cbc', bytes.subarray(32), iv)
  cipher.setAutoPadding(padded)
  const body = Buffer.concat([cipher.update(text), cipher.final()])
  const bits = Buffer.alloc(8)
  bits.writeBigUInt64BE(BigInt(protectedHeader.length * 8))
  const mac = createHmac('sha512', bytes.subarray(0, 32))
  const tag = mac.update(protectedHeader).update(iv).update(body).update(bits).digest().subarray(0, tagLength ?? 32)
  return [protectedHeader, encryptedKey, b64u(iv), b64u(body), b64u(tag)].join('.')
}

/** A token of which one part is another. */
export function withPart(token, index, change) {
  const parts = token.split('.')
  parts[index] = typeof change === 'function' ? change(parts[index]) : change
  return parts.join('.')
}

/** Changes one bit of a part. */
export const flipped = (part) => {
  const bytes = Buffer.from(part, 'base64url')
  bytes[bytes.length >> 1] ^= 1
  return b64u(bytes)
}
