package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cassandra"
	"github.com/astrolabe-db/astrolabe/internal/engine"
	"github.com/astrolabe-db/astrolabe/internal/tlsconfig"
)

// clusterFlags are the flags of a gateway in front of a Cassandra cluster.
type clusterFlags struct {
	Hosts       []string      `name:"cassandra" help:"Serve a Cassandra cluster instead of the embedded engine: its first contacts." placeholder:"HOST[:PORT],..." env:"ASTROLABE_CASSANDRA"`
	Peers       []string      `name:"peers" help:"CQL addresses of all gateways in front of the cluster; they find each other if not given." placeholder:"HOST:PORT,..." env:"ASTROLABE_PEERS"`
	Speculative time.Duration `name:"cassandra-speculative" help:"Send an idempotent statement to a second node when the first has not answered after this long; 0 never." default:"0s" env:"ASTROLABE_CASSANDRA_SPECULATIVE"`
	Timeout     time.Duration `name:"cassandra-timeout" help:"How long a node may take to read or write; longer than its own timeouts, so that its errors arrive." default:"12s" env:"ASTROLABE_CASSANDRA_TIMEOUT"`

	clusterLogin
}

// clusterLogin are the flags of everything that connects to a cluster.
type clusterLogin struct {
	User         string `name:"cassandra-user" help:"User to log in to the cluster with." env:"ASTROLABE_CASSANDRA_USER"`
	Password     string `name:"cassandra-password" help:"Password of that user; better in a file." env:"ASTROLABE_CASSANDRA_PASSWORD"`
	PasswordFile string `name:"cassandra-password-file" help:"File that holds the password." env:"ASTROLABE_CASSANDRA_PASSWORD_FILE" type:"path"`
	CA           string `name:"cassandra-ca" help:"PEM file of the authorities that sign the nodes' certificates; turns TLS on." env:"ASTROLABE_CASSANDRA_CA" type:"path"`
	Cert         string `name:"cassandra-cert" help:"PEM file of the client certificate." env:"ASTROLABE_CASSANDRA_CERT" type:"path"`
	Key          string `name:"cassandra-key" help:"PEM file of the client certificate's key." env:"ASTROLABE_CASSANDRA_KEY" type:"path"`
	AnyHost      bool   `name:"cassandra-any-hostname" help:"Take a node's certificate whatever host it names; it must be signed by one of the authorities all the same." env:"ASTROLABE_CASSANDRA_ANY_HOSTNAME"`
	Datacenter   string `name:"cassandra-dc" help:"Datacenter whose nodes are used; that of the first contact if not given." env:"ASTROLABE_CASSANDRA_DC"`
}

// settingFlags name the flag that a *cassandra.RefusedError is about.
var settingFlags = map[cassandra.Setting]string{
	cassandra.HostsSetting: "--cassandra", cassandra.CredentialsSetting: "--cassandra-user",
	cassandra.TLSSetting: "--cassandra-ca", cassandra.CertificateSetting: "--cassandra-cert", cassandra.DatacenterSetting: "--cassandra-dc",
}

// openCluster begins to connect to the cluster. address is where drivers reach
// this gateway, where it is one, and own says what they see of it in system
// tables.
func openCluster(ctx context.Context, c *clusterFlags, address netip.AddrPort, own engine.VirtualOptions, log *slog.Logger, registry prometheus.Registerer) (*cassandra.Cluster, error) {
	password, err := c.password()
	if err != nil {
		return nil, err
	}
	secure, err := c.tls()
	if err != nil {
		return nil, err
	}
	peers, err := c.peers(ctx)
	if err != nil {
		return nil, err
	}
	if c.Timeout < 0 {
		return nil, fmt.Errorf("--cassandra-timeout: %v is below zero", c.Timeout)
	}
	back, err := cassandra.Open(cassandra.Options{
		Hosts: c.Hosts, User: c.User, Password: password, TLS: secure, Datacenter: c.Datacenter, Speculative: c.Speculative, Timeout: c.Timeout,
		Address: address, Peers: peers, Log: log, Registerer: registry,
		OpenLocal: func(tables map[string]func() []map[string][]byte, reader backend.TableReader) (backend.Backend, error) {
			own.Tables, own.Reader = tables, reader
			return engine.OpenVirtual(own)
		},
	})
	if err != nil {
		return nil, fmt.Errorf("--cassandra: %w", err)
	}
	return back, nil
}

// flagged names the flag in the error of connecting to a cluster.
func flagged(err error) error {
	var refused *cassandra.RefusedError
	if errors.As(err, &refused) {
		return fmt.Errorf("%s: %w", settingFlags[refused.Setting], err)
	}
	return err
}

// password is the one given, or the one in the file, whose last line end does
// not count.
func (c *clusterLogin) password() (string, error) {
	switch {
	case c.PasswordFile == "":
		return c.Password, nil
	case c.Password != "":
		return "", errors.New("--cassandra-password-file: --cassandra-password is given as well")
	}
	text, err := os.ReadFile(c.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("--cassandra-password-file: %w", err)
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}

// peers resolves --peers.
func (c *clusterFlags) peers(ctx context.Context) ([]netip.AddrPort, error) {
	var all []netip.AddrPort
	for _, peer := range c.Peers {
		address, err := resolve(ctx, peer)
		if err != nil {
			return nil, fmt.Errorf("--peers: %w", err)
		}
		all = append(all, address)
	}
	return all, nil
}

// tls is nil when none of its flags is given.
func (c *clusterLogin) tls() (*tls.Config, error) {
	if c.CA == "" && c.Cert == "" && c.Key == "" {
		return nil, nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CA != "" {
		var err error
		if config.RootCAs, err = tlsconfig.ReadPool(c.CA); err != nil {
			return nil, fmt.Errorf("--cassandra-ca: %w", err)
		}
	}
	if c.AnyHost {
		config.InsecureSkipVerify, config.VerifyConnection = true, verifyChain(config.RootCAs)
	}
	if (c.Cert == "") != (c.Key == "") {
		return nil, errors.New("--cassandra-cert and --cassandra-key go together")
	}
	if c.Cert != "" {
		pair, err := tls.LoadX509KeyPair(c.Cert, c.Key)
		if err != nil {
			return nil, fmt.Errorf("--cassandra-cert: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// verifyChain checks a certificate as crypto/tls does, but for the host name;
// roots nil are the system's.
func verifyChain(roots *x509.CertPool) func(tls.ConnectionState) error {
	return func(s tls.ConnectionState) error {
		o := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool()}
		for _, c := range s.PeerCertificates[1:] {
			o.Intermediates.AddCert(c)
		}
		if _, err := s.PeerCertificates[0].Verify(o); err != nil {
			return &tls.CertificateVerificationError{UnverifiedCertificates: s.PeerCertificates, Err: err}
		}
		return nil
	}
}
