// The storefront: one household at a time, its lists, and the events that change them.

import { Api, loadShop, record } from "./api.js";
import { Cart } from "./cart.js";
import { byId, h, newId, plural, quiet, shortTitle } from "./dom.js";
import { logged } from "./log.js";
import { hideProduct, nameProduct, showProduct } from "./product.js";
import { Rail } from "./rail.js";

const SURFACES = [["for-you", "For you"], ["buy-again", "Buy again"], ["trending", "Trending"]];
const LIMIT = 12;
const LIMIT_SIMILAR = 10;

class Storefront {
  constructor(shop) {
    this.shop = shop;
    this.api = new Api(shop.publishable_key);
    this.household = null;
    this.itemId = null;
    this.isItemShown = false; // or only its id, until a list tells more
    this.seen = new Map(); // items that some list told of
    this.chosenFrom = new Map(); // item id -> the list it was opened from
    this.sending = Promise.resolve(); // events leave one after the other
    this.unsent = []; // those that failed and may be sent again
    this.rails = SURFACES.map(([surface, title]) => this.rail(surface, title, LIMIT));
    this.similar = this.rail("similar", "Similar", LIMIT_SIMILAR, () => this.itemId);
    this.cart = new Cart({ buy: (lines, bought) => this.buy(lines, bought), removed: (line) => this.removed(line) });
  }

  rail(surface, title, limit, itemId = () => undefined) {
    const load = async () => {
      const reply = await this.api.recommend(surface, this.household, limit, itemId());
      for (const { item } of reply.body.items) this.seen.set(item.item_id, item);
      if (surface === "similar") this.learnTitle(itemId(), reply.body.items);
      if (this.itemId && !this.isItemShown && this.seen.has(this.itemId)) this.showItem();
      return reply;
    };
    const actions = (from) => ({
      href: (item) => this.address(this.household.customer_id, item.item_id),
      view: (item) => this.view(item, from),
      add: (item) => this.add(item, from),
      why: (card, open) => open && card.scrollIntoView({ block: "nearest", inline: "nearest" }),
    });
    return new Rail(surface, title, load, actions);
  }

  /** A product that was opened by its address is in no list; the reasons of what is similar tell its title. */
  learnTitle(itemId, items) {
    const reason = items.flatMap((each) => each.reasons).find((each) => each.kind === "goes_with" && each.item_id === itemId);
    if (!reason || this.seen.has(itemId)) return;
    const title = reason.text.replace(/^Goes with /, "");
    nameProduct(itemId, title);
    this.similar.rename(`Similar to ${quiet(title)}`);
  }

  start() {
    document.title = this.shop.shop;
    byId("shop-name").textContent = this.shop.shop;
    byId("to-feedback").hidden = !this.shop.has_feedback;
    byId("to-prices").hidden = !this.shop.has_prices;
    byId("rails").append(...this.rails.map((rail) => rail.element));
    const options = this.shop.households.map((each) => h("option", { value: each.customer_id }, each.label));
    byId("household").replaceChildren(...options);
    byId("household").addEventListener("change", ({ target }) => this.go(target.value));
    byId("to-cart").addEventListener("click", (event) => this.jump(event, byId("cart")));
    document.querySelector(".skip").addEventListener("click", (event) => this.jump(event, byId("main")));
    byId("start").addEventListener("click", (event) => this.begin(event, this.shop.start_item));
    window.addEventListener("hashchange", () => this.route());
    this.route();
  }

  /** The hash is the page's address, so a jump within the page must not write to it. */
  jump(event, target) {
    event.preventDefault();
    target.scrollIntoView({ block: "start" });
    target.focus({ preventScroll: true });
  }

  begin(event, itemId) {
    event.preventDefault();
    this.view(this.seen.get(itemId) ?? { item_id: itemId, title: `Product ${itemId}` }, {});
  }

  address(customerId, itemId = null) {
    return `#${new URLSearchParams({ household: customerId, ...(itemId && { item: itemId }) })}`;
  }

  go(customerId, itemId = null) {
    location.hash = this.address(customerId, itemId);
  }

  /** Show what the address names. */
  route() {
    const asked = new URLSearchParams(location.hash.slice(1));
    const named = this.shop.households.find((each) => each.customer_id === asked.get("household"));
    const household = named ?? this.shop.households[0];
    const moved = household !== this.household;
    if (moved) this.enter(household);
    if (asked.get("item") !== this.itemId) this.openOrClose(asked.get("item"));
    else if (moved && this.itemId) this.similar.refresh();
    byId("start").hidden = Boolean(this.itemId) || !this.shop.start_item;
  }

  enter(household) {
    this.household = household;
    byId("household").value = household.customer_id;
    byId("who").textContent = household.label;
    byId("who-note").textContent = household.note ?? "";
    this.cart.open(household.customer_id);
    say("");
    for (const rail of [...this.rails, this.similar]) rail.forget();
    for (const rail of this.rails) rail.refresh();
  }

  openOrClose(itemId) {
    const was = this.itemId;
    this.itemId = itemId;
    this.similar.forget();
    if (itemId) this.open();
    else this.close(was);
  }

