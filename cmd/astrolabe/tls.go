package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/tlsconfig"
)

// tlsFlags are the flags about TLS at the doors.
type tlsFlags struct {
	Mode     string `name:"tls" help:"self: speak TLS on every port with a certificate of an authority of the server's own, made below --data." enum:"off,self" default:"off" env:"ASTROLABE_TLS"`
	Cert     string `name:"tls-cert" help:"PEM file of the certificate: turns TLS on at every port. Read again when it changes." env:"ASTROLABE_TLS_CERT" type:"path"`
	Key      string `name:"tls-key" help:"PEM file of the certificate's key." env:"ASTROLABE_TLS_KEY" type:"path"`
	ClientCA string `name:"tls-client-ca" help:"PEM file of authorities: the CQL port lets only clients in that have a certificate of one of them." env:"ASTROLABE_TLS_CLIENT_CA" type:"path"`
	Insecure bool   `name:"insecure" help:"Listen without TLS at an address that other machines can reach." env:"ASTROLABE_INSECURE"`
}

// on reports whether the doors are to speak TLS.
func (f *tlsFlags) on() bool { return f.Mode == "self" || f.Cert != "" || f.Key != "" }

// doorTLS is what the doors need for TLS, and what this process needs to
// connect to them; nil without TLS.
type doorTLS struct {
	http, cql *tls.Config
	// certificate is the file of the server's certificate.
	certificate string
	// authority is the file that clients have to trust, "" for a certificate that
	// was given.
	authority string
	clients   *tlsconfig.Clients // nil unless the CQL port asks for certificates
}

// tlsPath is the directory of the server's own certificates.
func tlsPath(data string) string { return filepath.Join(data, "tls") }

// open makes the configuration of the doors. An address that other machines can
// reach must have one.
func (f *tlsFlags) open(ctx context.Context, c *serveFlags, log *slog.Logger) (*doorTLS, error) {
	switch {
	case (f.Cert == "") != (f.Key == ""):
		return nil, errors.New("--tls-cert and --tls-key go together")
	case f.Mode == "self" && f.Cert != "":
		return nil, errors.New("--tls: self makes a certificate, and --tls-cert gives another")
	case f.ClientCA != "" && !f.on():
		return nil, errors.New("--tls-client-ca: there is no TLS without --tls-cert and --tls-key, or --tls self")
	case !f.on():
		return nil, f.plain(ctx, c.Listen)
	}
	d := &doorTLS{certificate: f.Cert}
	files, flag := tlsconfig.Files{Cert: f.Cert, Key: f.Key}, "--tls-cert"
	if f.Mode == "self" {
		own, err := tlsconfig.SelfSigned(tlsPath(c.Data), ownHosts(c), writeFile)
		if err != nil {
			return nil, fmt.Errorf("--tls: %w", err)
		}
		files, flag = own.Server, "--tls"
		d.certificate, d.authority = own.Server.Cert, own.Authority
	}
	server, err := tlsconfig.NewServer(files, log)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	d.http, d.cql = server.Config(), server.Config()
	if f.ClientCA != "" {
		if d.clients, err = tlsconfig.NewClients(f.ClientCA, log); err == nil {
			d.cql, err = server.Asking(d.clients)
		}
		if err != nil {
			return nil, fmt.Errorf("--tls-client-ca: %w", err)
		}
	}
	return d, nil
}

// plain refuses to listen without TLS where other machines can connect.
func (f *tlsFlags) plain(ctx context.Context, host string) error {
	if f.Insecure {
		return nil
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if host == "" {
		ips, err = []netip.Addr{netip.IPv4Unspecified()}, nil
	}
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	for _, ip := range ips {
		if !ip.Unmap().IsLoopback() {
			return fmt.Errorf("--listen: other machines can reach %s, and tokens would pass in plain text: give --tls-cert and --tls-key, or --tls self, or --insecure", cmp.Or(host, "the server"))
		}
	}
	return nil
}

// ownHosts are the names and addresses that clients may know the server by.
func ownHosts(c *serveFlags) []string {
	hosts := []string{"localhost", "*.localhost", "127.0.0.1", "::1"}
	add := func(host string) {
		if host != "" && !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	if name, err := os.Hostname(); err == nil {
		add(name)
	}
	listen := strings.Trim(c.Listen, "[]")
	ip, err := netip.ParseAddr(listen)
	switch {
	case err != nil:
		add(listen)
	case !ip.IsUnspecified():
		add(ip.String())
	default:
		for _, own := range interfaceAddresses() {
			add(own)
		}
	}
	advertised, _, err := net.SplitHostPort(c.Advertise)
	if err != nil {
		advertised = strings.Trim(c.Advertise, "[]")
	}
	add(advertised)
	return hosts
}

// interfaceAddresses are the addresses of this machine that others can use;
// none when the system does not tell.
func interfaceAddresses() []string {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var hosts []string
	for _, a := range all {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil && !prefix.Addr().IsLinkLocalUnicast() {
			hosts = append(hosts, prefix.Addr().Unmap().String())
		}
	}
	return hosts
}

// scheme is that of the HTTP doors' URLs.
func (d *doorTLS) scheme() string {
	if d == nil {
		return "http"
	}
	return "https"
}

// client is the configuration of a client in this process; nil without TLS.
func (d *doorTLS) client() *tls.Config {
	if d == nil {
		return nil
	}
	config := tlsconfig.Pinned(d.certificate)
	if d.clients != nil {
		config.Certificates = []tls.Certificate{d.clients.Own()}
	}
	return config
}

// listener speaks TLS on what l accepts; it is l without TLS.
func (d *doorTLS) listener(l net.Listener) net.Listener {
	if d == nil {
		return l
	}
	return tls.NewListener(l, d.http)
}
