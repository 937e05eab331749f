package tlsconfig

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func writeFile(path, text string, mode fs.FileMode) error {
	return os.WriteFile(path, []byte(text), mode)
}

func selfSigned(t *testing.T, dir string, hosts ...string) Own {
	t.Helper()
	own, err := SelfSigned(dir, hosts, writeFile)
	if err != nil {
		t.Fatal(err)
	}
	return own
}

func newServer(t *testing.T, f Files) *Server {
	t.Helper()
	s, err := NewServer(f, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func pool(t *testing.T, path string) *x509.CertPool {
	t.Helper()
	p, err := ReadPool(path)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// handshake connects a client with a server; both errors matter: a server that
// refuses a client's certificate tells it only after the client is done.
func handshake(t *testing.T, server, client *tls.Config) (leaf *x509.Certificate, clientErr, serverErr error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	done := make(chan error, 1)
	go func() {
		c, err := l.Accept()
		if err == nil {
			err = tls.Server(c, server).HandshakeContext(t.Context())
			c.Close()
		}
		done <- err
	}()
	raw, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	c := tls.Client(raw, client)
	clientErr = c.HandshakeContext(t.Context())
	if clientErr == nil {
		leaf = c.ConnectionState().PeerCertificates[0]
	} else {
		raw.Close() // it may not have said anything yet
	}
	return leaf, clientErr, <-done
}

// TestSelfSigned: the authority's certificate is all that a client needs to
// trust the server by each of its names.
func TestSelfSigned(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tls")
	hosts := []string{"localhost", "*.localhost", "db.example.org", "127.0.0.1", "::1"}
	own := selfSigned(t, dir, hosts...)
	server := newServer(t, own.Server).Config()
	for _, name := range []string{"localhost", "some-database.localhost", "db.example.org", "127.0.0.1", "::1"} {
		if _, err, _ := handshake(t, server, &tls.Config{RootCAs: pool(t, own.Authority), ServerName: name}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err, _ := handshake(t, server, &tls.Config{RootCAs: pool(t, own.Authority), ServerName: "example.com"}); err == nil {
		t.Error("another host's name was taken")
	}
	if _, err, _ := handshake(t, server, &tls.Config{RootCAs: pool(t, own.Authority), ServerName: "localhost", MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 was taken")
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 6 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s: %v %v", f.Name(), info.Mode(), err)
		}
	}
}

// TestSelfSignedKeeps: a restart keeps everything; a new host costs a new
// certificate of the same authority; a lost key of the authority is an error,
// for what trusts it would trust no other.
func TestSelfSignedKeeps(t *testing.T) {
	dir := t.TempDir()
	own := selfSigned(t, dir, "localhost")
	authority, server := read(t, own.Authority), read(t, own.Server.Cert)
	selfSigned(t, dir, "localhost")
	if !bytes.Equal(server, read(t, own.Server.Cert)) {
		t.Error("the certificate was made anew for the same hosts")
	}
	selfSigned(t, dir, "localhost", "other.example.org")
	if bytes.Equal(server, read(t, own.Server.Cert)) || !bytes.Equal(authority, read(t, own.Authority)) {
		t.Error("a new host: the server's certificate must change, the authority's must not")
	}
	if err := os.Remove(own.Server.Key); err != nil {
		t.Fatal(err)
	}
	selfSigned(t, dir, "localhost")
	newServer(t, own.Server)
	if err := os.Remove(filepath.Join(dir, "ca.key")); err != nil {
		t.Fatal(err)
	}
	if _, err := SelfSigned(dir, []string{"localhost"}, writeFile); err == nil || !strings.Contains(err.Error(), "ca.key") {
		t.Errorf("without the authority's key: %v", err)
	}
}

// TestReload: a changed pair of files is used; a broken one is not, and is told.
func TestReload(t *testing.T) {
	first, second := selfSigned(t, t.TempDir(), "localhost"), selfSigned(t, t.TempDir(), "localhost")
	dir := t.TempDir()
	f := Files{filepath.Join(dir, "cert"), filepath.Join(dir, "key")}
	put := func(cert, key []byte) {
		t.Helper()
		for path, text := range map[string][]byte{f.Cert: cert, f.Key: key} {
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	put(read(t, first.Server.Cert), read(t, first.Server.Key))
	var log bytes.Buffer
	s, err := NewServer(f, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	shown := func() []byte {
		t.Helper()
		s.certificate.checked = time.Time{} // as if the period had passed
		leaf, err, _ := handshake(t, s.Config(), &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		return leaf.Raw
	}
	a := shown()
	put(read(t, second.Server.Cert), read(t, first.Server.Key)) // a pair that does not fit
	still, again := shown(), shown()
	if !bytes.Equal(a, still) || !bytes.Equal(a, again) || strings.Count(log.String(), "can't be used") != 1 {
		t.Errorf("a broken pair: the old one stays and the log says so once:\n%s", &log)
	}
	put(read(t, second.Server.Cert), read(t, second.Server.Key))
	if bytes.Equal(a, shown()) {
		t.Error("the new pair is not used")
	}
	if _, err, _ := handshake(t, s.Config(), Pinned(f.Cert)); err != nil {
		t.Errorf("pinned to the file: %v", err)
	}
	if _, err, _ := handshake(t, s.Config(), Pinned(first.Server.Cert)); err == nil {
		t.Error("pinned to another file, and connected")
	}
}

// TestClients: a port that asks for certificates takes those of its authorities
// and the process's own, and nobody else.
func TestClients(t *testing.T) {
	own, other := selfSigned(t, t.TempDir(), "localhost"), selfSigned(t, t.TempDir(), "localhost")
	clients, err := NewClients(own.Authority, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	server, err := newServer(t, own.Server).Asking(clients)
	if err != nil {
		t.Fatal(err)
	}
	load := func(f Files) tls.Certificate {
		c, err := tls.LoadX509KeyPair(f.Cert, f.Key)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, c := range []struct {
		what         string
		certificates []tls.Certificate
		good         bool
	}{
		{"none", nil, false},
		{"of the authority", []tls.Certificate{load(own.Client)}, true},
		{"of another", []tls.Certificate{load(other.Client)}, false},
		{"a server's", []tls.Certificate{load(own.Server)}, false},
		{"the process's own", []tls.Certificate{clients.Own()}, true},
	} {
		client := &tls.Config{RootCAs: pool(t, own.Authority), ServerName: "localhost"}
		client.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { // sent whatever the server asks for
			if len(c.certificates) == 0 {
				return &tls.Certificate{}, nil
			}
			return &c.certificates[0], nil
		}
		if _, _, err := handshake(t, server, client); (err == nil) != c.good {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

// TestNoFiles: mistakes name the file.
func TestNoFiles(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing")
	if _, err := NewServer(Files{missing, missing}, nil); err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("no files: %v", err)
	}
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := NewClients(text, nil); err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("no PEM: %v", err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
