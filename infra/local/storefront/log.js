// What was sent and what came back, newest first, as on a till receipt.

import { byId, h } from "./dom.js";

const MOST = 40;

/** A line for an event that is on its way; the result tells how it ended. */
export function logged(event, what) {
  const reply = h("span", { class: "reply" }, "sending …");
  const after = h("span", { class: "after" });
  const time = h("time", {}, new Date().toLocaleTimeString("en-GB"));
  const entry = h("li", { data: { event, status: "sending" } }, time, h("strong", {}, event), h("span", { class: "what" }, what), reply, after);
  byId("log").prepend(entry);
  while (byId("log").children.length > MOST) byId("log").lastElementChild.remove();
  return {
    accepted({ status, body, ms }) {
      entry.dataset.status = String(status);
      reply.textContent = `${status} · accepted ${body.accepted} · ${ms} ms`;
    },
    failed(failure) {
      entry.dataset.status = String(failure.status ?? "failed");
      reply.textContent = `${failure.status ?? "no reply"} · not accepted`;
      after.textContent = failure.message;
    },
    then(words) {
      after.textContent = words;
    },
  };
}
