import { beforeEach, expect, test } from "vitest";
import { addHistory, clearHistory, readHistory } from "./history";

beforeEach(() => localStorage.clear());

test("newest first, each statement once", () => {
  for (const s of ["a", "b", "a"]) addHistory(s);
  expect(readHistory()).toEqual(["a", "b"]);
  expect(clearHistory()).toEqual([]);
  expect(readHistory()).toEqual([]);
});

test("statements that hold secrets are not kept", () => {
  addHistory("INSERT INTO user_credentials (email, password) VALUES ('a', 'b')");
  addHistory("SELECT 'AstraCS:abc' FROM t");
  expect(readHistory()).toEqual([]);
  addHistory("SELECT password FROM user_credentials");
  expect(readHistory()).toHaveLength(1);
});

test("a damaged history is no history", () => {
  localStorage.setItem("astrolabe.history", "{");
  expect(readHistory()).toEqual([]);
});
