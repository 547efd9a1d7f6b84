// Figures as people read them.

export const decimal = (value, places) => value.toFixed(places).replace("-", "−");

/** A share less another, from −1 to 1, in points. */
export function points(value) {
  const whole = Math.round(100 * value);
  return whole > 0 ? `+${whole}` : String(whole).replace("-", "−");
}

export const percent = (value) => `${Math.round(100 * value)}%`;

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

export const day = (text) => DAY.format(new Date(`${text.slice(0, 10)}T00:00:00Z`));
