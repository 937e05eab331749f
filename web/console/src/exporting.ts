import type { Answer } from "./api";

/** RFC 4180: CRLF, quotes where needed; null is an empty field, an empty text is "". */
export function toCSV(answer: Answer): string {
  const field = (cell: string | null) => {
    if (cell === null) return "";
    return cell === "" || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  };
  const lines = [(answer.columns ?? []).map((c) => field(c.name)), ...(answer.rows ?? []).map((row) => row.map(field))];
  return lines.map((line) => line.join(",") + "\r\n").join("");
}

/** An array of the rows as the server wrote them, so that no number loses a digit. */
export function toJSON(answer: Answer): string {
  const rows = answer.json ?? [];
  return rows.length === 0 ? "[]\n" : `[\n${rows.map((row) => "  " + row).join(",\n")}\n]\n`;
}

/** Offers text as a file to the browser's user. */
export function download(name: string, type: string, text: string) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url));
}
