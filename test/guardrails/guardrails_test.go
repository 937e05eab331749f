package guardrails

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/guardrail/guardrailtest"
	"github.com/astrolabe-db/astrolabe/internal/wire"
	"github.com/astrolabe-db/astrolabe/internal/wire/wiretest"
	"github.com/astrolabe-db/astrolabe/test/cassandra"
	"github.com/astrolabe-db/astrolabe/test/harness"
)

// files are the cases that are Cassandra's.
var files = []string{"cassandra_rows", "cassandra_schema", "cassandra_prepare"}

// TestServer plays the cases on the binary: its warnings are in RESULT and in
// ERROR frames as Cassandra's are. A superuser logs in as a role of CQL; the
// ordinary user has a token, an administrator's even.
func TestServer(t *testing.T) {
	for _, name := range files {
		t.Run(name, func(t *testing.T) {
			play(t, name, true, func(t *testing.T, limits []guardrailtest.Limit) *clients {
				args := []string{"--guardrails", "cassandra"}
				for _, l := range limits {
					args = append(args, "--guardrail", l.Name+"="+l.Value)
				}
				server, err := harness.Launch("serve", filepath.Join(t.TempDir(), "data"), args...)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = server.Stop() })
				c := &clients{ordinary: login(t, server.CQL, "token", server.Token)}
				c.mustRun(t, c.ordinary, "CREATE ROLE admin WITH PASSWORD = 'admin' AND LOGIN = true AND SUPERUSER = true")
				c.super = login(t, server.CQL, "admin", "admin")
				return c
			})
		})
	}
}

// TestCassandra plays those of the cases that are Cassandra's on one.
func TestCassandra(t *testing.T) {
	for _, name := range files {
		t.Run(name, func(t *testing.T) {
			play(t, name, false, func(t *testing.T, limits []guardrailtest.Limit) *clients {
				node, err := cassandra.Start(t.Context(), cassandra.Options{Auth: true, FastSchema: true, Light: true, Settings: settings(limits)})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = node.Stop() })
				c := &clients{super: firstLogin(t, node.Addr)}
				c.mustRun(t, c.super, "CREATE ROLE limited WITH PASSWORD = 'limited' AND LOGIN = true")
				c.mustRun(t, c.super, "GRANT ALL PERMISSIONS ON ALL KEYSPACES TO limited")
				c.ordinary = login(t, node.Addr, "limited", "limited")
				return c
			})
		})
	}
}

// play plays a file, on whatever open starts with its limits.
func play(t *testing.T, name string, ours bool, open func(*testing.T, []guardrailtest.Limit) *clients) {
	var c *clients
	datadriven.RunTest(t, filepath.Join(harness.Root(), "internal", "guardrail", "testdata", name), func(t *testing.T, d *datadriven.TestData) string {
		switch d.Cmd {
		case "limits":
			_, limits := guardrailtest.Limits(d)
			c = open(t, limits)
			made := c.run(t, c.ordinary, guardrailtest.Request{Text: guardrailtest.CreateKeyspace, Consistency: backend.LocalQuorum}).String()
			c.mustRun(t, c.ordinary, "USE ks")
			c.mustRun(t, c.super, "USE ks")
			return made
		case "run":
			requests, err := guardrailtest.Requests(d)
			if err != nil {
				d.Fatalf(t, "%v", err)
			}
			var out strings.Builder
			for _, r := range requests {
				as := c.ordinary
				if r.Super {
					as = c.super
				}
				out.WriteString(c.run(t, as, r).String())
			}
			if !ours && guardrailtest.Ours(d) {
				return d.Expected // it was run for what follows
			}
			return anyPort.ReplaceAllString(out.String(), "${1}7000")
		}
		d.Fatalf(t, "unknown command %q", d.Cmd)
		return ""
	})
}

// anyPort is the address of a node in an error.
var anyPort = regexp.MustCompile(`(from /127\.0\.0\.1:)\d+`)

// settings are limits in cassandra.yaml.
func settings(limits []guardrailtest.Limit) string {
	var yaml strings.Builder
	for _, l := range limits {
		switch {
		case l.Ours:
		case strings.HasPrefix(l.Name, "write_consistency_levels") || strings.HasPrefix(l.Name, "table_properties"):
			fmt.Fprintf(&yaml, "%s: [%s]\n", l.Name, l.Value)
		default:
			fmt.Fprintf(&yaml, "%s: %s\n", l.Name, l.Value)
		}
	}
	return yaml.String()
}

