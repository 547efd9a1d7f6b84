// The owner's page: what customers say, read through the shop's own server, which alone has the secret key.

import { getJson } from "./api.js";
import { drawAspects, drawWeeks } from "./chart.js";
import { byId, h, plural, quiet } from "./dom.js";
import { issueCard, themeCard } from "./themes.js";
import { attempt } from "./trouble.js";
import { decimal, points } from "./words.js";

const WEEKS = 26;
const DAY_MS = 86_400_000;
const THEMES = 12;

const since = () => new Date(Date.now() - WEEKS * 7 * DAY_MS).toISOString().slice(0, 10);

class Office {
  constructor(shop) {
    this.shop = shop;
    this.titles = new Map(Object.entries(shop.titles).map(([id, title]) => [id, quiet(title)]));
    this.title = (itemId) => this.titles.get(itemId) ?? `Product ${itemId}`;
    this.summary = null;
  }

  async start() {
    document.title = `Feedback: ${this.shop.shop}`;
    byId("shop-name").textContent = this.shop.shop;
    byId("note").textContent = this.shop.note;
    byId("item").append(...this.options());
    byId("item").addEventListener("change", ({ target }) => this.go(target.value));
    window.addEventListener("hashchange", () => void this.route());
    window.addEventListener("resize", () => this.draw());
    await Promise.all([this.route(), this.warn()]);
    document.body.dataset.state = "ready";
  }

  options() {
    const byTitle = [...this.titles].sort(([, one], [, other]) => one.localeCompare(other));
    return byTitle.map(([id, title]) => h("option", { value: id }, title));
  }

  go(itemId) {
    location.hash = itemId ? `#${new URLSearchParams({ item: itemId })}` : "#";
  }

  /** Show the figures of what the address names. */
  async route() {
    const asked = new URLSearchParams(location.hash.slice(1)).get("item") ?? "";
    const itemId = this.titles.has(asked) ? asked : "";
    byId("item").value = itemId;
    const query = new URLSearchParams({ period: "week", since: since(), ...(itemId && { item_id: itemId }) });
    const about = new URLSearchParams({ limit: THEMES, ...(itemId && { item_id: itemId }) });
    await attempt(async () => {
      const [summary, themes] = await Promise.all([
        getJson(`owner/feedback/summary?${query}`),
        getJson(`owner/feedback/themes?${about}`),
      ]);
      if (byId("item").value !== itemId) return; // another was chosen meanwhile
      this.summary = summary.body;
      this.draw();
      byId("themes").replaceChildren(...this.themes(themes.body.themes));
      document.body.dataset.item = itemId;
    });
  }

  draw() {
    if (!this.summary) return;
    const { total, points: weeks, aspects } = this.summary;
    byId("figures").replaceChildren(...figures(total));
    byId("time").replaceChildren(...drawWeeks(weeks, byId("time").clientWidth));
    byId("aspects").replaceChildren(...drawAspects(aspects, byId("aspects").clientWidth));
  }

  /** Issues are those of all items. */
  async warn() {
    await attempt(async () => {
      const { body } = await getJson("owner/feedback/issues?status=open");
      byId("issues").replaceChildren(...this.issues(body.issues));
    });
  }

  issues(open) {
    byId("issues").dataset.count = open.length;
    const title = open.length ? `${plural(open.length, "emerging issue")}` : "No emerging issue";
    const heading = h("h2", { id: "issues-title" }, title);
    if (open.length) return [heading, ...open.map((each) => issueCard(each, this.title))];
    return [heading, h("p", {}, "Nothing is named more often this week than chance would have it.")];
  }

  themes(found) {
    if (!found.length) return [h("li", { class: "empty" }, "There is too little feedback for themes.")];
    return found.map((each) => themeCard(each, this.title));
  }
}

function figures(total) {
  const told = [
    ["pieces of feedback", total.count.toLocaleString("en-US")],
    ["mean rating", total.mean_rating === null ? "–" : `${decimal(total.mean_rating, 1)} of 5`],
    ["positive less negative", total.net_sentiment === null ? "–" : points(total.net_sentiment)],
    ["too uncertain to say", total.count ? `${Math.round((100 * total.abstained) / total.count)}%` : "–"],
  ];
  return told.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)));
}

await attempt(async () => {
  const { body } = await getJson("feedback.json");
  await new Office(body).start();
});
