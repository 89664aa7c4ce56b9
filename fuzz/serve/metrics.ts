import { token } from './request.js';
import type { RunningServer } from './server.js';

/** A number that the server's metrics have of its one model. */
export async function gauge({ origin }: RunningServer, name: string): Promise<number> {
  const response = await fetch(`${origin}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  return Number(new RegExp(`^${name}\\{.*\\} (\\d+)$`, 'm').exec(await response.text())?.[1] ?? 0);
}
