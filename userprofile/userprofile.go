// Package userprofile is the User Profile app: people sign up, log in, see and
// edit their profile. It is an ordinary CQL application: it talks to the
// database through a driver and its public port only, so it runs on Astrolabe
// and on any Apache Cassandra alike.
//
//	browser (userprofile/web) --JSON over HTTP, session cookie--> handlers
//	  --> accounts, sessions (rules) --> gocql --> keyspace user_profile
//
// Its tables are users and user_credentials, as in the post that the app comes
// from, and sessions, user_sessions and user_locks of its own.
package userprofile

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// Options configure the app.
type Options struct {
	// Listener the app serves on; the app closes it.
	Listener net.Listener
	// Hosts of the database, host:port.
	Hosts []string
	// TLS, when not nil, is spoken with them.
	TLS *tls.Config
	// Username and Password of the CQL login: "token" and an application token,
	// or a role of a Cassandra cluster; both "" for one without authentication.
	Username, Password string
	// Keyspace holds the tables; it must exist.
	Keyspace string
	Log      *slog.Logger
}

// App is a running User Profile app.
type App struct {
	session *gocql.Session
	server  *http.Server
	failed  chan error
}

// limits of the HTTP server.
const (
	readTimeout    = 15 * time.Second
	writeTimeout   = 30 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 32 << 10
	queryTimeout   = 10 * time.Second
)

// Start connects to the database, makes missing tables and serves.
func Start(ctx context.Context, o Options) (*App, error) {
	cluster := gocql.NewCluster(o.Hosts...)
	cluster.Keyspace = o.Keyspace
	cluster.Consistency = gocql.LocalQuorum
	cluster.SerialConsistency = gocql.LocalSerial
	// The database stamps the writes: its clock does not go back, ours may.
	cluster.DefaultTimestamp = false
	cluster.Timeout, cluster.ConnectTimeout = queryTimeout, queryTimeout
	cluster.Logger = gocql.NewLogger(gocql.LogLevelNone) // its errors come back to us
	if o.TLS != nil {
		cluster.SslOpts = &gocql.SslOptions{Config: o.TLS}
	}
	if o.Username != "" {
		cluster.Authenticator = gocql.PasswordAuthenticator{Username: o.Username, Password: o.Password}
	}
	session, err := cluster.CreateSession()
	if err != nil {
		return nil, fmt.Errorf("user profile app: %w", err)
	}
	if err := makeTables(ctx, session); err != nil {
		session.Close()
		return nil, fmt.Errorf("user profile app: %w", err)
	}
	accounts, err := newAccounts(session, o.Log)
	if err != nil {
		session.Close()
		return nil, err
	}
	app := &App{session: session, failed: make(chan error, 1), server: &http.Server{
		Handler:     newHandler(accounts, o.Log),
		ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelWarn),
	}}
	go func() {
		if err := app.server.Serve(o.Listener); !errors.Is(err, http.ErrServerClosed) {
			app.failed <- fmt.Errorf("user profile app: %w", err)
		}
		close(app.failed)
	}()
	return app, nil
}

// Failed yields the error that ended the app before Close, if any.
func (a *App) Failed() <-chan error { return a.failed }

// Close finishes running requests until ctx ends, cuts off the rest, and
// disconnects.
func (a *App) Close(ctx context.Context) error {
	err := a.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = a.server.Close()
	}
	for range a.failed { // wait for the goroutine of Serve
	}
	a.session.Close()
	return err
}
