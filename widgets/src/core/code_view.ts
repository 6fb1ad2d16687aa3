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
    const here = pieces
      .filter((piece) => piece.line === i + 1 && piece.start < piece.end && piece.end <= line.length)
      .sort((a, b) => a.start - b.start || b.end - a.end);
    const row = html("span", { class: "sg-codeline" });
    const open: { element: HTMLElement; end: number }[] = [{ element: row, end: line.length }];
    let at = 0;
    const to = (end: number) => {
      open.at(-1)?.element.append(line.slice(at, end));
      at = end;
    };
    for (const piece of here) {
      while (open.length > 1 && (open.at(-1)?.end ?? 0) <= piece.start) {
        to(open.at(-1)?.end ?? at);
        open.pop();
      }
      if (piece.end > (open.at(-1)?.end ?? 0)) continue;
      to(piece.start);
      const element = html("span", { "data-node": piece.id, class: "sg-piece" });
      open.at(-1)?.element.append(element);
      open.push({ element, end: piece.end });
    }
    while (open.length) {
      to(open.at(-1)?.end ?? at);
      open.pop();
    }
    return row;
  });
}

/** The innermost piece over a place in the text. */
export function pieceAt(pieces: readonly CodePiece[], line: number, column: number): string | null {
  let best: CodePiece | null = null;
  for (const piece of pieces)
    if (piece.line === line && piece.start <= column && column < piece.end)
      if (!best || piece.end - piece.start < best.end - best.start) best = piece;
  return best?.id ?? null;
}
