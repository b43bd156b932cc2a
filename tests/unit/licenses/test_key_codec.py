"""The licence key's code (D8)."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.domain.core.errors import Refusal
from licensing.domain.licenses import key_codec
from licensing.domain.licenses.key_codec import ALPHABET, LENGTH, parse, pretty

keys = st.lists(st.sampled_from(ALPHABET), min_size=24, max_size=24).map(
    lambda symbols: "".join(symbols) + key_codec.check_symbol("".join(symbols))
)

# Written down and never computed: keys as they were printed, and the hashes under which they lie in the table.
GOLDEN = {
    "7Q4ZK-ABCDE-23456-12345-ZYXW6": "e1dc8d02996c37554eeecc16e90bbbdad7e4cda31fc5fa247a860fa7e9e51711",
    "00000-00000-00000-00000-00012": "920383c5074513a019feeb39e355c86d2c46a5d090c748b237a82f7621e6bb65",
    "12345-6789A-BCDEF-GHJKM-NPQRB": "4307bc220b56275acaee819af86b12bf612f868e1bf6d14642819b891e794a76",
    "ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZW": "997cd5884a72d082d93e6af14bfe4b5d765fb6bd28d6c61dbfbbbc19b7982183",
}


@pytest.mark.parametrize(("printed", "kept"), GOLDEN.items())
def test_a_key_once_printed_is_known_for_ever(printed: str, kept: str) -> None:
    symbols = printed.replace("-", "")
    assert key_codec.check_symbol(symbols[:-1]) == symbols[-1]
    assert key_codec.hash_of(parse(printed)) == kept


@given(keys)
def test_a_key_reads_back_as_it_was_printed(symbols: str) -> None:
    assert parse(pretty(symbols)) == symbols


@given(keys, st.data())
def test_any_other_symbol_in_any_place_is_caught(symbols: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, LENGTH - 1))
    other = data.draw(st.sampled_from(ALPHABET).filter(lambda symbol: symbol != symbols[place]))
    with pytest.raises(Refusal, match="typing error"):
        parse(symbols[:place] + other + symbols[place + 1 :])


def test_every_single_substitution_of_one_key_is_caught() -> None:
    symbols = parse(key_codec.mint(random.Random(7).choice))
    wrong = [symbols[:n] + other + symbols[n + 1 :] for n in range(LENGTH) for other in ALPHABET if other != symbols[n]]
    assert len(wrong) == LENGTH * 31
    for text in wrong:
        with pytest.raises(Refusal):
            parse(text)


@given(keys, st.integers(0, LENGTH - 2))
def test_swapped_neighbours_are_caught_unless_they_are_the_same(symbols: str, place: int) -> None:
    left, right = symbols[place], symbols[place + 1]
    swapped = symbols[:place] + right + left + symbols[place + 2 :]
    if left == right:
        assert parse(swapped) == symbols
    else:
        with pytest.raises(Refusal):
            parse(swapped)


@given(keys, st.randoms(use_true_random=False))
def test_case_spaces_dashes_and_lookalikes_do_not_matter(symbols: str, chance: random.Random) -> None:
    typed = "".join(
        chance.choice({"0": "0Oo", "1": "1IiLl"}.get(symbol, symbol + symbol.lower()))
        + chance.choice(["", "", " ", "-", "–", "\t"])
        for symbol in symbols
    )
    assert parse(f"  {typed}\n") == symbols


def test_minted_keys_differ_and_carry_120_bits_of_chance() -> None:
    minted = {key_codec.mint() for _ in range(1000)}
    assert len(minted) == 1000
    assert all(len(parse(key)) == 25 and key.count("-") == 4 for key in minted)


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("7Q4ZK-ABCDE-U2345-12345-12345", "Group 3 .* character that no key contains"),
        ("7Q4ZK-ABC-12345-12345-12345", "Group 2 .* has 3 characters"),
        ("7Q4ZK-ABC-U2345-12345-12345", "Group 3 .* character that no key contains"),
        ("7Q4ZKABCDE-12345U2345-12345", "Group 4 .* character that no key contains"),
        ("7Q4-ZK-ABCDE-12345-U2345-12345", "Group 4 .* character that no key contains"),
        ("U2345-ABCDE-12345-U2345-12345", "Group 1 .* character that no key contains"),
        ("7Q4ZK ABCDE 1U345 12345", "Group 3 .* character that no key contains"),
        ("7Q4ZK-ABCD-12345-12345-1234", "Group 2 .* has 4 characters; each group has 5"),
        ("7Q4ZK-ABCDE-12345-1234567-1234", "Group 4 .* has 7 characters"),
        ("7Q4ZK-ABCDE-12345-1234512345-1-2", "25 letters and digits; this one has 27"),
        ("7Q4ZK-12345", "25 letters and digits; this one has 10"),
        ("", "this one has 0"),
        ("A" * 200, "25 letters and digits; this one has 200"),
        ("A" * 201, "this text has 201 characters"),
        ("7Q4ZK-12345-12345-12345-1234💥", "Group 5"),
    ],
)
def test_what_is_wrong_is_said_as_exactly_as_it_is_known(typed: str, complaint: str) -> None:
    with pytest.raises(Refusal, match=complaint) as caught:
        parse(typed)
    assert caught.value.code == "malformed_key"
    assert caught.value.remedy


def test_the_fingerprint_shows_the_first_group_only() -> None:
    assert key_codec.fingerprint("7Q4ZK" + "0" * 20) == "7Q4ZK-…-…-…-*****"
