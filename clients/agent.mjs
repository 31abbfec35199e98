// An agent's side of Errand with nothing but Node's standard library (Node 20 or newer), written from the contract alone:
// starts a task, makes a call, derives a child and calls with it, ends the task.
//
//   node agent.mjs <address> <issuer> <file of the human's JWT> <file of the JWT-SVID> <errand_start JSON> <method> <path>
//
// It prints one JSON object: the task, the status of each call, and the code that refuses a call after the end.
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const base64url = (data) => Buffer.from(data).toString('base64url');
const sha256 = (text) => createHash('sha256').update(text).digest('base64url');
const now = () => Math.floor(Date.now() / 1000);
const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
const signingInput = (token) => token.slice(0, token.lastIndexOf('.'));

/** A holder's key: Ed25519, kept in memory. */
export class Key {
  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const { kty, crv, x } = publicKey.export({ format: 'jwk' });
    this.jwk = { crv, kty, x };
    this.privateKey = privateKey;
    // RFC 7638: the required members in lexical order, no white space.
    this.thumbprint = sha256(JSON.stringify(this.jwk));
  }

  /** A compact JWS. */
  jws(header, claims) {
    const input = `${base64url(JSON.stringify({ alg: 'Ed25519', ...header }))}.${base64url(JSON.stringify(claims))}`;
    return `${input}.${base64url(sign(null, Buffer.from(input), this.privateKey))}`;
  }

  /** A DPoP proof (RFC 9449); `url` is the issuer and the path as sent, without the query. */
  dpop(method, url, token, nonce) {
    return this.jws(
      { typ: 'dpop+jwt', jwk: this.jwk },
      {
        jti: randomUUID(), iat: now(), htm: method, htu: url,
        ...(token && { ath: sha256(token) }), ...(nonce && { nonce }),
      },
    );
  }
}

/**
 * A child of `parent`, signed offline by the parent's holder. `tools` replaces the parent's tools, and `bounds` the members of
 * its errand_task; all else is the parent's. A child never repeats the root's `sequence` and `pinned`.
 */
export function derive(holder, parent, childJwk, { tools, bounds = {}, lifetime = 300, actor } = {}) {
  const above = claimsOf(parent);
  const iat = Math.max(now(), above.iat);
  const details = above.authorization_details
    .map((entry) => {
      if (entry.type === 'attenuating_agent_token') return tools ? { ...entry, tools } : entry;
      if (entry.type !== 'errand_task') return null;
      const { sequence, pinned, ...rest } = entry;
      return { ...rest, ...bounds };
    })
    .filter(Boolean);
  return holder.jws(
    { typ: 'aat+jwt' },
    {
      jti: randomUUID(),
      iss: `urn:ietf:params:oauth:jwk-thumbprint:sha-256:${holder.thumbprint}`,
      iat,
      exp: Math.min(iat + lifetime, above.exp),
      cnf: { jwk: childJwk },
      del_depth: above.del_depth + 1,
      del_max_depth: above.del_max_depth,
      par_hash: sha256(signingInput(parent)),
      authorization_details: details,
      ...(actor && { act: { sub: actor } }),
    },
  );
}

/** One gateway: `address` is where it is reached, `issuer` is the name that proofs have for it. */
export class Gateway {
  constructor(address, issuer) {
    this.address = address.replace(/\/$/, '');
    this.issuer = issuer.replace(/\/$/, '');
  }

  /** Sends with a fresh proof, and once more when the gateway asks for a nonce. */
  async #send(key, method, target, token, init) {
    const path = target.split(/[?#]/)[0];
    const attempt = (nonce) =>
      fetch(this.address + target, {
        method,
        redirect: 'manual',
        ...init,
        headers: { ...init.headers, DPoP: key.dpop(method, this.issuer + path, token, nonce) },
      });
    const first = await attempt();
    const nonce = first.headers.get('DPoP-Nonce');
    return nonce && [400, 401].includes(first.status) ? attempt(nonce) : first;
  }

  #post(key, path, form, token, ancestors = []) {
    return this.#send(key, 'POST', path, token, {
      headers: ancestors.length ? { 'Delegation-Chain': ancestors.join(', ') } : {},
      body: new URLSearchParams(form),
    });
  }

  /** Starts a task: the root token, bound to the key, and what was granted. */
  async start(key, humanToken, svid, start) {
    const type = 'urn:ietf:params:oauth:';
    const response = await this.#post(key, '/oauth2/token', {
      grant_type: `${type}grant-type:token-exchange`,
      subject_token: humanToken,
      subject_token_type: `${type}token-type:jwt`,
      client_assertion_type: `${type}client-assertion-type:jwt-spiffe`,
      client_assertion: svid,
      requested_token_type: `${type}token-type:access_token`,
      authorization_details: JSON.stringify([{ type: 'errand_start', ...start }]),
    });
    const answer = await response.json();
    if (response.status !== 200) {
      throw new Error(`no task: ${response.status} ${answer.error}: ${answer.error_description ?? ''}`);
    }
    return answer;
  }

  /** Makes a call; `ancestors` are the tokens above the leaf, root first. */
  call(key, leaf, ancestors, method, target, body) {
    return this.#send(key, method, target, leaf, {
      headers: {
        Authorization: `DPoP ${leaf}`,
        ...(ancestors.length && { 'Delegation-Chain': ancestors.join(', ') }),
      },
      body,
    });
  }

  /** Ends a token and all below it; the end of the root ends the task. */
  async end(key, token, ancestors = []) {
    const response = await this.#post(key, '/oauth2/revoke', { token }, token, ancestors);
    if (response.status !== 200) throw new Error(`not ended: ${response.status} ${await response.text()}`);
  }
}

async function main([address, issuer, human, workload, start, method, target]) {
  const [humanToken, svid] = [human, workload].map((file) => readFileSync(file, 'utf8').trim());
  const gateway = new Gateway(address, issuer);
  const holder = new Key();
  const task = await gateway.start(holder, humanToken, svid, JSON.parse(start));
  const root = task.access_token;
  const own = await gateway.call(holder, root, [], method, target);

  const child = new Key();
  const leaf = derive(holder, root, child.jwk, { bounds: { calls: 3 } });
  const delegated = await gateway.call(child, leaf, [root], method, target);
  const remembered = await gateway.call(child, leaf, [], method, target);

  await gateway.end(holder, root);
  const late = await gateway.call(child, leaf, [root], method, target);
  console.log(
    JSON.stringify({
      task: task.task_id,
      own: own.status,
      delegated: delegated.status,
      remembered: remembered.status,
      late: late.status,
      code: (await late.json()).code,
    }),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main(process.argv.slice(2));
}
