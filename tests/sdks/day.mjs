// One customer's day in a shop, told by Segment's own library for Node, unmodified; prints what became of each message.
import { Analytics } from "@segment/analytics-node";

const { customer, phone, views, ...options } = JSON.parse(process.argv[2]);
const shop = new Analytics(options);
const sent = [];
const failed = [];
const noted = (error, context) => {
  sent.push(context.event.messageId);
  if (error) failed.push(String(error.reason ?? error));
};

shop.track({ anonymousId: phone, event: "Product Viewed", properties: { product_id: "toys-1" } }, noted);
shop.identify({ userId: customer, anonymousId: phone, traits: { plan: "gold" } }, noted);
shop.alias({ userId: customer, previousId: phone }, noted);
shop.page({ userId: customer, category: "docs", name: "Home", properties: { path: "/" } }, noted);
shop.screen({ userId: customer, category: "app", name: "Home" }, noted);
shop.group({ userId: customer, groupId: "club", traits: { tier: "first" } }, noted);
const items = [{ item_id: "toys-1" }, { item_id: "toys-2" }];
shop.track({ userId: customer, event: "purchase", properties: { transaction_id: "o1", items } }, noted);
for (let n = 0; n < views; n++) {
  shop.track({ userId: customer, event: "Product Viewed", properties: { product_id: `toys-${n}` } }, noted);
}
await shop.flush();
const context = { locale: "de-AT" };
shop.track({ userId: customer, event: "Quiz Finished", properties: { score: 7 }, context }, noted);
await shop.closeAndFlush();
console.log(JSON.stringify({ sent, failed }));
