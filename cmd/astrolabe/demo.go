package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"

	"github.com/astrolabe-db/astrolabe/internal/access"
	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/userprofile"
)

const (
	appKeyspace = "user_profile"
	appRole     = "User Profile app"
)

// demoCommand runs serve and the User Profile app on it.
type demoCommand struct {
	serveFlags
	AppPort int `name:"app-port" help:"Port of the User Profile app; 0 picks a free one." default:"3000" env:"ASTROLABE_APP_PORT"`
}

// Run serves until ctx ends, then stops the app and drains the server.
func (c *demoCommand) Run(ctx context.Context, s *streams) error {
	appListener, err := listen("--app-port", c.Listen, c.AppPort)
	if err != nil {
		return err
	}
	n, err := c.start(ctx, s)
	if err != nil && ctx.Err() != nil {
		return appListener.Close() // told to stop before it had begun
	}
	if err != nil {
		return errors.Join(err, appListener.Close())
	}
	app, err := n.startApp(ctx, n.tls.listener(appListener))
	if err != nil {
		return errors.Join(err, appListener.Close(), n.stop(ctx))
	}
	fmt.Fprintf(s.out, "User Profile %s://%s/\n", n.tls.scheme(), appListener.Addr())
	n.announce(s)
	var failed error
	select {
	case <-ctx.Done():
	case failed = <-app.Failed():
	case failed = <-n.Failed():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), appDrainTimeout)
	defer cancel()
	return errors.Join(failed, app.Close(drain), n.stop(ctx))
}

// startApp makes the app's keyspace and its token if they are missing, and
// starts the app, which connects like any other client.
func (n *node) startApp(ctx context.Context, l net.Listener) (*userprofile.App, error) {
	if err := n.execute(ctx, userprofile.KeyspaceStatement); err != nil {
		return nil, err
	}
	token, err := n.appToken(ctx)
	if err != nil {
		return nil, err
	}
	return userprofile.Start(ctx, userprofile.Options{
		Listener: l, Hosts: []string{n.endpoints.CQL}, TLS: n.tls.client(), Username: "token", Password: token, Keyspace: appKeyspace, Log: n.log,
	})
}

// execute runs one statement on the back end, as the server itself.
func (n *node) execute(ctx context.Context, text string) error {
	parsed, err := cql.Parse(text)
	if err != nil {
		return err
	}
	prepared, err := n.backend.Prepare(ctx, parsed.Statement, parsed.Markers, "")
	if err != nil {
		return err
	}
	_, err = n.backend.Execute(ctx, prepared, &backend.Query{Consistency: backend.LocalQuorum})
	return err
}

// appToken returns the app's token, whose role reaches its keyspace only; it
// makes both when the kept one is missing or revoked.
func (n *node) appToken(ctx context.Context) (string, error) {
	text, err := os.ReadFile(appTokenPath(n.data))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("--data: %w", err)
	}
	token := strings.TrimSpace(string(text))
	if _, err := n.access.Token(ctx, token); err == nil {
		return token, nil
	}
	if _, err := n.access.Role(appRole); errors.Is(err, access.ErrNotFound) {
		if err := n.access.CreateRole(ctx, access.KeyspaceRole(appRole, appKeyspace)); err != nil {
			return "", err
		}
	}
	secret, err := n.access.CreateToken(ctx, appRole, "the User Profile app")
	if err != nil {
		return "", err
	}
	return secret.Token, writeFile(appTokenPath(n.data), secret.Token+"\n", 0o600)
}
