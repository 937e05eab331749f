import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { Cassandra, sql } from "@codemirror/lang-sql";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState, Prec } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightSpecialChars, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useImperativeHandle, useRef, type Ref } from "react";
import type { Schema } from "./api";
import { complete } from "./completion";

export interface EditorHandle {
  text: () => string;
  selection: () => { from: number; to: number };
  replace: (text: string) => void;
  insert: (text: string) => void;
  mark: (diagnostics: Diagnostic[]) => void;
  focus: () => void;
}

interface Props {
  ref: Ref<EditorHandle>;
  initial: string;
  schema: Schema | undefined;
  keyspace: string;
  onRun: () => void;
}

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--cql-keyword)", fontWeight: "600" },
  { tag: tags.string, color: "var(--cql-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--cql-number)" },
  { tag: tags.typeName, color: "var(--cql-type)" },
  { tag: [tags.lineComment, tags.blockComment], color: "var(--mantine-color-dimmed)", fontStyle: "italic" },
]);

const look = EditorView.theme({
  "&": { fontSize: "14px", backgroundColor: "var(--mantine-color-body)", color: "var(--mantine-color-text)", height: "100%" },
  "&.cm-focused": { outline: "2px solid var(--mantine-primary-color-filled)", outlineOffset: "-2px" },
  ".cm-content": { fontFamily: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace", caretColor: "var(--mantine-color-text)" },
  ".cm-placeholder": { color: "var(--mantine-color-dimmed)" },
  ".cm-cursor": { borderLeftColor: "var(--mantine-color-text)" },
  ".cm-gutters": { backgroundColor: "var(--cql-panel)", color: "var(--mantine-color-dimmed)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--cql-active)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--cql-selection)" },
  ".cm-tooltip": { backgroundColor: "var(--mantine-color-body)", color: "var(--mantine-color-text)", border: "1px solid var(--mantine-color-default-border)" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--mantine-primary-color-filled)", color: "#fff" },
});

/** The CQL editor. What changes while it lives (schema, keyspace, what to run) is read through a ref. */
export function Editor({ ref, initial, schema, keyspace, onRun }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const now = useRef({ schema, keyspace, onRun });
  now.current = { schema, keyspace, onRun };

  useEffect(() => {
    const run = () => (now.current.onRun(), true);
    const v = new EditorView({
      parent: host.current!,
      state: EditorState.create({
        doc: initial,
        extensions: [
          Prec.highest(keymap.of([{ key: "Mod-Enter", run }])),
          lineNumbers(), highlightSpecialChars(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(),
          highlightActiveLine(), highlightSelectionMatches(), lintGutter(), syntaxHighlighting(colours), look, EditorView.lineWrapping,
          autocompletion({ override: [(context) => complete(now.current.schema, now.current.keyspace)(context)] }),
          sql({ dialect: Cassandra }),
          placeholder("Type CQL. Ctrl-Enter runs the statement under the cursor."),
          EditorView.contentAttributes.of({ "aria-label": "CQL editor", spellcheck: "false" }),
          keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...completionKeymap]),
        ],
      }),
    });
    view.current = v;
    return () => v.destroy();
    // The editor is made once: `initial` is only its first text.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  useImperativeHandle(ref, () => ({
    text: () => view.current!.state.doc.toString(),
    selection: () => {
      const { from, to } = view.current!.state.selection.main;
      return { from, to };
    },
    replace: (text) => {
      const v = view.current!;
      v.dispatch({ changes: { from: 0, to: v.state.doc.length, insert: text }, selection: { anchor: text.length } });
      v.focus();
    },
    insert: (text) => {
      const v = view.current!;
      v.dispatch(v.state.replaceSelection(text));
      v.focus();
    },
    mark: (diagnostics) => view.current!.dispatch(setDiagnostics(view.current!.state, diagnostics)),
    focus: () => view.current!.focus(),
  }), []);

  return <div ref={host} className="cql-editor" />;
}
