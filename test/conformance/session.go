// Package conformance plays the files of CQL cases in this directory through
// gocql, a real driver, against a server: ours in the tests, a real Apache
// Cassandra when answers are recorded (see record). The format of the files is
// described in internal/conformance.
package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/astrolabe-db/astrolabe/internal/conformance"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// Session runs cases through gocql. It implements conformance.Session.
type Session struct {
	cluster *gocql.ClusterConfig
	session *gocql.Session
}

// Connect opens a session. With a token the login is user "token".
func Connect(address, token string) (*Session, error) {
	cluster := newCluster(address)
	if token != "" {
		cluster.Authenticator = gocql.PasswordAuthenticator{Username: "token", Password: token}
	}
	s := &Session{cluster: cluster}
	return s, s.use("")
}

func newCluster(address string) *gocql.ClusterConfig {
	cluster := gocql.NewCluster(address)
	cluster.NumConns = 1
	cluster.Consistency = gocql.One
	cluster.Timeout = 2 * time.Minute
	cluster.ConnectTimeout = time.Minute
	cluster.DefaultTimestamp = false // the server's clock orders the writes
	cluster.DisableInitialHostLookup = true
	// gocql keeps prepared statements by their text, and the files run the same
	// text against tables of different shapes.
	cluster.MaxPreparedStmts = 1
	cluster.RegisteredTypes = customTypes()
	return cluster
}

// ConnectAs opens a session with a role's name and password.
func ConnectAs(address, user, password string) (*Session, error) {
	return (&Session{cluster: newCluster(address)}).login(user, password)
}

var _ conformance.Logins = (*Session)(nil)

// Login implements conformance.Logins.
func (s *Session) Login(user, password string) (conformance.Session, error) {
	other, err := s.login(user, password)
	if err == nil {
		return other, nil
	}
	// gocql keeps no more than the text of a refused login.
	if _, text, ok := strings.Cut(err.Error(), "unable to discover protocol version: "); ok {
		return nil, cqlerr.New(cqlerr.BadCredentials, text)
	}
	return nil, err
}

// login opens a session like s as somebody else.
func (s *Session) login(user, password string) (*Session, error) {
	cluster := *s.cluster
	cluster.Authenticator = gocql.PasswordAuthenticator{Username: user, Password: password}
	other := &Session{cluster: &cluster}
	return other, other.use("")
}

// Close ends the session.
func (s *Session) Close() {
	if s.session != nil {
		s.session.Close()
	}
}

// use connects anew, to a keyspace: gocql does not run USE.
func (s *Session) use(keyspace string) error {
	s.Close()
	s.cluster.Keyspace = keyspace
	var err error
	s.session, err = s.cluster.CreateSession()
	return err
}

// Run implements conformance.Session.
func (s *Session) Run(ctx context.Context, r conformance.Request) (*conformance.Answer, error) {
	if parsed, err := cql.Parse(r.Statement); err == nil {
		if use, ok := parsed.Statement.(*cql.Use); ok {
			return s.runUse(use.Keyspace)
		}
	}
	a, err := s.ask(ctx, r)
	for range indexWaits {
		if err != nil || a.Err == nil || a.Err.Code != cqlerr.ReadFailure || !mayWaitForIndex(r.Statement) {
			break
		}
		time.Sleep(indexWait)
		a, err = s.ask(ctx, r)
	}
	return a, err
}

// A real node builds an index in the background; until then reads that need it
// fail. They are asked again so often, after so long.
const (
	indexWaits = 50
	indexWait  = 300 * time.Millisecond
)

// mayWaitForIndex reports whether a read that failed is asked again. Those by ANN
// are not: a vector that Cassandra fails on costs it a reading thread each time.
func mayWaitForIndex(statement string) bool {
	return strings.Contains(statement, " WHERE ") && !strings.Contains(statement, " ANN OF ")
}

// ask sends a statement and reads all pages of the answer.
func (s *Session) ask(ctx context.Context, r conformance.Request) (*conformance.Answer, error) {
	if r.Batch != nil {
		return s.batch(ctx, r)
	}
	q := s.session.Query(r.Statement, arguments(r.Values)...).PageSize(r.PageSize).NoSkipMetadata()
	if r.HasNow {
		q.WithNowInSeconds(int(r.Now))
	}
	a := &conformance.Answer{}
	for state := []byte(nil); ; a.PageEnds = append(a.PageEnds, len(a.Rows)) {
		iter := q.PageState(state).IterContext(ctx)
		a.Warnings = append(a.Warnings, iter.Warnings()...)
		state = iter.PageState()
		readErr := readRows(iter, a)
		switch err := iter.Close(); {
		case err != nil:
			return refused(err)
		case readErr != nil:
			return nil, readErr
		case len(state) == 0:
			return a, nil
		}
	}
}

// batch sends a BATCH message.
func (s *Session) batch(ctx context.Context, r conformance.Request) (*conformance.Answer, error) {
	b := s.session.Batch(gocql.BatchType(r.Batch.Kind)).Consistency(gocql.One)
	for _, e := range r.Batch.Entries {
		b.Query(e.Statement, arguments(e.Values)...)
	}
	if r.Batch.HasTimestamp {
		b.WithTimestamp(r.Batch.Timestamp)
	}
	if r.HasNow {
		b.WithNowInSeconds(int(r.Now))
	}
	iter := b.IterContext(ctx)
	a := &conformance.Answer{Warnings: iter.Warnings()}
	readErr := readRows(iter, a)
	if err := iter.Close(); err != nil {
		return refused(err)
	}
	return a, readErr
}

