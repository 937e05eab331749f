import { expect, test } from "vitest";
import { toCSV, toJSON } from "./exporting";

const answer = {
  kind: "rows" as const, elapsed: 1,
  columns: [{ name: "a", type: "text" }, { name: 'b"c', type: "bigint" }],
  rows: [['x,"y"', "9007199254740993"], [null, ""], ["two\nlines", "1"]],
  json: ['{"a": "x,\\"y\\"", "b\\"c": 9007199254740993}', '{"a": null, "b\\"c": null}'],
};

test("CSV as RFC 4180 has it; null and empty text differ", () => {
  expect(toCSV(answer)).toBe('a,"b""c"\r\n"x,""y""",9007199254740993\r\n,""\r\n"two\nlines",1\r\n');
});

test("JSON keeps the digits of the server's text", () => {
  expect(toJSON(answer)).toBe('[\n  {"a": "x,\\"y\\"", "b\\"c": 9007199254740993},\n  {"a": null, "b\\"c": null}\n]\n');
  expect(toJSON({ ...answer, json: [] })).toBe("[]\n");
});
