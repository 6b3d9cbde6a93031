"""Which captured samples show which kind of message, and where the emulator differs for a reason. Tables only."""

from __future__ import annotations

from tests.emulator.shapes import Kind

REST, MARKET, USER = "clob_rest/nt_", "clob_ws_market/nt_ws_market_", "clob_ws_user/nt_ws_user_"
SESSION = "clob_ws_market/mf_replay_20260519.jsonl"
NEWER = "documented and of 2026, younger than the sample"
DOCUMENTED = "polymarket.md §1.5, §6.2 or §7 lists it, the sample leaves it out"
EDITORS = "what the venue's editors and oracle did to it, of no use to a bot"
STATISTICS = "statistics of days and weeks that a practice exchange does not live to see"
GAMES = "of games alone, and the practice markets are none"

_STATISTICS = (
    *(f".volume1{span}{kind}" for span in ("wk", "mo", "yr") for kind in ("", "Clob")),
    *(f".one{span}PriceChange" for span in ("Hour", "Day", "Week", "Month", "Year")),
    *(f".events[].volume{span}" for span in ("24hr", "1wk", "1mo", "1yr")),
    *(f".events[].series[].{key}" for key in ("volume", "volume24hr", "liquidity", "commentCount")),
)
_EDITORS = (
    *(
        ".submitted_by",
        ".resolvedBy",
        ".groupItemThreshold",
        ".comboStatus",
        ".umaBond",
        ".umaReward",
        ".customLiveness",
    ),
    *(".seriesColor", ".showGmpSeries", ".showGmpOutcome", ".deployingTimestamp", ".makerRebatesFeeShareBps"),
    *(".automaticallyResolved", ".umaEndDate"),
    *(f".events[].{key}" for key in ("sortBy", "gmpChartMode", "cumulativeMarkets", "automaticallyResolved")),
    *(f".events[].{key}" for key in ("eventMetadata", "closedTime")),  # the market has a closedTime of its own
    *(f".events[].series[].{key}" for key in ("image", "icon", "createdAt", "updatedAt")),
)
_GAMES = (
    *(".gameStartTime", ".gameId", ".sportsMarketType"),
    *(f".events[].{key}" for key in ("ended", "eventDate", "eventWeek", "gameId", "live", "period", "score")),
)

