/** Who may connect: the token, and pages of this server only. Depends on Node's crypto. */
import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether a token is the one; how long that takes says nothing about it. */
export function tokenFits(expected: string, given: string | undefined): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(expected), digest(given ?? ''));
}

/** Whether a host is this machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/**
 * Whether a connection comes from a page of this server. Browsers send the page's origin with every WebSocket; another site's
 * page could otherwise speak to a server on the person's own machine.
 * @param origin the `Origin` header; programs send none, and are let in.
 * @param host the `Host` header.
 */
export function sameOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}

/**
 * Whether a request was meant for this server by name: on a loopback address, only by a loopback name, so that no foreign name
 * that resolves to 127.0.0.1 reaches it; or by the name that a proxy before it is reached by.
 */
export function hostFits(listensOn: string, publicHost: string | null, host: string | undefined): boolean {
  if (!isLoopback(listensOn) || (publicHost !== null && host === publicHost)) return true;
  try {
    return isLoopback(new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, ''));
  } catch {
    return false;
  }
}
