import { createRoot } from "react-dom/client";
import "graphiql/graphiql.css";
import "../graphql/narrow.css";
import "./page.css";
import { Playground } from "./Playground";

createRoot(document.getElementById("root")!).render(<Playground />);
