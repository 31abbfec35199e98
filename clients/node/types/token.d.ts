export type Tools = Record<string, Record<string, unknown>>;
export type Instruction = {
    source: string;
    ref?: string;
    digest?: string;
    integrity?: string;
};
export type Narrowing = {
    /**
     * ids of operations, which keep the parent's arguments; or the `tools` form
     */
    allow?: string[] | Tools;
    /**
     * how many calls
     */
    calls?: number;
    /**
     * how many direct children
     */
    children?: number;
    /**
     * token buckets, one at least as tight for each of the parent's
     */
    limits?: {
        capacity: number;
        period: number;
    }[];
    /**
     * seconds, 300 by default, never past the parent's end
     */
    lifetime?: number;
    /**
     * how deep a chain below the child may become
     */
    maxDepth?: number;
    /**
     * the SPIFFE ID of the child's holder
     */
    actor?: string;
    /**
     * what instructed the child
     */
    instruction?: Instruction;
};
/**
 * The claims of a token from elsewhere. They are not verified here.
 * @param {string} token
 * @returns {Record<string, any>}
 */
export declare function claimsOf(token: string): Record<string, any>;
/**
 * A child of a token, signed offline by the token's holder (AAT-02). A child that clearly exceeds its parent is a RangeError
 * here. The gateway checks everything, also the constraints of arguments.
 * @param {import('./key.js').Key} holder
 * @param {string} parent
 * @param {import('./key.js').PublicJwk} jwk the public key of the child's holder
 * @param {Narrowing} [narrowing]
 * @param {{ jti?: string, now?: number }} [more] for tests
 */
export declare function derive(holder: import('./key.js').Key, parent: string, jwk: import('./key.js').PublicJwk, narrowing?: Narrowing, { jti, now }?: {
    jti?: string;
    now?: number;
}): Promise<string>;
