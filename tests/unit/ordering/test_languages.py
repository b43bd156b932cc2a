"""Documents and mails are written in English or Traditional Chinese, as the order's locale asks for (D6, D7)."""

import re

import pytest
from msgspec.structs import replace

from licensing.adapters import letter
from licensing.adapters.bounce_notification import compose_bounce_notification
from licensing.adapters.chinese import TraditionalChinese
from licensing.adapters.english import English
from licensing.adapters.printing import print_document
from licensing.domain.ordering.bounce_notifications import BounceNotification
from licensing.domain.ordering.documents import DocumentScope, Language, language_of
from tests.unit.ordering.test_mail import MAIL, body, line, only
from tests.unit.ordering.test_printing import DEVICE, MSP, assert_all_in_its_place, page
from tests.worlds.examples import NOON
from tests.worlds.fakes import read
from tests.worlds.ordering import Composed, World

LOCALES: dict[str | None, Language] = {
    "zh-TW": "zh-Hant",
    "zh-Hant": "zh-Hant",
    "zh-HK": "zh-Hant",
    "ZH-hant-CN": "zh-Hant",
    "zh-Hans-TW": "en",
    "zh": "en",
    "zh-CN": "en",
    "de": "en",
    "en-TW": "en",
    None: "en",
}

# Written down, not computed: what a reader copies from the page, line by line.
ENGLISH_PAGE = """\
EnGenius 
Cloud
License key document
Access Point Pro License, 1 Year
AP-1YR-LIC · 4 licenses
License key
7Q4ZK-M2X9T-BW8HD-3RVNE-5YGCJ
Scan the code, or copy the key. Upper or lower case makes no difference; what looks like the letter
O, I or L is a 0 or a 1.
Quantity
4 licenses
Validity period
1 year (365 days) from activation
Issued
24 November 2026, 06:09 UTC
Forced activation
22 February 2027, 06:09 UTC
The term starts on this date at the latest; from then on it runs,
whether or not the license is in use.
Customer
Northwind Hotels
Purchase order
PO-2026-0042
Order line
1 of 3
Partner
acme
How to claim it
https://cloud.example.com
1
Sign in to EnGenius Cloud and open the organization that shall own the licenses.
2
Go to Organization > Inventory & License > Licenses.
3
Click “+ Add License” at the top right.
4
Enter the license key.
5
Click “+ Add License” again and follow the prompts to complete the claim.
A claim is final
The key cannot be unclaimed, and it cannot be entered anywhere else: make sure this is the right organization
before you confirm. Per-device licenses can still be moved between organizations later.
Keep this document safe: whoever holds the key can claim the licenses.
Order ord_8f2c91d4a07b46e0 · partner acme · line 1 of 3 of PO-2026-0042"""  # noqa: W291
CHINESE_PAGE = """\
EnGenius 
Cloud
授權金鑰文件
Access Point Pro License, 1 Year
AP-1YR-LIC · 4 份授權
授權金鑰
7Q4ZK-M2X9T-BW8HD-3RVNE-5YGCJ
請掃描此碼或複製金鑰。英文大小寫不拘；看似字母 O、I 或 L 的字元，實為數字 0 或 1。
數量
4 份授權
有效期間
自啟用起 1 年（365 天）
核發時間
2026年11月24日 06:09 UTC
強制啟用日期
2027年2月22日 06:09 UTC
授權期限最遲自此日期開始計算；此後無論是否使用，期限都會
持續消耗。
客戶
神準科技股份有限公司
採購單
PO-2026-0042
訂單項目
第 1 項，共 3 項
合作夥伴
acme
認領方式
https://cloud.example.com
1
登入 EnGenius Cloud，並開啟要擁有這些授權的組織。
2
前往 Organization > Inventory & License > Licenses。
3
按一下右上方的「+ Add License」。
4
輸入授權金鑰。
5
再按一次「+ Add License」，並依照提示完成認領。
認領後即無法變更
金鑰無法取消認領，也無法在其他任何地方輸入：確認之前，請確定這是正確的組織。裝置授權日後仍可
在組織之間移轉。
請妥善保管此文件：持有金鑰者即可認領這些授權。
訂單 ord_8f2c91d4a07b46e0 · 合作夥伴 acme · 第 1 項，共 3 項，採購單 PO-2026-0042"""  # noqa: W291
CHINESE = replace(DEVICE, language="zh-Hant", customer="神準科技股份有限公司")


