"""Traditional Chinese, in the terms of Taiwan."""

from collections.abc import Sequence
from datetime import UTC, datetime

from licensing.adapters.wording import one_line
from licensing.domain.ordering.documents import DocumentScope, KeyDocument

_BOUNCE = """\
此採購單的授權金鑰未能送達其中一位收件者。

  採購單：{po_number}
  客戶：{customer}
  收件者：{address}
  狀況：{what}
  時間：{at}
  對方說明：{reason}

沒有任何資料遺失：金鑰已經核發，此訂單的其他收件者不受影響。"""


class TraditionalChinese:
    """`licensing.adapters.words.Words`."""

    tag = "zh-Hant"
    forced_activation = "授權期限最遲自此日期開始計算；此後無論是否使用，期限都會持續消耗。"
    license_key = "授權金鑰"
    final = "認領後即無法變更"
    stop = "。"
    key_hint = "請掃描此碼或複製金鑰。英文大小寫不拘；看似字母 O、I 或 L 的字元，實為數字 0 或 1。"
    how_to_claim = "認領方式"
    document_kind = "授權金鑰文件"
    keep_document = "請妥善保管此文件：持有金鑰者即可認領這些授權。"
    keep_mail = "請妥善保管此郵件及其附件：持有金鑰者即可認領其授權。"
    quantity = "數量"
    validity_period = "有效期間"
    vpn_users = "VPN 使用者"
    customer = "客戶"
    purchase_order = "採購單"
    line = "訂單項目"
    partner = "合作夥伴"
    issued = "核發時間"
    forced = "強制啟用日期"

    def moment(self, at: datetime) -> str:
        """`2026年11月24日 06:09 UTC`."""
        utc = at.astimezone(UTC)
        return f"{utc.year}年{utc.month}月{utc.day}日 {utc:%H:%M} UTC"

    def licenses(self, number: int) -> str:
        return f"{number:,} 份授權"

    def bought(self, name: str, sku: str, number: int) -> str:
        return f"{name} ({sku})，{self.licenses(number)}"

    def seats(self, number: int) -> str:
        return f"每份授權 {number:,} 個席位"

    def tokens(self, number: int) -> str:
        return f"每份授權 {number:,} 個共享代幣"

    def term(self, days: int) -> str:
        """`3 年（1,095 天）`: a year is 365 days (D2)."""
        return f"{days:,} 天" if days % 365 else f"{days // 365:,} 年（{days:,} 天）"

    def validity(self, document: KeyDocument) -> str:
        """The validity period in one phrase (D6)."""
        if document.term_days is None:
            return "永久有效，認領後立即啟用"
        match document.scope:
            case "msp":
                return f"每份授權將 MSP 入口網站延長 {self.term(document.term_days)}"
            case "organization":
                return f"{document.quantity * document.term_days:,} 個裝置日，用於統一到期日"
            case "device":
                return f"自啟用起 {self.term(document.term_days)}"

    def line_of(self, line: int, lines: int) -> str:
        return f"第 {line} 項，共 {lines} 項"

    def order_line(self, document: KeyDocument) -> str:
        """`PO-2026-0042 第 1 項，共 3 項`, the number last as everywhere: it is the longest."""
        return f"{self.line_of(document.line, document.lines)}，{self.po(one_line(document.po_number))}"

    def reference(self, order_id: str, partner_id: str, last: str) -> str:
        return f"訂單 {order_id} · 合作夥伴 {partner_id} · {last}"

    def po(self, po_number: str) -> str:
        return f"採購單 {po_number}"

    def labelled(self, label: str, text: str) -> str:
        return f"{label}：{text}"

    def explained(self) -> str:
        return self.labelled(self.forced, self.forced_activation)

    def steps_to_claim(self, scope: DocumentScope) -> Sequence[str]:
        if scope == "msp":
            return (
                "登入 EnGenius Cloud。",
                "第一份 MSP 授權：在左側選單選擇 MSP Portal，輸入金鑰，然後按一下「+Add MSP License」。",
                "之後的每一份：前往 MSP Portal > Inventory & License > Licenses，按一下左上方的「+ Add License」，"
                "輸入金鑰並確認，即可延長入口網站的有效期間。",
            )
        return (
            "登入 EnGenius Cloud，並開啟要擁有這些授權的組織。",
            "前往 Organization > Inventory & License > Licenses。",
            "按一下右上方的「+ Add License」。",
            "輸入授權金鑰。",
            "再按一次「+ Add License」，並依照提示完成認領。",
        )

    def where_to_claim(self, scope: DocumentScope) -> str:
        return "如何在 MSP 入口網站認領" if scope == "msp" else "如何在組織中認領"

    def claim_is_final(self, scope: DocumentScope) -> str:
        """The warning of D11, in the terms of the portal in question."""
        place = " MSP 入口網站" if scope == "msp" else "組織"
        later = "裝置授權日後仍可在組織之間移轉。" if scope == "device" else ""
        return f"金鑰無法取消認領，也無法在其他任何地方輸入：確認之前，請確定這是正確的{place}。{later}"

    def subject(self, po_number: str) -> str:
        return f"EnGenius Cloud 授權金鑰：{self.po(po_number)}"

    def part(self, number: int, of: int) -> str:
        return f"（第 {number} 封，共 {of} 封）"

    def opening(self, keys: int, po_number: str, customer: str) -> str:
        return (
            f"以下是 {customer} 的{self.po(po_number)} 的 {keys:,} 組授權金鑰。每組金鑰各有一份 PDF 文件，附於此郵件。"
        )

    def in_parts(self, number: int, of: int) -> str:
        return f"這是第 {number} 封，共 {of} 封：全部文件超過一封郵件的容量。每一封都列出所有金鑰，並附上其中部分文件。"

    def not_delivered(self, po_number: str) -> str:
        return f"授權金鑰未送達：{self.po(po_number)}"

    def bounce(self, po_number: str, customer: str, address: str, at: datetime, reason: str, complained: bool) -> str:
        what = "收件者將郵件回報為垃圾郵件" if complained else "郵件未被接受"
        when, told = self.moment(at), reason or "未提供原因"
        return _BOUNCE.format(po_number=po_number, customer=customer, address=address, what=what, at=when, reason=told)

    def send_again(self, portal_url: str) -> str:
        what = "若要將郵件寄到更正後的地址，請在入口網站開啟此訂單，並選擇「Send again」"
        return f"{what}：\n{portal_url}\n\n或呼叫 API：\n"
