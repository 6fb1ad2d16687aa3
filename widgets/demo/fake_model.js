// A model as anywidget gives it, without a kernel: what `get`, `set`, `on`, `off` and `save_changes` do is all a widget may use.

export function fakeModel(state) {
  const traits = { ...state };
  const handlers = new Map();
  const model = {
    saves: 0,
    get: (name) => traits[name],
    set(name, value) {
      if (traits[name] === value) return;
      traits[name] = value;
      for (const handler of [...(handlers.get(`change:${name}`) ?? [])]) handler();
    },
    save_changes() {
      model.saves++;
    },
    on(event, handler) {
      if (!handlers.has(event)) handlers.set(event, new Set());
      handlers.get(event).add(handler);
    },
    off(event, handler) {
      handlers.get(event)?.delete(handler);
    },
    listeners: () => [...handlers.values()].reduce((n, set) => n + set.size, 0),
  };
  return model;
}

export function stepperTraits(document, rest = {}) {
  const inputs = document.graph.nodes.filter((node) => node.kind === "input");
  const scalar = inputs.every((node) => typeof node.value === "number");
  const values = scalar ? inputs.map((node) => node.value) : [];
  return {
    _document: document,
    _request: {},
    _error: {},
    position: 0,
    mode: "reverse",
    inputs: values,
    input_ranges: values.map((value) => [Math.min(-5, value), Math.max(5, value)]),
    seed: inputs.map((_, i) => +!i),
    adjoint_seed: 1,
    expression: document.graph.code?.language === "expression" ? document.graph.code.text : "",
    predict: false,
    answers: [],
    speed: 1,
    playing: false,
    controls: [],
    ...rest,
  };
}
