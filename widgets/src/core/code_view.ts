/** Code with the pieces that made each node: nested spans that light with the graph. */

import { html } from "./dom";

export interface CodePiece {
  id: string;
  /** From 1. */
  line: number;
  /** From 0; `end` is exclusive. */
  start: number;
  end: number;
}

/** Lines of code as elements; every piece is a span with its `data-node`. Pieces that only overlap are left out. */
export function codeLines(text: string, pieces: readonly CodePiece[]): HTMLElement[] {
  return text.split("\n").map((line, i) => {
    const here = pieces.filter((piece) => piece.line === i + 1).sort((a, b) => a.start - b.start || b.end - a.end);
    let at = 0;
    let next = 0;
    /** Fill an element up to `end`, and the pieces that lie wholly inside with it. */
    const fill = (element: HTMLElement, end: number): HTMLElement => {
      for (let piece = here[next]; piece && piece.start < end; piece = here[++next]) {
        if (piece.start < at || piece.end > end) continue;
        element.append(line.slice(at, piece.start));
        at = piece.start;
        next++;
        element.append(fill(html("span.sg-piece", { "data-node": piece.id }), piece.end));
        next--;
      }
      element.append(line.slice(at, end));
      at = end;
      return element;
    };
    return fill(html("span.sg-codeline"), line.length);
  });
}

/** The innermost piece over a place in the text. */
export function pieceAt(pieces: readonly CodePiece[], line: number, column: number): string | undefined {
  return pieces
    .filter((piece) => piece.line === line && piece.start <= column && column < piece.end)
    .sort((a, b) => a.end - a.start - (b.end - b.start))[0]?.id;
}
