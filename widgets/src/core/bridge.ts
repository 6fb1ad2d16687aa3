/** The bridge to the kernel: traits only, sent at most four times a second, the same for every view of a model. */

/** What anywidget hands to `render`. */
export interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, handler: () => void): void;
  off(event: string, handler: () => void): void;
}

export interface Bridge<Traits> {
  get<K extends keyof Traits & string>(name: K): Traits[K];
  /** Change traits at once in this page; the kernel hears within a quarter of a second, or now if `release`. */
  set(changes: Partial<Traits>, release?: boolean): void;
}

const INTERVAL = 250;

/**
 * `changed` runs once a frame after any of `names` changed, here, in another view, or in the kernel.
 * `hear` runs at once for every change, with the name.
 */
export function bridge<Traits>(
  model: Model,
  names: (keyof Traits & string)[],
  signal: AbortSignal,
  changed: () => void,
  hear: (name: keyof Traits & string) => void = () => {},
): Bridge<Traits> {
  const unsent = new Map<string, unknown>();
  let sent = Number.NEGATIVE_INFINITY;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let frame = 0;

  const send = () => {
    clearTimeout(waiting);
    waiting = undefined;
    if (!unsent.size) return;
    sent = performance.now();
    unsent.clear();
    model.save_changes();
  };

  for (const name of names) {
    const handler = () => {
      // While a change of ours waits to be sent, an older value from the kernel does not overrule it.
      if (unsent.has(name) && model.get(name) !== unsent.get(name)) {
        model.set(name, unsent.get(name));
        return;
      }
      hear(name);
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        changed();
      });
    };
    model.on(`change:${name}`, handler);
    signal.addEventListener("abort", () => model.off(`change:${name}`, handler), { once: true });
  }
  signal.addEventListener(
    "abort",
    () => {
      cancelAnimationFrame(frame);
      send();
    },
    { once: true },
  );

  return {
    get: (name) => model.get(name) as never,
    set(changes, release = false) {
      for (const name in changes) {
        unsent.set(name, changes[name]);
        model.set(name, changes[name]);
      }
      const wait = release ? 0 : sent + INTERVAL - performance.now();
      if (wait <= 0) send();
      else waiting ??= setTimeout(send, wait);
    },
  };
}
