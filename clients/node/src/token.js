import { randomUUID } from 'node:crypto';
import { publicMembers, sha256 } from './key.js';

/** @typedef {Record<string, Record<string, unknown>>} Tools operation ids and their constrained arguments */
/** @typedef {{ source: string, ref?: string, digest?: string, integrity?: string }} Instruction */

/**
 * How a child is narrower than its parent. What is left out is the parent's.
 * @typedef {object} Narrowing
 * @property {string[] | Tools} [allow] ids of operations, which keep the parent's arguments; or the `tools` form
 * @property {number} [calls] how many calls
 * @property {number} [children] how many direct children
 * @property {{ capacity: number, period: number }[]} [limits] token buckets, one at least as tight for each of the parent's
 * @property {number} [lifetime] seconds, 300 by default, never past the parent's end
 * @property {number} [maxDepth] how deep a chain below the child may become
 * @property {string} [actor] the SPIFFE ID of the child's holder
 * @property {Instruction} [instruction] what instructed the child
 */

const CAPABILITY = 'attenuating_agent_token';
const BOUNDS = 'errand_task';

/**
 * The claims of a token from elsewhere. They are not verified here.
 * @param {string} token
 * @returns {Record<string, any>}
 */
export function claimsOf(token) {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    if (claims !== null && typeof claims === 'object') return claims;
  } catch {
    // The error is thrown below.
  }
  throw new TypeError('not a token');
}

/**
 * A child of a token, signed offline by the token's holder (AAT-02). A child that clearly exceeds its parent is a RangeError
 * here. The gateway checks everything, also the constraints of arguments.
 * @param {import('./key.js').Key} holder
 * @param {string} parent
 * @param {import('./key.js').PublicJwk} jwk the public key of the child's holder
 * @param {Narrowing} [narrowing]
 * @param {{ jti?: string, now?: number }} [more] for tests
 */
export function derive(holder, parent, jwk, narrowing = {}, { jti = randomUUID(), now = Math.floor(Date.now() / 1000) } = {}) {
  const above = claimsOf(parent);
  const depth = above.del_depth + 1;
  const { maxDepth = above.del_max_depth, lifetime = 300, actor, instruction } = narrowing;
  atMost('maxDepth', maxDepth, above.del_max_depth);
  if (depth > maxDepth) {
    throw new RangeError(`the parent stands at depth ${depth - 1}, and its children may not be deeper than ${maxDepth}`);
  }
  if (!Number.isSafeInteger(lifetime) || lifetime < 1) {
    throw new RangeError(`lifetime: at least 1 second, was ${lifetime}`);
  }
  const iat = Math.max(now, above.iat);
  return holder.sign('aat+jwt', {
    jti,
    iss: `urn:ietf:params:oauth:jwk-thumbprint:sha-256:${holder.thumbprint}`,
    iat,
    exp: Math.min(iat + lifetime, above.exp),
    cnf: { jwk: publicMembers(jwk) },
    del_depth: depth,
    del_max_depth: maxDepth,
    par_hash: sha256(parent.slice(0, parent.lastIndexOf('.'))),
    authorization_details: details(above, narrowing),
    act: actor === undefined ? undefined : { sub: actor },
    instruction,
  });
}

/**
 * @param {Record<string, any>} above
 * @param {Narrowing} narrowing
 */
function details(above, narrowing) {
  const capability = entry(above, CAPABILITY) ?? { type: CAPABILITY, tools: {} };
  const told = [{ ...capability, tools: tools(capability.tools, narrowing.allow) }];
  // A child repeats every bound of its parent, or narrows it; the plan belongs to the root alone.
  const { sequence, pinned, ...bounds } = entry(above, BOUNDS) ?? {};
  for (const name of /** @type {const} */ (['calls', 'children'])) {
    const wanted = narrowing[name];
    if (wanted !== undefined) {
      atMost(name, wanted, bounds[name]);
      bounds[name] = wanted;
    }
  }
  if (narrowing.limits !== undefined) bounds.limits = narrowing.limits;
  if (Object.keys(bounds).length > 0) told.push({ ...bounds, type: BOUNDS });
  return told;
}

/**
 * @param {Tools} granted
 * @param {Narrowing['allow']} allow
 */
function tools(granted, allow) {
  if (allow === undefined) return granted;
  const wanted = Array.isArray(allow) ? allow : Object.keys(allow);
  const more = wanted.filter((id) => !Object.hasOwn(granted, id));
  if (more.length > 0) throw new RangeError(`allow: the parent does not grant ${more.sort().join(', ')}`);
  return Array.isArray(allow) ? Object.fromEntries(allow.map((id) => [id, granted[id]])) : allow;
}

/**
 * @param {Record<string, any>} claims
 * @param {string} type
 */
function entry(claims, type) {
  return (claims.authorization_details ?? []).find((/** @type {any} */ one) => one?.type === type);
}

/**
 * @param {string} name
 * @param {number} wanted
 * @param {number | undefined} parent
 */
function atMost(name, wanted, parent) {
  if (!Number.isSafeInteger(wanted) || wanted < 0 || (parent !== undefined && wanted > parent)) {
    throw new RangeError(`${name}: not negative${parent === undefined ? '' : `, at most ${parent}, the parent's`}; was ${wanted}`);
  }
}
