import { createHash, randomUUID } from 'node:crypto';
import { CompactSign, exportJWK, generateKeyPair, importJWK } from 'jose';

/** @typedef {import('jose').JWK} JWK */
/** @typedef {{ kty: string, crv: string, x: string, y?: string }} PublicJwk */

const ALGORITHMS = /** @type {Record<string, string>} */ ({ 'OKP Ed25519': 'Ed25519', 'EC P-256': 'ES256' });

/**
 * SHA-256 of an ASCII text, as unpadded base64url.
 * @param {string} text
 */
export const sha256 = (text) => createHash('sha256').update(text, 'ascii').digest('base64url');

/**
 * The same value with the members of each object in order, so that the same claims have the same bytes.
 * @param {unknown} value
 * @returns {unknown}
 */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => [name, sorted(member)]));
}

/** A private key that holds a token: Ed25519, or P-256. It is kept in memory, and its text form has no secret. */
export class Key {
  #key;

  /**
   * @param {import('jose').CryptoKey} key the private key
   * @param {PublicJwk} jwk
   * @param {string} algorithm
   * @private
   */
  constructor(key, jwk, algorithm) {
    this.#key = key;
    this.algorithm = algorithm;
    /** The public JWK, with no other members than those of RFC 7638. */
    this.jwk = jwk;
    /** The thumbprint of RFC 7638. */
    this.thumbprint = sha256(JSON.stringify(sorted(jwk)));
  }

  /** A fresh Ed25519 key. */
  static async generate() {
    const { publicKey, privateKey } = await generateKeyPair('Ed25519');
    return new Key(privateKey, publicMembers(await exportJWK(publicKey)), 'Ed25519');
  }

  /**
   * The key of a private JWK.
   * @param {JWK} jwk
   */
  static async of(jwk) {
    const algorithm = ALGORITHMS[`${jwk.kty} ${jwk.crv}`];
    if (algorithm === undefined || jwk.d === undefined) {
      throw new TypeError('the key must be a private Ed25519 (OKP) or P-256 (EC) JWK');
    }
    const key = /** @type {import('jose').CryptoKey} */ (await importJWK({ ...publicMembers(jwk), d: jwk.d }, algorithm));
    return new Key(key, publicMembers(jwk), algorithm);
  }

  /**
   * A compact JWS of these claims. Header and claims are JSON with sorted members and no white space.
   * @param {string} typ
   * @param {Record<string, unknown>} claims
   * @param {Record<string, unknown>} [header]
   */
  sign(typ, claims, header = {}) {
    const protectedHeader = /** @type {import('jose').CompactJWSHeaderParameters} */ (
      sorted({ alg: this.algorithm, typ, ...header })
    );
    return new CompactSign(new TextEncoder().encode(JSON.stringify(sorted(claims))))
      .setProtectedHeader(protectedHeader)
      .sign(this.#key);
  }

  /**
   * A DPoP proof (RFC 9449), good for one request.
   * @param {string} method
   * @param {string} url the gateway's issuer and the path as it is sent; a query is left out
   * @param {string} [token] the token that the proof goes with; the token endpoint wants none
   * @param {{ nonce?: string, jti?: string, now?: number }} [more] `jti` and `now` are for tests
   */
  proof(method, url, token, { nonce, jti = randomUUID(), now = Math.floor(Date.now() / 1000) } = {}) {
    const htu = /** @type {string} */ (url.split(/[?#]/)[0]);
    const ath = token === undefined ? undefined : sha256(token);
    return this.sign('dpop+jwt', { jti, iat: now, htm: method, htu, ath, nonce }, { jwk: this.jwk });
  }

  toString() {
    return `${this.algorithm} key ${this.thumbprint}`;
  }
}

/**
 * @param {JWK | PublicJwk} jwk
 * @returns {PublicJwk}
 */
export function publicMembers({ crv, kty, x, y }) {
  if (crv === undefined || kty === undefined || x === undefined) throw new TypeError('not a JWK of an Ed25519 or P-256 key');
  return y === undefined ? { crv, kty, x } : { crv, kty, x, y };
}
