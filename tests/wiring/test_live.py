"""Claims about what live mode looks at before the first order, and about the API key that it keeps."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import trio
import trio.testing
from loguru import logger

from actors.messages import Signed
from actors.model.conversion import Kind, Relayed, of_pairs
from actors.records import Batch
from actors.wiring import canary
from actors.wiring.keyring import Keyring
from actors.wiring.live import POLYMARKET
from actors.wiring.venue import PreflightFailed
from adapters.emulator import wallets
from adapters.emulator.accounts import EXCHANGES
from adapters.emulator.routes_relayer import key_of
from adapters.polymarket.auth import Credentials
from adapters.polymarket.signing import OrderSigner
from tests.adapters.polymarket.samples import ADDRESS, OTHER
from tests.emulator.harness import open_venue
from tests.wiring.live import URLS, Wallet

OWNED = wallets.of(ADDRESS)
WRONG = Credentials("00000000-0000-0000-0000-000000000009", "d3Jvbmctc2VjcmV0", "wrong-passphrase")


@pytest.fixture
async def wallet(autojump_clock: trio.testing.MockClock, tmp_path: Path) -> AsyncIterator[Wallet]:
    async with open_venue() as exchange:
        yield Wallet(exchange, tmp_path)


@pytest.fixture
def lines() -> Iterator[list[str]]:
    heard: list[str] = []
    logger.enable("actors")  # tests of crashing actors leave it off
    sink = logger.add(lambda message: heard.append(str(message)), format="{message}")
    yield heard
    logger.remove(sink)


def kept(wallet: Wallet) -> Keyring:
    return Keyring(wallet.home / f"api-key-{URLS.host}-{ADDRESS}.json")


async def test_account_and_limits_are_shown_before_the_first_order(wallet: Wallet, lines: list[str]) -> None:
    live = wallet.live(funder=OWNED.safe)
    async with wallet.opened(live) as ports:
        await live.vet(ports, wallet.markets, URLS)
    text = "".join(lines)
    assert "live: REAL MONEY on https://clob, 5 markets" in text
    assert (
        f"account {OWNED.safe} (Safe, signature type 2), signed for by {ADDRESS}: 10000 pUSD, of which may take: "
        in text
    )
    assert "the exchange any amount, the neg-risk exchange any amount" in text
    assert "limits: 400 pUSD in all, 100 a market; an order 200 shares or 100 pUSD; a loss of any size a day" in text
    assert "paused: nothing is placed until `python -m actors resume`" in text


async def test_the_api_key_is_asked_for_once_and_kept_for_its_owner_only(wallet: Wallet) -> None:
    for _ in range(2):
        async with wallet.opened(wallet.live()):
            pass
    assert [path for path in wallet.asked if path.startswith("/auth")] == ["/auth/api-key"]
    known = kept(wallet).read()
    assert known is not None
    assert {known.api_key, known.secret, known.passphrase} <= set(wallet.heard)
    assert kept(wallet).path.stat().st_mode & 0o777 == 0o600


async def test_a_kept_key_that_the_venue_refuses_is_derived_once_more(wallet: Wallet) -> None:
    async with wallet.opened(wallet.live()):
        right = kept(wallet).read()
    kept(wallet).write(WRONG)
    async with wallet.opened(wallet.live()) as ports:
        assert isinstance(await ports.trading.cash(), int)
    assert kept(wallet).read() == right
    assert WRONG.secret in wallet.heard


async def test_a_kept_key_that_others_can_read_counts_as_none(wallet: Wallet) -> None:
    async with wallet.opened(wallet.live()):
        kept(wallet).path.chmod(0o640)
    assert kept(wallet).read() is None
    async with wallet.opened(wallet.live()):
        assert kept(wallet).path.stat().st_mode & 0o777 == 0o600
    for damage in ("", "[]", "{}", "\x00"):
        kept(wallet).path.write_text(damage)
        assert kept(wallet).read() is None


async def test_api_credentials_that_a_person_gave_are_not_replaced_behind_their_back(wallet: Wallet) -> None:
    with pytest.raises(PreflightFailed, match="take CLOB_API_KEY, CLOB_API_SECRET and CLOB_API_PASSPHRASE out"):
        async with wallet.opened(wallet.live(credentials=WRONG)):
            pass
    assert [path for path in wallet.asked if path.startswith("/auth")] == []


@pytest.mark.parametrize(
    ("secrets", "says"),
    [
        ({"funder": OTHER, "signature_type": 2}, "belongs to another key"),
        ({"funder": OWNED.safe, "signature_type": 1}, "set SIGNATURE_TYPE=2, not 1"),
        ({"signature_type": 3}, f"needs FUNDER_ADDRESS: this key's deposit wallet is {OWNED.deposit}"),
    ],
)
async def test_an_account_that_does_not_fit_asks_the_venue_nothing(
    wallet: Wallet, secrets: dict[str, object], says: str
) -> None:
    with pytest.raises(PreflightFailed, match=says):
        wallet.live(**secrets)
    assert wallet.asked == []


async def test_an_exchange_that_may_not_take_the_money_is_named_with_the_call_that_lets_it(wallet: Wallet) -> None:
    contracts = {listing.contract for listing in wallet.exchange.listings}
    assert len(contracts) == 2
    for contract in contracts:
        wallet.account.allowances[contract.lower()] = 399_999_999
        with pytest.raises(
            PreflightFailed, match=rf"{contract} may take 399.999999 of the 400 pUSD.*approve\({contract}"
        ):
            await vetted(wallet)
        wallet.account.approve_exchanges()
        wallet.account.operators.discard(contract.lower())
        with pytest.raises(
            PreflightFailed, match=rf"{contract} may not take what is sold.*setApprovalForAll\({contract}"
        ):
            await vetted(wallet)
        wallet.account.approve_exchanges()
    await vetted(wallet)
    wallet.account.allowances.pop(EXCHANGES[2].lower())  # no market of ours trades there
    await vetted(wallet)


async def test_an_approval_is_looked_for_on_the_chain_before_it_is_missed(wallet: Wallet) -> None:
    wallet.account.operators.clear()
    with pytest.raises(PreflightFailed):
        await vetted(wallet)
    assert "/balance-allowance/update" in wallet.asked


async def test_an_empty_account_is_told_which_wallet_of_the_key_has_the_money(wallet: Wallet) -> None:
    accounts = wallet.exchange.emulator.exchange.accounts
    for address in (OWNED.eoa, OWNED.proxy):
        accounts.open(address).cash = 0
    says = f"has no pUSD, but this key's Safe has 10000: set SIGNATURE_TYPE=2 and FUNDER_ADDRESS={OWNED.safe}"
    with pytest.raises(PreflightFailed, match=says):
        await vetted(wallet)
    for address in (OWNED.safe, OWNED.deposit):
        accounts.open(address).cash = 0
    with pytest.raises(PreflightFailed, match="has no pUSD: deposit some"):
        await vetted(wallet)


async def vetted(wallet: Wallet) -> None:
    live = wallet.live()
    async with wallet.opened(live) as ports:
        await live.vet(ports, wallet.markets, URLS)


async def test_a_signer_that_differs_from_the_venues_client_refuses_live_mode(
    wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert canary.ill(range(4)) is None
    sign = OrderSigner.sign

    def slipped(self: OrderSigner, draft: object) -> Signed:
        signed = sign(self, draft)  # type: ignore[arg-type]
        return Signed(signed.order_id, signed.body.replace(b'"side":"SELL"', b'"side":"BUY"'))

    monkeypatch.setattr(OrderSigner, "sign", slipped)
    with pytest.raises(PreflightFailed, match="signature type 0: body differs from py-clob-client-v2: do not trade"):
        wallet.live()


def test_polymarket_is_reached_under_its_own_names_and_with_tls() -> None:
    urls = [POLYMARKET.clob_url, POLYMARKET.market_ws_url, POLYMARKET.user_ws_url, POLYMARKET.gamma_url]
    urls += [POLYMARKET.data_url, *POLYMARKET.spot_ws_urls]
    assert all(url and url.startswith(("https://", "wss://")) for url in urls)
    assert POLYMARKET.host == "clob.polymarket.com_443"


async def test_a_contract_wallet_settles_through_the_relayer_if_its_key_is_given(wallet: Wallet) -> None:
    key = key_of(wallet.exchange.emulator.desk.keys.seed, ADDRESS)
    market = wallet.markets[0]
    async with wallet.opened(wallet.live(funder=OWNED.safe, relayer_key=key)) as ports:
        assert ports.calls is None
        assert ports.relay is not None
        batch = await ports.relay.sign(of_pairs(Kind.SPLIT, "1.1", market, 1_000_000, 0.0), market)
        assert isinstance(batch, Batch)
        assert isinstance(await ports.relay.submit(batch), Relayed)
    async with wallet.opened(wallet.live(funder=OWNED.safe)) as ports:
        assert (ports.relay, ports.calls) == (None, None)
    async with wallet.opened(wallet.live(relayer_key=key)) as ports:
        assert ports.relay is None
        assert ports.calls is not None
