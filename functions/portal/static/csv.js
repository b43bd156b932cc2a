// Lists as files: RFC 4180, UTF-8 with its mark so that spreadsheets see it.
const quoted = (value) => {
  const text = value === null || value === undefined ? "" : String(value);
  // A spreadsheet would run what starts like a formula, in full-width characters too.
  const tame = /^[=+\-@\uFF1D\uFF0B\uFF0D\uFF20\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(tame) ? `"${tame.replaceAll('"', '""')}"` : tame;
};

export function toCsv(fields, rows) {
  const lines = [fields, ...rows.map((row) => fields.map((field) => row[field]))];
  return `\uFEFF${lines.map((line) => line.map(quoted).join(",")).join("\r\n")}\r\n`;
}

export function save(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  URL.revokeObjectURL(url);
}
