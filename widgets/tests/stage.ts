/** What a widget stands on in jsdom, which has no layout and no clock of ours: call `useStage` once in a test file. */

import { afterEach, beforeEach, vi } from "vitest";

export const stage = {
  /** How many observers of sizes are at work: none after a widget was closed. */
  observers: 0,
  /** Whether the learner asked for less motion. */
  still: true,
};

/** Before each test: timers that the test moves, every element `width` pixels wide, no canvas. */
export function useStage(width: number): void {
  beforeEach(() => {
    stage.observers = 0;
    stage.still = true;
    vi.useFakeTimers({
      toFake: ["setTimeout", "clearTimeout", "requestAnimationFrame", "cancelAnimationFrame", "performance"],
    });
    vi.stubGlobal(
      "ResizeObserver",
      class {
        constructor(readonly hear: () => void) {}
        observe() {
          stage.observers++;
          this.hear();
        }
        disconnect() {
          stage.observers--;
        }
      },
    );
    vi.stubGlobal("matchMedia", () => ({ matches: stage.still }));
    vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
    vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(width);
  });

  afterEach(() => {
    document.body.replaceChildren();
    vi.useRealTimers();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
}
