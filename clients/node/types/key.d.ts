export type JWK = import('jose').JWK;
export type PublicJwk = {
    kty: string;
    crv: string;
    x: string;
    y?: string;
};
/**
 * SHA-256 of an ASCII text, as unpadded base64url.
 * @param {string} text
 */
export declare const sha256: (text: string) => string;
/** A private key that holds a token: Ed25519, or P-256. It is kept in memory, and its text form has no secret. */
export declare class Key {
    #private;
    algorithm: string;
    /** The public JWK, with no other members than those of RFC 7638. */
    jwk: PublicJwk;
    /** The thumbprint of RFC 7638. */
    thumbprint: string;
    /**
     * @param {import('jose').CryptoKey} key the private key
     * @param {PublicJwk} jwk
     * @param {string} algorithm
     * @private
     */
    private constructor();
    /** A fresh Ed25519 key. */
    static generate(): Promise<Key>;
    /**
     * The key of a private JWK.
     * @param {JWK} jwk
     */
    static of(jwk: JWK): Promise<Key>;
    /**
     * A compact JWS of these claims. Header and claims are JSON with sorted members and no white space.
     * @param {string} typ
     * @param {Record<string, unknown>} claims
     * @param {Record<string, unknown>} [header]
     */
    sign(typ: string, claims: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
    /**
     * A DPoP proof (RFC 9449), good for one request.
     * @param {string} method
     * @param {string} url the gateway's issuer and the path as it is sent; a query is left out
     * @param {string} [token] the token that the proof goes with; the token endpoint wants none
     * @param {{ nonce?: string, jti?: string, now?: number }} [more] `jti` and `now` are for tests
     */
    proof(method: string, url: string, token?: string, { nonce, jti, now }?: {
        nonce?: string;
        jti?: string;
        now?: number;
    }): Promise<string>;
    toString(): string;
}
/**
 * @param {JWK | PublicJwk} jwk
 * @returns {PublicJwk}
 */
export declare function publicMembers({ crv, kty, x, y }: JWK | PublicJwk): PublicJwk;
