import type { Diagnostic } from "@codemirror/lint";
import { api, ApiError, type Answer } from "./api";
import { largestPage, shellCommand, type Settings } from "./shell";
import type { Span } from "./statements";

/** One statement that was run, and what came of it. */
export interface Outcome {
  id: number;
  statement: string;
  settings: Settings;
  answer?: Answer;
  /** What a shell command said. */
  message?: string;
  error?: { message: string; code?: number };
}

let nextId = 1;

/** Runs one statement: a shell command here, all else on the server. Only a session that ended is thrown. */
export async function runStatement(statement: string, settings: Settings, signal: AbortSignal): Promise<{ outcome: Outcome; settings: Settings }> {
  const outcome: Outcome = { id: nextId++, statement, settings };
  const shell = shellCommand(statement, settings);
  if (shell) {
    if (shell.failed) outcome.error = { message: shell.message };
    else outcome.message = shell.message;
    return { outcome, settings: shell.settings };
  }
  try {
    outcome.answer = await api.query({ statement, keyspace: settings.keyspace, consistency: settings.consistency, pageSize: pageSize(settings) }, signal);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 401) throw error;
    outcome.error = { message: error.message, code: error.code };
    return { outcome, settings };
  }
  if (outcome.answer.kind === "use") {
    outcome.message = `Using keyspace ${outcome.answer.keyspace}.`;
    return { outcome, settings: { ...settings, keyspace: outcome.answer.keyspace ?? "" } };
  }
  return { outcome, settings };
}

export function pageSize(settings: Settings): number {
  return settings.paging ? settings.pageSize : largestPage;
}

/** Asks for the next page of an outcome and returns it with the rows so far. */
export async function nextPage(outcome: Outcome): Promise<Answer> {
  const before = outcome.answer!;
  const page = await api.query({
    statement: outcome.statement, keyspace: outcome.settings.keyspace, consistency: outcome.settings.consistency,
    pageSize: pageSize(outcome.settings), pageState: before.pageState,
  });
  return { ...page, rows: [...(before.rows ?? []), ...(page.rows ?? [])], json: [...(before.json ?? []), ...(page.json ?? [])] };
}

/** Where an error belongs in the editor: at `line L:C` of its statement when it says so, else at the whole statement. */
export function diagnose(text: string, span: Span, error: { message: string }): Diagnostic {
  const at = /\bline (\d+):(\d+)/.exec(error.message);
  let { from, to } = span;
  if (at) {
    const lines = text.slice(span.from, span.to).split("\n");
    const line = Number(at[1]) - 1;
    const start = lines.slice(0, line).reduce((n, l) => n + l.length + 1, span.from) + Number(at[2]);
    if (line < lines.length && start < span.to) {
      from = start;
      to = Math.min(span.to, start + (/^\w+|^./.exec(text.slice(start))?.[0].length ?? 1));
    }
  }
  return { from, to, severity: "error", message: error.message };
}
