/** One gateway: its address, and its issuer, which proofs name even if the address differs. */
export declare class Gateway {
    #private;
    address: URL;
    prefix: string;
    issuer: string;
    fetch: typeof fetch;
    /** The newest nonce that the gateway gave, which the next proof carries. @type {string | undefined} */
    nonce: string | undefined;
    /**
     * @param {URL} address
     * @param {string} issuer
     * @param {typeof globalThis.fetch} [fetch]
     */
    constructor(address: URL, issuer: string, fetch?: typeof globalThis.fetch);
    /**
     * The gateway at an address. On loopback its issuer is read from its metadata. Beyond loopback the address must be https, and
     * the issuer in the metadata must be the address itself or `issuer`.
     * @param {string} address
     * @param {string} [issuer]
     * @param {typeof globalThis.fetch} [fetch]
     */
    static at(address: string, issuer?: string, fetch?: typeof globalThis.fetch): Promise<Gateway>;
    /**
     * The URL of a path below the gateway's address; a whole URL stays as it is.
     * @param {string | URL} target
     */
    url(target: string | URL): URL;
    /**
     * The path of a URL of this gateway, as the gateway sees it; undefined for a URL of another server.
     * @param {URL} url
     */
    target(url: URL): string | undefined;
    /**
     * Posts a form with a proof, and once more if the gateway asks for its nonce.
     * @param {import('./key.js').Key} key
     * @param {string} path
     * @param {Record<string, string>} form
     * @param {string} [token]
     * @param {string} [chain]
     * @throws {Refused} where the answer is no 200
     */
    post(key: import('./key.js').Key, path: string, form: Record<string, string>, token?: string, chain?: string): Promise<Record<string, any>>;
}
/**
 * Makes one request without redirects. Returns the JSON object of the answer; an empty one for any other body.
 * @param {typeof globalThis.fetch} fetch
 * @param {string | URL} url
 * @param {RequestInit} init
 */
export declare function exchange(fetch: typeof globalThis.fetch, url: string | URL, init: RequestInit): Promise<{
    status: number;
    headers: Headers;
    answer: Record<string, any>;
}>;
/**
 * Whether a name or an address is on loopback, without a look-up.
 * @param {string} host
 */
export declare function isLoopback(host: string): boolean;
