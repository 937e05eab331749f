package tlsconfig

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"time"
)

// pair is a certificate with its key.
type pair struct {
	leaf *x509.Certificate
	key  crypto.Signer
}

// clockSkew is by how much certificates begin before they are made, for
// machines whose clock is behind.
const clockSkew = time.Hour

func authorityTemplate() *x509.Certificate {
	return &x509.Certificate{
		Subject: pkix.Name{Organization: []string{"Astrolabe"}, CommonName: "Astrolabe authority"}, NotAfter: time.Now().Add(authorityValidity),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
}

func serverTemplate(hosts []string) *x509.Certificate {
	t := &x509.Certificate{
		Subject: pkix.Name{Organization: []string{"Astrolabe"}, CommonName: "Astrolabe server"}, NotAfter: time.Now().Add(maxValidity - 2*clockSkew),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, host)
		}
	}
	return t
}

func clientTemplate(name string) *x509.Certificate {
	return &x509.Certificate{
		Subject: pkix.Name{Organization: []string{"Astrolabe"}, CommonName: name}, NotAfter: time.Now().Add(maxValidity - 2*clockSkew),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
}

// ownClient is a client certificate that nobody has signed but itself.
func ownClient() (*tls.Certificate, error) {
	template := clientTemplate("astrolabe")
	template.NotAfter = time.Now().Add(authorityValidity) // for as long as a process may run
	p, err := newPair(template, nil)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{p.leaf.Raw}, PrivateKey: p.key, Leaf: p.leaf}, nil
}

// newPair makes a key and its certificate, signed by issuer or, when that is
// nil, by itself.
func newPair(template *x509.Certificate, issuer *pair) (*pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	if template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)); err != nil {
		return nil, err
	}
	template.NotBefore = time.Now().Add(-clockSkew)
	if issuer == nil {
		issuer = &pair{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer.leaf, key.Public(), issuer.key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	return &pair{leaf, key}, err
}

// readPair reads a certificate with its key.
func readPair(f Files) (*pair, error) {
	c, err := tls.LoadX509KeyPair(f.Cert, f.Key)
	if err != nil {
		return nil, err
	}
	key, ok := c.PrivateKey.(crypto.Signer)
	if !ok {
		return nil, errors.New(f.Key + " holds a key that can't sign")
	}
	return &pair{c.Leaf, key}, nil
}

func (p *pair) certPEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.leaf.Raw}))
}

func (p *pair) keyPEM() (string, error) {
	der, err := x509.MarshalPKCS8PrivateKey(p.key)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), err
}

// parseCertificate is the first certificate of a PEM text.
func parseCertificate(text []byte) (*x509.Certificate, error) {
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return nil, errors.New("no certificate in PEM")
		}
		if block.Type == "CERTIFICATE" {
			return x509.ParseCertificate(block.Bytes)
		}
	}
}
