// The view of one product, with what is similar to it.

import { addButton, price } from "./card.js";
import { byId, h, quiet, shortTitle } from "./dom.js";
import { pack } from "./pack.js";

const FACTS = ["size", "brand", "department"];

/** Show the product; `item` is null for one that no list has told of, of which only the id is known. */
export function showProduct(itemId, item, similar, { add, close }) {
  const heading = h("h2", { id: "product-title", tabindex: "-1" }, item ? quiet(shortTitle(item)) : `Product ${itemId}`);
  const back = h("button", { type: "button", class: "close", data: { action: "close" }, on: { click: close } }, "Close");
  const details = h(
    "div",
    { class: "details" },
    back,
    h("div", { class: "stand" }, pack(item ?? { item_id: itemId, title: "" })),
    item && price(item),
    heading,
    item ? factsOf(item) : h("p", { class: "hint" }, "No list has shown this product yet, so its price and size are not known here."),
    item && addButton(item, add),
  );
  const section = byId("product");
  section.dataset.productId = itemId;
  section.replaceChildren(details, similar.element);
  section.hidden = false;
}

/** The title of a product that was known by its id only, as soon as some reply tells it. */
export function nameProduct(itemId, title) {
  if (byId("product").dataset.productId === itemId) byId("product-title").textContent = quiet(title);
}

export function hideProduct() {
  byId("product").hidden = true;
  byId("product").replaceChildren();
}

function factsOf(item) {
  const told = [["category", item.category], ...FACTS.map((name) => [name, item.attributes?.[name]]), ["number", item.item_id]];
  const rows = told.filter(([, value]) => value);
  return h("dl", {}, ...rows.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, quiet(value))]));
}
