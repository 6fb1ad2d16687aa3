// Trace documents for the demo page, built by hand so that no kernel is needed. Real ones come from stepgrad.documents.

const RULES = {
  add: ["+", (a, b) => ["add", a, b], () => [1, 1], "distributor", (a, b) => a + b],
  subtract: ["−", (a, b) => ["subtract", a, b], () => [1, -1], "distributor", (a, b) => a - b],
  multiply: ["×", (a, b) => ["multiply", a, b], (a, b) => [b, a], "switcher", (a, b) => a * b],
  maximum: [
    "max",
    (a, b) => ["maximum", a, b],
    (a, b) => [
      ["greater_equal", a, b],
      ["less", a, b],
    ],
    "router",
    Math.max,
  ],
  sin: ["sin", (a) => ["sin", a], (a) => [["cos", a]], null, Math.sin],
  tanh: ["tanh", (a) => ["tanh", a], (_, w) => [["subtract", 1, ["square", w]]], null, Math.tanh],
  log: ["log", (a) => ["log", a], (a) => [["reciprocal", a]], null, Math.log],
};

/** `inputs`: {label: value}; `lines`: [label, primitive, arguments, [start, end]?]. The last line is the output. */
export function document(inputs, lines, text, language = "expression", rows = {}) {
  const values = { ...inputs };
  const column = {};
  const nodes = Object.entries(inputs).map(([label, value]) => {
    column[label] = 0;
    return {
      label,
      kind: "input",
      primitive: null,
      symbol: null,
      arguments: [],
      expression: null,
      partials: [],
      maps: [],
      role: null,
      value,
      shape: [],
      dtype: "float64",
      x: 0,
      y: 0,
      span: null,
    };
  });
  for (const [label, primitive, args, span] of lines) {
    const [symbol, expression, partials, role, compute] = RULES[primitive];
    const unary = args.length === 1;
    values[label] = compute(...args.map((arg) => (typeof arg === "string" ? values[arg] : arg)));
    column[label] = 1 + Math.max(...args.map((arg) => column[arg] ?? 0));
    const constant = args.find((arg) => typeof arg === "number");
    nodes.push({
      label,
      kind: "operation",
      primitive,
      symbol: constant === undefined ? symbol : `${constant} ${symbol}`,
      arguments: args,
      expression: expression(...args),
      partials: (unary ? partials(args[0], label) : partials(...args)).map((p, i) =>
        typeof args[i] === "string" ? p : null,
      ),
      maps: args.map(() => null),
      role,
      value: values[label],
      shape: [],
      dtype: "float64",
      x: column[label],
      y: 0,
      span: span ? { line: span[2] ?? 1, start: span[0], end: span[1] } : null,
    });
  }
  const columns = 1 + Math.max(...nodes.map((node) => node.x));
  const byColumn = Array.from({ length: columns }, (_, x) => nodes.filter((node) => node.x === x));
  const tallest = Math.max(...byColumn.map((list) => list.length));
  for (const list of byColumn)
    list.forEach((node, i) => {
      node.y = rows[node.label] ?? (tallest - list.length) / 2 + i;
    });
  const at = Object.fromEntries(nodes.map((node) => [node.label, node]));
  const edges = nodes.flatMap((node) =>
    node.arguments.flatMap((from, argument) => {
      if (typeof from !== "string") return [];
      const [a, b] = [at[from], node];
      const points = [[a.x, a.y]];
      for (let x = a.x + 1; x < b.x; x++) points.push([x, a.y + ((b.y - a.y) * (x - a.x)) / (b.x - a.x) + 0.55]);
      points.push([b.x, b.y]);
      return [{ from, to: node.label, argument, points }];
    }),
  );
  return {
    kind: "stepgrad.trace",
    version: 1,
    graph: {
      name: "f",
      live: true,
      code: { text, first_line: 1, language },
      inputs: Object.keys(inputs),
      output: lines.at(-1)[0],
      columns,
      rows: tallest,
      nodes,
      edges,
      guards: [],
    },
    sweeps: [],
  };
}

