package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"time"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/gateway/devops"
)

// administration is how the commands about tokens, roles and users reach access
// control: always through the DevOps API, be it of the running server of the data
// directory or, without one, in this process on the directory itself.
type administration struct {
	base   string
	token  string // "" within this process
	client *http.Client
}

// administered is what such a command is about: a data directory, or the cluster
// of gateways.
type administered struct {
	Data string `help:"Directory of the data." default:"./data" env:"ASTROLABE_DATA" type:"path"`

	Cluster tokenClusterFlags `embed:"" group:"Tokens of gateways in front of a Cassandra cluster:"`
}

// with goes to the cluster if one is named. Else it tries the directory itself
// first. Only when a server holds it are its addresses true: after a crash
// another process may listen there, and must not be sent the administrator's
// token.
func (c *administered) with(ctx context.Context, f func(*administration) error) error {
	if c.Cluster.named() {
		return c.inCluster(ctx, f)
	}
	if _, err := os.Stat(storePath(c.Data)); err != nil {
		if ofGateway(c.Data) {
			return fmt.Errorf("--data: %s is the directory of a gateway, whose tokens are in the cluster: name that with --cassandra", c.Data)
		}
		return fmt.Errorf("--data: %s is not the directory of a server that has run: %w", c.Data, err)
	}
	err := c.locally(ctx, f)
	if !errors.Is(err, errDataInUse) {
		return err
	}
	admin, err := readToken(c.Data)
	if err != nil {
		return err
	}
	e, err := readEndpoints(c.Data)
	if err != nil {
		return fmt.Errorf("--data: %s %w, which does not serve yet: %w", c.Data, errDataInUse, err)
	}
	return f(remoteAdministration(e, admin))
}

// locally opens the data directory, which no server holds.
func (c *administered) locally(ctx context.Context, f func(*administration) error) (err error) {
	quiet := slog.New(slog.DiscardHandler)
	back, err := (&node{log: quiet}).openEngine(&serveFlags{Data: c.Data}, netip.AddrPort{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, back.Close()) }()
	store, err := access.Open(ctx, back)
	if err != nil {
		return err
	}
	if store.Database().ID == uuid.Nil {
		return fmt.Errorf("--data: %s has no database yet: start the server once", c.Data)
	}
	return f(onStore(store))
}

// remoteTimeout bounds one call.
const remoteTimeout = 30 * time.Second

func remoteAdministration(e endpoints, token string) *administration {
	scheme, secure := "http://", e.tls()
	if secure != nil {
		scheme = "https://"
	}
	// No proxy: the token goes to this server and nowhere else.
	transport := &http.Transport{DisableKeepAlives: true, TLSClientConfig: secure}
	return &administration{scheme + e.HTTP, token, &http.Client{Timeout: remoteTimeout, Transport: transport}}
}

// onStore works on the tables themselves.
func onStore(store *access.Store) *administration {
	door := localDoor{devops.New(store, slog.New(slog.DiscardHandler)), store.Operator()}
	return &administration{base: "http://localhost", client: &http.Client{Transport: door}}
}

// maxAnswer bounds what is read of the server's answer, in bytes.
const maxAnswer = 16 << 20

// call sends body as JSON and decodes the answer into out, if that is not nil.
func (a *administration) call(ctx context.Context, method, path string, body, out any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, a.base+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+a.token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := a.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err = io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return err
	}
	if answer.StatusCode >= 300 {
		return remoteError(answer.Status, text)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}

func remoteError(status string, text []byte) error {
	var e struct {
		Errors []struct{ Message string }
	}
	if json.Unmarshal(text, &e) == nil && len(e.Errors) > 0 {
		return errors.New(e.Errors[0].Message)
	}
	return fmt.Errorf("the server answered %s", status)
}

// localDoor is the DevOps API within this process, for who has the data
// directory in hand.
type localDoor struct {
	door *devops.Handler
	who  *access.Principal
}

// RoundTrip implements http.RoundTripper.
func (d localDoor) RoundTrip(r *http.Request) (*http.Response, error) {
	w := &answerWriter{header: http.Header{}, status: http.StatusOK}
	d.door.ServeAs(w, r, d.who)
	return &http.Response{
		Status: fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)), StatusCode: w.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r,
	}, nil
}

// answerWriter keeps an answer in memory.
type answerWriter struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (w *answerWriter) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *answerWriter) WriteHeader(status int) { w.status = status }

// Write implements http.ResponseWriter.
func (w *answerWriter) Write(p []byte) (int, error) { return w.body.Write(p) }