  open() {
    this.showItem();
    this.similar.refresh();
    toProduct();
  }

  showItem() {
    const { itemId } = this;
    const item = this.seen.get(itemId) ?? null;
    this.isItemShown = Boolean(item);
    this.similar.rename(item ? `Similar to ${quiet(shortTitle(item))}` : "Similar");
    showProduct(itemId, item, this.similar, {
      add: (added) => this.add(added, this.chosenFrom.get(itemId) ?? {}),
      close: () => this.go(this.household.customer_id),
    });
  }

  close(itemId) {
    hideProduct();
    if (document.activeElement !== document.body) return; // the focus was elsewhere, and stays there
    const back = this.rails.map((rail) => itemId && rail.button(itemId, "view")).find(Boolean);
    (back ?? byId("main")).focus({ preventScroll: !back });
  }

  view(item, from) {
    this.chosenFrom.set(item.item_id, from);
    if (item.item_id === this.itemId) toProduct();
    this.go(this.household.customer_id, item.item_id);
    return this.send("Product Viewed", { product_id: item.item_id, ...from }, `you viewed ${quiet(item.title)}`, item.title);
  }

  async add(item, from) {
    const because = `you added ${quiet(item.title)}`;
    this.cart.add(item, from);
    return this.send("Product Added", { product_id: item.item_id, quantity: 1, ...from }, because, item.title);
  }

  removed({ item, from }) {
    const because = `you took out ${quiet(item.title)}`;
    return this.send("Product Removed", { product_id: item.item_id, ...from }, because, item.title);
  }

  buy(lines, bought) {
    const products = lines.map(({ item, quantity, from }) => ({
      product_id: item.item_id,
      quantity,
      ...(item.price && { price: Number(item.price.amount) }),
      ...from,
    }));
    const what = plural(lines.reduce((so_far, line) => so_far + line.quantity, 0), "item");
    const lists = new Set(lines.map(({ from }) => from.recommendation_id));
    const from = lists.size === 1 ? lines[0].from : {};
    const order = { order_id: newId(), products, ...from };
    return this.send("Order Completed", order, `you bought ${what}`, what, bought);
  }

  /** Send an event after those before it; `accepted` is called when it was, be it at a later attempt. */
  send(event, properties, because, what, accepted = () => {}) {
    const { household } = this;
    const sent = { record: record(event, household, properties), household, because, what, accepted };
    this.sending = this.sending.then(() => this.deliver(sent));
    return this.sending;
  }

  async deliver(sent) {
    const entry = logged(sent.record.event, quiet(sent.what));
    try {
      entry.accepted(await this.api.track(sent.record));
    } catch (failure) {
      return this.keep(sent, failure, entry);
    }
    sent.accepted();
    if (!this.unsent.length) trouble(null);
    if (sent.household === this.household) void this.refresh(sent.because, entry);
  }

  keep(sent, failure, entry) {
    entry.failed(failure);
    if (failure.again) this.unsent.push(sent);
    const words = `“${sent.record.event}” was not accepted. ${failure.message}`;
    trouble(words, this.unsent.length ? () => this.resend() : null);
  }

  /** The same records again: their message ids make sure that none counts twice. */
  async resend() {
    for (const sent of this.unsent.splice(0)) await this.deliver(sent);
  }

  /** Ask for the lists again; tell in the log, and to a screen reader, what the event changed. */
  async refresh(because, entry) {
    const shown = this.similar.reply && this.itemId ? [...this.rails, this.similar] : this.rails;
    const told = await Promise.all(shown.map(async (rail) => [rail.title, await rail.refresh(because)]));
    const changes = told.filter(([, words]) => words).map(([title, words]) => `${title} ${words}`).join(". ");
    const unchanged = told.some(([, words]) => words === "");
    entry.then(changes ? `${changes}.` : unchanged ? "No list changed." : "");
    say(changes ? `${changes} because ${because}.` : unchanged ? `No list changed after ${because}.` : "");
  }
}

function toProduct() {
  byId("product").scrollIntoView({ block: "start" });
  byId("product-title").focus({ preventScroll: true });
}

let fading = 0;

/** A line for everybody; screen readers read it out. */
function say(words) {
  const line = byId("said");
  line.textContent = words;
  line.classList.toggle("shown", Boolean(words));
  clearTimeout(fading);
  fading = setTimeout(() => line.classList.remove("shown"), 7000);
}

/** What went wrong, in words, and a way to try again where that can help; null when all is well. */
function trouble(words, again = null) {
  const box = byId("trouble");
  box.hidden = !words;
  const retry = again && h("button", { type: "button", data: { action: "retry" }, on: { click: again } }, "Try again");
  const dismiss = h("button", { type: "button", "aria-label": "Dismiss this message", on: { click: () => trouble(null) } }, "×");
  box.replaceChildren(...(words ? [h("p", {}, words), ...[retry, dismiss].filter(Boolean)] : []));
}

async function start() {
  try {
    new Storefront(await loadShop()).start();
  } catch (failure) {
    trouble(failure.message, () => location.reload());
    byId("who").textContent = "The shop is closed";
    if (!("again" in failure)) throw failure;
  }
}

start();
