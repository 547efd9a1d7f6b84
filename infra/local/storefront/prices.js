// The owner's page of prices: suggestions to decide on, an item's ledger, and an offer as a household gets it.

import { Api, getJson, postJson } from "./api.js";
import { byId, h, plural, quiet } from "./dom.js";
import { written } from "./money.js";
import { suggestionCard } from "./suggestion.js";
import { attempt } from "./trouble.js";

const MOST = 12;

class Office {
  constructor(shop, prices) {
    this.shop = shop;
    this.prices = prices;
    this.api = new Api(shop.publishable_key);
    this.cards = [];
  }

  async start() {
    document.title = `Prices: ${this.shop.shop}`;
    byId("shop-name").textContent = this.shop.shop;
    byId("note").textContent = this.prices.note;
    byId("item").append(...Object.entries(this.prices.titles).map(([id, title]) => h("option", { value: id }, quiet(title))));
    byId("household").append(...this.shop.households.map((each) => h("option", { value: each.customer_id }, `${each.label}: ${each.note}`)));
    byId("item").addEventListener("change", () => void attempt(() => this.show()));
    byId("claim").addEventListener("submit", (event) => this.on(event, () => this.claim()));
    byId("whom").addEventListener("submit", (event) => this.on(event, () => this.offer()));
    window.addEventListener("resize", () => this.cards.forEach(({ draw }) => draw()));
    await attempt(() => Promise.all([this.suggest(), this.show()]));
    document.body.dataset.state = "ready";
  }

  on(event, work) {
    event.preventDefault();
    void attempt(work);
  }

  async suggest() {
    const { body } = await getJson(`owner/prices/suggestions?limit=${MOST}`);
    this.cards = body.suggestions.map((each) => suggestionCard(each, (...told) => attempt(() => this.decide(...told))));
    const none = h("li", { class: "empty" }, "No price is worth a change, as far as can be told.");
    byId("suggestions").replaceChildren(...(this.cards.length ? this.cards.map(({ card }) => card) : [none]));
    byId("suggestions").dataset.count = this.cards.length;
    this.cards.forEach(({ draw }) => draw());
  }

  async decide(action, suggestion, body) {
    const id = encodeURIComponent(suggestion.item_id);
    await postJson(`owner/prices/suggestions/${id}/${action}`, body);
    byId("item").value = suggestion.item_id;
    await Promise.all([this.suggest(), this.show()]);
    if (action === "approve") byId("item-title").scrollIntoView({ block: "nearest" });
  }

  get itemId() {
    return byId("item").value;
  }

  /** The item's price as anybody may see it, and its ledger as only the owner does. */
  async show() {
    const id = encodeURIComponent(this.itemId);
    const [price, history] = await Promise.all([this.api.get(`/v1/prices/${id}`), getJson(`owner/prices/${id}/history?limit=20`)]);
    byId("verdict").hidden = true;
    byId("public").replaceChildren(...told(price.body));
    byId("was").value = price.body.price ? (Number(price.body.price.amount) * 1.25).toFixed(2) : "";
    byId("ledger").replaceChildren(...ledger(history.body));
    document.body.dataset.item = this.itemId;
  }

  async claim() {
    const { body: price } = await this.api.get(`/v1/prices/${encodeURIComponent(this.itemId)}`);
    const claimed = { struck_through: { amount: byId("was").value, currency: price.price.currency } };
    try {
      const { body } = await postJson(`owner/prices/${encodeURIComponent(this.itemId)}/claims`, claimed);
      this.judge(true, `Yes: the ledger supports it until ${body.until.slice(0, 10)} (entry ${body.seq}).`);
    } catch (failure) {
      if (failure.status !== 422) throw failure;
      this.judge(false, `No. ${failure.detail ?? failure.message}`);
    }
  }

  judge(allowed, words) {
    byId("verdict").textContent = words;
    byId("verdict").dataset.allowed = allowed;
    byId("verdict").hidden = false;
  }

  async offer() {
    const household = this.shop.households.find((each) => each.customer_id === byId("household").value);
    const { customer_id, customer_token } = household;
    const { body } = await this.api.post("/v1/offers", { customer_id, customer_token, surface: "home" });
    byId("offer").replaceChildren(...offered(body));
  }
}

function told({ price, lowest_prior_30_days: lowest, strike_through: reduced }) {
  if (!price) return ["This item has no price."];
  const before = lowest ? ` The lowest of the 30 days before: ${written(lowest)}.` : "";
  return [h("strong", { data: { testid: "price" } }, written(price)), `.${before} ${reduced.text}`];
}

function ledger({ entries, valid, count, first_broken: broken }) {
  const verdict = valid ? `${plural(count, "entry", "entries")}, each chained to the one before: whole.` : `Entry ${broken} is not as it was written.`;
  const heads = h("tr", {}, ...["no.", "since", "price", "hash"].map((each) => h("th", { scope: "col" }, each)));
  const rows = entries.map((entry) =>
    h(
      "tr",
      {},
      h("td", {}, String(entry.seq)),
      h("td", {}, entry.since.replace("T", " ").slice(0, 16)),
      h("td", {}, entry.amount === null ? "none" : written({ amount: entry.amount, currency: entry.currency })),
      h("td", {}, h("code", {}, entry.hash.slice(0, 12))),
    ),
  );
  return [h("p", { class: "chain", data: { valid: String(valid) } }, verdict), h("table", {}, h("thead", {}, heads), h("tbody", {}, ...rows))];
}

function offered({ offer, public_offer: open, why, disclosure }) {
  const shown = offer ?? open;
  return [
    h("p", { class: "text", data: { testid: "offer-text" } }, shown ? shown.text : "No offer."),
    shown && h("p", {}, "Code ", h("code", {}, shown.code), offer ? "" : ", as for everybody"),
    h("p", { data: { testid: "offer-why" } }, why),
    disclosure && h("p", { class: "disclosure", data: { testid: "disclosure" } }, disclosure),
  ].filter(Boolean);
}

await attempt(async () => {
  const [shop, prices] = await Promise.all([getJson("shop.json"), getJson("prices.json")]);
  await new Office(shop.body, prices.body).start();
});
