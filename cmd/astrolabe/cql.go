package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
	"golang.org/x/term"

	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/tlsconfig"
)

// cqlCommand is a small CQL shell over the native protocol: one text (-e), a
// file (-f), standard input, or interactive.
type cqlCommand struct {
	Host     string `help:"Host of the CQL port; the running server of --data when not given." env:"ASTROLABE_CQL_HOST"`
	Port     int    `help:"The CQL port." default:"9042" env:"ASTROLABE_CQL_PORT"`
	User     string `help:"User name; \"token\" for an application token." short:"u" default:"token"`
	Password string `help:"Password or application token; the token file of --data when not given." short:"p" env:"ASTROLABE_TOKEN"`
	Data     string `help:"Directory of the data, to find the server and its token." default:"./data" env:"ASTROLABE_DATA" type:"path"`
	Keyspace string `help:"Keyspace to use." short:"k"`
	Execute  string `help:"Run these statements and end." short:"e" xor:"input"`
	File     string `help:"Run the statements of a file and end." short:"f" xor:"input" type:"path"`
	Secure   bool   `name:"tls" help:"Connect with TLS; the certificate must be of an authority that this machine trusts, or of --tls-ca."`
	CA       string `name:"tls-ca" help:"PEM file of the authorities to trust; turns TLS on." type:"path"`
	Cert     string `name:"tls-cert" help:"PEM file of a client certificate." type:"path"`
	Key      string `name:"tls-key" help:"PEM file of the client certificate's key." type:"path"`
	Timeout  int    `help:"Seconds to wait for an answer." default:"30"`
}

// maxScript bounds a script that is read whole, in bytes.
const maxScript = 256 << 20

// Run runs statements from where the flags say.
func (c *cqlCommand) Run(ctx context.Context, s *streams) error {
	server, password, err := c.target()
	if err != nil {
		return err
	}
	secure, err := c.tls(server)
	if err != nil {
		return err
	}
	sh := &shell{ctx: ctx, out: s.out, address: server.CQL, tls: secure, user: c.User, password: password, pageSize: 100, consistency: gocql.LocalQuorum,
		timeout: time.Duration(c.Timeout) * time.Second}
	if err := sh.connect(c.Keyspace); err != nil {
		return err
	}
	defer sh.session.Close()
	switch {
	case c.Execute != "":
		return sh.script(c.Execute)
	case c.File != "":
		f, err := os.Open(c.File)
		if err != nil {
			return fmt.Errorf("--file: %w", err)
		}
		defer f.Close()
		return sh.read(f)
	case !term.IsTerminal(int(os.Stdin.Fd())):
		return sh.read(os.Stdin)
	}
	sh.interactive = true
	return sh.loop()
}

// target finds the address and the password: what the flags say, else those of
// the server that runs on --data.
func (c *cqlCommand) target() (server endpoints, password string, err error) {
	password = c.Password
	if password == "" && c.User == "token" {
		if password, err = readToken(c.Data); err != nil {
			return endpoints{}, "", fmt.Errorf("--password is not given, and %w", err)
		}
	}
	if c.Host != "" {
		return endpoints{CQL: net.JoinHostPort(c.Host, strconv.Itoa(c.Port))}, password, nil
	}
	if e, err := readEndpoints(c.Data); err == nil {
		return e, password, nil
	}
	return endpoints{CQL: net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Port))}, password, nil
}

// tls is nil when the server speaks plain text.
func (c *cqlCommand) tls(server endpoints) (*tls.Config, error) {
	config := server.tls()
	if c.CA != "" {
		roots, err := tlsconfig.ReadPool(c.CA)
		if err != nil {
			return nil, fmt.Errorf("--tls-ca: %w", err)
		}
		config = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots}
	}
	if config == nil && (c.Secure || c.Cert != "") {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if (c.Cert == "") != (c.Key == "") {
		return nil, errors.New("--tls-cert and --tls-key go together")
	}
	if c.Cert != "" {
		pair, err := tls.LoadX509KeyPair(c.Cert, c.Key)
		if err != nil {
			return nil, fmt.Errorf("--tls-cert: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// read runs a whole script.
func (sh *shell) read(r io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(r, maxScript+1))
	if err != nil {
		return err
	}
	if len(text) > maxScript {
		return errors.New("the script is too long")
	}
	return sh.script(string(text))
}

// script runs statements one after the other and stops at the first error.
func (sh *shell) script(text string) error {
	for _, span := range cql.SplitStatements(text) {
		if err := sh.run(text[span.Start:span.End]); err != nil {
			return err
		}
	}
	return nil
}
