const KEY = 'processflow.invitation';

/**
 * An invitation's secret stands in the link's fragment, which no server sees. It is kept for this tab alone while
 * one signs in or up, and taken out of the address, so that it stays in no history.
 */
export function keepSecret(secret: string): void {
  sessionStorage.setItem(KEY, secret);
}

export function keptSecret(): string | null {
  return sessionStorage.getItem(KEY);
}

export function forgetSecret(): void {
  sessionStorage.removeItem(KEY);
}

/** The link to hand over. */
export function invitationLink(secret: string): string {
  return `${window.location.origin}/invitation#${secret}`;
}
