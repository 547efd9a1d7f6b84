// Demand and profit over price, each with the band that holds the truth with 80% probability.

import { h, s } from "./dom.js";
import { written } from "./money.js";
import { decimal } from "./words.js";

const [LEFT, RIGHT, TOP, TALL, GAP, FOOT] = [46, 12, 10, 96, 26, 34];

/** Two charts over the same prices: units a week, and below it profit a week where the cost is known. */
export function drawCurve({ curve, current, suggested, title }, width) {
  if (curve.length < 2) return [h("p", { class: "empty" }, "There is no curve for this item.")];
  const wide = Math.max(260, width);
  const prices = curve.map((point) => Number(point.price));
  const all = [...prices, Number(current.amount), Number(suggested.amount)];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const x = (price) => LEFT + ((wide - LEFT - RIGHT) * (price - low)) / (high - low);
  const rows = [["units", "units a week"]];
  if (curve.every((point) => point.profit)) rows.push(["profit", `profit a week, ${current.currency}`]);
  const parts = rows.flatMap(([name, label], n) => row(curve, prices, name, label, TOP + n * (TALL + GAP), x, wide));
  const base = TOP + rows.length * (TALL + GAP) - GAP;
  const svg = s(
    "svg",
    { viewBox: `0 0 ${wide} ${base + FOOT}`, role: "img", "aria-label": inWords(curve, title), class: "curve" },
    ...parts,
    mark(x(Number(current.amount)), base, "now", "now"),
    mark(x(Number(suggested.amount)), base, "then", "suggested"),
    ...ticks(low, high, x, base, current.currency),
  );
  return [svg, figures(curve, current.currency)];
}

function row(curve, prices, name, label, top, x, wide) {
  const told = curve.map((point) => point[name]);
  const bottom = Math.min(0, ...told.map((each) => each.low));
  const most = Math.max(...told.map((each) => each.high), bottom + 1e-9);
  const y = (value) => top + (TALL * (most - value)) / (most - bottom);
  const path = (which) => told.map((each, n) => `${x(prices[n]).toFixed(1)} ${y(each[which]).toFixed(1)}`);
  const band = `M${path("high").join("L")}L${path("low").reverse().join("L")}Z`;
  return [
    s("line", { class: "grid", x1: LEFT, x2: wide - RIGHT, y1: y(0), y2: y(0) }),
    s("text", { class: "tick", x: LEFT - 6, y: y(most) + 8, "text-anchor": "end" }, short(most)),
    s("text", { class: "tick", x: LEFT - 6, y: y(0), "text-anchor": "end" }, "0"),
    s("path", { class: `band ${name}`, d: band }),
    s("path", { class: `line ${name}`, d: `M${path("value").join("L")}` }),
    s("text", { class: "label", x: LEFT + 4, y: top + TALL + 12 }, label),
  ];
}

function mark(x, base, kind, words) {
  return s("line", { class: `mark ${kind}`, x1: x, x2: x, y1: TOP, y2: base }, s("title", {}, words));
}

function ticks(low, high, x, base, currency) {
  const at = [low, (low + high) / 2, high];
  const anchors = ["start", "middle", "end"];
  return at.map((price, n) =>
    s("text", { class: "tick", x: x(price), y: base + 28, "text-anchor": anchors[n] }, written({ amount: price.toFixed(4), currency })),
  );
}

function short(value) {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function inWords(curve, title) {
  const [first, last] = [curve[0], curve[curve.length - 1]];
  return `${title}: ${decimal(first.units.value, 1)} units a week at ${first.price}, ${decimal(last.units.value, 1)} at ${last.price}.`;
}

function figures(curve, currency) {
  const cell = (each) => (each ? `${decimal(each.value, 2)} (${decimal(each.low, 2)} to ${decimal(each.high, 2)})` : "–");
  const heads = h("tr", {}, ...["price", "units a week", "profit a week"].map((each) => h("th", { scope: "col" }, each)));
  const rows = curve.map((point) =>
    h("tr", {}, h("td", {}, written({ amount: point.price, currency })), h("td", {}, cell(point.units)), h("td", {}, cell(point.profit))),
  );
  return h("details", { class: "numbers" }, h("summary", {}, "The figures"), h("table", {}, h("thead", {}, heads), h("tbody", {}, ...rows)));
}
