// One recommended item on a shelf, with its reasons.

import { h, quiet, shortTitle } from "./dom.js";
import { parts } from "./money.js";
import { pack } from "./pack.js";

let made = 0;

/** A card. `actions` has `href`, `view`, `add` and `why`; `mark` says whether the item is new to this list. */
export function card(recommended, { surface, mark, open, actions }) {
  const { item } = recommended;
  const id = `why-${surface}-${(made += 1)}`;
  const why = h("div", { class: "why", id, hidden: !open }, reasons(recommended));
  const element = h(
    "li",
    { class: open ? "card open" : "card", data: { itemId: item.item_id, ...(mark && { new: "" }) } },
    h("div", { class: "stand" }, pack(item), mark && h("span", { class: "mark" }, "new")),
    h(
      "div",
      { class: "ticket" },
      price(item),
      h("h3", {}, viewLink(item, actions)),
      h("p", { class: "facts" }, ...facts(item)),
      h("div", { class: "buttons" }, addButton(item, actions.add), whyButton(item, id, open, () => toggle(element, why, actions))),
    ),
    why,
  );
  return element;
}

function viewLink(item, actions) {
  const click = (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return; // the browser's own: a new tab or window
    event.preventDefault();
    actions.view(item);
  };
  const href = actions.href(item);
  return h("a", { href, title: item.title, data: { action: "view" }, on: { click } }, quiet(shortTitle(item)));
}

export function addButton(item, add) {
  const button = h("button", { type: "button", class: "add", data: { action: "add" } }, "Add", h("span", { class: "more" }, " to cart"));
  button.setAttribute("aria-label", `Add to cart: ${item.title}`);
  button.addEventListener("click", () => busyWhile(button, () => add(item)));
  return button;
}

/** No second event from a double click, and the button keeps its focus. */
export async function busyWhile(button, work) {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  try {
    await work();
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

function whyButton(item, controls, open, click) {
  return h(
    "button",
    {
      type: "button",
      class: "ask",
      "aria-expanded": String(open),
      "aria-controls": controls,
      "aria-label": `Why? ${item.title}`,
      data: { action: "why" },
      on: { click },
    },
    "Why?",
  );
}

function toggle(element, why, actions) {
  const open = why.hidden;
  why.hidden = !open;
  element.classList.toggle("open", open);
  element.querySelector("[data-action=why]").setAttribute("aria-expanded", String(open));
  actions.why(element, open);
}

export function price(item) {
  if (!item.price) return h("p", { class: "price none" }, "no price");
  const set = parts(item.price).map((part) =>
    part.type === "currency" || part.type === "fraction" || part.type === "decimal"
      ? h("span", { class: part.type }, part.value)
      : part.value,
  );
  return h("p", { class: "price" }, ...set);
}

/** Size and brand, then the category: each on its own so that a long one is cut and the others are not. */
function facts(item) {
  const short = [item.attributes?.size, item.attributes?.brand].filter(Boolean).map(quiet).join(" · ");
  const left = item.stock !== null && item.stock !== undefined && item.stock <= 5 ? `, only ${item.stock} left` : "";
  const lines = [short + left, quiet(item.category ?? "")];
  return lines.filter(Boolean).map((line) => h("span", {}, line));
}

/** The terms of the score as sentences and bars; what is added up is checked, not claimed. */
function reasons({ reasons: named, other_terms: rest, score }) {
  const most = Math.max(...named.map((each) => Math.abs(each.contribution)), Math.abs(rest), Number.MIN_VALUE);
  const number = numbers(Math.max(most, Math.abs(score)));
  const rows = named.map((each) => row(each.text, each.contribution, each.kind));
  if (rest) rows.push(row("All other terms", rest, "other"));
  const sum = named.reduce((so_far, each) => so_far + each.contribution, rest);
  const exact = Math.abs(sum - score) <= 1e-6 * Math.max(1, Math.abs(score));
  const equation = exact
    ? `The sum is the score: ${number(score)}`
    : `These add up to ${number(sum)}, but the score is ${number(score)}`;
  return [h("h4", {}, "Why this?"), h("ul", {}, ...rows), h("p", { class: exact ? "sum" : "sum wrong" }, equation)];

  function row(text, value, kind) {
    const bar = h("span", { class: value < 0 ? "bar less" : "bar" });
    bar.style.setProperty("--part", `${(100 * Math.abs(value)) / most}%`);
    return h("li", { data: { kind } }, h("span", { class: "text" }, text), h("span", { class: "value" }, number(value)), bar);
  }
}

/** A formatter with as many decimals as the largest of the numbers needs for three digits. */
function numbers(largest) {
  const decimals = Math.min(8, Math.max(2, 2 - Math.floor(Math.log10(largest || 1))));
  return (value) => value.toFixed(decimals).replace("-", "−");
}
