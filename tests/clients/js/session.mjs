// @polymarket/clob-client-v2 from key creation to fills, unchanged, against the exchange of a banner (the only argument).
// It cannot merge: the library has no on-chain call. Prints what it does; the last line is a JSON report.

import { AssetType, Chain, ClobClient, OrderType, Side } from "@polymarket/clob-client-v2";
import { createWalletClient, http } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { polygon } from "viem/chains";

const banner = JSON.parse(process.argv[2]);
const market = banner.markets.find((one) => one.slug === "demo-rates");
const [yes, no] = market.token_ids;

async function login(account, name) {
  const signer = createWalletClient({
    account: privateKeyToAccount(account.private_key),
    chain: polygon,
    transport: http(banner.rpc_url),
  });
  const options = { host: banner.clob_url, chain: Chain.POLYGON, signer, throwOnError: true };
  const creds = await new ClobClient(options).createApiKey();
  const client = new ClobClient({ ...options, creds });
  const derived = await client.deriveApiKey();
  if (derived.key !== creds.key) throw new Error("derived another key than was created");
  console.log(name, "has a key of", (await client.getApiKeys()).apiKeys.length);
  return client;
}

async function balance(client, token) {
  const params = token
    ? { asset_type: AssetType.CONDITIONAL, token_id: token }
    : { asset_type: AssetType.COLLATERAL };
  return Number((await client.getBalanceAllowance(params)).balance);
}

async function settled(client, count) {
  for (let round = 0; round < 50; round += 1) {
    const trades = await client.getTrades({ market: market.condition_id });
    const done = trades.filter((trade) => /MINED|CONFIRMED/.test(trade.status));
    if (done.length === count) return trades;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("trades did not settle");
}

async function refusal(attempt) {
  try {
    await attempt();
  } catch (problem) {
    return problem.message;
  }
  throw new Error("nothing was refused");
}

const ann = await login(banner.accounts[0], "ann");
const bob = await login(banner.accounts[1], "bob");
const report = { before: await balance(ann), version: await ann.getVersion() };

const listed = await ann.getMarkets();
report.slugs = listed.data.map((one) => one.market_slug);
report.tick = await ann.getTickSize(yes);
report.asset = (await ann.getOrderBook(yes)).asset_id === yes;

// Bob bids for NO, Ann for YES: minted for both, once by a limit order and once by a market order.
const resting = await bob.createAndPostOrder({ tokenID: no, price: 0.6, size: 60, side: Side.BUY });
const limit = await ann.createAndPostOrder({ tokenID: yes, price: 0.4, size: 20, side: Side.BUY });
const market_order = { tokenID: yes, amount: 8, side: Side.BUY, orderType: OrderType.FOK };
const taken = await ann.createAndPostMarketOrder(market_order, undefined, OrderType.FOK);
report.statuses = [resting.status, limit.status, taken.status];
console.log("bob rests", resting.status, "- ann takes", limit.status, taken.status);

const open = await bob.getOpenOrders({ market: market.condition_id });
report.open = open.map((order) => [order.id === resting.orderID, order.size_matched]);
report.refused = await refusal(() =>
  ann.createAndPostOrder({ tokenID: yes, price: 0.4, size: 20, side: Side.BUY }, undefined, OrderType.GTC, true),
);
const cancelled = await bob.cancelOrder({ orderID: resting.orderID });
report.cancelled = cancelled.canceled.length === 1 && cancelled.canceled[0] === resting.orderID;
report.left = (await bob.getOpenOrders()).length;

const signed = await Promise.all(
  [0.2, 0.21].map((price) => ann.createOrder({ tokenID: yes, price, size: 10, side: Side.BUY })),
);
const legs = await ann.postOrders(signed.map((order) => ({ order, orderType: OrderType.GTC })));
report.batch = legs.map((leg) => leg.status);
report.swept = (await ann.cancelAll()).canceled.length;

const beat = await ann.postHeartbeat("");
report.heartbeat = (await ann.postHeartbeat(beat.heartbeat_id)).heartbeat_id !== beat.heartbeat_id;

const trades = await settled(ann, 2);
report.trades = trades.map((trade) => [trade.price, trade.size, trade.maker_orders[0].order_id === resting.orderID]);
report.after = await balance(ann);
report.shares = await balance(ann, yes);
console.log(JSON.stringify(report));
