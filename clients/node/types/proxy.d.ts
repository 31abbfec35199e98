/**
 * Refuses to send to a plain http address on loopback by a proxy, which would read the token and the proof, or the companion's
 * secret. The built-in fetch uses the environment's proxy if `NODE_USE_ENV_PROXY` or `--use-env-proxy` says so, and this cannot
 * be turned off for one request.
 * @param {URL} url
 * @throws {TypeError} where a proxy would be used
 */
export declare function direct(url: URL): void;
