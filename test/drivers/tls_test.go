package drivers

import (
	"path/filepath"
	"strings"
	"testing"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

// TestTLS: drivers over TLS, with the server's own authority, and with client
// certificates; Node's and Java's programs are those of TestNode and TestJava. (HTTP,
// Stargate's ports and gRPC in Go: internal/server.)
func TestTLS(t *testing.T) {
	s := harness.Start(t, "serve", t.TempDir(), "--tls", "self")
	own := filepath.Dir(s.Authority)
	t.Run("gocql", func(t *testing.T) {
		gocqlTLS(t, s, &gocql.SslOptions{CaPath: s.Authority, EnableHostVerification: true})
	})
	t.Run("gocql without trust", func(t *testing.T) {
		cluster := gocql.NewCluster(s.CQL)
		cluster.SslOpts = &gocql.SslOptions{EnableHostVerification: true}
		cluster.Authenticator = gocql.PasswordAuthenticator{Username: "token", Password: s.Token}
		if _, err := cluster.CreateSession(); err == nil || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("an unknown authority: %v", err)
		}
	})
	t.Run("python and cqlsh", func(t *testing.T) { pythonTLS(t, s) })
	t.Run("gRPC", func(t *testing.T) { runGRPCPython(t, s) })

	asking := harness.Start(t, "serve", t.TempDir(), "--tls-cert", filepath.Join(own, "server.crt"), "--tls-key", filepath.Join(own, "server.key"),
		"--tls-client-ca", s.Authority)
	t.Run("client certificate", func(t *testing.T) {
		gocqlTLS(t, asking, &gocql.SslOptions{CaPath: s.Authority, EnableHostVerification: true,
			CertPath: filepath.Join(own, "client.crt"), KeyPath: filepath.Join(own, "client.key")})
	})
	t.Run("node, client certificate", func(t *testing.T) { runNode(t, asking) })
	t.Run("java, client certificate", func(t *testing.T) { runJava(t, asking) })
	t.Run("no client certificate", func(t *testing.T) {
		cluster := gocql.NewCluster(asking.CQL)
		cluster.SslOpts = &gocql.SslOptions{CaPath: s.Authority, EnableHostVerification: true}
		cluster.Authenticator = gocql.PasswordAuthenticator{Username: "token", Password: asking.Token}
		if _, err := cluster.CreateSession(); err == nil {
			t.Error("connected without the certificate that is asked for")
		}
	})
}

// gocqlTLS writes and reads a value that takes many TLS records, with each
// version of the protocol, and looks at itself in system_views.clients.
func gocqlTLS(t *testing.T, s *harness.Server, o *gocql.SslOptions) {
	large := strings.Repeat("0123456789abcdef", 1<<16)
	for _, version := range []int{3, 4, 5} {
		session := connectGocql(t, s, func(c *gocql.ClusterConfig) { c.SslOpts, c.ProtoVersion = o, version })
		mustExec(t, session, `CREATE KEYSPACE IF NOT EXISTS secure WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
		mustExec(t, session, `CREATE TABLE IF NOT EXISTS secure.t (k int PRIMARY KEY, v text)`)
		mustExec(t, session, `INSERT INTO secure.t (k, v) VALUES (?, ?)`, version, large)
		var got string
		if err := session.Query(`SELECT v FROM secure.t WHERE k = ?`, version).ScanContext(t.Context(), &got); err != nil || got != large {
			t.Errorf("v%d: %d bytes, %v", version, len(got), err)
		}
		var enabled bool
		var protocol, cipher string
		if err := session.Query(`SELECT ssl_enabled, ssl_protocol, ssl_cipher_suite FROM system_views.clients LIMIT 1`).
			ScanContext(t.Context(), &enabled, &protocol, &cipher); err != nil || !enabled || protocol != "TLSv1.3" || !strings.HasPrefix(cipher, "TLS_") {
			t.Errorf("v%d: system_views.clients: %v %q %q %v", version, enabled, protocol, cipher, err)
		}
		session.Close()
	}
}

func pythonTLS(t *testing.T, s *harness.Server) {
	dir := venv(t)
	env := append(environment(t, s, "python_tls"), "CQL_CA="+s.Authority, "CQLSH="+filepath.Join(dir, "bin", "cqlsh"))
	mustPrint(t, command(t, abs(t, "python"), env, filepath.Join(dir, "bin", "python"), "test_tls.py"), "TLS: all checks passed")
}

// tlsEnvironment tells a driver's program what it needs for TLS with a client
// certificate, if the server speaks TLS with an authority of its own.
func tlsEnvironment(s *harness.Server) []string {
	if s.Authority == "" {
		return nil
	}
	own := filepath.Dir(s.Authority)
	return []string{"CQL_CA=" + s.Authority, "CQL_CERT=" + filepath.Join(own, "client.crt"), "CQL_KEY=" + filepath.Join(own, "client.key")}
}
