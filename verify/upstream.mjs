// Verifies that a request was permitted and sent by an Errand gateway. Node 18 or newer, no packages.
//
// node upstream.mjs --issuer ISS --trust-domain TD --jwks FILE --authority HOST[:PORT] [--at EPOCH_S] < request.json
// prints the call's facts and exits 0, or `refused: <reason>` and exits 1. request.json: {method, target, headers, body}.
import { createHash, createPublicKey, timingSafeEqual, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const INPUT =
  /^errand=((\([^()]*\));created=(\d{1,15});expires=(\d{1,15});keyid="([^"\\]{1,128})";alg="([a-z0-9-]{1,32})";tag="errand")$/;
const BARE = '("@method" "@authority" "@path" "@query" "txn-token")';
const WITH_DIGEST = BARE.slice(0, -1) + ' "content-digest")';
const SKEW = 30;
const LIFE = 60;

class Refused extends Error {}

function demand(held, reason) {
  if (!held) throw new Refused(reason);
}

/** Whether the gateway may use the key for this purpose. `errand_use` lists the key's uses; without it the key has all. */
function permits(jwk, use) {
  const uses = 'errand_use' in jwk ? jwk.errand_use : [use];
  return Array.isArray(uses) && uses.includes(use);
}

/** Verifies one signature by one key of the gateway: EdDSA over Ed25519, or ECDSA over P-256 as r || s. */
function check(jwk, message, signature) {
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const good =
    jwk.kty === 'OKP'
      ? verify(null, message, key, signature)
      : verify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, signature);
  demand(good, 'signature');
}

export class Verifier {
  #seen = new Map(); // txn -> exp: a request is accepted once; share it between processes of one upstream

  constructor(issuer, trustDomain, jwks, authority) {
    Object.assign(this, { issuer, trustDomain, authority });
    this.keys = new Map(jwks.keys.map((jwk) => [jwk.kid, jwk]));
  }

  /** The transaction token's claims; throws. headers: [name, value] pairs, such as those of rawHeaders; body: a Buffer. */
  verify(method, target, headers, body, now) {
    const fields = new Map();
    for (const [name, value] of headers) {
      const key = name.toLowerCase();
      fields.set(key, [...(fields.get(key) ?? []), value.trim()]);
    }
    const single = (name) => {
      demand(fields.get(name)?.length === 1, name);
      return fields.get(name)[0];
    };

    const match = INPUT.exec(single('signature-input'));
    demand(match, 'signature-input');
    const [, parameters, components, created, expires, keyid, alg] = match;
    const digest = components === WITH_DIGEST;
    demand(digest || components === BARE, 'components');
    demand(digest || !fields.has('content-digest'), 'content-digest is not covered');
    demand(+created <= now + SKEW && now < +expires && +expires <= +created + LIFE, 'signature not in time');
    const jwk = this.keys.get(keyid);
    demand(jwk, 'unknown keyid: fetch the key set again');
    demand(permits(jwk, 'message'), 'keyid of another use');
    demand(alg === (jwk.kty === 'OKP' ? 'ed25519' : 'ecdsa-p256-sha256'), 'alg');
    const mark = target.indexOf('?');
    const lines = [
      ['@method', method],
      ['@authority', this.authority], // as configured, lower case, without a default port; never the Host header
      ['@path', (mark < 0 ? target : target.slice(0, mark)) || '/'],
      ['@query', mark < 0 ? '?' : target.slice(mark)],
      ['txn-token', single('txn-token')],
    ];
    if (digest) {
      lines.push(['content-digest', single('content-digest')]);
      const found = Buffer.from(`sha-256=:${createHash('sha256').update(body).digest('base64')}:`);
      const said = Buffer.from(single('content-digest'));
      demand(found.length === said.length && timingSafeEqual(found, said), 'content-digest');
    }
    const base = lines.map(([name, value]) => `"${name}": ${value}\n`).join('') + `"@signature-params": ${parameters}`;
    const value = /^errand=:([A-Za-z0-9+/=]{1,256}):$/.exec(single('signature'));
    demand(value, 'signature');
    check(jwk, Buffer.from(base), Buffer.from(value[1], 'base64'));

    const claims = this.#claims(single('txn-token'), now);
    demand(claims.rctx?.htm === method, 'htm');
    for (const [txn, exp] of this.#seen) if (exp <= now) this.#seen.delete(txn);
    demand(typeof claims.txn === 'string' && !this.#seen.has(claims.txn), 'txn seen before');
    this.#seen.set(claims.txn, claims.exp);
    return claims;
  }

  #claims(token, now) {
    const parts = token.split('.');
    demand(parts.length === 3, 'txn-token');
    const [header, claims] = parts.slice(0, 2).map((part) => JSON.parse(Buffer.from(part, 'base64url')));
    const jwk = this.keys.get(header.kid);
    demand(jwk && permits(jwk, 'txn'), 'txn-token kid');
    demand(header.typ === 'txntoken+jwt' && !('crit' in header), 'txn-token header');
    demand(header.alg === (jwk.kty === 'OKP' ? 'Ed25519' : 'ES256'), 'txn-token alg');
    check(jwk, Buffer.from(`${parts[0]}.${parts[1]}`), Buffer.from(parts[2], 'base64url'));
    demand(claims.iss === this.issuer && claims.aud === this.trustDomain, 'iss or aud');
    demand(claims.req_wl === `spiffe://${this.trustDomain}/errand`, 'req_wl');
    const { iat, exp } = claims;
    demand(Number.isInteger(iat) && Number.isInteger(exp), 'txn-token times');
    demand(iat <= now + SKEW && now < exp && exp <= iat + LIFE, 'txn-token not in time');
    const approval = claims.tctx?.approval;
    if (approval !== undefined) { // a human let this very call pass
      demand(approval?.id && String(approval.digest).startsWith('sha-256:'), 'approval');
      demand(Array.isArray(approval.by) && approval.by.length > 0, 'approval');
      demand(approval.by.every((by) => by?.iss && by?.sub), 'approval');
    }
    return claims;
  }
}

function main() {
  const text = { type: 'string' };
  const { values } = parseArgs({
    options: { issuer: text, 'trust-domain': text, jwks: text, authority: text, at: text },
  });
  const jwks = JSON.parse(readFileSync(values.jwks, 'utf8'));
  const verifier = new Verifier(values.issuer, values['trust-domain'], jwks, values.authority);
  const request = JSON.parse(readFileSync(0, 'utf8'));
  try {
    const now = values.at === undefined ? Math.floor(Date.now() / 1000) : +values.at;
    const claims = verifier.verify(request.method, request.target, request.headers, Buffer.from(request.body), now);
    console.log('verified:', claims.txn, 'for', claims.sub, claims.tctx.op, ...claims.tctx.resource);
    for (const by of claims.tctx.approval?.by ?? []) {
      console.log('approved by:', by.sub, 'at', by.iss);
    }
    return 0;
  } catch (refused) {
    console.log('refused:', refused.message);
    return 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = main();
