package access

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
)

// definitions makes the tables of this package; each is safe to run again.
var definitions = []string{
	`CREATE KEYSPACE IF NOT EXISTS astrolabe WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
	`CREATE TABLE IF NOT EXISTS astrolabe.databases (id uuid PRIMARY KEY, name text, region text, organization uuid, organization_name text, created timestamp)`,
	`CREATE TABLE IF NOT EXISTS astrolabe.roles (id uuid PRIMARY KEY, name text, description text, grants text)`,
	`ALTER TABLE astrolabe.roles ADD IF NOT EXISTS (can_login boolean, is_superuser boolean, salted_hash text, member_of set<uuid>)`,
	`CREATE TABLE IF NOT EXISTS astrolabe.tokens (client_id text PRIMARY KEY, role uuid, description text, created timestamp, token_hash blob, secret_hash blob)`,
	`CREATE TABLE IF NOT EXISTS astrolabe.identities (identity text PRIMARY KEY, role text)`,
	`CREATE TABLE IF NOT EXISTS astrolabe.role_permissions (role uuid, resource text, permissions set<text>, PRIMARY KEY (role, resource))`,
	lifeTable, // the last one tells that all are there
}

const lastTable = "token_life"

// run prepares and executes one statement of this package with raw values.
func (s *Store) run(ctx context.Context, text string, values ...[]byte) (*backend.Result, error) {
	q := &backend.Query{Consistency: backend.LocalQuorum, SerialConsistency: backend.LocalSerial}
	for _, v := range values {
		q.Values = append(q.Values, backend.Value{Bytes: v})
	}
	return s.execute(ctx, text, q)
}

// execute is run with all that a query may say.
func (s *Store) execute(ctx context.Context, text string, q *backend.Query) (*backend.Result, error) {
	parsed, err := cql.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("access: %w", err)
	}
	prepared, err := s.back.Prepare(ctx, parsed.Statement, parsed.Markers, "")
	if err != nil {
		return nil, fmt.Errorf("access: %w", err)
	}
	result, err := s.back.Execute(ctx, prepared, q)
	if err != nil {
		return nil, fmt.Errorf("access: %w", err)
	}
	return result, nil
}

// load reads the tables into a new state; a server that has no database yet
// gets a zero one.
func (s *Store) load(ctx context.Context) (*state, error) {
	st := newState()
	for _, part := range []func(context.Context, *state) error{
		s.loadDatabase, s.loadRoles, s.loadPermissions, s.loadIdentities, s.loadTokens, s.loadLife,
	} {
		if err := part(ctx, st); err != nil {
			return nil, err
		}
	}
	st.link()
	return st, nil
}

func (s *Store) loadDatabase(ctx context.Context, st *state) error {
	rows, err := s.run(ctx, `SELECT id, name, region, organization, organization_name FROM astrolabe.databases`)
	if err != nil {
		return err
	}
	if rows.RowCount == 0 {
		return nil
	}
	c := rows.Cursor()
	if st.database.ID, err = uuid.FromBytes(c.Next()); err != nil {
		return fmt.Errorf("access: astrolabe.databases: %w", err)
	}
	st.database.Name, st.database.Region = string(c.Next()), string(c.Next())
	if st.organization.ID, err = uuid.FromBytes(c.Next()); err != nil {
		return fmt.Errorf("access: astrolabe.databases: %w", err)
	}
	st.organization.Name = string(c.Next())
	return nil
}

func (s *Store) loadTokens(ctx context.Context, st *state) error {
	rows, err := s.run(ctx, `SELECT client_id, role, description, created, token_hash, secret_hash FROM astrolabe.tokens`)
	if err != nil {
		return err
	}
	c := rows.Cursor()
	for range rows.RowCount {
		t := &Token{ClientID: string(c.Next()), use: &use{}}
		if t.Role, err = uuid.FromBytes(c.Next()); err != nil {
			return fmt.Errorf("access: astrolabe.tokens: %w", err)
		}
		t.Description, t.Created = string(c.Next()), timeOf(c.Next())
		if copy(t.tokenHash[:], c.Next()) != sha256.Size || copy(t.secretHash[:], c.Next()) != sha256.Size {
			return fmt.Errorf("access: token %s has a damaged hash", t.ClientID)
		}
		st.tokens[t.ClientID] = t
	}
	return nil
}

func (s *Store) insertDatabase(ctx context.Context, o Organization, d Database) error {
	_, err := s.run(ctx, `INSERT INTO astrolabe.databases (id, name, region, organization, organization_name, created) VALUES (?, ?, ?, ?, ?, ?)`,
		d.ID[:], []byte(d.Name), []byte(d.Region), o.ID[:], []byte(o.Name), timestamp(s.now()))
	return err
}

func (s *Store) insertToken(ctx context.Context, t *Token) error {
	_, err := s.run(ctx, `INSERT INTO astrolabe.tokens (client_id, role, description, created, token_hash, secret_hash) VALUES (?, ?, ?, ?, ?, ?)`,
		[]byte(t.ClientID), t.Role[:], []byte(t.Description), timestamp(t.Created), t.tokenHash[:], t.secretHash[:])
	return err
}

// timestamp is the wire form of a CQL timestamp (milliseconds, 8 bytes).
func timestamp(t time.Time) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(t.UnixMilli()))
}

func timeOf(wire []byte) time.Time {
	if len(wire) != 8 {
		return time.Time{}
	}
	return time.UnixMilli(int64(binary.BigEndian.Uint64(wire))).UTC()
}
