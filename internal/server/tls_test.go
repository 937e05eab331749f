package server

import (
	"crypto/tls"
	"crypto/x509"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	rpc "google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc/proto"
	"github.com/astrolabe-db/astrolabe/internal/tlsconfig"
)

// TestTLSOnEveryPort: with TLS there is no port without it: HTTP and all of
// Stargate's, with HTTP/2 too, and gRPC. (The native protocol: test/drivers.)
func TestTLSOnEveryPort(t *testing.T) {
	own, err := tlsconfig.SelfSigned(t.TempDir(), []string{"127.0.0.1"}, func(path, text string, mode fs.FileMode) error { return os.WriteFile(path, []byte(text), mode) })
	if err != nil {
		t.Fatal(err)
	}
	shown, err := tlsconfig.NewServer(own.Server, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	roots, err := tlsconfig.ReadPool(own.Authority)
	if err != nil {
		t.Fatal(err)
	}
	ports := map[string]string{} // addresses by what they serve
	r := startServer(t, func(o *Options) {
		o.TLS, o.CQLTLS, o.Stargate = shown.Config(), shown.Config(), map[int]net.Listener{}
		for _, p := range StargatePorts {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			o.Stargate[p.Port], ports[p.Service] = l, l.Addr().String()
		}
	})
	r.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	defer r.client.CloseIdleConnections()
	ports["all"] = r.server.HTTPAddr()
	for _, c := range [][]string{
		{"all", "GET", "/v2/schemas/keyspaces", ""},
		{"all", "GET", "/v2/schemas/namespaces", ""},
		{"all", "POST", "/graphql-schema", `{"query":"{keyspaces{name}}"}`},
		{"all", "GET", "/console/", ""},
		{"GraphQL", "POST", "/graphql-schema", `{"query":"{keyspaces{name}}"}`},
		{"authentication", "POST", "/v1/auth", `{"username":"` + r.login.ClientID + `","password":"` + r.login.ClientSecret + `"}`},
		{"REST", "GET", "/v2/schemas/keyspaces", ""},
		{"health", "GET", "/checker/liveness", ""},
		{"documents", "GET", "/v2/schemas/namespaces", ""},
	} {
		overTLS(t, r, ports[c[0]], c[1], c[2], c[3])
	}
	for what, address := range ports {
		if answer, err := http.Get("http://" + address + "/health"); err == nil { // what net/http answers then
			answer.Body.Close()
			if answer.StatusCode != http.StatusBadRequest {
				t.Errorf("%s, in plain text: %s", what, answer.Status)
			}
		}
		if c, err := tls.Dial("tcp", address, &tls.Config{}); err == nil {
			_ = c.Close()
			t.Errorf("%s: trusted by who does not know the authority", what)
		}
	}
	grpcOverTLS(t, r, roots)
}

// overTLS makes a call that succeeds over HTTP/2 and TLS 1.3.
func overTLS(t *testing.T, r *running, address, method, path, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, "https://"+address+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Cassandra-Token", r.login.Token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := r.client.Do(request)
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return
	}
	answer.Body.Close()
	if answer.StatusCode >= 300 || answer.ProtoMajor != 2 || answer.TLS == nil || answer.TLS.Version != tls.VersionTLS13 {
		t.Errorf("%s: %s %s", path, answer.Status, answer.Proto)
	}
}

func grpcOverTLS(t *testing.T, r *running, roots *x509.CertPool) {
	t.Helper()
	call := func(c credentials.TransportCredentials) error {
		conn, err := rpc.NewClient(r.grpc, rpc.WithTransportCredentials(c))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		ctx := metadata.AppendToOutgoingContext(t.Context(), "x-cassandra-token", r.login.Token)
		_, err = proto.NewStargateClient(conn).ExecuteQuery(ctx, &proto.Query{Cql: "SELECT key FROM system.local"})
		return err
	}
	if err := call(credentials.NewTLS(&tls.Config{RootCAs: roots})); err != nil {
		t.Errorf("gRPC: %v", err)
	}
	for what, c := range map[string]credentials.TransportCredentials{"in plain text": insecure.NewCredentials(), "without trust": credentials.NewTLS(&tls.Config{})} {
		if err := call(c); status.Code(err) != codes.Unavailable {
			t.Errorf("gRPC, %s: %v", what, err)
		}
	}
}
