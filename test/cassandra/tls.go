package cassandra

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// The files of a node with Options.TLS, in its directory: its key and
// certificate, and those of a client, with the authority that signed both.
const (
	nodeFile       = "node.pem"
	authorityFile  = "ca.pem"
	clientCertFile = "client.pem"
	clientKeyFile  = "client-key.pem"
)

// CAFile, CertFile and KeyFile are what a client of a node with Options.TLS
// needs, in PEM.
func (n *Node) CAFile() string { return filepath.Join(n.dir, authorityFile) }

// CertFile is the client's certificate.
func (n *Node) CertFile() string { return filepath.Join(n.dir, clientCertFile) }

// KeyFile is the client's key.
func (n *Node) KeyFile() string { return filepath.Join(n.dir, clientKeyFile) }

// makeCertificates writes the files, unless they are there.
func (n *Node) makeCertificates() error {
	if _, err := os.Stat(n.CAFile()); err == nil {
		return nil
	}
	authority, err := newAuthority()
	if err != nil {
		return err
	}
	key, cert, err := authority.sign("node", net.ParseIP(n.place.Address))
	if err != nil {
		return err
	}
	clientKey, clientCert, err := authority.sign("client", nil)
	if err != nil {
		return err
	}
	for name, text := range map[string][]byte{
		nodeFile: append(key, cert...), clientKeyFile: clientKey, clientCertFile: clientCert, authorityFile: authority.pem(),
	} {
		if err := os.WriteFile(filepath.Join(n.dir, name), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// authority signs certificates that are good for a day.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := certificateOf("authority")
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	return &authority{certificate, key}, err
}

func certificateOf(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
}

// sign makes a key (PKCS #8) and its certificate, both in PEM.
func (a *authority) sign(name string, address net.IP) (key, certificate []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, err
	}
	template := certificateOf(name)
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	if address != nil {
		template.IPAddresses = []net.IP{address}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &private.PublicKey, a.key)
	return block("PRIVATE KEY", pkcs8), block("CERTIFICATE", der), err
}

func (a *authority) pem() []byte { return block("CERTIFICATE", a.certificate.Raw) }

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}
