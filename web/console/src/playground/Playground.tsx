import { GraphiQL } from "graphiql";
import { useMemo, useState } from "react";
import { endpoint, fetcherOf } from "./server";

const kinds = [
  ["data", "Data of a keyspace"],
  ["schema", "Keyspaces and tables"],
  ["admin", "Deployed schemas"],
];

// Playground is GraphiQL with a bar that says whom it talks to, and as whom. The
// token is in the memory of this page only: nothing stores it.
export function Playground() {
  const [token, setToken] = useState("");
  const [kind, setKind] = useState("schema");
  const [keyspace, setKeyspace] = useState("");
  const url = endpoint(window.location.pathname, kind, keyspace);
  const fetcher = useMemo(() => fetcherOf(url, token), [url, token]);
  return (
    <>
      <form className="bar" onSubmit={(event) => event.preventDefault()} autoComplete="off">
        <label>
          Token{" "}
          <input type="password" name="token" value={token} placeholder="AstraCS:…" spellCheck={false} autoComplete="off"
            onChange={(event) => setToken(event.target.value.trim())} />
        </label>
        <label>
          Endpoint{" "}
          <select name="endpoint" value={kind} onChange={(event) => setKind(event.target.value)}>
            {kinds.map(([value, title]) => <option key={value} value={value}>{title}</option>)}
          </select>
        </label>
        {kind === "data" && (
          <label>
            Keyspace{" "}
            <input name="keyspace" value={keyspace} spellCheck={false} onChange={(event) => setKeyspace(event.target.value.trim())} />
          </label>
        )}
        <output>{url}</output>
      </form>
      <div className="editor">
        {/* The key makes it read the schema again for another server or token. */}
        <GraphiQL key={url + token} fetcher={fetcher} isHeadersEditorEnabled={false} shouldPersistHeaders={false}
          defaultEditorToolsVisibility="variables" />
      </div>
    </>
  );
}
