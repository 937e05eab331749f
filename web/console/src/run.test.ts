import { expect, test } from "vitest";
import { diagnose } from "./run";

test("an error stands at its line and column within the statement, else at the statement", () => {
  const text = "select 1;\nselect\n  nope x;";
  const span = { from: 10, to: 25 };
  expect(diagnose(text, span, { message: "line 2:2 no viable alternative" })).toMatchObject({ from: 19, to: 23 });
  expect(diagnose(text, span, { message: "Undefined column name nope" })).toMatchObject(span);
  expect(diagnose(text, span, { message: "line 9:9 beyond the end" })).toMatchObject(span);
});
