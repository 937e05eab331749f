/** What a client needs to reach this database. */
export interface Connection {
  /** Of the HTTP APIs: scheme, host and port. */
  origin: string;
  host: string;
  cqlPort: number;
  grpcPort: number;
  tls: boolean;
  /** The driver's local data center. */
  datacenter: string;
  token: string;
}

export interface Snippet {
  id: string;
  title: string;
  /** The name of the file, or "" for a shell's command. */
  file: string;
  /** What has to be there before. */
  install: string;
  code: string;
}

const select = "SELECT release_version FROM system.local";
/** Where the snippets expect the certificate of the server's authority. */
const ca = "ca.crt";

/** A text as a literal of JavaScript, Java, Go and Python. */
const literal = (s: string) => JSON.stringify(s);

/** Programs and commands that run as they are, each telling the server's release or a list. */
export function snippets(c: Connection): Snippet[] {
  return [cqlsh(c), python(c), java(c), node(c), gocql(c), ...http(c), grpc(c)];
}

function cqlsh(c: Connection): Snippet {
  return {
    id: "cqlsh", title: "cqlsh", file: "", install: "pip install cqlsh",
    code: `${c.tls ? `SSL_CERTFILE=${ca} ` : ""}cqlsh ${c.host} ${c.cqlPort} -u token -p '${c.token}'${c.tls ? " --ssl" : ""} -e "${select}"`,
  };
}

function python(c: Connection): Snippet {
  return {
    id: "python", title: "Python", file: "connect.py", install: "pip install cassandra-driver",
    code: `${c.tls ? "import ssl\n" : ""}from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import Cluster

cluster = Cluster(
    [${literal(c.host)}], port=${c.cqlPort},
    auth_provider=PlainTextAuthProvider("token", ${literal(c.token)}),${c.tls ? `\n    ssl_context=ssl.create_default_context(cafile="${ca}"), ssl_options={"server_hostname": ${literal(c.host)}},` : ""}
)
session = cluster.connect()
print(session.execute("${select}").one().release_version)
cluster.shutdown()
`,
  };
}

function java(c: Connection): Snippet {
  return {
    id: "java", title: "Java", file: "Connect.java", install: "Maven: org.apache.cassandra:java-driver-core:4.19.0",
    code: `import com.datastax.oss.driver.api.core.CqlSession;
import java.net.InetSocketAddress;
${c.tls ? "import javax.net.ssl.SSLContext;\n" : ""}
public class Connect {
  public static void main(String[] args) throws Exception {
    try (CqlSession session = CqlSession.builder()
        .addContactPoint(new InetSocketAddress(${literal(c.host)}, ${c.cqlPort}))
        .withLocalDatacenter(${literal(c.datacenter)})
        .withAuthCredentials("token", ${literal(c.token)})${c.tls ? "\n        .withSslContext(SSLContext.getDefault()) // with -Djavax.net.ssl.trustStore" : ""}
        .build()) {
      System.out.println(session.execute("${select}").one().getString("release_version"));
    }
  }
}
`,
  };
}

function node(c: Connection): Snippet {
  return {
    id: "node", title: "Node.js", file: "connect.mjs", install: "npm install cassandra-driver",
    code: `${c.tls ? 'import { readFileSync } from "node:fs";\n' : ""}import cassandra from "cassandra-driver";

const client = new cassandra.Client({
  contactPoints: [${literal(`${c.host}:${c.cqlPort}`)}],
  localDataCenter: ${literal(c.datacenter)},
  credentials: { username: "token", password: ${literal(c.token)} },${c.tls ? `\n  sslOptions: { ca: [readFileSync("${ca}")], host: ${literal(c.host)} },` : ""}
});
const result = await client.execute("${select}");
console.log(result.first().release_version);
await client.shutdown();
`,
  };
}

function gocql(c: Connection): Snippet {
  return {
    id: "gocql", title: "Go", file: "main.go", install: "go get github.com/apache/cassandra-gocql-driver/v2",
    code: `package main

import (
	"fmt"
	"log"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

func main() {
	cluster := gocql.NewCluster(${literal(c.host)})
	cluster.Port = ${c.cqlPort}
	cluster.Authenticator = gocql.PasswordAuthenticator{Username: "token", Password: ${literal(c.token)}}
${c.tls ? `	cluster.SslOpts = &gocql.SslOptions{CaPath: "${ca}", EnableHostVerification: true}\n` : ""}	session, err := cluster.CreateSession()
	if err != nil {
		log.Fatal(err)
	}
	defer session.Close()
	var release string
	if err := session.Query("${select}").Scan(&release); err != nil {
		log.Fatal(err)
	}
	fmt.Println(release)
}
`,
  };
}

/** The HTTP APIs, by curl. */
function http(c: Connection): Snippet[] {
  const call = (path: string, more = "") =>
    `curl -sS${c.tls ? ` --cacert ${ca}` : ""} -H 'X-Cassandra-Token: ${c.token}' \\\n  ${more}${c.origin}${path}`;
  const of = (id: string, title: string, code: string) => ({ id, title, file: "", install: "curl", code });
  return [
    of("rest", "REST", call("/v2/schemas/keyspaces")),
    of("graphql", "GraphQL", call("/graphql-schema", `-H 'Content-Type: application/json' \\\n  -d '{"query": "{ keyspaces { name } }"}' \\\n  `)),
    of("document", "Document", call("/v2/schemas/namespaces")),
  ];
}

function grpc(c: Connection): Snippet {
  return {
    id: "grpc", title: "gRPC", file: "grpc.mjs", install: "npm install @grpc/grpc-js @stargate-oss/stargate-grpc-node-client",
    code: `${c.tls ? 'import { readFileSync } from "node:fs";\n' : ""}import grpc from "@grpc/grpc-js";
import stargate from "@stargate-oss/stargate-grpc-node-client";

const channel = grpc.credentials.${c.tls ? `createSsl(readFileSync("${ca}"))` : "createInsecure()"};
const client = stargate.promisifyStargateClient(new stargate.StargateClient(${literal(`${c.host}:${c.grpcPort}`)}, channel));
const metadata = new grpc.Metadata();
metadata.set("x-cassandra-token", ${literal(c.token)});

const query = new stargate.Query();
query.setCql("${select}");
const answer = await client.executeQuery(query, metadata);
console.log(answer.getResultSet().getRowsList()[0].getValuesList()[0].getString());
process.exit(0);
`,
  };
}
