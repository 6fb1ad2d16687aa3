/** The bridge to the kernel: traits only, sent at most four times a second, the same for every view of a model. */

import { atEnd } from "./dom";

/** What anywidget hands to `render`. */
export interface Model {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, handler: () => void): void;
  off(event: string, handler: () => void): void;
}

export interface Bridge<Traits> {
  /** The traits as they are now. */
  readonly state: Readonly<Traits>;
  /** Change traits at once in this page; the kernel hears within a quarter of a second, or now if `release`. */
  set(changes: Partial<Traits>, release?: boolean): void;
}

const INTERVAL = 250;

/**
 * The traits that `defaults` names. `changed` runs once a frame after any of them changed, here, in another view, or
 * in the kernel; `hear` runs at once, with the name.
 */
export function bridge<Traits extends object>(
  model: Model,
  defaults: Traits,
  signal: AbortSignal,
  changed: () => void,
  hear: (name: string) => void,
): Bridge<Traits> {
  const state = {} as Record<string, unknown>;
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

  for (const [name, otherwise] of Object.entries(defaults)) {
    const read = () => {
      state[name] = model.get(name) ?? otherwise;
    };
    const handler = () => {
      const ours = unsent.get(name);
      // While a change of ours waits to be sent, an older value from the kernel does not overrule it.
      if (unsent.has(name) && model.get(name) !== ours) return model.set(name, ours);
      read();
      hear(name);
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        changed();
      });
    };
    read();
    model.on(`change:${name}`, handler);
    atEnd(signal, () => model.off(`change:${name}`, handler));
  }
  atEnd(signal, () => {
    cancelAnimationFrame(frame);
    send();
  });

  return {
    state: state as Traits,
    set(changes, release) {
      for (const [name, value] of Object.entries(changes)) {
        unsent.set(name, value);
        model.set(name, value);
      }
      const wait = release ? 0 : sent + INTERVAL - performance.now();
      if (wait <= 0) send();
      else waiting ??= setTimeout(send, wait);
    },
  };
}
