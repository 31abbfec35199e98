/**
 * Refuses to send to a plain http address on loopback by a proxy, which would read the token and the proof, or the companion's
 * secret. The built-in fetch uses the environment's proxy if `NODE_USE_ENV_PROXY` or `--use-env-proxy` says so, and this cannot
 * be turned off for one request.
 * @param {URL} url
 * @throws {TypeError} where a proxy would be used
 */
export function direct(url) {
  const { http_proxy, HTTP_PROXY, no_proxy, NO_PROXY } = process.env;
  if (url.protocol !== 'http:' || !(http_proxy ?? HTTP_PROXY) || !usesEnvironment()) return;
  const passed = (no_proxy ?? NO_PROXY ?? '').toLowerCase().trim();
  if (passed === '*' || passed.split(/[,\s]+/).some((one) => one === url.hostname || one === url.host)) return;
  const host = url.hostname;
  throw new TypeError(`HTTP_PROXY would be used for ${host}: name ${host} in NO_PROXY, or give a fetch of your own`);
}

function usesEnvironment() {
  const options = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(/\s+/)];
  return process.env.NODE_USE_ENV_PROXY === '1' || options.includes('--use-env-proxy');
}
