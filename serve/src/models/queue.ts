import type { Request } from './request.js';

/** Requests that wait, in order; those that a crash interrupted come first. Any may leave at any time. */
export class Queue {
  readonly #new = new Set<Request>();
  readonly #again = new Set<Request>();

  get size(): number {
    return this.#new.size + this.#again.size;
  }

  /** When the next request was accepted, as `performance.now()` counts. */
  get oldest(): number | undefined {
    const [request] = this.#again.size > 0 ? this.#again : this.#new;
    return request?.since;
  }

  /** Whether the next request was interrupted. It runs by itself then: should it be what crashes workers, it takes no other along. */
  get isAgain(): boolean {
    return this.#again.size > 0;
  }

  add(request: Request): void {
    this.#new.add(request);
  }

  addAgain(request: Request): void {
    this.#again.add(request);
  }

  /** @returns whether it was there */
  remove(request: Request): boolean {
    return this.#new.delete(request) || this.#again.delete(request);
  }

  /** The next requests: some new ones, or one that was interrupted. */
  take(most: number): readonly Request[] {
    const from = this.isAgain ? this.#again : this.#new;
    const taken: Request[] = [];
    for (const request of from) {
      if (taken.length === (this.isAgain ? 1 : most)) break;
      taken.push(request);
    }
    for (const request of taken) from.delete(request);
    return taken;
  }

  /** All of them. */
  requests(): readonly Request[] {
    return [...this.#again, ...this.#new];
  }
}