export const first = document(
  { x1: 2, x2: 3 },
  [
    ["w1", "multiply", ["x1", "x2"], [0, 5]],
    ["w2", "sin", ["x1"], [8, 15]],
    ["f", "add", ["w1", "w2"], [0, 15]],
  ],
  "x1*x2 + sin(x1)",
);

export const gates = document(
  { x: 3, y: -4, z: 2, w: -1 },
  [
    ["w1", "multiply", ["x", "y"], [3, 6]],
    ["w2", "maximum", ["z", "w"], [9, 18]],
    ["w3", "add", ["w1", "w2"], [3, 18]],
    ["f", "multiply", [2, "w3"], [0, 19]],
  ],
  "2*(x*y + max(z, w))",
);

export const baydin = document(
  { x1: 2, x2: 5 },
  [
    ["w1", "log", ["x1"], [12, 22, 2]],
    ["w2", "multiply", ["x1", "x2"], [12, 17, 3]],
    ["w3", "add", ["w1", "w2"], [15, 20, 4]],
    ["w4", "sin", ["x2"], [23, 33, 4]],
    ["f", "subtract", ["w3", "w4"], [15, 33, 4]],
  ],
  "def f(x1, x2):\n    first = np.log(x1)\n    second = x1*x2\n    return first + second - np.sin(x2)"
    .replace("first = np", "v1 = np")
    .replace("second = ", "v2 = ")
    .replace("first + second", "v1 + v2"),
  "python",
);
baydin.graph.nodes.find((n) => n.label === "w1").span = { line: 2, start: 9, end: 19 };
baydin.graph.nodes.find((n) => n.label === "w2").span = { line: 3, start: 9, end: 14 };
baydin.graph.nodes.find((n) => n.label === "w3").span = { line: 4, start: 11, end: 18 };
baydin.graph.nodes.find((n) => n.label === "w4").span = { line: 4, start: 21, end: 31 };
baydin.graph.nodes.find((n) => n.label === "f").span = { line: 4, start: 11, end: 31 };

export function large(count) {
  const inputs = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`x${i + 1}`, 0.3 * i - 1]));
  const labels = Object.keys(inputs);
  const lines = [];
  const ops = ["multiply", "add", "tanh", "subtract", "sin"];
  for (let i = 0; i < count - 9; i++) {
    const op = ops[i % ops.length];
    const a = labels[Math.max(0, labels.length - 1 - ((i * 7) % 11))];
    const b = labels[Math.max(0, labels.length - 1 - ((i * 5) % 8))];
    lines.push([`w${i + 1}`, op, op === "tanh" || op === "sin" ? [a] : [a, b]]);
    labels.push(`w${i + 1}`);
  }
  lines.push(["f", "add", [labels.at(-1), labels.at(-2)]]);
  return document(inputs, lines, "many(x1, x2, x3, x4, x5, x6, x7, x8)");
}

