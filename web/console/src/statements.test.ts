import { expect, test } from "vitest";
import { splitStatements, statementAt } from "./statements";

const parts = (text: string) => splitStatements(text).map((s) => text.slice(s.from, s.to));

test.each([
  ["", []],
  [" ; ;; ", []],
  ["use ks; select 1", ["use ks", "select 1"]],
  ["a 'x;''y' b; c", ["a 'x;''y' b", "c"]],
  ['a "x;""y" b; c', ['a "x;""y" b', "c"]],
  ["a $$x;'y$$ b; c", ["a $$x;'y$$ b", "c"]],
  ["-- a; b\nselect 1; // c;\n/* d; */ select 2", ["select 1", "select 2"]],
  ["select 1 -- tail", ["select 1"]],
  ["a 'never closed; b", ["a 'never closed; b"]],
  ["BEGIN BATCH insert a; insert b; APPLY BATCH; select 1", ["BEGIN BATCH insert a; insert b; APPLY BATCH", "select 1"]],
  ["begin unlogged batch\n insert a;\napply batch", ["begin unlogged batch\n insert a;\napply batch"]],
])("%j", (text, want) => expect(parts(text)).toEqual(want));

test("the statement at the cursor", () => {
  const text = "select 1;\n\nselect 2;\nselect 3";
  const at = (cursor: number) => {
    const s = statementAt(text, cursor)!;
    return text.slice(s.from, s.to);
  };
  expect(at(0)).toBe("select 1");
  expect(at(9)).toBe("select 1"); // right behind the semicolon
  expect(at(11)).toBe("select 2");
  expect(at(text.length)).toBe("select 3");
  expect(statementAt("  -- nothing", 3)).toBeUndefined();
});
