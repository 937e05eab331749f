package drivers

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
	"github.com/apache/cassandra-gocql-driver/v2/lz4"
	"github.com/apache/cassandra-gocql-driver/v2/snappy"

	"github.com/astrolabe-db/astrolabe/test/harness"
)

// gocqlTimeout is more than the driver's 11 s: a real node on a busy machine.
const gocqlTimeout = 2 * time.Minute

// connectGocql connects at the driver's defaults but for its timeouts and what
// options change.
func connectGocql(t *testing.T, s *harness.Server, options func(*gocql.ClusterConfig)) *gocql.Session {
	t.Helper()
	cluster := gocql.NewCluster(s.CQL)
	cluster.Timeout, cluster.ConnectTimeout = gocqlTimeout, gocqlTimeout
	cluster.Authenticator = gocql.PasswordAuthenticator{Username: "token", Password: s.Token}
	if options != nil {
		options(cluster)
	}
	session, err := cluster.CreateSession()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(session.Close)
	return session
}

func mustExec(t *testing.T, s *gocql.Session, text string, values ...any) {
	t.Helper()
	if err := s.Query(text, values...).ExecContext(t.Context()); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

func TestGocql(t *testing.T) { onEach(t, runGocql) }

func runGocql(t *testing.T, s *harness.Server) {
	first := connectGocql(t, s, nil)
	mustExec(t, first, `CREATE KEYSPACE gocql WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`)
	session := connectGocql(t, s, func(c *gocql.ClusterConfig) { c.Keyspace = "gocql" })
	t.Run("rows and pages", func(t *testing.T) { gocqlPages(t, session) })
	t.Run("metadata", func(t *testing.T) { gocqlMetadata(t, session) })
	t.Run("lightweight transactions", func(t *testing.T) { gocqlCAS(t, session) })
	t.Run("batch", func(t *testing.T) { gocqlBatch(t, session) })
	t.Run("errors", func(t *testing.T) { gocqlErrors(t, session) })
	t.Run("compression and versions", func(t *testing.T) { gocqlVersions(t, s) })
	t.Run("wrong token", func(t *testing.T) {
		cluster := gocql.NewCluster(s.CQL)
		cluster.Authenticator = gocql.PasswordAuthenticator{Username: "token", Password: "AstraCS:wrong"}
		cluster.ConnectTimeout = gocqlTimeout
		if _, err := cluster.CreateSession(); err == nil || !strings.Contains(err.Error(), "incorrect") {
			t.Errorf("a wrong token: %v", err)
		}
	})
}

func gocqlPages(t *testing.T, session *gocql.Session) {
	mustExec(t, session, `CREATE TABLE pages (p int, c int, v text, l list<int>, at timestamp, PRIMARY KEY (p, c))`)
	now := time.UnixMilli(1633437296789).UTC()
	for c := range 50 {
		mustExec(t, session, `INSERT INTO pages (p, c, v, l, at) VALUES (?, ?, ?, ?, ?)`, c%3, c, fmt.Sprint("v", c), []int{c, c + 1}, now)
	}
	iter := session.Query(`SELECT p, c, v, l, at FROM pages`).PageSize(7).IterContext(t.Context())
	seen := map[int]bool{}
	var p, c int
	var v string
	var l []int
	var at time.Time
	for iter.Scan(&p, &c, &v, &l, &at) {
		if p != c%3 || v != fmt.Sprint("v", c) || len(l) != 2 || l[1] != c+1 || !at.Equal(now) || seen[c] {
			t.Errorf("row %d %d %q %v %v", p, c, v, l, at)
		}
		seen[c] = true
	}
	if err := iter.Close(); err != nil || len(seen) != 50 {
		t.Fatalf("%d rows, %v", len(seen), err)
	}
	big := make([]byte, 2_000_000)
	rand.Read(big)
	mustExec(t, session, `CREATE TABLE big (id int PRIMARY KEY, v blob)`)
	mustExec(t, session, `INSERT INTO big (id, v) VALUES (1, ?)`, big)
	var got []byte
	if err := session.Query(`SELECT v FROM big WHERE id = 1`).ScanContext(t.Context(), &got); err != nil || !bytes.Equal(got, big) {
		t.Errorf("a large value: %d bytes, %v", len(got), err)
	}
}

func gocqlMetadata(t *testing.T, session *gocql.Session) {
	// The driver gathers schema events for a second before it looks again.
	var table *gocql.TableMetadata
	for deadline := time.Now().Add(gocqlTimeout); table == nil && time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		ks, err := session.KeyspaceMetadata("gocql")
		if err != nil {
			t.Fatal(err)
		}
		table = ks.Tables["pages"]
	}
	if table == nil || len(table.PartitionKey) != 1 || table.PartitionKey[0].Name != "p" || len(table.ClusteringColumns) != 1 {
		t.Errorf("metadata of pages: %+v", table)
	}
}

