// What the daily job found: themes with their trend, and what has just begun to go wrong.

import { h, plural, s } from "./dom.js";
import { day, decimal, percent, points } from "./words.js";

const QUOTES = 3;
const ITEMS = 3;

export function issueCard(issue, title) {
  const facts = [
    `${issue.count} in ${plural(issue.days, "day")}, ${decimal(issue.expected, 1)} expected`,
    `chance alone: ${chance(issue.p_value)}`,
    issue.rating_effect && effect(issue.rating_effect),
    `since ${day(issue.raised)}`,
  ];
  return h(
    "article",
    { class: "issue", data: { issueId: issue.issue_id, themeId: issue.theme_id } },
    h("p", { class: "told" }, named(issue.text, issue.items, title)),
    h("ul", { class: "facts-line" }, ...facts.filter(Boolean).map((each) => h("li", {}, each))),
    items(issue.items, title),
    quotes(issue.quotes, title),
  );
}

/** The text with items' titles in place of their ids. */
function named(text, counts, title) {
  return (counts ?? []).reduce((told, { item_id: id }) => told.split(` ${id} `).join(` ${title(id)} `), text);
}

export function themeCard(theme, title) {
  const facts = [trend(theme), theme.rating_effect && effect(theme.rating_effect)];
  return h(
    "li",
    { class: "theme", data: { themeId: theme.theme_id } },
    h("header", {}, h("h3", {}, theme.label), mood(theme.net_sentiment)),
    h("p", { class: "count" }, plural(theme.count, "mention")),
    spark(theme.weeks),
    h("ul", { class: "facts-line" }, ...facts.filter(Boolean).map((each) => h("li", {}, each))),
    items(theme.items, title),
    quotes(theme.quotes, title),
  );
}

function mood(score) {
  const kind = score > 0.1 ? "good" : score < -0.1 ? "bad" : "even";
  const words = { good: "liked", bad: "disliked", even: "mixed" }[kind];
  return h("span", { class: `mood ${kind}` }, `${words} ${points(score)}`);
}

function trend({ trend: ratio, trend_low: low, trend_high: high }) {
  if (ratio === null || ratio === undefined) return "trend: too little to tell";
  const sure = low > 1 ? "more often" : high < 1 ? "less often" : "as often";
  return `${sure} of late (${decimal(ratio, 1)} times, ${decimal(low, 1)} to ${decimal(high, 1)})`;
}

function effect({ stars, low, high }) {
  const sign = stars > 0 ? "+" : "";
  return `rating ${sign}${decimal(stars, 1)} stars (${decimal(low, 1)} to ${decimal(high, 1)})`;
}

const chance = (p) => (p < 0.0001 ? "under 1 in 10,000" : `1 in ${Math.round(1 / p).toLocaleString("en-US")}`);

/** The theme's share of each week's feedback. */
function spark(weeks) {
  if (weeks.length < 2) return null;
  const shares = weeks.map((week) => (week.total ? week.count / week.total : 0));
  const most = Math.max(...shares, 1e-9);
  const step = 240 / weeks.length;
  const label = `Share of each week's feedback, at most ${percent(most)}, last ${percent(shares[shares.length - 1])}`;
  return s(
    "svg",
    { viewBox: "0 0 240 36", class: "spark", role: "img", "aria-label": label, preserveAspectRatio: "none" },
    ...shares.map((share, n) =>
      s("rect", { x: n * step + 0.5, y: 36 - (34 * share) / most - 1, width: step - 1.5, height: (34 * share) / most + 1 }),
    ),
  );
}

function items(counts, title) {
  if (!counts?.length) return null;
  const named = counts.slice(0, ITEMS).map(({ item_id: id, count }) =>
    h("li", {}, h("a", { href: `#${new URLSearchParams({ item: id })}`, data: { itemId: id } }, title(id)), ` ${count}`),
  );
  return h("ul", { class: "on", "aria-label": "Items" }, ...named);
}

function quotes(found, title) {
  if (!found?.length) return null;
  const told = (quote) => {
    const about = [quote.rating && `${decimal(quote.rating, 0)} of 5`, quote.item_id && title(quote.item_id), day(quote.time)];
    return h("li", {}, h("blockquote", {}, quote.text), h("cite", {}, about.filter(Boolean).join(" · ")));
  };
  return h("ul", { class: "quotes" }, ...found.slice(0, QUOTES).map(told));
}
