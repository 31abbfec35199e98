import { BlockList, isIP } from 'node:net';
import { direct } from './proxy.js';
import { Refused, seconds, text } from './refused.js';

const TIMEOUT_MILLIS = 30_000;
const MAX_ANSWER = 1 << 18;
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8);
LOOPBACK.addAddress('::1', 'ipv6');

/** One gateway: its address, and its issuer, which proofs name even if the address differs. */
export class Gateway {
  /** The newest nonce that the gateway gave, which the next proof carries. @type {string | undefined} */
  nonce;

  /**
   * @param {URL} address
   * @param {string} issuer
   * @param {typeof globalThis.fetch} [fetch]
   */
  constructor(address, issuer, fetch) {
    this.address = address;
    this.prefix = address.pathname.replace(/\/$/, '');
    this.issuer = issuer.replace(/\/$/, '');
    this.fetch = fetch ?? ((/** @type {any} */ input, /** @type {any} */ init) => globalThis.fetch(input, init));
  }

  /**
   * The gateway at an address. On loopback its issuer is read from its metadata. Beyond loopback the address must be https, and
   * the issuer in the metadata must be the address itself or `issuer`.
   * @param {string} address
   * @param {string} [issuer]
   * @param {typeof globalThis.fetch} [fetch]
   */
  static async at(address, issuer, fetch) {
    const url = new URL(address);
    const loopback = isLoopback(url.hostname);
    if (!['http:', 'https:'].includes(url.protocol) || url.search || url.username) {
      throw new TypeError(`the gateway's address is http[s]://host[:port], was '${address}'`);
    }
    if (url.protocol === 'http:' && !loopback) {
      throw new TypeError(`a gateway beyond loopback is reached by https, was '${address}'`);
    }
    if (fetch === undefined) direct(url);
    const gateway = new Gateway(url, '', fetch);
    const { status, answer } = await gateway.#send('GET', '/.well-known/oauth-authorization-server', {});
    const said = answer.issuer;
    if (status !== 200 || typeof said !== 'string') {
      throw new Error(`${address} is no Errand gateway: its metadata answered ${status}`);
    }
    const wanted = issuer ?? (loopback ? said : address);
    if (said.replace(/\/$/, '') !== wanted.replace(/\/$/, '')) {
      throw new Error(`the gateway calls itself '${said}', not '${wanted}'`);
    }
    gateway.issuer = said.replace(/\/$/, '');
    return gateway;
  }

  /**
   * The URL of a path below the gateway's address; a whole URL stays as it is.
   * @param {string | URL} target
   */
  url(target) {
    const path = String(target);
    return new URL(path.startsWith('/') ? this.address.origin + this.prefix + path : path);
  }

  /**
   * The path of a URL of this gateway, as the gateway sees it; undefined for a URL of another server.
   * @param {URL} url
   */
  target(url) {
    const ours = url.origin === this.address.origin && url.pathname.startsWith(`${this.prefix}/`);
    return ours ? url.pathname.slice(this.prefix.length) : undefined;
  }

  /**
   * Posts a form with a proof, and once more if the gateway asks for its nonce.
   * @param {import('./key.js').Key} key
   * @param {string} path
   * @param {Record<string, string>} form
   * @param {string} [token]
   * @param {string} [chain]
   * @throws {Refused} where the answer is no 200
   */
  async post(key, path, form, token, chain) {
    const attempt = async () => {
      const proof = await key.proof('POST', this.issuer + path, token, { nonce: this.nonce });
      return this.#send('POST', path, { DPoP: proof, ...(chain && { 'Delegation-Chain': chain }) }, form);
    };
    let { status, headers, answer } = await attempt();
    const nonce = headers.get('dpop-nonce');
    if (nonce !== null && (status === 400 || status === 401)) {
      this.nonce = nonce;
      ({ status, headers, answer } = await attempt());
    }
    if (status === 200) return answer;
    throw new Refused(String(answer.error ?? headers.get('errand-code') ?? 'refused'), {
      retryAfter: seconds(headers.get('retry-after')),
      detail: String(answer.error_description ?? answer.detail ?? ''),
      status,
    });
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {Record<string, string>} headers
   * @param {Record<string, string>} [form]
   */
  #send(method, path, headers, form) {
    return exchange(this.fetch, this.url(path), { method, headers, body: form && new URLSearchParams(form) });
  }
}

/**
 * Makes one request without redirects. Returns the JSON object of the answer; an empty one for any other body.
 * @param {typeof globalThis.fetch} fetch
 * @param {string | URL} url
 * @param {RequestInit} init
 */
export async function exchange(fetch, url, init) {
  const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MILLIS) });
  const body = await text(response, MAX_ANSWER);
  /** @type {Record<string, any>} */
  let answer = {};
  try {
    const told = JSON.parse(body);
    if (told !== null && typeof told === 'object') answer = told;
  } catch {
    // The status says what happened.
  }
  return { status: response.status, headers: response.headers, answer };
}

/**
 * Whether a name or an address is on loopback, without a look-up.
 * @param {string} host
 */
export function isLoopback(host) {
  const bare = host.replace(/^\[|\]$/g, '');
  const family = isIP(bare);
  return bare === 'localhost' || (family !== 0 && LOOPBACK.check(bare, family === 6 ? 'ipv6' : 'ipv4'));
}
