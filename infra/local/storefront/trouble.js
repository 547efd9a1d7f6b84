// What an owner's page says where something failed.

import { byId, h } from "./dom.js";

/** Do some work; where it fails, say so, with a way to try again. */
export async function attempt(work) {
  try {
    byId("trouble").hidden = true;
    await work();
  } catch (failure) {
    tell(failure.message);
    if (!("again" in failure)) throw failure;
  }
}

function tell(words) {
  const again = h("button", { type: "button", data: { action: "retry" }, on: { click: () => location.reload() } }, "Try again");
  byId("trouble").replaceChildren(h("p", {}, words), again);
  byId("trouble").hidden = false;
}
