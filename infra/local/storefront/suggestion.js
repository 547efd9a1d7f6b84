// One suggested price: what it would bring, why, what holds it back, and the owner's decision.

import { drawCurve } from "./curve.js";
import { h, quiet } from "./dom.js";
import { written } from "./money.js";
import { decimal, percent } from "./words.js";

const SNOOZE_DAYS = 14;

/** A card; `decide` is told of the decision and answers once it holds. */
export function suggestionCard(suggestion, decide) {
  const chart = h("div", { class: "chart" });
  const button = (action, words, body) =>
    h("button", { type: "button", class: action, data: { action }, on: { click: () => void decide(action, suggestion, body) } }, words);
  const card = h(
    "li",
    { class: "suggestion", data: { itemId: suggestion.item_id, suggestionId: suggestion.suggestion_id } },
    h("header", {}, h("h3", {}, quiet(suggestion.title)), h("p", { class: "step" }, ...step(suggestion))),
    h("dl", { class: "changes" }, ...changes(suggestion)),
    chart,
    h("ul", { class: "grounds" }, ...suggestion.reasons.map((reason) => h("li", { data: { kind: reason.kind } }, reason.text))),
    listed("Held back by", suggestion.bounds.map((bound) => bound.text)),
    listed("This would change it", suggestion.would_change),
    h(
      "p",
      { class: "decisions" },
      button("approve", `Set ${written(suggestion.suggested)}`, { suggestion_id: suggestion.suggestion_id }),
      button("snooze", "Not for two weeks", { suggestion_id: suggestion.suggestion_id, until: inDays(SNOOZE_DAYS) }),
      button("reject", "No", { suggestion_id: suggestion.suggestion_id }),
    ),
  );
  return { card, draw: () => chart.replaceChildren(...drawCurve(suggestion, chart.clientWidth)) };
}

function step({ current, suggested }) {
  const share = Number(suggested.amount) / Number(current.amount) - 1;
  return [h("s", {}, written(current)), " ", h("strong", {}, written(suggested)), ` (${share > 0 ? "+" : "−"}${percent(Math.abs(share))})`];
}

function changes({ units, revenue, profit, current, elasticity }) {
  const told = [["units", units, (value) => decimal(value, 2)]];
  const money = (value) => `${value < 0 ? "−" : ""}${written({ amount: Math.abs(value).toFixed(4), currency: current.currency })}`;
  told.push(["revenue", revenue, money]);
  if (profit) told.push(["profit", profit, money]);
  const cells = told.map(([name, each, write]) =>
    h("div", {}, h("dt", {}, `${name} a week`), h("dd", {}, `${each.value > 0 ? "+" : ""}${write(each.value)}`, h("small", {}, ` ${write(each.low)} to ${write(each.high)}`))),
  );
  const range = `${decimal(elasticity.low, 1)} to ${decimal(elasticity.high, 1)}`;
  const own = `${percent(elasticity.own_share)} its own`;
  return [...cells, h("div", {}, h("dt", {}, "elasticity"), h("dd", {}, decimal(elasticity.value, 1), h("small", {}, ` ${range}; ${own}`)))];
}

function listed(title, texts) {
  return texts.length ? h("div", { class: "aside" }, h("h4", {}, title), h("ul", {}, ...texts.map((each) => h("li", {}, each)))) : null;
}

const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
