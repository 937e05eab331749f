import { expect, test } from "vitest";
import { initialSettings, shellCommand } from "./shell";

test("CONSISTENCY", () => {
  expect(shellCommand("consistency quorum;", initialSettings)?.settings.consistency).toBe("QUORUM");
  expect(shellCommand("CONSISTENCY", initialSettings)?.message).toContain("LOCAL_QUORUM");
  expect(shellCommand("CONSISTENCY NOPE", initialSettings)).toMatchObject({ failed: true, settings: initialSettings });
});

test("EXPAND and PAGING", () => {
  expect(shellCommand("EXPAND ON", initialSettings)?.settings.expand).toBe(true);
  expect(shellCommand("paging 7", initialSettings)?.settings).toMatchObject({ paging: true, pageSize: 7 });
  expect(shellCommand("PAGING OFF", initialSettings)?.settings.paging).toBe(false);
  expect(shellCommand("PAGING 0", initialSettings)?.failed).toBe(true);
});

test("all else is the server's", () => {
  for (const text of ["SELECT 1", "DESCRIBE TABLES", "USE ks", "EXPAND a b"]) expect(shellCommand(text, initialSettings)).toBeUndefined();
});
