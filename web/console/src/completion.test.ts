import { CompletionContext } from "@codemirror/autocomplete";
import { EditorState } from "@codemirror/state";
import { expect, test } from "vitest";
import type { Schema } from "./api";
import { complete, quote, tableOf } from "./completion";

const column = (name: string) => ({ name, type: "text", kind: "regular" });
const schema: Schema = {
  version: "1",
  keyspaces: [
    { name: "ks", system: false, types: [], tables: [{ name: "users", columns: [column("email"), column("Mixed")], indexes: [] }] },
    { name: "other", system: false, types: [], tables: [{ name: "things", columns: [], indexes: [] }] },
  ],
};
const labels = (text: string, keyspace = "ks") =>
  complete(schema, keyspace)(new CompletionContext(EditorState.create({ doc: text }), text.length, false))?.options.map((o) => o.label) ?? [];

test("tables of the keyspace in use, columns of the statement's table, names quoted where needed", () => {
  expect(labels("SELECT e")).toContain("users");
  expect(labels("SELECT * FROM users WHERE e")).toEqual(expect.arrayContaining(["email", '"Mixed"', "WHERE"]));
  expect(labels("SELECT e", "other")).not.toContain("users");
});

test("behind a keyspace and a dot, its tables only", () => {
  expect(labels("SELECT * FROM other.t")).toEqual(["things"]);
});

test("names", () => {
  expect(tableOf(schema, "", "select * from ks.users")?.name).toBe("users");
  expect([quote("a_1"), quote("A"), quote('a"b')]).toEqual(["a_1", '"A"', '"a""b"']);
});
