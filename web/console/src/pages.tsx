import type { ReactNode } from "react";
import type { SessionInfo } from "./api";
import { Console } from "./Console";
import { Roles } from "./Roles";
import { Tokens } from "./Tokens";

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
  { path: "tokens", label: "Tokens", render: (props) => <Tokens {...props} /> },
  { path: "roles", label: "Roles", render: (props) => <Roles {...props} /> },
];
