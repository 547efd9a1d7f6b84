// Two charts as SVG, each with its figures as a table for whoever cannot see it, or wants the numbers.

import { h, s } from "./dom.js";
import { day, points } from "./words.js";

const LEFT = 40;
const RIGHT = 10;
const TOP = 12;
const LINE = 190;
const GAP = 14;
const BARS = 54;
const FOOT = 24;
const MOST_ASPECTS = 10; // the most spoken of come first
const LEAST = 3; // fewer texts say nothing of a week

/** Net sentiment as a line, over the number of texts as bars. */
export function drawWeeks(weeks, width) {
  const wide = Math.max(280, width);
  const step = (wide - LEFT - RIGHT) / Math.max(1, weeks.length);
  const x = (n) => LEFT + step * (n + 0.5);
  const known = weeks.map((week, n) => ({ ...week, n })).filter((week) => week.net_sentiment !== null && week.count >= LEAST);
  const [low, high] = range(known.map((week) => week.net_sentiment));
  const y = (value) => TOP + (LINE * (high - value)) / (high - low);
  const base = TOP + LINE + GAP + BARS;
  const most = Math.max(1, ...weeks.map((week) => week.count));
  const bar = (week, n) => {
    const tall = (BARS * week.count) / most;
    return s("rect", { class: "volume", x: x(n) - step * 0.36, y: base - tall, width: step * 0.72, height: tall });
  };
  const title = `Sentiment in ${weeks.length} weeks: ${trendInWords(known)}`;
  const svg = s(
    "svg",
    { viewBox: `0 0 ${wide} ${base + FOOT}`, role: "img", "aria-label": title, class: "weeks" },
    ...gridLines(low, high, y, wide),
    ...weeks.map(bar),
    s("text", { class: "tick", x: LEFT - 6, y: base - BARS + 9, "text-anchor": "end" }, String(most)),
    s("text", { class: "tick", x: LEFT - 6, y: base, "text-anchor": "end" }, "0"),
    s("path", { class: "line", d: known.map((week, place) => `${place ? "L" : "M"}${x(week.n).toFixed(1)} ${y(week.net_sentiment).toFixed(1)}`).join("") }),
    ...known.map((week) =>
      s(
        "circle",
        { class: "dot", cx: x(week.n), cy: y(week.net_sentiment), r: 3.5 },
        s("title", {}, `Week of ${day(week.start)}: ${points(week.net_sentiment)} points, ${week.count} texts`),
      ),
    ),
    ...dates(weeks, x, base, wide),
  );
  const rows = weeks.map((week) => [day(week.start), week.net_sentiment === null ? "–" : points(week.net_sentiment), String(week.count)]);
  return [svg, table(["week of", "points", "texts"], rows)];
}

function range(values) {
  const low = Math.min(0, ...values);
  const high = Math.max(0.2, ...values);
  return [Math.floor(low * 5) / 5, Math.ceil(high * 5) / 5];
}

function gridLines(low, high, y, wide) {
  const count = Math.round((high - low) / 0.2);
  const every = count > 6 ? 2 : 1;
  const values = Array.from({ length: count + 1 }, (_, n) => low + n * 0.2).filter((_, n) => n % every === 0);
  return values.flatMap((value) => [
    s("line", { class: Math.abs(value) < 1e-9 ? "zero" : "grid", x1: LEFT, x2: wide - RIGHT, y1: y(value), y2: y(value) }),
    s("text", { class: "tick", x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, points(Math.round(value * 100) / 100)),
  ]);
}

function dates(weeks, x, base, wide) {
  const every = Math.max(1, Math.ceil(weeks.length / Math.max(2, Math.floor(wide / 90))));
  return weeks
    .map((week, n) => [week, n])
    .filter(([, n]) => n % every === 0)
    .map(([week, n]) => s("text", { class: "tick", x: x(n), y: base + 17, "text-anchor": n ? "middle" : "start" }, day(week.start)));
}

function trendInWords(known) {
  if (known.length < 8) return "too few texts to tell";
  const mean = (some) => some.reduce((sum, week) => sum + week.net_sentiment * week.count, 0) / some.reduce((sum, week) => sum + week.count, 0);
  const late = known.slice(-4);
  return `${points(mean(known.slice(0, -4)))} points before, ${points(mean(late))} in the last ${late.length} weeks`;
}

/** One row for each aspect: negative to the left of the middle, positive to the right. */
export function drawAspects(found, width) {
  const aspects = found.slice(0, MOST_ASPECTS);
  if (!aspects.length) return [h("p", { class: "empty" }, "No aspect was named.")];
  const wide = Math.max(280, width);
  const [row, label, score] = [30, 104, 44];
  const middle = label + (wide - label - score) / 2;
  const half = (wide - label - score) / 2 - 4;
  const most = Math.max(...aspects.flatMap((each) => [each.positive, each.negative]), 1);
  const tall = row * aspects.length + 6;
  const svg = s(
    "svg",
    { viewBox: `0 0 ${wide} ${tall}`, role: "img", "aria-label": aspectsInWords(aspects), class: "aspects" },
    s("line", { class: "zero", x1: middle, x2: middle, y1: 0, y2: tall }),
    ...aspects.flatMap((each, n) => {
      const y = n * row + 4;
      const [bad, good] = [(half * each.negative) / most, (half * each.positive) / most];
      return [
        s("text", { class: "name", x: 0, y: y + 15 }, each.name),
        s("rect", { class: "bad", x: middle - bad, y, width: bad, height: 20 }, s("title", {}, `${each.name}: ${each.negative} negative`)),
        s("rect", { class: "good", x: middle, y, width: good, height: 20 }, s("title", {}, `${each.name}: ${each.positive} positive`)),
        s("text", { class: "score", x: wide, y: y + 15, "text-anchor": "end" }, each.net_sentiment === null ? "–" : points(each.net_sentiment)),
      ];
    }),
  );
  const rows = aspects.map((each) => [each.name, String(each.negative), String(each.positive), each.net_sentiment === null ? "–" : points(each.net_sentiment)]);
  return [svg, table(["aspect", "negative", "positive", "points"], rows)];
}

function aspectsInWords(aspects) {
  const told = aspects.filter((each) => each.net_sentiment !== null).sort((one, other) => one.net_sentiment - other.net_sentiment);
  const said = (each) => `${each.name} (${points(each.net_sentiment)})`;
  return told.length ? `Worst is ${said(told[0])}, best is ${said(told[told.length - 1])}.` : "No aspect has a label.";
}

function table(heads, rows) {
  const cells = (tag, row) => h("tr", {}, ...row.map((cell) => h(tag, tag === "th" ? { scope: "col" } : {}, cell)));
  return h("details", { class: "numbers" }, h("summary", {}, "The figures"), h("table", {}, h("thead", {}, cells("th", heads)), h("tbody", {}, ...rows.map((row) => cells("td", row)))));
}
