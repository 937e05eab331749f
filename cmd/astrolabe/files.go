package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The files beside the store in the data directory.
func tokenPath(data string) string     { return filepath.Join(data, "admin-token") }
func appTokenPath(data string) string  { return filepath.Join(data, "app-token") }
func endpointsPath(data string) string { return filepath.Join(data, "endpoints.json") }

// endpoints tells other commands on this machine where the server of a data
// directory listens. It holds no secret.
type endpoints struct {
	HTTP string `json:"http"`
	CQL  string `json:"cql"`
}

func (n *node) writeEndpoints() error {
	text, err := json.Marshal(endpoints{HTTP: n.HTTPAddr(), CQL: n.CQLAddr()})
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
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