// runUse answers USE by connecting to the keyspace.
func (s *Session) runUse(keyspace string) (*conformance.Answer, error) {
	before := s.cluster.Keyspace
	err := s.use(keyspace)
	if err == nil {
		return &conformance.Answer{}, nil
	}
	if err := s.use(before); err != nil {
		return nil, err
	}
	return refused(err)
}

// refused makes an answer of what the server refused; other errors stay errors.
func refused(err error) (*conformance.Answer, error) {
	var request gocql.RequestError
	if !errors.As(err, &request) {
		return nil, err
	}
	return conformance.Refused(cqlerr.New(cqlerr.Code(request.Code()), request.Message())), nil
}

// readRows adds the rows of a page to a.
func readRows(iter *gocql.Iter, a *conformance.Answer) error {
	columns := iter.Columns()
	if len(columns) == 0 {
		return nil
	}
	a.Columns = nil
	var cells []*cell
	var dest []any
	for _, col := range columns {
		t, err := typeOf(col.TypeInfo)
		if err != nil {
			return fmt.Errorf("column %s: %w", col.Name, err)
		}
		a.Columns = append(a.Columns, conformance.Column{Name: col.Name, Type: t})
		parts := 1
		if t.Kind == cqltype.Tuple {
			parts = len(t.Elems)
		}
		for range parts {
			cells = append(cells, &cell{})
			dest = append(dest, cells[len(cells)-1])
		}
	}
	for iter.Scan(dest...) {
		a.Rows = append(a.Rows, row(a.Columns, cells))
	}
	return nil
}

// row puts the tuples together again, which gocql takes apart.
func row(columns []conformance.Column, cells []*cell) [][]byte {
	var row [][]byte
	for _, col := range columns {
		if col.Type.Kind != cqltype.Tuple {
			row, cells = append(row, cells[0].bytes), cells[1:]
			continue
		}
		var fields [][]byte
		for range col.Type.Elems {
			fields, cells = append(fields, cells[0].bytes), cells[1:]
		}
		row = append(row, cqltype.AppendTuple([]byte{}, fields...))
	}
	return row
}

// cell takes the wire bytes of a cell as they are.
type cell struct{ bytes []byte }

// UnmarshalCQL implements gocql.Unmarshaler.
func (c *cell) UnmarshalCQL(_ gocql.TypeInfo, data []byte) error {
	c.bytes = nil
	if data != nil {
		c.bytes = append([]byte{}, data...)
	}
	return nil
}

// argument is a bind value that gets its bytes when gocql knows the type.
type argument struct{ value conformance.Value }

// MarshalCQL implements gocql.Marshaler.
func (a argument) MarshalCQL(info gocql.TypeInfo) ([]byte, error) {
	t, err := typeOf(info)
	if err != nil {
		return nil, err
	}
	return a.value.Wire(t)
}

func arguments(values []conformance.Value) (args []any) {
	for _, v := range values {
		if v.Unset() {
			args = append(args, gocql.UnsetValue)
		} else {
			args = append(args, argument{v})
		}
	}
	return args
}

// typeOf converts gocql's description of a type.
func typeOf(info gocql.TypeInfo) (*cqltype.Type, error) {
	switch t := info.(type) {
	case customType:
		return &cqltype.Type{Kind: cqltype.Custom, Class: string(t)}, nil
	case gocql.CollectionType:
		elem, err := typeOf(t.Elem)
		if err != nil {
			return nil, err
		}
		switch t.Type() {
		case gocql.TypeList:
			return cqltype.NewList(elem, false), nil
		case gocql.TypeSet:
			return cqltype.NewSet(elem, false), nil
		}
		key, err := typeOf(t.Key)
		return cqltype.NewMap(key, elem, false), err
	case gocql.TupleTypeInfo:
		fields, err := typesOf(t.Elems)
		return cqltype.NewTuple(fields...), err
	case gocql.UDTTypeInfo:
		u := &cqltype.Type{Kind: cqltype.UDT, Keyspace: t.Keyspace, Name: t.Name}
		for _, f := range t.Elements {
			elem, err := typeOf(f.Type)
			if err != nil {
				return nil, err
			}
			u.FieldNames, u.Elems = append(u.FieldNames, f.Name), append(u.Elems, elem)
		}
		return u, nil
	case gocql.VectorType:
		elem, err := typeOf(t.SubType)
		return cqltype.NewVector(elem, t.Dimensions), err
	}
	if info.Type() == gocql.TypeCustom {
		return nil, fmt.Errorf("type %v is not known", info)
	}
	kind := cqltype.Kind(info.Type())
	if info.Type() == gocql.TypeVarchar {
		kind = cqltype.Text
	}
	return &cqltype.Type{Kind: kind}, nil
}

func typesOf(infos []gocql.TypeInfo) ([]*cqltype.Type, error) {
	types := make([]*cqltype.Type, len(infos))
	for i, info := range infos {
		var err error
		if types[i], err = typeOf(info); err != nil {
			return nil, err
		}
	}
	return types, nil
}
