package tlsconfig

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"time"
)

// The certificates of SelfSigned. A certificate that has less than renewBefore
// left is made anew at the next start; maxValidity is the most that browsers take.
const (
	authorityValidity = 10 * 365 * 24 * time.Hour
	maxValidity       = 825 * 24 * time.Hour
	renewBefore       = 90 * 24 * time.Hour
)

// Own are the files of an authority of the server's own.
type Own struct {
	// Authority is the certificate that clients have to trust.
	Authority string
	// Server is for the doors, Client for clients of a port that asks them for a
	// certificate of this authority.
	Server, Client Files
}

// WriteFile replaces a file whole and makes it durable.
type WriteFile func(path, text string, mode fs.FileMode) error

// SelfSigned makes an authority in dir unless there is one, and certificates
// for hosts – names and addresses – unless there are good ones. All files are
// readable by their owner alone.
func SelfSigned(dir string, hosts []string, write WriteFile) (Own, error) {
	in := func(name string) string { return filepath.Join(dir, name) }
	own := Own{
		Authority: in("ca.crt"),
		Server:    Files{in("server.crt"), in("server.key")},
		Client:    Files{in("client.crt"), in("client.key")},
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return own, err
	}
	authority, err := openAuthority(Files{own.Authority, in("ca.key")}, write)
	if err != nil {
		return own, err
	}
	if !authority.good(own.Server, hosts) {
		if err := authority.issue(own.Server, serverTemplate(hosts), write); err != nil {
			return own, err
		}
	}
	if !authority.good(own.Client, nil) {
		err = authority.issue(own.Client, clientTemplate("astrolabe client"), write)
	}
	return own, err
}

// openAuthority reads the authority, or makes one where there is none.
func openAuthority(f Files, write WriteFile) (*pair, error) {
	if _, err := os.Stat(f.Cert); !errors.Is(err, fs.ErrNotExist) {
		p, err := readPair(f)
		if err != nil {
			return nil, fmt.Errorf("the authority of --tls self: %w", err)
		}
		return p, nil
	}
	p, err := newPair(authorityTemplate(), nil)
	if err != nil {
		return nil, err
	}
	return p, p.write(f, write)
}

// good reports whether the certificate can serve hosts a while longer.
func (p *pair) good(f Files, hosts []string) bool {
	have, err := readPair(f)
	if err != nil || have.leaf.CheckSignatureFrom(p.leaf) != nil || time.Until(have.leaf.NotAfter) < renewBefore {
		return false
	}
	for _, host := range hosts {
		if !names(have.leaf, host) {
			return false
		}
	}
	return true
}

// names reports whether a certificate has a host's very name or address.
func names(c *x509.Certificate, host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		for _, have := range c.IPAddresses {
			if have.Equal(ip) {
				return true
			}
		}
		return false
	}
	for _, have := range c.DNSNames {
		if have == host {
			return true
		}
	}
	return false
}

// issue makes a certificate and its key.
func (p *pair) issue(f Files, template *x509.Certificate, write WriteFile) error {
	made, err := newPair(template, p)
	if err != nil {
		return err
	}
	return made.write(f, write)
}

// write writes the key first: a certificate without it would never be used, nor
// made anew.
func (p *pair) write(f Files, write WriteFile) error {
	key, err := p.keyPEM()
	if err != nil {
		return err
	}
	if err := write(f.Key, key, 0o600); err != nil {
		return err
	}
	return write(f.Cert, p.certPEM(), 0o600)
}
