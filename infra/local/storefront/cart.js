// The cart of each household, kept for the session of the browser tab.

import { busyWhile } from "./card.js";
import { byId, h, plural, quiet, recall, remember } from "./dom.js";
import { total, written } from "./money.js";

/** What an earlier visit of this tab left; nothing, where that cannot be read. */
function kept(key) {
  try {
    return JSON.parse(recall(() => sessionStorage, key)) ?? [];
  } catch {
    return [];
  }
}

export class Cart {
  /** `buy` sends the order and calls back when it was accepted; `removed` tells of a line taken out. */
  constructor({ buy, removed }) {
    Object.assign(this, { buy, removed, lines: [] });
    this.element = byId("cart");
  }

  open(customerId) {
    this.key = `cart:${customerId}`;
    this.lines = kept(this.key);
    this.draw();
  }

  /** `from` is the list that the item was chosen from. */
  add(item, from) {
    const line = this.lines.find((each) => each.item.item_id === item.item_id);
    if (line) line.quantity += 1;
    else this.lines.push({ item, from, quantity: 1 });
    this.keep();
  }

  keep() {
    remember(() => sessionStorage, this.key, JSON.stringify(this.lines));
    this.draw();
  }

  take(line) {
    this.lines = this.lines.filter((each) => each !== line);
    this.keep();
    byId("cart").focus();
    this.removed(line);
  }

  order() {
    const { key } = this;
    return this.buy(this.lines, () => this.bought(key));
  }

  bought(key) {
    remember(() => sessionStorage, key, "[]");
    if (key !== this.key) return;
    this.lines = [];
    this.draw();
    this.element.focus();
  }

  draw() {
    const count = this.lines.reduce((so_far, line) => so_far + line.quantity, 0);
    byId("cart-count").textContent = String(count);
    byId("to-cart").setAttribute("aria-label", `Cart, ${plural(count, "item")}`);
    const heading = h("h2", { id: "cart-title" }, "Cart");
    if (!count) return this.element.replaceChildren(heading, h("p", { class: "hint" }, "Nothing in it yet."));
    const sum = total(this.lines.map(({ item, quantity }) => [item.price, quantity]));
    const button = h("button", { type: "button", class: "buy", data: { action: "buy" } }, "Buy");
    button.addEventListener("click", () => busyWhile(button, () => this.order()));
    return this.element.replaceChildren(
      heading,
      h("ul", { class: "lines", role: "list" }, ...this.lines.map((line) => this.line(line))),
      h("p", { class: "total" }, h("span", {}, "Total"), h("strong", {}, sum ? written(sum) : "not all priced")),
      button,
    );
  }

  line(line) {
    const { item, quantity } = line;
    const words = `Take out of the cart: ${item.title}`;
    const remove = h("button", { type: "button", class: "remove", "aria-label": words, data: { action: "remove" } }, "×");
    remove.addEventListener("click", () => this.take(line));
    return h(
      "li",
      { data: { cartItem: item.item_id } },
      h("span", { class: "quantity" }, `${quantity} ×`),
      h("span", { class: "what" }, quiet(item.title)),
      h("span", { class: "amount" }, item.price ? written(total([[item.price, quantity]])) : "–"),
      remove,
    );
  }
}
