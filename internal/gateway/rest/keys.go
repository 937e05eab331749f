package rest

import (
	"errors"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cell"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqltype"
)

// path returns the request's path, still escaped, without the base.
func (c *call) path() string { return strings.TrimPrefix(c.r.URL.EscapedPath(), bases[1]) }

// keyPath returns the part of the path that holds the key values, still
// escaped, and what separates them there: an escaped one belongs to a value.
// Before it are, in the API v2, /v2, /keyspaces, the keyspace and the table; in
// the API v1 there are two more.
func (c *call) keyPath() (values, separator string) {
	path, before, separator := c.path(), 4, "/"
	if isV1(path) {
		before, separator = 6, ";"
	}
	for range before {
		path = path[strings.IndexByte(path[1:], '/')+1:]
	}
	return path[1:], separator
}

// keyValues appends the key values of the path to c.values and returns how many
// there are.
func (c *call) keyValues(t *table) (int, error) {
	path, separator := c.keyPath()
	total := strings.Count(path, separator) + 1
	partition := len(t.def.PartitionKey)
	if c.v1 && (total < partition || total > t.keys) {
		return 0, badRequest("Number of key values provided (%d) should be in [%d, %d]. All partition key columns values are required plus 0..all clustering columns values in proper order.",
			total, partition, t.keys)
	}
	if total < partition {
		return 0, badRequest("Number of key values provided (%d) less than number of partition keys (%d)", total, partition)
	} else if total > t.keys {
		return 0, badRequest("Number of key values provided (%d) exceeds number of partition keys (%d) and clustering keys (%d)",
			total, partition, t.keys-partition)
	}
	for n := range total {
		var segment string
		segment, path, _ = strings.Cut(path, separator)
		value, err := c.keyValue(t, n, segment)
		if err != nil {
			return 0, err
		}
		c.values = append(c.values, backend.Value{Bytes: value})
	}
	return total, nil
}

func (c *call) keyValue(t *table, column int, segment string) ([]byte, error) {
	text, err := url.PathUnescape(segment)
	if err != nil || !utf8.ValidString(text) {
		return nil, badRequest("key value %d is not UTF-8 in percent-encoding", column+1)
	}
	start := len(c.decode.Buf)
	c.decode.Buf = append(c.decode.Buf, text...)
	value, err := c.text(t.columns[column].Type, c.decode.Buf[start:])
	if errors.Is(err, cell.ErrUnmappable) {
		return nil, unmappable(len(c.values))
	}
	if err != nil {
		return nil, c.field(t, column, "", err)
	}
	return value, nil
}

// text reads the text of a value, by the rules of the call's profile.
func (c *call) text(t *cqltype.Type, text []byte) ([]byte, error) {
	if c.v1 {
		return c.decode.TextV1(t, text)
	}
	return c.decode.Stringified(t, text)
}

// value reads the JSON of a column, by the rules of the call's profile.
func (c *call) value(t *cqltype.Type, v cell.Value) ([]byte, error) {
	if c.v1 {
		return c.decode.V1(t, v)
	}
	return c.decode.Column(t, v)
}

// keyRelations makes `key = ?` for the first n columns, with bind markers from
// first on.
func (t *table) keyRelations(n, first int) []cql.Relation {
	relations := make([]cql.Relation, n)
	for i := range relations {
		relations[i] = cql.Relation{Columns: []string{t.columns[i].Name}, Op: cql.Eq, Value: &cql.BindMarker{Index: first + i}}
	}
	return relations
}
