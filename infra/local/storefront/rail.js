// One list on the page: its cards, what is behind it, and what changed in it.

import { card } from "./card.js";
import { h } from "./dom.js";

const SKELETONS = 6;

export class Rail {
  /** `load` asks for the list; `actions` are what a card's buttons do with an item and the list it stands in. */
  constructor(surface, title, load, actions) {
    Object.assign(this, { surface, title, load, actions, reply: null, asked: 0 });
    const headingId = `rail-${surface}`;
    this.heading = h("h2", { id: headingId }, title);
    this.behind = h("p", { class: "behind" });
    this.note = h("p", { class: "note", hidden: true });
    this.changed = h("p", { class: "changed", data: { changed: "" }, hidden: true });
    this.problem = h("div", { class: "problem", hidden: true });
    this.list = h("ul", { class: "shelf", role: "list" });
    const data = { surface, testid: `rail-${surface}`, state: "new", revision: "0" };
    this.element = h(
      "section",
      { class: "rail", "aria-labelledby": headingId, data },
      h("header", {}, this.heading, this.behind, this.arrows()),
      this.note,
      this.changed,
      this.problem,
      this.list,
    );
  }

  /** Empty shelves, as before anything was known. */
  reset() {
    this.reply = null;
    this.behind.replaceChildren();
    for (const line of [this.note, this.changed, this.problem]) line.hidden = true;
    this.list.replaceChildren(...Array.from({ length: SKELETONS }, skeleton));
    this.list.scrollLeft = 0;
  }

  /** Ask for the list again; tells what changed, in words, or null where that is not known. */
  async refresh(because = null) {
    const turn = (this.asked += 1);
    if (!this.reply) this.reset();
    this.state("loading");
    try {
      const { body, ms } = await this.load();
      return turn === this.asked ? this.show(body, ms, because) : null;
    } catch (failure) {
      if (turn === this.asked) this.fail(failure);
      return null;
    }
  }

  /** Forget what was asked, so that a late answer is not shown. */
  forget() {
    this.asked += 1;
    this.reset();
  }

  show(reply, ms, because) {
    const before = this.reply && new Map(this.reply.items.map((each, place) => [each.item.item_id, place]));
    const fresh = new Set(reply.items.map((each) => each.item.item_id).filter((id) => before && !before.has(id)));
    const moved = before && reply.items.some((each, place) => before.get(each.item.item_id) !== place);
    this.reply = reply;
    this.problem.hidden = true;
    this.told(reply, ms);
    this.place(reply, because ? fresh : new Set());
    const words = because && before ? changeInWords(fresh.size, moved || before.size !== reply.items.length) : null;
    this.changed.hidden = words === null || !(words || reply.personalised);
    this.changed.className = fresh.size ? "changed much" : "changed";
    const link = reply.personalised ? "because" : "after"; // only a personal list is known to follow from it
    this.changed.textContent = words ? `${this.title} ${words} ${link} ${because}.` : `${this.title} did not change after ${because}.`;
    this.element.dataset.revision = String(Number(this.element.dataset.revision) + 1);
    this.state("ready");
    return words;
  }

  /** What is behind the list, as the reply says it. */
  told(reply, ms) {
    const short = reply.model_id && reply.model_id.length > 12 ? `…${reply.model_id.slice(-10)}` : reply.model_id;
    Object.assign(this.element.dataset, {
      recommendationId: reply.recommendation_id,
      personalised: String(reply.personalised),
      servedBy: reply.served_by,
    });
    this.behind.replaceChildren(
      h("span", { class: reply.personalised ? "badge yes" : "badge" }, reply.personalised ? "Personalised" : "Not personalised"),
      h("span", {}, `served by ${reply.served_by}`),
      reply.model_id ? h("span", {}, "model ", h("code", { title: reply.model_id }, short)) : h("span", {}, "no model"),
      h("span", {}, `${ms.toLocaleString("en-US")} ms`),
    );
    this.note.hidden = !reply.note;
    this.note.textContent = reply.note ? `Why a simpler list: ${reply.note}` : "";
  }

  place(reply, fresh) {
    const open = new Set(Array.from(this.list.querySelectorAll(".card.open"), (each) => each.dataset.itemId));
    const focused = this.list.contains(document.activeElement) ? document.activeElement : null;
    const held = focused && [focused.closest(".card")?.dataset.itemId, focused.dataset.action];
    const was = new Map(Array.from(this.list.querySelectorAll(".card"), (each) => [each.dataset.itemId, each.getBoundingClientRect()]));
    const from = { recommendation_id: reply.recommendation_id, surface: this.surface };
    const cards = reply.items.map((each) =>
      card(each, {
        surface: this.surface,
        mark: fresh.has(each.item.item_id),
        open: open.has(each.item.item_id),
        actions: this.actions(from),
      }),
    );
    this.list.replaceChildren(...(cards.length ? cards : [h("li", { class: "empty" }, "There is nothing to show here yet.")]));
    if (fresh.size) this.list.scrollLeft = 0;
    glide(cards, was);
    if (held) (this.button(...held) ?? this.heading).focus({ preventScroll: true });
  }

  button(itemId, action) {
    const found = Array.from(this.list.children).find((each) => each.dataset.itemId === itemId);
    return found?.querySelector(`[data-action=${action}]`) ?? null;
  }

  fail(failure) {
    if (!this.reply) this.list.replaceChildren();
    const stale = this.reply ? " What stands here is the list from before." : "";
    const again = h("button", { type: "button", data: { action: "retry" }, on: { click: () => this.refresh() } }, "Try again");
    this.problem.replaceChildren(h("p", {}, `${this.title} could not be loaded. ${failure.message}${stale}`), again);
    this.problem.hidden = false;
    this.state("error");
  }

  state(state) {
    this.element.dataset.state = state;
    this.list.setAttribute("aria-busy", String(state === "loading"));
  }

  rename(title) {
    this.title = title;
    this.heading.textContent = title;
  }

  arrows() {
    const by = (way) => () => this.list.scrollBy({ left: way * this.list.clientWidth * 0.8, behavior: calm() ? "auto" : "smooth" });
    const arrow = (way, sign, words) => h("button", { type: "button", class: "arrow", "aria-label": words, on: { click: by(way) } }, sign);
    return h("div", { class: "arrows" }, arrow(-1, "←", `${this.title}: back`), arrow(1, "→", `${this.title}: further along`));
  }
}

/** Empty where nothing changed. */
const changeInWords = (fresh, moved) => (fresh ? `changed: ${fresh} new` : moved ? "changed its order" : "");

const skeleton = () =>
  h("li", { class: "card bones", "aria-hidden": "true" }, h("div", { class: "stand" }), h("div", { class: "ticket" }, h("i"), h("i"), h("i")));

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Cards that stayed slide from where they stood; new ones step onto the shelf by the style sheet. */
function glide(cards, was) {
  if (calm()) return;
  for (const each of cards) {
    const before = was.get(each.dataset.itemId);
    if (!before) continue;
    const by = before.left - each.getBoundingClientRect().left;
    if (by) each.animate([{ transform: `translateX(${by}px)` }, { transform: "none" }], { duration: 450, easing: "cubic-bezier(.2,.7,.2,1)" });
  }
}
