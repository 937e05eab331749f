package main

import (
	"context"
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
	Timeout  int    `help:"Seconds to wait for an answer." default:"30"`
}

// maxScript bounds a script that is read whole, in bytes.
const maxScript = 256 << 20

// Run runs statements from where the flags say.
func (c *cqlCommand) Run(ctx context.Context, s *streams) error {
	address, password, err := c.target()
	if err != nil {
		return err
	}
	sh := &shell{ctx: ctx, out: s.out, address: address, user: c.User, password: password, pageSize: 100, consistency: gocql.LocalQuorum,
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
func (c *cqlCommand) target() (address, password string, err error) {
	password = c.Password
	if password == "" && c.User == "token" {
		if password, err = readToken(c.Data); err != nil {
			return "", "", fmt.Errorf("--password is not given, and %w", err)
		}
	}
	if c.Host != "" {
		return net.JoinHostPort(c.Host, strconv.Itoa(c.Port)), password, nil
	}
	if e, err := readEndpoints(c.Data); err == nil {
		return e.CQL, password, nil
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Port)), password, nil
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
