package tlsconfig

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
)

// Files name a certificate, with those of the authorities between it and the
// root behind it, and its key, both in PEM.
type Files struct{ Cert, Key string }

// Server holds the certificate that the doors show.
type Server struct {
	files       Files
	certificate watched[*tls.Certificate]
}

// NewServer reads the files. They are read again when they change.
func NewServer(f Files, log *slog.Logger) (*Server, error) {
	s := &Server{files: f}
	s.certificate = watched[*tls.Certificate]{paths: []string{f.Cert, f.Key}, log: log, load: func() (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
		return &pair, err
	}}
	if err := s.certificate.open(); err != nil {
		return nil, err
	}
	return s, nil
}

// Config is of a door that asks clients for no certificate. Callers may change
// a Clone of it.
func (s *Server) Config() *tls.Config {
	return &tls.Config{MinVersion: minVersion, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		return s.certificate.get(), nil
	}}
}

// Clients are the authorities that sign the certificates of clients.
type Clients struct {
	path string
	own  *tls.Certificate
	log  *slog.Logger
}

// NewClients reads the authorities of a PEM file. It is read again when it
// changes.
func NewClients(path string, log *slog.Logger) (*Clients, error) {
	if _, err := ReadPool(path); err != nil {
		return nil, err
	}
	own, err := ownClient()
	if err != nil {
		return nil, err
	}
	return &Clients{path: path, own: own, log: log}, nil
}

// Own is a client certificate that exists in this process's memory alone, for
// those of its parts that connect to a door of its own.
func (c *Clients) Own() tls.Certificate { return *c.own }

// Asking is the configuration of a door that lets only clients in whose
// certificate one of the authorities has signed.
func (s *Server) Asking(c *Clients) (*tls.Config, error) {
	// One configuration for as long as the file is the same: it holds the keys
	// that clients resume their sessions with.
	current := &watched[*tls.Config]{paths: []string{c.path}, log: c.log, load: func() (*tls.Config, error) {
		pool, err := ReadPool(c.path)
		if err != nil {
			return nil, err
		}
		pool.AddCert(c.own.Leaf)
		config := s.Config()
		config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, pool
		return config, nil
	}}
	if err := current.open(); err != nil {
		return nil, err
	}
	config := s.Config()
	config.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return current.get(), nil }
	return config, nil
}

// ReadPool reads a PEM file of certificates of authorities.
func ReadPool(path string) (*x509.CertPool, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate in PEM", path)
	}
	return pool, nil
}

// errOther: what is at that address is not the server of the file.
var errOther = errors.New("the server shows another certificate than the one in its file")

// Pinned is the configuration of a client on the server's machine: it trusts
// the certificate in the file, which stands there as the server's token does,
// and none besides, whatever host it names.
func Pinned(path string) *tls.Config {
	return &tls.Config{MinVersion: minVersion, InsecureSkipVerify: true, VerifyConnection: func(s tls.ConnectionState) error {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		leaf, err := parseCertificate(text)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if !leaf.Equal(s.PeerCertificates[0]) {
			return errOther
		}
		return nil
	}}
}
