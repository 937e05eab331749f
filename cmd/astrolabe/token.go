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
	"net/url"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/access"
)

// tokenCommand manages application tokens: through the running server of the
// data directory if there is one, else in the directory itself; those of gateways
// in their cluster.
type tokenCommand struct {
	Data string `help:"Directory of the data." default:"./data" env:"ASTROLABE_DATA" type:"path"`

	Cluster tokenClusterFlags `embed:"" group:"Tokens of gateways in front of a Cassandra cluster:"`

	Create tokenCreate `cmd:"" help:"Make a token and print it once."`
	List   tokenList   `cmd:"" help:"List tokens (never their secrets)."`
	Revoke tokenRevoke `cmd:"" help:"Revoke a token by its client id; it stops working at once."`
}

type tokenCreate struct {
	Role        string `help:"Name or id of the role." default:"Database Administrator"`
	Description string `help:"What the token is for." default:""`
}

type tokenList struct{}

type tokenRevoke struct {
	ClientID string `arg:"" help:"Client id: the 24 characters behind AstraCS: in the token; the whole token will do."`
}

// tokens is what the three commands need, on either way.
type tokens interface {
	create(ctx context.Context, role, description string) (clientID, clientSecret, token string, err error)
	list(ctx context.Context) ([]tokenRow, error)
	revoke(ctx context.Context, clientID string) error
}

type tokenRow struct{ clientID, role, created, description string }

func (c *tokenCreate) Run(ctx context.Context, parent *tokenCommand, s *streams) error {
	return parent.with(ctx, func(t tokens) error {
		id, secret, token, err := t.create(ctx, c.Role, c.Description)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.out, "client id      %s\nclient secret  %s\ntoken          %s\n", id, secret, token)
		return err
	})
}

func (c *tokenList) Run(ctx context.Context, parent *tokenCommand, s *streams) error {
	return parent.with(ctx, func(t tokens) error {
		rows, err := t.list(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "CLIENT ID\tROLE\tCREATED\tDESCRIPTION")
		for _, r := range rows {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.clientID, r.role, r.created, r.description)
		}
		return w.Flush()
	})
}

func (c *tokenRevoke) Run(ctx context.Context, parent *tokenCommand, s *streams) error {
	return parent.with(ctx, func(t tokens) error {
		id := c.ClientID
		if within, ok := access.ClientID(id); ok {
			id = within
		}
		if err := t.revoke(ctx, id); err != nil {
			return err
		}
		_, err := fmt.Fprintf(s.out, "revoked %s\n", id)
		return err
	})
}

// with goes to the cluster if one is named. Else it tries the directory itself
// first. Only when a server holds it are its addresses true: after a crash
// another process may listen there, and must not be sent the administrator's
// token.
func (c *tokenCommand) with(ctx context.Context, f func(tokens) error) error {
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
	return f(newRemoteTokens(e, admin))
}

// locally opens the data directory, which no server holds.
func (c *tokenCommand) locally(ctx context.Context, f func(tokens) error) (err error) {
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
	return f(localTokens{store})
}

type localTokens struct{ store *access.Store }

func (l localTokens) create(ctx context.Context, role, description string) (string, string, string, error) {
	secret, err := l.store.CreateToken(ctx, role, description)
	if err != nil {
		return "", "", "", err
	}
	return secret.ClientID, secret.ClientSecret, secret.Token, nil
}

func (l localTokens) list(context.Context) ([]tokenRow, error) {
	var rows []tokenRow
	for _, t := range l.store.Tokens() {
		role := t.Role.String()
		if r, err := l.store.Role(role); err == nil {
			role = r.Name
		}
		rows = append(rows, tokenRow{t.ClientID, role, t.Created.Format(time.RFC3339), t.Description})
	}
	return rows, nil
}

func (l localTokens) revoke(ctx context.Context, clientID string) error {
	return l.store.RevokeToken(ctx, clientID)
}

// remoteTokens asks a running server through its DevOps API.
type remoteTokens struct {
	base, token string
	client      *http.Client
}

// remoteTimeout bounds one call.
const remoteTimeout = 30 * time.Second

func newRemoteTokens(e endpoints, token string) *remoteTokens {
	scheme, secure := "http://", e.tls()
	if secure != nil {
		scheme = "https://"
	}
	// No proxy: the token goes to this server and nowhere else.
	transport := &http.Transport{DisableKeepAlives: true, TLSClientConfig: secure}
	return &remoteTokens{scheme + e.HTTP, token, &http.Client{Timeout: remoteTimeout, Transport: transport}}
}

// maxAnswer bounds what is read of the server's answer, in bytes.
const maxAnswer = 16 << 20

// call sends body as JSON and decodes the answer into out.
func (r *remoteTokens) call(ctx context.Context, method, path string, body, out any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, r.base+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+r.token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := r.client.Do(request)
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

func (r *remoteTokens) create(ctx context.Context, role, description string) (string, string, string, error) {
	var out struct{ ClientID, Secret, Token string }
	err := r.call(ctx, http.MethodPost, "/v2/clientIdSecrets", map[string]any{"roles": []string{role}, "description": description}, &out)
	return out.ClientID, out.Secret, out.Token, err
}

func (r *remoteTokens) list(ctx context.Context) ([]tokenRow, error) {
	var roles []struct{ ID, Name string }
	if err := r.call(ctx, http.MethodGet, "/v2/organizations/roles", nil, &roles); err != nil {
		return nil, err
	}
	var out struct {
		Clients []struct {
			ClientID, GeneratedOn, Description string
			Roles                              []string
		}
	}
	if err := r.call(ctx, http.MethodGet, "/v2/clientIdSecrets", nil, &out); err != nil {
		return nil, err
	}
	var rows []tokenRow
	for _, c := range out.Clients {
		row := tokenRow{c.ClientID, "", c.GeneratedOn, c.Description}
		for _, role := range roles {
			if len(c.Roles) == 1 && role.ID == c.Roles[0] {
				row.role = role.Name
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// revoke looks first: the API answers alike for a token that never was.
func (r *remoteTokens) revoke(ctx context.Context, clientID string) error {
	rows, err := r.list(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(rows, func(row tokenRow) bool { return row.clientID == clientID }) {
		return fmt.Errorf("token %q: %w", clientID, access.ErrNotFound)
	}
	return r.call(ctx, http.MethodDelete, "/v2/clientIdSecrets/"+url.PathEscape(clientID), nil, nil)
}
