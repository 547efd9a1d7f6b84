// The calls that the shop's pages make, and their failures in words.

import { newId, recall, remember } from "./dom.js";

const PATIENCE_MS = 60_000;

/** A call that did not succeed; `message` is for the reader of the page. */
export class Failure extends Error {
  constructor(message, { status = null, again = true, detail = null } = {}) {
    super(message);
    this.detail = detail; // the server's own words, if it had any
    this.status = status;
    this.again = again;
  }
}

/** The shop's own facts, which its server writes beside this page. */
export async function loadShop() {
  const { body } = await getJson("shop.json").catch((failure) => {
    throw new Failure(`The shop's settings (shop.json) could not be read. ${failure.message}`, failure);
  });
  if (!body.publishable_key || !body.households?.length) {
    throw new Failure("The shop's settings (shop.json) name no key or no household.", { again: false });
  }
  return body;
}

/** What the shop's own server answers, of a file or of what it reads for its owner. */
export const getJson = (path) => call(path, { method: "GET", cache: "no-store" });

/** What the shop's own server does for its owner. */
export const postJson = (path, body) =>
  call(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

export class Api {
  constructor(key) {
    this.headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  }

  /** A list for one household, and how long the answer took. */
  recommend(surface, household, limit, itemId = undefined) {
    return this.post("/v1/recommendations", {
      surface,
      customer_id: household.customer_id,
      customer_token: household.customer_token,
      limit,
      item_id: itemId,
    });
  }

  track(record) {
    return this.post("/v1/track", record, { keepalive: true });
  }

  get(path) {
    return call(path, { method: "GET", headers: this.headers, cache: "no-store" });
  }

  post(path, body, options = {}) {
    return call(path, { method: "POST", headers: this.headers, body: JSON.stringify(body), ...options });
  }
}

/** A track record. Sent again it is the same one, since the message id is its identity. */
export function record(event, household, properties) {
  return {
    type: "track",
    event,
    userId: household.customer_id,
    anonymousId: anonymousId(household.customer_id),
    messageId: newId(),
    timestamp: new Date().toISOString(),
    properties,
    context: { customer_token: household.customer_token },
  };
}

/** One browser each: an anonymous id belongs to the first household that claims it. */
function anonymousId(customerId) {
  const key = `anonymous-id:${customerId}`;
  const known = recall(() => localStorage, key);
  if (known) return known;
  const made = newId();
  remember(() => localStorage, key, made);
  return made;
}

async function call(path, options) {
  const start = performance.now();
  let reply;
  let body;
  try {
    reply = await fetch(path, { ...options, signal: AbortSignal.timeout(PATIENCE_MS) });
    body = await reply.json().catch(() => null);
  } catch (error) {
    throw new Failure(
      error.name === "TimeoutError"
        ? `The shop's server has not answered within ${PATIENCE_MS / 1000} seconds.`
        : "The shop's server cannot be reached. Is it running, and is this device online?",
    );
  }
  const ms = Math.round(performance.now() - start);
  if (!reply.ok) throw refused(reply, body);
  if (body === null) throw new Failure(`The server's reply (${reply.status}) is not JSON.`, { status: reply.status });
  return { status: reply.status, body, ms };
}

/** A problem (RFC 9457) in words; the gateway's own errors have a `message` only. */
function refused(reply, problem) {
  const what = problem?.detail ?? problem?.message ?? reply.statusText ?? "";
  const fields = (problem?.errors ?? []).map((each) => `${each.field}: ${each.message}`).join("; ");
  const wait = reply.headers.get("retry-after");
  const words = [
    opening(reply.status),
    what && (/[.!?]$/.test(what) ? what : `${what}.`),
    fields && `(${fields})`,
    wait && `It asks to wait ${wait} s.`,
    problem?.instance && `Request ${problem.instance}.`,
  ];
  const again = reply.status >= 500 || reply.status === 429;
  return new Failure(words.filter(Boolean).join(" "), { status: reply.status, again, detail: problem?.detail ?? null });
}

function opening(status) {
  if (status === 429) return "The server is asked too often (429).";
  if (status >= 500) return `The server failed (${status}).`;
  if (status === 401 || status === 403) return `The server refused the key or the token (${status}).`;
  return `The server did not accept this (${status}).`;
}