func gocqlCAS(t *testing.T, session *gocql.Session) {
	mustExec(t, session, `CREATE TABLE cas (k int PRIMARY KEY, v int)`)
	row := map[string]any{}
	for _, want := range []bool{true, false} {
		clear(row)
		applied, err := session.Query(`INSERT INTO cas (k, v) VALUES (1, 1) IF NOT EXISTS`).MapScanCASContext(t.Context(), row)
		if err != nil || applied != want {
			t.Fatalf("applied %v, want %v: %v", applied, want, err)
		}
	}
	if row["v"] != 1 {
		t.Errorf("the row that was there: %v", row)
	}
	applied, err := session.Query(`UPDATE cas SET v = ? WHERE k = 1 IF v = ?`, 2, 1).MapScanCASContext(t.Context(), map[string]any{})
	if err != nil || !applied {
		t.Errorf("UPDATE IF: %v %v", applied, err)
	}
}

func gocqlBatch(t *testing.T, session *gocql.Session) {
	mustExec(t, session, `CREATE TABLE batched (k int PRIMARY KEY, v int)`)
	batch := session.Batch(gocql.LoggedBatch)
	for k := range 20 {
		batch.Query(`INSERT INTO batched (k, v) VALUES (?, ?)`, k, k)
	}
	if err := batch.ExecContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := session.Query(`SELECT count(*) FROM batched`).ScanContext(t.Context(), &n); err != nil || n != 20 {
		t.Errorf("%d rows, %v", n, err)
	}
}

func gocqlErrors(t *testing.T, session *gocql.Session) {
	for text, want := range map[string]int{
		`SELECT nope FROM pages`:                       gocql.ErrCodeInvalid,
		`SELEC 1`:                                      gocql.ErrCodeSyntax,
		`CREATE TABLE pages (p int PRIMARY KEY)`:       gocql.ErrCodeAlreadyExists,
		`CREATE TABLE system.mine (p int PRIMARY KEY)`: gocql.ErrCodeUnauthorized,
	} {
		err := session.Query(text).ExecContext(t.Context())
		var e gocql.RequestError
		if !errors.As(err, &e) || e.Code() != want {
			t.Errorf("%s: %v, want code 0x%x", text, err, want)
		}
	}
}

func gocqlVersions(t *testing.T, s *harness.Server) {
	for name, options := range map[string]func(*gocql.ClusterConfig){
		"v3":        func(c *gocql.ClusterConfig) { c.ProtoVersion = 3 },
		"v4":        func(c *gocql.ClusterConfig) { c.ProtoVersion = 4 },
		"v4 snappy": func(c *gocql.ClusterConfig) { c.ProtoVersion, c.Compressor = 4, snappy.SnappyCompressor{} },
		"v4 lz4":    func(c *gocql.ClusterConfig) { c.ProtoVersion, c.Compressor = 4, lz4.LZ4Compressor{} },
		"v5 lz4":    func(c *gocql.ClusterConfig) { c.ProtoVersion, c.Compressor = 5, lz4.LZ4Compressor{} },
	} {
		t.Run(name, func(t *testing.T) {
			session := connectGocql(t, s, options)
			ctx, cancel := context.WithTimeout(t.Context(), gocqlTimeout)
			defer cancel()
			var got []byte
			if err := session.Query(`SELECT v FROM gocql.big WHERE id = ?`, 1).ScanContext(ctx, &got); err != nil || len(got) != 2_000_000 {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
	}
}
