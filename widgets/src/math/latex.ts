/** The LaTeX in which a Jacobian's structure is written, as MathML: names, indices, fractions, and the usual signs. */

import { escapeHtml, labelMathml, table, words } from "./notation";

// biome-ignore format: a table
const SIGNS = table<string>({
  otimes: "⊗", odot: "⊙", oplus: "⊕", cdot: "·", times: "×", circ: "∘", star: "⋆", ast: "∗", top: "⊤", partial: "∂",
  sum: "∑", prod: "∏", le: "≤", leq: "≤", ge: "≥", geq: "≥", ne: "≠", neq: "≠", in: "∈", dots: "…", ldots: "…", cdots: "⋯",
  to: "→", mid: "∣", lbrace: "{", rbrace: "}",
});
const WORDS = words("operatorname mathrm text mathbf mathit textbf");
const SPACES = table<string>({ ",": "0.17em", ":": "0.22em", ";": "0.28em", " ": "0.28em", quad: "1em", "!": "0" });
const GREEK = /^(alpha|beta|gamma|delta|epsilon|eta|theta|lambda|mu|nu|xi|pi|rho|sigma|tau|phi|chi|psi|omega)$/i;

/** MathML elements, to stand in `<math>`; everything is escaped, and what isn't known is shown by its name. */
export function latexMathml(source: string): string {
  const tokens: string[] = source.match(/\\[a-zA-Z]+\*?|\\.|\d+(?:\.\d+)?|\s+|./gsu) ?? [];
  let at = 0;
  /** What stands in braces, as it is. */
  const raw = () => {
    const start = tokens.indexOf("{", at);
    let depth = 0;
    let text = "";
    for (at = start; at < tokens.length; at++) {
      const token = tokens[at]!;
      depth += +(token === "{") - +(token === "}");
      if (!depth) break;
      if (at > start) text += token;
    }
    at++;
    return escapeHtml(text);
  };
  const atom = (): string => {
    const token = tokens[at++] ?? "";
    if (!token.trim()) return tokens[at] === undefined ? "" : atom();
    if (token === "{") {
      const inside = row();
      at++;
      return `<mrow>${inside}</mrow>`;
    }
    if (/^\d/.test(token)) return `<mn>${token}</mn>`;
    if (/^\p{L}$/u.test(token)) return `<mi>${token}</mi>`;
    if (token[0] !== "\\") {
      const sign = token === "-" ? "−" : escapeHtml(token);
      return /[()[\]|]/.test(token) ? `<mo stretchy="false">${sign}</mo>` : `<mo>${sign}</mo>`;
    }
    const name = token.slice(1);
    if (name === "left" || name === "right") return atom();
    if (name === "frac") return `<mfrac>${atom()}${atom()}</mfrac>`;
    if (name === "bar" || name === "hat")
      return `<mover accent="true">${atom()}<mo>${name === "bar" ? "¯" : "^"}</mo></mover>`;
    // Spaces at its ends would be lost.
    if (name === "text") return `<mtext>${raw().replace(/ /g, "\u00a0")}</mtext>`;
    if (WORDS.includes(name)) return `<mi mathvariant="normal">${raw()}</mi>`;
    const space = SPACES[name];
    if (space) return `<mspace width="${space}"/>`;
    const sign = SIGNS[name];
    if (sign) return sign === "…" || sign === "⊤" ? `<mi mathvariant="normal">${sign}</mi>` : `<mo>${sign}</mo>`;
    return GREEK.test(name) ? labelMathml(name) : `<mi>${escapeHtml(name)}</mi>`;
  };
  const row = (): string => {
    let line = "";
    while (at < tokens.length && tokens[at] !== "}") {
      let part = atom();
      while (tokens[at] === "^" || tokens[at] === "_") {
        const tag = tokens[at++] === "^" ? "msup" : "msub";
        part = `<${tag}>${part || "<mrow/>"}${atom()}</${tag}>`;
      }
      line += part;
    }
    return line;
  };
  let line = row();
  // A brace too many ends nothing.
  while (at < tokens.length) {
    at++;
    line += row();
  }
  return line;
}