const array = (shape, data) => ({ shape, data, truncated: false });
const step = (phase, node, formula, value, rest = {}) => ({
  phase,
  node,
  source: null,
  argument: null,
  formula,
  accumulates: false,
  value,
  contribution: null,
  contributions: null,
  operations: 0,
  held: 0,
  bytes: 0,
  latex: "",
  text: "",
  ...rest,
});
const make = (label, x, y, value, rest = {}) => ({
  label,
  kind: "operation",
  primitive: null,
  symbol: null,
  arguments: [],
  expression: null,
  partials: [],
  maps: [],
  role: null,
  value,
  shape: value.shape ?? [],
  dtype: "float64",
  x,
  y,
  span: null,
  ...rest,
});
const W = array([2, 3], [1, -2, 0.5, 3, 0.25, -1]);
const x = array([3], [1, 2, 3]);
const w1 = array([2], [-1.5, 0.5]);
const w2 = array([2], [0, 0.5]);
const primal = [
  step("primal", "w1", ["matmul", "W", "x"], w1, { operations: 6, held: 11, text: "w₁ = W @ x" }),
  step("primal", "w2", ["relu", "w1"], w2, { operations: 8, held: 11, text: "w₂ = relu w₁" }),
  step("primal", "f", ["sum", "w2"], 0.5, { operations: 10, held: 10, text: "f = sum(w₂) = 0.5" }),
];
export const arrays = {
  kind: "stepgrad.trace",
  version: 1,
  graph: {
    name: "layer",
    live: false,
    inputs: ["W", "x"],
    output: "f",
    columns: 4,
    rows: 2,
    guards: [],
    code: { text: "def layer(W, x):\n    return np.sum(relu(W @ x))", first_line: 1, language: "python" },
    nodes: [
      make("W", 0, 0, W, { kind: "input" }),
      make("x", 0, 1, x, { kind: "input" }),
      make("w1", 1, 0.5, w1, {
        primitive: "matmul",
        symbol: "@",
        arguments: ["W", "x"],
        expression: ["matmul", "W", "x"],
        partials: [["□"], ["□"]],
        role: "switcher",
        span: { line: 2, start: 23, end: 28 },
      }),
      make("w2", 2, 0.5, w2, {
        primitive: "relu",
        symbol: "relu",
        arguments: ["w1"],
        expression: ["relu", "w1"],
        partials: [["greater", "w1", 0]],
        role: "router",
        span: { line: 2, start: 18, end: 29 },
      }),
      make("f", 3, 0.5, 0.5, {
        primitive: "sum",
        symbol: "sum",
        arguments: ["w2"],
        expression: ["sum", "w2"],
        partials: [1],
        role: "distributor",
        span: { line: 2, start: 11, end: 30 },
      }),
    ],
    edges: [
      [
        "W",
        "w1",
        0,
        [
          [0, 0],
          [1, 0.5],
        ],
      ],
      [
        "x",
        "w1",
        1,
        [
          [0, 1],
          [1, 0.5],
        ],
      ],
      [
        "w1",
        "w2",
        0,
        [
          [1, 0.5],
          [2, 0.5],
        ],
      ],
      [
        "w2",
        "f",
        0,
        [
          [2, 0.5],
          [3, 0.5],
        ],
      ],
    ].map(([from, to, argument, points]) => ({ from, to, argument, points })),
  },
  sweeps: [
    { mode: "primal", seed: 1, steps: primal, result: { value: 0.5, derivative: null, gradient: null } },
    {
      mode: "reverse",
      seed: 1,
      steps: [
        ...primal,
        step("seed", "f", 1, 1, { operations: 10, held: 10, text: "f̄ = 1" }),
        step("adjoint", "w2", ["copy", ["bar", "f"]], array([2], [1, 1]), {
          source: "f",
          argument: 0,
          contribution: array([2], [1, 1]),
          contributions: [array([2], [1, 1])],
          operations: 10,
          held: 11,
          text: "w̄₂ = copy(f̄)",
        }),
        step("adjoint", "w1", ["multiply", ["bar", "w2"], ["greater", "w1", 0]], array([2], [0, 1]), {
          source: "w2",
          argument: 0,
          contribution: array([2], [0, 1]),
          contributions: [array([2], [0, 1])],
          operations: 14,
          held: 11,
          text: "w̄₁ = w̄₂·[w₁ > 0]",
        }),
        step("adjoint", "W", ["outer", ["bar", "w1"], "x"], array([2, 3], [0, 0, 0, 1, 2, 3]), {
          source: "w1",
          argument: 0,
          contribution: array([2, 3], [0, 0, 0, 1, 2, 3]),
          contributions: [array([2, 3], [0, 0, 0, 1, 2, 3])],
          operations: 20,
          held: 15,
          text: "W̄ = outer(w̄₁, x)",
        }),
        step("adjoint", "x", ["matmul", ["transpose", "W"], ["bar", "w1"]], array([3], [3, 0.25, -1]), {
          source: "w1",
          argument: 1,
          contribution: array([3], [3, 0.25, -1]),
          contributions: [array([3], [3, 0.25, -1])],
          operations: 26,
          held: 10,
          text: "x̄ = Wᵀ @ w̄₁",
        }),
      ],
      result: {
        value: 0.5,
        derivative: null,
        gradient: [array([2, 3], [0, 0, 0, 1, 2, 3]), array([3], [3, 0.25, -1])],
      },
    },
  ],
};
