/** One gateway: its address, and its issuer, which proofs name whatever the address is. */
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
     * The gateway at an address. The issuer of a gateway on loopback is what its metadata says. Beyond loopback the address is
     * https, and the metadata must say the address itself or what `issuer` says.
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
     * The path of a URL of this gateway, as the gateway sees it; none of a URL that leads elsewhere.
     * @param {URL} url
     */
    target(url: URL): string | undefined;
    /**
     * Posts a form with a proof, once more where the gateway asks for its nonce.
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
 * One request without redirects, and the JSON object that it is answered with; an empty one for anything else.
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
 * Whether a name or an address is one of loopback, without a look-up.
 * @param {string} host
 */
export declare function isLoopback(host: string): boolean;
