package main

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/tlsconfig"
)

// The files beside the store in the data directory.
func tokenPath(data string) string     { return filepath.Join(data, "admin-token") }
func appTokenPath(data string) string  { return filepath.Join(data, "app-token") }
func endpointsPath(data string) string { return filepath.Join(data, "endpoints.json") }

// tokenPlace tells people, who may be at another machine, where the token file is.
func tokenPlace(data string) string {
	host, err := os.Hostname()
	if err != nil {
		host = "an unnamed host"
	}
	return tokenPath(data) + " on " + host
}

// endpoints tells other commands on this machine where the server of a data
// directory listens. It holds no secret.
type endpoints struct {
	HTTP string `json:"http"`
	CQL  string `json:"cql"`
	GRPC string `json:"grpc"`
	// Certificate is the file of the certificate that the ports show, "" without
	// TLS.
	Certificate string `json:"certificate,omitempty"`
}

// tls is the configuration of a client of the server; nil without TLS.
func (e *endpoints) tls() *tls.Config {
	if e.Certificate == "" {
		return nil
	}
	return tlsconfig.Pinned(e.Certificate)
}

func (n *node) writeEndpoints() error {
	text, err := json.Marshal(n.endpoints)
	if err != nil {
		return err
	}
	return writeFile(endpointsPath(n.data), string(text)+"\n", 0o644)
}

func readEndpoints(data string) (endpoints, error) {
	var e endpoints
	text, err := os.ReadFile(endpointsPath(data))
	if err != nil {
		return e, err
	}
	if err := json.Unmarshal(text, &e); err != nil {
		return e, fmt.Errorf("%s: %w", endpointsPath(data), err)
	}
	return e, nil
}

// storePath is the directory of the back end's own files.
func storePath(data string) string { return filepath.Join(data, "store") }

// readToken returns the administrator's token of a data directory.
func readToken(data string) (string, error) {
	text, err := os.ReadFile(tokenPath(data))
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("--data: %s holds no token file; is it the directory of a server that has run?", data)
	}
	if err != nil {
		return "", fmt.Errorf("--data: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// writeFile replaces a file whole and makes it durable.
func writeFile(path, text string, mode fs.FileMode) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, filepath.Base(path)+".*") // new, so that mode is not an older file's
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err == nil {
		err = errors.Join(f.Chmod(mode), f.Sync())
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncDir(dir)
}

// syncDir makes the names in a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// removeFile removes a file; one that is not there is no error.
func removeFile(path string) error {
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
