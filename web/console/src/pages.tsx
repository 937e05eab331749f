import { Center, Loader } from "@mantine/core";
import { lazy, Suspense, type ReactNode } from "react";
import type { SessionInfo } from "./api";
import { ConnectPage } from "./connect/ConnectPage";
import { Console } from "./Console";
import { DocumentsPage } from "./documents/DocumentsPage";
import { RestPage } from "./rest/RestPage";
import { Roles } from "./Roles";
import { Tokens } from "./Tokens";
import { Users } from "./Users";

/** GraphiQL is large: it comes when it is looked at. */
const GraphQLPage = lazy(() => import("./graphql/GraphQLPage"));

export interface PageProps {
  session: SessionInfo;
  /** The session ended: by the person, or (with a notice) by the server. */
  onEnd: (notice?: string) => void;
}

/** A page of the console: a tab in its header, and /console/<path>. */
export interface Page {
  path: string;
  label: string;
  render: (props: PageProps) => ReactNode;
  /** It stays as it is while another page is shown. */
  keep?: boolean;
}

/** All pages, in the order of the tabs; the first is /console/ itself. */
export const pages: Page[] = [
  { path: "", label: "CQL", render: (props) => <Console {...props} />, keep: true },
  { path: "graphql", label: "GraphQL", render: (props) => <Suspense fallback={<Center h="100%"><Loader aria-label="Loading" /></Center>}><GraphQLPage {...props} /></Suspense> },
  { path: "rest", label: "REST", render: (props) => <RestPage {...props} /> },
  { path: "documents", label: "Documents", render: (props) => <DocumentsPage {...props} /> },
  { path: "connect", label: "Connect", render: (props) => <ConnectPage {...props} /> },
  { path: "tokens", label: "Tokens", render: (props) => <Tokens {...props} /> },
  { path: "roles", label: "Roles", render: (props) => <Roles {...props} /> },
  { path: "users", label: "Users", render: (props) => <Users {...props} /> },
];
