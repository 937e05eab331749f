import { NativeSelect, Text, useComputedColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import "graphiql/graphiql.css";
import "./narrow.css";
import { useMemo, useState } from "react";
import { api } from "../api";
import { callPath } from "../apicall";
import type { PageProps } from "../pages";

/** Keeps nothing: GraphiQL would put queries and headers where scripts of any page of this origin read them. */
const forgetful = { length: 0, getItem: () => null, setItem: () => {}, removeItem: () => {}, clear: () => {} };

/** GraphiQL on the GraphQL API, with the session's rights. */
export default function GraphQLPage(_: PageProps) {
  const schema = useQuery({ queryKey: ["schema"], queryFn: api.schema, retry: false });
  const [path, setPath] = useState("/graphql-schema");
  const scheme = useComputedColorScheme("light");
  const fetcher = useMemo(() => createGraphiQLFetcher({ url: new URL(callPath(path), location.origin).href }), [path]);
  const own = schema.data?.keyspaces.filter((k) => !k.system) ?? [];
  return (
    <main className="graphql-page">
      <div className="graphql-bar">
        <NativeSelect aria-label="Endpoint" size="xs" value={path} onChange={(e) => setPath(e.currentTarget.value)}
          data={[{ value: "/graphql-schema", label: "Keyspaces and tables (/graphql-schema)" }, ...own.map((k) => ({ value: `/graphql/${encodeURIComponent(k.name)}`, label: `Data of ${k.name} (/graphql/${k.name})` }))]} />
        {schema.error && <Text size="sm" role="alert" c="var(--mantine-color-error)">{schema.error.message}</Text>}
      </div>
      <div className="graphql-ide"><GraphiQL key={path} fetcher={fetcher} forcedTheme={scheme} storage={forgetful} isHeadersEditorEnabled={false} defaultQuery={path === "/graphql-schema" ? "{\n  keyspaces {\n    name\n  }\n}\n" : "# Ctrl-Space shows what can be asked for.\n{\n  \n}\n"} /></div>
    </main>
  );
}
