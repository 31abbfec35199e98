/**
 * Demands that the built-in fetch reaches a plain address of loopback without a proxy, which would read the token and the proof,
 * or the companion's secret. Node takes the environment's proxy where `NODE_USE_ENV_PROXY` or `--use-env-proxy` says so, and
 * there is no way to turn that off for one request.
 * @param {URL} url
 * @throws {TypeError} where a proxy would be used
 */
export declare function direct(url: URL): void;
