package cassandra_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/astrolabe-db/astrolabe/internal/cassandra"
	"github.com/astrolabe-db/astrolabe/internal/steady"
)

// TestTLS: nodes behind TLS are reached with their authority, and a certificate
// that nobody vouches for is told instead of tried for ever.
func TestTLS(t *testing.T) {
	certificate, roots := selfSigned(t)
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	address := l.Addr().String() // what the node says, too, so that all connections go through here
	n := startNode(t, "127.0.0.1:0", startEngine(t, address))
	go forward(l, n.address)
	c := connect(t, cassandra.Options{Hosts: []string{address}, TLS: &tls.Config{RootCAs: roots}})
	if r := run(t, c, "SELECT key FROM system.local"); r.RowCount != 1 {
		t.Errorf("%d rows", r.RowCount)
	}
	other, err := cassandra.Open(cassandra.Options{Hosts: []string{address}, TLS: &tls.Config{RootCAs: x509.NewCertPool()}})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	ctx, cancel := context.WithTimeout(t.Context(), steady.Timeout)
	defer cancel()
	var refused *cassandra.RefusedError
	if err := other.Connected(ctx); !errors.As(err, &refused) || refused.Setting != cassandra.TLSSetting {
		t.Errorf("an unknown authority: %v", err)
	}
}

// TestClientCertificate: nodes that ask for a certificate get it, and who has
// none is told.
func TestClientCertificate(t *testing.T) {
	certificate, roots := selfSigned(t)
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: roots})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	address := l.Addr().String()
	n := startNode(t, "127.0.0.1:0", startEngine(t, address))
	go forward(l, n.address)
	c := connect(t, cassandra.Options{Hosts: []string{address}, TLS: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{certificate}}})
	if r := run(t, c, "SELECT key FROM system.local"); r.RowCount != 1 {
		t.Errorf("%d rows", r.RowCount)
	}
	other, err := cassandra.Open(cassandra.Options{Hosts: []string{address}, TLS: &tls.Config{RootCAs: roots}})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	ctx, cancel := context.WithTimeout(t.Context(), steady.Timeout)
	defer cancel()
	var refused *cassandra.RefusedError
	if err := other.Connected(ctx); !errors.As(err, &refused) || refused.Setting != cassandra.CertificateSetting {
		t.Errorf("without a certificate: %v", err)
	}
}

// forward connects whoever connects to l with address.
func forward(l net.Listener, address string) {
	for {
		in, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer in.Close()
			out, err := net.Dial("tcp", address)
			if err != nil {
				return
			}
			defer out.Close()
			go func() { _, _ = io.Copy(out, in) }()
			_, _ = io.Copy(in, out)
		}()
	}
}

// selfSigned makes a certificate for 127.0.0.1 and the pool that vouches for it.
func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}