KINDS: dict[str, Kind] = {
    "book": Kind(("clob_rest/jg_book_202604.jsonl", f"{REST}clob_book_response.json")),
    "fee rate": Kind(
        (f"{REST}clob_fee_rate_response_zero.json",), words={".base_fee": "a number in the official client"}
    ),
    "market": Kind(
        (f"{REST}clob_market_closed_binary_accepting_true.json",),
        words={".game_start_time": GAMES},
    ),
    "balance": Kind(
        (f"{REST}http_balance_allowance_collateral.json",),
        lacks={".allowance": "the older form"},
        invents={".allowances": "per contract since the second exchange"},
    ),
    "cancelled": Kind((f"{REST}http_cancel_response_ok.json",)),
    "open order": Kind((f"{REST}http_open_order.json",)),
    "open orders": Kind((f"{REST}http_open_orders_page.json",), invents={".limit": DOCUMENTED, ".count": DOCUMENTED}),
    "placed": Kind(
        (f"{REST}http_order_response_ok.json", "clob_rest/td_poly_full_fill_real.json"),
        lacks={".transactionsHashes[]": "empty since 2026-07-24, when placing stopped to wait for them"},
        invents={".tradeIDs": NEWER},
    ),
    "trade report": Kind((f"{REST}http_trade_report.json",)),
    "WS book": Kind(
        (f"{MARKET}book_msg.json", SESSION),
        invents={".min_order_size": DOCUMENTED, ".neg_risk": DOCUMENTED},
    ),
    "WS price_change": Kind((f"{MARKET}price_change_msg.json", "clob_ws_market/jg_price_change_202604.jsonl", SESSION)),
    "WS last_trade_price": Kind((f"{MARKET}last_trade_msg.json",), invents={".transaction_hash": DOCUMENTED}),
    "WS tick_size_change": Kind((f"{MARKET}tick_size_msg.json",)),
    "WS best_bid_ask": Kind((f"{MARKET}best_bid_ask_msg.json", SESSION)),
    "WS new_market": Kind((f"{MARKET}new_market_msg.json", "clob_ws_market/jg_new_market_202604.jsonl")),
    "WS market_resolved": Kind(("clob_ws_market/rs_market_resolved.json",), invents={".tags": DOCUMENTED}),
    "WS order PLACEMENT": Kind((f"{USER}order_placement.json",), invents={".event_type": DOCUMENTED}),
    "WS order CANCELLATION": Kind((f"{USER}order_cancellation.json", f"{USER}order_fok_killed.json")),
    "WS trade": Kind(
        (f"{USER}trade_msg.json", "clob_ws_user/ntpy_user_trade3.json"),
        invents={".maker_orders[].outcome_index": DOCUMENTED},
    ),
    "Gamma market": Kind(
        (
            "gamma/hl_gamma_markets.json",
            "gamma/nt_gamma_market.json",
            "gamma/nt_gamma_market_closed_binary_accepting_true.json",
            "gamma/nt_gamma_market_sports_market_money_line.json",
        ),
        lacks={
            **dict.fromkeys(_STATISTICS, STATISTICS),
            **dict.fromkeys(_EDITORS, EDITORS),
            **dict.fromkeys(_GAMES, GAMES),
        },
        invents={
            **dict.fromkeys((".version", ".cryptoMarketConfig"), NEWER),
            **dict.fromkeys((".negRiskMarketID", ".events[].negRiskMarketID"), "in the larger sample of March 2026"),
        },
    ),
    "Gamma tag": Kind(
        ("gamma/nt_gamma_tags.json",), lacks=dict.fromkeys((".createdAt", ".updatedAt", ".forceShow"), EDITORS)
    ),
}
ELSEWHERE = {
    "clob_rest/nt_http_order_response_failed.json": "the venue refuses with HTTP 400 and `error` (§3.7); a test below",
    "clob_rest/nt_http_signed_order.json": "a request: tests/adapters/polymarket/test_samples_rest.py",
    "clob_rest/ntpy_book.json": "of 2024",
    "clob_rest/ntpy_clob_markets_page.json.gz": "of 2023",
    "clob_rest/td_poly_order_status_full_real.json": "first version of January 2026; the order object has not changed since",
    "clob_rest/wk_books_batch_20260311.jsonl.gz": "first version of March 2026; books as in the later sample",
    "clob_ws_market/ntpy_price_change.json": "the flat format of before September 2025",
    "clob_ws_user/ntpy_order_placement.json": "of 2024",
    "clob_ws_user/ntpy_trades.json": "of 2024",
    "clob_ws_user/ntpy_user_trade1.json": "of 2024",
    "data_api/nt_data_api_positions_response.json": "the retired version 1",
    "data_api/pb_trades_202602.json": "the retired version 1",
    "data_api/sdk_v2_positions.json": "tests/emulator/test_data_api.py",
    "gamma/jo_btc15m_markets_202512.jsonl.gz": "of 2025",
    "gamma/nt_gamma_market_closed_nonbinary_legacy.json": "a market of 2020",
    "gamma/ntpy_events_list.json": "trimmed, of 2023",
    "gamma/ntpy_market_slug.json": "trimmed, of 2023",
    "gamma/ntpy_markets_list.json": "trimmed, of 2023",
    "gamma/wk_markets_20260311.jsonl.gz": "tests/emulator/test_gamma.py",
    **dict.fromkeys(
        ("rtds/jg_rtds_crypto_202604.jsonl", "rtds/nt_rtds_crypto_prices_subscribe.json",
         "rtds/nt_rtds_equity_prices_update.json", "rtds/polybolt_price_crypto_202609.json"),
        "tests/emulator/test_spot.py",
    ),
}  # fmt: skip