// clients are the connections that cases are played on.
type clients struct{ ordinary, super *wiretest.Client }

// patience bounds the waiting for what always comes.
const patience = 5 * time.Minute

func login(t *testing.T, address, user, password string) *wiretest.Client {
	t.Helper()
	c, err := wiretest.Dial(address, wire.V5)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.Conn.SetDeadline(time.Now().Add(patience))
	if err := c.Login(user, password, nil); err != nil {
		t.Fatal(err)
	}
	return c
}

// firstLogin waits until a Cassandra has made its first superuser.
func firstLogin(t *testing.T, address string) *wiretest.Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		c, err := wiretest.Dial(address, wire.V5)
		if err == nil {
			if err = c.Login("cassandra", "cassandra", nil); err == nil {
				_ = c.Conn.SetDeadline(time.Now().Add(patience))
				t.Cleanup(func() { _ = c.Close() })
				return c
			}
			_ = c.Close()
		}
		select {
		case <-ctx.Done():
			t.Fatal(err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (c *clients) mustRun(t *testing.T, as *wiretest.Client, text string) {
	t.Helper()
	if a := c.run(t, as, guardrailtest.Request{Text: text, Consistency: backend.LocalQuorum}); a.Err != nil {
		t.Fatalf("%s: %v", text, a.Err)
	}
}

func (c *clients) run(t *testing.T, as *wiretest.Client, r guardrailtest.Request) guardrailtest.Answer {
	t.Helper()
	params := wire.QueryParams{Consistency: uint16(r.Consistency), SerialConsistency: uint16(backend.Serial), PageSize: -1}
	if r.Serial != 0 {
		params.SerialConsistency = uint16(r.Serial)
	}
	if r.PageSize > 0 {
		params.PageSize = int32(r.PageSize)
	}
	for _, v := range r.Values {
		params.Values = append(params.Values, wire.Value(v))
	}
	response := c.ask(t, as, r, params)
	a := guardrailtest.Answer{Warnings: response.Warnings}
	if flagged := response.Flags&wire.FlagWarning != 0; flagged != (len(response.Warnings) > 0) {
		t.Errorf("%s: %d warnings, and the flag is %v", r.Text, len(response.Warnings), flagged)
	}
	if r.Way != guardrailtest.AsText { // of the session's USE, which is no guardrail's
		a.Warnings = slices.DeleteFunc(a.Warnings, func(w string) bool { return strings.HasPrefix(w, "`USE <keyspace>`") })
	}
	result, err := response.Result()
	var e *cqlerr.Error
	switch {
	case errors.As(err, &e):
		a.Err = e
	case err != nil:
		t.Fatalf("%s: %v", r.Text, err)
	case result.Kind == wire.ResultPrepared:
		a.IsPrepared = true
	case result.Kind == wire.ResultRows:
		a.IsRows, a.Rows, a.More = true, len(result.Rows.Rows), result.Rows.PagingState != nil
	}
	return a
}

// ask makes the request that a statement is to be made by.
func (c *clients) ask(t *testing.T, as *wiretest.Client, r guardrailtest.Request, params wire.QueryParams) *wiretest.Response {
	t.Helper()
	do := func(as *wiretest.Client, op wire.Opcode, m wire.Body) *wiretest.Response {
		t.Helper()
		response, err := as.Do(op, m)
		if err != nil {
			t.Fatalf("%s: %v", r.Text, err)
		}
		return response
	}
	switch r.Way {
	case guardrailtest.AsText:
		return do(as, wire.OpQuery, &wire.Query{Text: r.Text, Params: params})
	case guardrailtest.InPrepare:
		return do(as, wire.OpPrepare, &wire.Prepare{Text: r.Text})
	}
	prepared := do(c.super, wire.OpPrepare, &wire.Prepare{Text: r.Text})
	made, err := prepared.Result()
	if err != nil {
		t.Fatalf("%s: %v", r.Text, err)
	}
	if r.Way == guardrailtest.AsPrepared {
		return do(as, wire.OpExecute, &wire.Execute{ID: made.Prepared.ID, ResultMetadataID: made.Prepared.ResultMetadataID, Params: params})
	}
	batch := &wire.Batch{Params: params}
	batch.Add(wire.BatchEntry{ID: made.Prepared.ID}, params.Values...)
	return do(as, wire.OpBatch, batch)
}
