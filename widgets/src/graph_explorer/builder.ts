/** Building by button and keyboard: what the pointer does by dragging, and the node in hand. */

import { button, html, listen, named, set, write } from "../core/dom";
import { numberField } from "../core/slider";
import { type DagNode, INPUT, OPERATIONS } from "../math/dag";
import { labelText } from "../math/notation";
import type { Edge } from "../math/orders";

export interface BuilderActions {
  add(): void;
  remove(label: string): void;
  rename(label: string, name: string): void;
  operate(label: string, operation: string | null): void;
  value(label: string, value: number): void;
  connect(edge: Edge): void;
  disconnect(edge: Edge): void;
  undo(): void;
  tidy(): void;
  clear(): void;
  tell(fault: string): void;
}

export function builder(actions: BuilderActions, signal: AbortSignal) {
  let node: DagNode | undefined;
  const undo = button("Undo", "Undo", signal, actions.undo);
  const tools = html(
    "div.sg-row.sg-tools",
    named("Build"),
    button("Add node", "Add node", signal, actions.add),
    undo,
    button("Tidy up", "Tidy up", signal, actions.tidy),
    button("Clear", "Clear", signal, actions.clear),
  );
  const name = html("input", {
    type: "text",
    "aria-label": "Name of the node",
    autocomplete: "off",
    spellcheck: "false",
  });
  const rename = () => node && name.value.trim() !== node.label && actions.rename(node.label, name.value.trim());
  listen(name, "change", rename, signal);
  const choices = [
    html("option", { value: "" }, "no operation"),
    html("option", { value: INPUT }, "input"),
    ...Object.keys(OPERATIONS).map((each) => html("option", { value: each }, each)),
  ];
  const other = html("option", { hidden: true });
  const operation = html("select", { "aria-label": "What the node does" }, ...choices, other);
  listen(operation, "change", () => node && actions.operate(node.label, operation.value || null), signal);
  const value = numberField("Value of the input", signal, (v) => node && actions.value(node.label, v), actions.tell);
  const valued = html("label.sg-row", "=", value.element);
  const target = html("select", { "aria-label": "The other node" });
  const to = button(
    "Send to it",
    "Send to it",
    signal,
    () => node && target.value && actions.connect([node.label, target.value]),
  );
  const from = button(
    "Read it",
    "Read it",
    signal,
    () => node && target.value && actions.connect([target.value, node.label]),
  );
  const read = html("span.sg-row.sg-reads");
  const remove = button("Delete", "Delete", signal, () => node && actions.remove(node.label));
  const hint = html(
    "p.sg-say",
    "Drag from the dot on a node’s right to another node to draw an edge; drag the node itself to move it. A click takes a node in hand, to change it here.",
  );
  const hand = html(
    "div.sg-row.sg-hand",
    named("The node in hand"),
    name,
    operation,
    valued,
    html("span.sg-row", target, to, from),
    read,
    remove,
  );
  return {
    element: html("div.sg-builder", tools, hand, hint),
    update(nodes: readonly DagNode[], selected: string, undoable: boolean) {
      node = nodes.find(({ label }) => label === selected);
      set(undo, { "aria-disabled": !undoable && "true" });
      hand.hidden = !node;
      hint.hidden = !!node;
      if (!node) return;
      const own = node;
      if (document.activeElement !== name) name.value = own.label;
      const listed = own.operation === null || own.operation === INPUT || Object.hasOwn(OPERATIONS, own.operation);
      set(other, { value: own.operation ?? "", hidden: listed });
      write(other, own.operation ?? "");
      operation.value = own.operation ?? "";
      valued.hidden = own.operation !== INPUT;
      value.update(own.value ?? 0);
      const rest = nodes.filter(({ label }) => label !== own.label).map(({ label }) => label);
      if (`${rest}` !== target.dataset.of) {
        const kept = target.value;
        target.replaceChildren(...rest.map((label) => html("option", { value: label }, labelText(label))));
        if (rest.includes(kept)) target.value = kept;
        target.dataset.of = `${rest}`;
      }
      for (const each of [target, to, from]) each.hidden = !rest.length;
      from.hidden ||= own.operation === INPUT;
      const sources = own.arguments.filter((a): a is string => typeof a === "string");
      const key = `${own.label}<${sources}`;
      if (read.dataset.of !== key) {
        read.dataset.of = key;
        read.replaceChildren(
          ...(sources.length ? ["reads"] : []),
          ...sources.map((a) =>
            button(`${labelText(a)} ×`, `${labelText(a)} ×: remove the edge to ${labelText(own.label)}`, signal, () =>
              actions.disconnect([a, own.label]),
            ),
          ),
        );
      }
    },
  };
}
