// Money is a decimal string and a currency; it is added as whole ten-thousandths, never as floats.

const PLACES = 4;

function units(amount) {
  const [whole, part = ""] = String(amount).split(".");
  return BigInt(whole + part.padEnd(PLACES, "0").slice(0, PLACES));
}

/** The sum of `[price, quantity]` pairs as money, or null where they are not all of one currency. */
export function total(pairs) {
  const currencies = new Set(pairs.map(([price]) => price?.currency));
  if (currencies.size !== 1 || currencies.has(undefined)) return null;
  const sum = pairs.reduce((so_far, [price, quantity]) => so_far + units(price.amount) * BigInt(quantity), 0n);
  const digits = sum.toString().padStart(PLACES + 1, "0");
  return { amount: `${digits.slice(0, -PLACES)}.${digits.slice(-PLACES)}`, currency: [...currencies][0] };
}

/** The parts of a price as the shopper's language writes it, so that a ticket can set the cents smaller. */
export function parts(price) {
  return new Intl.NumberFormat("en-US", { style: "currency", currency: price.currency }).formatToParts(price.amount);
}

export const written = (price) => parts(price).map((part) => part.value).join("");