@pytest.mark.parametrize(("locale", "language"), LOCALES.items())
def test_the_locale_chooses_the_language(locale: str | None, language: Language) -> None:
    assert language_of(locale) == language


def test_the_page_says_what_is_written_down_here() -> None:  # D6
    assert page(DEVICE).extract_text() == ENGLISH_PAGE
    assert page(CHINESE).extract_text() == CHINESE_PAGE


def test_a_page_names_its_language_for_who_has_it_read_aloud() -> None:
    assert b"/Lang (en)" in print_document(DEVICE)
    assert b"/Lang (zh-Hant)" in print_document(CHINESE)


@pytest.mark.parametrize("scope", ["device", "organization", "msp"])
def test_a_chinese_page_of_any_kind_keeps_its_place(scope: DocumentScope) -> None:
    long = "神準科技股份有限公司 " * 12
    crowded = replace(CHINESE, scope=scope, seats=200, tokens=1_000, term_days=1_095, customer=long, po_number=long)
    assert_all_in_its_place(page(crowded))
    assert "每份授權 1,000 個共享代幣" in page(crowded).extract_text()
    assert "�" not in page(crowded).extract_text()


def test_the_steps_in_chinese_are_those_of_the_portal_too() -> None:
    text = page(replace(MSP, language="zh-Hant")).extract_text()
    assert "MSP Portal > Inventory & License > Licenses" in text
    assert "強制啟用" not in text
    assert "每份授權將 MSP 入口網站延長 3 年（1,095 天）" in text


@pytest.mark.parametrize("kind", ["plain", "html"])
def test_a_chinese_mail_says_the_same(kind: str) -> None:  # D7
    message = only(replace(MAIL, language="zh-Hant", lines=(line(1), line(2, "msp"))))
    assert message["Subject"] == "EnGenius Cloud 授權金鑰：採購單 PO-2026-0042"
    content = body(message, kind)
    for expected in (
        "以下是 Northwind Hotels 的採購單 PO-2026-0042 的 2 組授權金鑰。",
        "00001-M2X9T-BW8HD-3RVNE-5YGCJ",
        "Access Point Pro License, 1 Year (AP-1YR-LIC)，4 份授權",
        "強制啟用日期：2027年2月22日 06:09 UTC",
        "如何在組織中認領",
        "如何在 MSP 入口網站認領",
        "合作夥伴 acme",
    ):
        assert expected in content
    # Portal buttons, names, keys and addresses aside, no English is left.
    words = set(re.findall(r"[a-z]{4,}", re.sub(r"<style.*?</style>|<[^>]+>|https?://\S+", " ", content.lower())))
    names = {"northwind", "hotels", "access", "point", "license", "licenses", "year", "engenius", "cloud", "inventory"}
    assert words - names <= {"organization", "portal", "acme", "rvne", "ygcj"}


def test_a_partner_is_told_in_the_language_of_the_order() -> None:
    notice = BounceNotification(
        "us@x.example", "p@acme.example", "acme.1", "PO-1", "北風", "a@b.example", "bounced", None, NOON,
        "https://x.example", "zh-Hant",
    )  # fmt: skip
    (mail,) = compose_bounce_notification(notice)
    message = read(mail)
    assert message["Subject"] == "授權金鑰未送達：採購單 PO-1"
    for told in ("未提供原因", "a@b.example", "2026年3月1日 12:00 UTC", "POST /orders/acme.1/deliveries"):
        assert told in message.get_content()


def test_the_orders_locale_reaches_page_and_mail() -> None:
    pages, mails = list[Language](), list[Language]()
    world = World(compose=lambda mail: mails.append(mail.language) or Composed(mail))  # type: ignore[func-returns-value]
    world.printer = lambda document: pages.append(document.language) or b"%PDF"  # type: ignore[func-returns-value]
    world.place_and_complete(locale="zh-TW")
    world.work()
    assert set(pages) == set(mails) == {"zh-Hant"}


def test_each_language_has_all_the_words() -> None:
    members = {name for name in dir(English) if not name.startswith("_")}
    assert members == {name for name in dir(TraditionalChinese) if not name.startswith("_")}


def _luminance(color: str) -> float:
    parts = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_small_print_can_be_read_on_white_as_on_black() -> None:
    """WCAG AA: 4.5 to 1."""
    (color,) = re.findall(r"color:(#[0-9a-f]{6})", letter._QUIET)
    assert 1.05 / (_luminance(color) + 0.05) >= 4.5
    assert (_luminance(color) + 0.05) / 0.05 >= 4.5
